import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

const result = (type: string, body: string, members = ''): unknown =>
  new World().deploy(`contract C { ${members}\n action go() -> ${type} { ${body} } }`).call('go');

describe('for each', () => {
  it('goes through lists, and with two names their positions', () => {
    expect(result('integer', 'let s = 0; for each x in [1, 2, 4] { s += x }; return s')).toBe(7n);
    const pairs = 'let s = 0; for each i, x in [5, 6, 7] { s += i * x }; return s';
    expect(result('integer', pairs)).toBe(20n);
  });

  it('goes through the keys of maps, and with two names also their values', () => {
    const keys = 'let s = ""; for each k in ({a: 1, b: 2}) { s = s + k }; return s';
    expect(result('string', keys)).toBe('ab');
    const pairs = 'let s = ""; for each k, v in ({a: 1, b: 2}) { s = s + k + v }; return s';
    expect(result('string', pairs)).toBe('a1b2');
  });

  it('evaluates what it goes through once', () => {
    const members =
      'data n = 0\n private action list() -> list<integer> { n += 1; return [1, 2, 3] }';
    expect(result('integer', 'for each x in this.list() { n += 10 }; return n', members)).toBe(31n);
  });

  it('goes through nothing when that is empty', () => {
    expect(result('integer', 'for each x in [] { return 1 }; return 0')).toBe(0n);
  });

  it('goes through lists and maps of the state', () => {
    const members = `
      data list = [3, 4]
      data map = {x: 5, y: 6}`;
    const body = `
      let text = ""
      for each i, v in list { text = text + i + v }
      for each k, v in map { text = text + k + v }
      for each v in list { text = text + v }
      for each k in map { text = text + k }
      return text`;
    expect(result('string', body, members)).toBe('0314x5y634xy');
  });

  it('goes through what is kept in an untyped cell', () => {
    const members = `
      data list: any = [3, [4]]
      data map: any = {x: 5, y: {z: 6}}`;
    const body = `
      let text = ""
      for each v in list { text = text + v }
      for each k in map { text = text + k + map[k] }
      for each k, v in map { text = text + k + v }
      for each k in map.y { text = text + k }
      return text`;
    expect(result('string', body, members)).toBe('3[4]x5y{z: 6}x5y{z: 6}z');
  });

  it('knows the keys of maps by their type', () => {
    const members =
      'data owners: map<address, integer>\n action add(who: address, n: integer) { owners[who] = n }';
    const body =
      'let sum = 0; for each who in owners { sum += owners[who] + balance_of(who) }; return sum';
    const world = new World();
    const contract = world.deploy(`contract C { ${members}\n action go() -> integer { ${body} } }`);
    contract.call('add', [contract.hex, 7n]);
    expect(contract.call('go')).toBe(7n);
  });

  it('stops at break, goes on at continue, in the innermost loop', () => {
    const body = `
      let text = ""
      for each a in [1, 2, 3, 4] {
        if a == 2 { continue }
        if a == 4 { break }
        for each b in ["x", "y", "z"] {
          if b == "y" { continue }
          if b == "z" and a == 1 { break }
          text = text + a + b
        }
      }
      return text`;
    expect(result('string', body)).toBe('1x3x3z');
  });

  it('is left by return, also from the innermost', () => {
    const body =
      'for each a in [1, 2] { for each b in [3, 4] { if a * b == 6 { return a * 10 + b } } }';
    expect(result('integer', `${body}; return 0`)).toBe(23n);
  });

  it('mixes with while', () => {
    const body = `
      let total = 0
      let i = 0
      while i < 3 {
        i += 1
        for each x in [1, 2, 3] {
          if x == i { break }
          total += x
        }
        if i == 2 { continue }
        total += 100
      }
      return total`;
    expect(result('integer', body)).toBe(204n);
  });

  it('goes over a list of different kinds, also one that has no name', () => {
    const body = `
      let text = ""
      for each x in [1, "a", [true], null] { text = text + x }
      return text`;
    expect(result('string', body)).toBe('1a[true]null');
  });
});
