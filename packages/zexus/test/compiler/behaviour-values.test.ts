import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

/** What the one action of a contract gives, whose state counts what `mark` is called with. */
function result(type: string, body: string, values: readonly unknown[] = [], head = ''): unknown {
  return new World()
    .deploy(`contract C {
      data trace = 0
      private action mark(n: integer) -> integer { trace = trace * 10 + n; return n }
      private action none(n: integer) { this.mark(n); if n > 100 { return n } }
      action go(${head}) -> ${type} { ${body} }
    }`)
    .call('go', values);
}

describe('a conditional', () => {
  const body = 'let a = n > 1 ? this.mark(2) : this.mark(3); return a * 100 + trace';

  it('evaluates the branch that it takes', () => {
    expect(result('integer', body, [2n], 'n: integer')).toBe(202n);
    expect(result('integer', body, [1n], 'n: integer')).toBe(303n);
  });

  it('nests to the right, and works as a condition', () => {
    const nested = 'return n == 1 ? "one" : n == 2 ? "two" : "many"';
    const texts = [1n, 2n, 3n].map((n) => result('string', nested, [n], 'n: integer'));
    expect(texts).toEqual(['one', 'two', 'many']);
    const condition = 'if (n > 1 ? n > 5 : n == 1) { return 1 }; return 0';
    const numbers = [0n, 1n, 3n, 6n].map((n) => result('integer', condition, [n], 'n: integer'));
    expect(numbers).toEqual([0n, 1n, 0n, 1n]);
  });
});

describe('??', () => {
  it('gives the first value that is not null, and evaluates no more', () => {
    const text =
      'let a = this.none(1) ?? this.none(2) ?? this.mark(3) ?? this.mark(4); return trace';
    expect(result('integer', text)).toBe(123n);
  });

  it('takes zero, false and empty text as values', () => {
    expect(result('string', 'return "" ?? "other"')).toBe('');
    expect(result('integer', 'let m = {a: 0}; return (m.a ?? 5) + (m.b ?? 7)')).toBe(7n);
    expect(result('bool', 'let m = {a: false}; return m.a ?? true')).toBe(false);
  });

  it('works as a condition and inside of others', () => {
    const text = 'let m = {a: false}; if (m.a ?? true) or (m.b ?? false) { return 1 }; return 2';
    expect(result('integer', text)).toBe(2n);
  });
});

describe('text', () => {
  it('has values in it, evaluated from left to right', () => {
    const text = `return "a\${this.mark(1)}b\${this.mark(2) + 1}\${trace}"`;
    expect(result('string', text)).toBe('a1b312');
  });

  it('has parts', () => {
    const body = 'return s[1:3] + "|" + s[:1] + "|" + s[3:] + "|" + s[:]';
    expect(result('string', body, ['hello'], 's: string')).toBe('el|h|lo|hello');
  });
});

describe('several variables at once', () => {
  it('come from a list or from a map', () => {
    const list = 'let [a, b, c] = [1, 2]; return a * 10 + b + (c ?? 5)';
    expect(result('integer', list)).toBe(17n);
    const map = 'let {a, b: other} = {b: 4, a: 3}; return a * 10 + other';
    expect(result('integer', map)).toBe(34n);
  });

  it('have their value evaluated once', () => {
    expect(result('integer', 'let [a, b] = [this.mark(1), this.mark(2)]; return trace')).toBe(12n);
  });
});

describe('constants and enums', () => {
  const source = `
    const BASE = 10
    enum Level { LOW, MIDDLE = 5, HIGH }
    contract C {
      const LIMIT: integer = BASE ** 2
      data level = Level.MIDDLE
      action go() -> integer { level = Level.HIGH; return LIMIT + Level.MIDDLE }
      action view high() -> bool { return level == Level.HIGH and level == 6 }
    }`;

  it('are their values', () => {
    const contract = new World().deploy(source);
    expect(contract.call('high')).toBe(false);
    expect(contract.call('go')).toBe(105n);
    expect(contract.call('high')).toBe(true);
  });
});

describe('compound assignment', () => {
  it('evaluates object and key once, the old value before the right side', () => {
    const body = `
      let m = {a: {b: 1}}
      let list = [5, 6]
      m["a"].b += this.mark(1)
      list[this.mark(1)] *= this.mark(2)
      return trace * 10000 + list[1] * 100 + m.a.b`;
    expect(result('integer', body)).toBe(112n * 10_000n + 1200n + 2n);
  });
});
