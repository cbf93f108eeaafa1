import { getAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { plainDepth } from '../../src/layout/schema.ts';
import { Deployed } from '../support/deployed.ts';

/** A contract whose action `log(n)` leaves its argument's digit behind in `trace` and returns it. */
const tracing = (members: string): string => `contract C {
  data trace = 0
  data cells: map<integer, integer>
  data deep: map<integer, map<integer, integer>>
  private action log(n: integer) -> integer { trace = trace * 10 + n; return n }
  private action yes(n: integer) -> bool { this.log(n); return true }
  private action no(n: integer) -> bool { this.log(n); return false }
  action view seen() -> integer { return trace }
  action view cell(n: integer) -> integer { return cells[n] }
  ${members}
}`;

describe('order of evaluation', () => {
  const traced = (statements: string): unknown => {
    const contract = new Deployed(tracing(`action go() { ${statements} }`));
    expect(contract.call('go')).toBeUndefined();
    return contract.call('seen');
  };

  it.each([
    ['operands from left to right', 'cells[1] = this.log(1) + this.log(2) * this.log(3)', 123n],
    ['a right operand that is not needed is not evaluated', 'if this.no(1) && this.yes(2) {}', 1n],
    ['nor that of an or', 'if this.yes(1) || this.yes(2) {}', 1n],
    ['one that is needed is', 'if this.yes(1) && this.no(2) || this.yes(3) {}', 123n],
    ['also in a value', 'let a = this.no(1) || !this.yes(2) && this.yes(3)\n require !a', 12n],
    ['keys, then the value', 'deep[this.log(1)][this.log(2)] = this.log(3)', 123n],
    ['keys of a compound assignment once', 'cells[this.log(1)] += this.log(2)', 12n],
    ['also when there are several', 'deep[this.log(1)][this.log(2)] += this.log(3)', 123n],
    ['a message only when it is needed', 'require this.yes(1), "" + this.log(2)', 1n],
    ['a loop tests before each round', 'let i = 0\n while this.log(1) + i < 3 { i += 1 }', 111n],
  ])('%s', (_, statements, expected) => {
    expect(traced(statements)).toBe(expected);
  });

  it('reads the old value of a compound assignment before the right side changes it', () => {
    const contract = new Deployed(
      tracing(`
        private action set() -> integer { cells[1] = 50; return 1 }
        action go() { cells[1] = 7; cells[1] += this.set() }`),
    );
    contract.call('go');
    expect(contract.call('cell', [1n])).toBe(8n);
  });
});

describe('statements', () => {
  it('break and continue belong to the innermost loop', () => {
    const contract = new Deployed(`contract C {
      action view count() -> integer {
        let total = 0
        let i = 0
        while i < 5 {
          i += 1
          if i == 2 { continue }
          let j = 0
          while true {
            j += 1
            if j > i { break }
            total += j
          }
          if i == 4 { break }
        }
        return total
      }
    }`);
    expect(contract.call('count')).toBe(1n + 6n + 10n);
  });

  it('sibling blocks have variables of their own under one name', () => {
    const contract = new Deployed(`contract C {
      action view name(n: integer) -> string {
        if n == 0 { let a = 5; return string(a) } else { let a = "text"; return a }
      }
    }`);
    expect([contract.call('name', [0n]), contract.call('name', [1n])]).toEqual(['5', 'text']);
  });

  it('a variable in a loop begins anew in each round', () => {
    const contract = new Deployed(`contract C {
      action view last() -> integer {
        let i = 0
        let kept = 0
        while i < 3 { let a = 1; a += i; kept = a; i += 1 }
        return kept
      }
    }`);
    expect(contract.call('last')).toBe(3n);
  });

  it('a parameter hides a variable of the state, which this. reaches', () => {
    const contract = new Deployed(`contract C {
      data value = 1
      action set(value: integer) -> integer { this.value = value + this.value; return value }
      action view get() -> integer { return value }
    }`);
    expect([contract.call('set', [4n]), contract.call('get')]).toEqual([4n, 5n]);
  });

  it('an action that ends without return gives null, at the ABI the zero', () => {
    const contract = new Deployed(`contract C {
      private action maybe(n: integer) { if n > 3 { return n } }
      action view go(n: integer) -> integer {
        let result = this.maybe(n)
        if result == null { return 100 }
        return result
      }
      action view raw(n: integer) -> integer { return this.maybe(n) }
    }`);
    const results = [
      contract.call('go', [5n]),
      contract.call('go', [1n]),
      contract.call('raw', [1n]),
    ];
    expect(results).toEqual([5n, 100n, 0n]);
  });

  it('says why it reverts', () => {
    const contract = new Deployed(`contract C {
      action a(n: integer) { require(n > 1, "small"); require n > 2, "is " + n; require(n > 3) }
      action b(n: integer) { if n == 1 { revert("b") } elif n == 2 { revert() } else { revert("" + n) } }
      action c(n: integer) -> integer { return 1 / n }
    }`);
    const reasons = [
      ...[1n, 2n, 3n, 4n].map((n) => contract.call('a', [n])),
      ...[1n, 2n, 3n].map((n) => contract.call('b', [n])),
      contract.call('c', [0n]),
    ];
    expect(reasons).toEqual([
      ...['reverted: small', 'reverted: is 2', 'reverted: 0x', undefined],
      ...['reverted: b', 'reverted: 0x', 'reverted: 3', 'reverted: panic 18'],
    ]);
  });
});

describe('strings', () => {
  it('may come to 64 MiB in one run, whatever the gas', () => {
    const contract = new Deployed(`contract C {
      action view make(megabytes: integer) -> integer {
        let made = 0
        while made < megabytes { made += len("x" * 1048576) / 1048576 }
        return made
      }
    }`);
    expect(contract.call('make', [31n])).toBe(31n);
    expect(contract.call('make', [65n])).toBe('reverted: panic 65');
  });
});

describe('deployment', () => {
  it('evaluates what `init` returns, and drops it', () => {
    const contract = new Deployed(
      `contract C {
      data calls = 0
      data after = 0
      init(p: integer) {
        if p > 3 { return { success: this.next() } }
        after = 1
        return true
      }
      private action next() -> integer { calls += 1; return calls }
      action view both() -> integer { return calls * 10 + after }
    }`,
      [5n],
    );
    expect(contract.call('both')).toBe(10n);
  });

  it('sets initial values in their order, then runs init', () => {
    const contract = new Deployed(
      `contract C {
        data first = 2 ** 10
        data second = first * 2
        data owner = TX.caller
        init(add: integer) { second += add }
        action view sum() -> integer { return first + second }
        action view who() -> address { return owner }
      }`,
      [5n],
    );
    expect(contract.call('sum')).toBe(1024n + 2048n + 5n);
    expect(contract.call('who')).toBe(getAddress('0x00000000000000000000000000000000000000ca'));
  });

  it('writes nothing for a zero that the cell begins with', () => {
    const zeroes = new Deployed(
      'contract C { data a = 0; data b = false; data c: integer = 0; data d = 0x0000; data e = {} }',
    );
    expect(zeroes.contract.container.init).toBeUndefined();
    expect(zeroes.host.words.size).toBe(0);
    const untyped = new Deployed(
      'contract C {\n data a: string = ""\n data b = 0\n init() { if b == null { b = 1 } }\n}',
    );
    expect(untyped.host.words.size).toBe(2);
  });
});

describe('null', () => {
  const source = `contract C {
    data kept
    data asked = {}
    data plain = {}
    action set(n: integer) { asked[n] = 0; plain[n] = 0; kept = n }
    action clear() { kept = null }
    action view is_asked(n: integer) -> bool { return asked[n] != null }
    action view is_kept() -> bool { let a = kept; return a != null }
    action view sum(n: integer) -> integer { return asked[n] + plain[n] + kept }
  }`;

  it('is kept apart from zero where the contract asks for it', () => {
    const contract = new Deployed(source);
    const leaves = contract.contract.container.schema.map(({ shape }) => plainDepth(shape).leaf);
    expect(leaves).toEqual(
      ['untyped', 'untyped', 'integer'].map((type) => ({ kind: 'cell', type })),
    );
    expect([contract.call('isAsked', [1n]), contract.call('isKept')]).toEqual([false, false]);
    expect(contract.call('sum', [1n])).toBe(0n);
    contract.call('set', [1n]);
    expect([contract.call('isAsked', [1n]), contract.call('isKept')]).toEqual([true, true]);
    expect(contract.call('sum', [1n])).toBe(1n);
    contract.call('clear');
    expect(contract.call('isKept')).toBe(false);
  });
});
