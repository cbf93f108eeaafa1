import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

const contract = new World().deploy(`contract C {
  data trace = 0
  private action mark(n: integer) -> integer { trace = trace * 10 + n; return n }

  action value(n: integer) -> string {
    return match this.mark(n) { 1 => "one", this.mark(2), this.mark(3) => "few", _ => "many" }
  }

  action strict(n: integer) -> integer { return 1 + match n { 1 => 10, 2 => 20 } }

  action statement(n: integer) -> integer {
    let found = 0
    match n {
      1 => found = 1
      2, 3 => { found = 2; if n == 3 { return 33 } }
      case 4 { found = 4 }
    }
    return found
  }

  action rest(n: integer) -> integer {
    for each i in [n, 9] {
      match i {
        1 => continue
        2 => break
        default => { return 7 }
      }
    }
    return 0
  }

  action nested(a: integer, b: integer) -> integer {
    return match a { 1 => match b { 1 => 11, _ => 12 }, _ => match b { 1 => 21, _ => 22 } }
  }

  action seen() -> integer { let kept = trace; trace = 0; return kept }
}`);

describe('match as a value', () => {
  it('gives the first arm with an equal pattern, and evaluates patterns only as far', () => {
    const run = (n: bigint): unknown => [contract.call('value', [n]), contract.call('seen')];
    expect([1n, 2n, 3n, 4n].map(run)).toEqual([
      ['one', 1n],
      ['few', 22n],
      ['few', 323n],
      ['many', 423n],
    ]);
  });

  it('reverts when no arm fits', () => {
    const results = [1n, 2n, 3n].map((n) => contract.call('strict', [n]));
    expect(results).toEqual([11n, 21n, 'reverted: no match']);
  });

  it('nests', () => {
    const pairs = [1n, 2n].flatMap((a) => [1n, 2n].map((b) => contract.call('nested', [a, b])));
    expect(pairs).toEqual([11n, 12n, 21n, 22n]);
  });
});

describe('match as a statement', () => {
  it('does nothing when no arm fits', () => {
    const results = [0n, 1n, 2n, 3n, 4n].map((n) => contract.call('statement', [n]));
    expect(results).toEqual([0n, 1n, 2n, 33n, 4n]);
  });

  it('may leave the loop around it', () => {
    expect([1n, 2n, 3n].map((n) => contract.call('rest', [n]))).toEqual([7n, 0n, 7n]);
  });
});
