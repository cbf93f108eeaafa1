import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

const result = (type: string, body: string, members = ''): unknown =>
  new World().deploy(`contract C { ${members}\n action go() -> ${type} { ${body} } }`).call('go');

describe('functions as values', () => {
  it('capture what is around them', () => {
    expect(result('integer', 'let k = 10; let f = x => x + k; return f(5)')).toBe(15n);
    expect(result('integer', 'let f = a => b => a * 10 + b; return f(3)(4)')).toBe(34n);
    expect(result('integer', 'let f = action(x) { return x * x }; return f(7)')).toBe(49n);
    expect(result('integer', 'let f = lambda(x, y) x - y; return f(7, 2)')).toBe(5n);
  });

  it('share the variables that somebody assigns to', () => {
    const counter =
      'let n = 0; let f = () => { n += 1; return n }; f(); f(); n += 10; return f() * 100 + n';
    expect(result('integer', counter)).toBe(1313n);
    const two = 'let n = 1; let up = () => { n *= 2 }; let get = () => n; up(); up(); return get()';
    expect(result('integer', two)).toBe(4n);
  });

  it('share through functions within functions', () => {
    const body = `
      let n = 1
      let outer = () => { let inner = () => { n += 5 }; inner(); n *= 10 }
      outer()
      return n`;
    expect(result('integer', body)).toBe(60n);
  });

  it('share variables that were declared together', () => {
    const body = `
      let [a, b] = [1, 2]
      let f = () => { a += 10; b += a; return b }
      f()
      a += 100
      return f() * 1000 + a`;
    expect(result('integer', body)).toBe(13n * 1000n + 121_000n + 121n);
  });

  it('share parameters, loop variables and what a catch binds', () => {
    const members = `private action of(n: integer) -> integer {
      let f = () => { n += 1; return n }
      f()
      return n
    }`;
    expect(result('integer', 'return this.of(4)', members)).toBe(5n);
    const loop = `
      let list = []
      for each x in [1, 2, 3] { list.push(() => { x += 10; return x }) }
      return list[0]() * 10000 + list[0]() * 100 + list[2]()`;
    expect(result('integer', loop)).toBe(112_113n);
    const caught = `
      let f = null
      try { throw 5 } catch (e) { f = () => { e += 1; return e } }
      return f() + f()`;
    expect(result('integer', caught)).toBe(13n);
  });

  it('have variables of their own in each round', () => {
    const body = `
      let list = []
      let i = 0
      while i < 3 { let own = i * 10; own += 1; list.push(() => own); i += 1 }
      return list[0]() + list[1]() * 100 + list[2]() * 10000`;
    expect(result('integer', body)).toBe(1n + 1100n + 210_000n);
  });

  it('reach the state and the actions of the contract', () => {
    const members = 'data total = 5\n private action twice(n: integer) -> integer { return n * 2 }';
    const body = 'let f = x => { total += x; return this.twice(total) }; f(1); return f(4)';
    expect(result('integer', body, members)).toBe(20n);
  });

  it('fail with the wrong number of arguments', () => {
    expect(result('integer', 'let f = (a, b) => a; return f(1)')).toBe('reverted: panic 81');
    expect(result('integer', 'let m: any = {f: 5}; return m["f"](1)')).toBe('reverted: panic 81');
  });
});

describe('methods that take functions', () => {
  it.each([
    ['map', '[1, 2, 3].map(x => x * 2)', [2n, 4n, 6n]],
    ['filter', '[1, 2, 3, 4].filter(x => x % 2 == 0)', [2n, 4n]],
    ['sort_by', '[3, 1, 2].sort_by(x => 0 - x)', [3n, 2n, 1n]],
  ])('%s', (_, expression, expected) => {
    expect(result('list<integer>', `return ${expression}`)).toEqual(expected);
  });

  it.each([
    ['reduce', '[1, 2, 3].reduce((a, x) => a * 10 + x, 0)', 123n],
    ['find', '[1, 5, 7].find(x => x > 3)', 5n],
    ['count', '[1, 5, 7].count(x => x > 3)', 2n],
    ['count of all', '[1, 5, 7].count()', 3n],
  ])('%s', (_, expression, expected) => {
    expect(result('integer', `return ${expression}`)).toBe(expected);
  });

  it('any, all and each', () => {
    const body = `
      let sum = 0
      let list = [1, 2, 3]
      list.each(x => { sum += x })
      return sum == 6 and [1, 2].any(x => x == 2) and ![1, 2].all(x => x == 2)`;
    expect(result('bool', body)).toBe(true);
  });
});

describe('functions as values in initial values', () => {
  it('have their own parameters', () => {
    const contract = new World().deploy(
      `contract C {
      data base = 10
      data list: list<integer> = [1, 2, 3].map(x => x * base)
      data has = [1, 2].any((x) => x == 2)
      init(x: integer) { base = x }
      action view all() -> string { return "\${list} \${has} \${base}" }
    }`,
      [7n],
    );
    expect(contract.call('all')).toBe('[10, 20, 30] true 7');
  });
});
