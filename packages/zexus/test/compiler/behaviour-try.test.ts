import { describe, expect, it } from 'vitest';
import { type Instance, World } from '../support/world.ts';

function deploy(members: string): Instance {
  return new World().deploy(`contract C {
    data trace = ""
    data kept = 0
    private action mark(text: string) -> integer { trace = trace + text; return 1 }
    ${members}
    action view seen() -> string { return trace }
    action view number() -> integer { return kept }
  }`);
}

describe('catch', () => {
  it('binds what failed', () => {
    const contract = deploy(`
      error Denied(who: string, code: integer)
      private action fail(n: integer) -> integer {
        require(n != 1, "message")
        require(n != 2)
        if n == 3 { throw "text" }
        if n == 4 { throw 7 }
        if n == 5 { revert Denied("me", 9) }
        if n == 6 { revert("reverted") }
        return 10 / (n - 7)
      }
      action go(n: integer) -> string {
        try { return "fine " + this.fail(n) } catch (e) {
          if n == 5 { return e.error + e.who + e.code }
          return "caught " + e
        }
      }`);
    const results = [0n, 1n, 3n, 4n, 5n, 6n, 7n].map((n) => contract.call('go', [n]));
    expect(results).toEqual([
      ...['fine -2', 'caught message', 'caught text', 'caught 7'],
      ...['Deniedme9', 'caught reverted', 'caught division by zero'],
    ]);
    expect(contract.call('go', [2n])).toBe('caught ');
  });

  it('comes after what the body did to state and logs is taken back; variables keep their values', () => {
    const world = new World();
    const contract = world.deploy(`contract C {
      event Seen(n: integer)
      data list = [1]
      data n = 1
      action go() -> integer {
        let local = 1
        let shared = [1]
        n = 2
        emit Seen(1)
        try {
          n = 3
          local = 3
          shared.push(2)
          list.push(2)
          emit Seen(2)
          throw "x"
        } catch { n += 10; emit Seen(3) }
        return n * 1000 + local * 100 + shared.len() * 10 + list.len()
      }
    }`);
    expect(contract.call('go')).toBe(12_321n);
    expect(contract.events()).toEqual([
      ['Seen', { n: 1n }],
      ['Seen', { n: 3n }],
    ]);
  });

  it('is not run when nothing fails, and does not catch what fails in it or behind it', () => {
    const contract = deploy(`
      action a() -> integer { try { kept = 1 } catch { kept = 2 }; return kept }
      action b() { try { throw "b1" } catch (e) { throw e + "!" } }
      action c() { try { kept = 5 } catch { kept = 6 }; throw "behind" }`);
    expect(contract.call('a')).toBe(1n);
    expect(contract.call('b')).toBe('reverted: b1!');
    expect(contract.call('c')).toBe('reverted: behind');
    expect(contract.call('number')).toBe(1n);
  });

  it('nests: the innermost handler takes it, what it throws goes to the next', () => {
    const contract = deploy(`action go(n: integer) -> string {
      try {
        try { if n > 0 { throw "a" } } catch (e) { if n > 1 { throw e + "b" }; return e }
        return "none"
      } catch (e) { return e + "c" }
    }`);
    expect([0n, 1n, 2n].map((n) => contract.call('go', [n]))).toEqual(['none', 'a', 'abc']);
  });

  it('takes what fails in actions that the body calls, whatever is open there', () => {
    const contract = deploy(`
      private action deep(n: integer) -> integer {
        for each x in [1, 2] { tx { kept = x; try { this.mark("d") } finally { if x == n { throw "deep" } } } }
        return 5
      }
      action go(n: integer) -> integer {
        let total = 0
        for each i in [1, 2, 3] {
          try { total += this.deep(n + i - 2) } catch { total += 100 }
        }
        return total * 10 + kept
      }`);
    expect(contract.call('go', [1n])).toBe(2052n);
  });
});

describe('leaving a try', () => {
  it('by break, continue and return leaves nothing open', () => {
    const contract = deploy(`action go(n: signed) -> integer {
      let rounds = 0
      for each i in [1, 2, 3, 4] {
        try {
          rounds += 1
          if i == n { break }
          if i == n + 1 { continue }
          if i == n + 10 { return rounds * 100 }
          throw "x"
        } catch {
          rounds += 10
          if i == n + 20 { return rounds * 1000 }
          if i == n + 2 { break }
        }
      }
      try { throw "y" } catch { rounds += 100000 }
      return rounds
    }`);
    const results = [1n, 0n, -9n, -19n, 5n].map((n) => contract.call('go', [n]));
    expect(results).toEqual([100_001n, 100_012n, 100n, 11_000n, 100_044n]);
  });

  it('keeps what was done', () => {
    const contract = deploy(`
      action a() -> integer { try { kept = 4; return kept } catch { return 0 } }
      action b() { while true { try { kept += 1; if kept > 7 { break } } catch { } } }`);
    expect(contract.call('a')).toBe(4n);
    contract.call('b');
    expect(contract.call('number')).toBe(8n);
  });
});

describe('finally', () => {
  const contract = deploy(`
    action go(n: integer) -> integer {
      let rounds = 0
      for each i in [1, 2] {
        rounds += 1
        try {
          this.mark("b")
          if n == 1 { return rounds * 10 }
          if n == 2 { break }
          if n == 3 { continue }
          if n >= 4 { throw "t" }
        } catch (e) {
          this.mark("c")
          if n == 5 { return rounds * 20 }
          if n == 6 { break }
          if n == 7 { throw "again" }
        } finally { this.mark("f") }
        this.mark(".")
      }
      return rounds
    }
    action outer(n: integer) -> string {
      trace = ""
      try { return "" + this.go(n) + trace } catch (e) { this.mark(e) }
      return trace
    }
    action bare(n: integer) -> integer {
      trace = ""
      try { this.mark("b"); require(n != 1, "one"); if n == 2 { return 5 } } finally { this.mark("f") }
      return 6
    }`);

  it.each([
    [0n, '2bf.bf.'],
    [1n, '10bf'],
    [2n, '1bf'],
    [3n, '2bfbf'],
    // What the body marked is taken back with the rest.
    [4n, '2cf.cf.'],
    [5n, '20cf'],
    [6n, '1cf'],
    // And what the handler and the block behind it did, with what goes on failing.
    [7n, 'again'],
  ])('runs once on every way out: %s', (n, expected) => {
    expect(contract.call('outer', [n])).toBe(expected);
  });

  it('goes on failing when nothing caught it', () => {
    expect([0n, 2n].map((n) => contract.call('bare', [n]))).toEqual([6n, 5n]);
    expect(contract.call('bare', [1n])).toBe('reverted: one');
    expect(contract.call('seen')).toBe('bf');
  });

  it('fails with the same data', () => {
    const errors = deploy(`
      error Denied(code: integer)
      action a() { try { revert Denied(5) } finally { kept = 1 } }
      action b() { try { revert Denied(5) } catch (e) { throw e } }
      action c() { try { kept = 1 / kept } finally { kept = 1 } }
      action direct() { revert Denied(5) }`);
    const direct = errors.call('direct');
    expect([errors.call('a'), errors.call('b')]).toEqual([direct, direct]);
    expect(errors.call('c')).toBe('reverted: panic 18');
  });

  it('may leave itself, and then nothing fails or returns any more', () => {
    const own = deploy(`
      action a() -> integer { try { throw "x" } finally { return 1 } }
      action b() -> integer { try { return 1 } finally { return 2 } }
      action c() -> integer {
        let n = 0
        while true { try { n += 1; throw "x" } finally { if n == 3 { break }; continue } }
        return n
      }
      action d() -> integer {
        try { return 1 } finally { while true { try { return 2 } finally { break } } }
      }`);
    expect(['a', 'b', 'c', 'd'].map((name) => own.call(name))).toEqual([1n, 2n, 3n, 1n]);
  });

  it('has a value that is returned evaluated before', () => {
    const own = deploy('action go() -> integer { try { return kept } finally { kept = 5 } }');
    expect([own.call('go'), own.call('go')]).toEqual([0n, 5n]);
  });

  it('nests, in order from the innermost', () => {
    const own = deploy(`
      action go(n: integer) -> string {
        this.inner(n)
        return trace
      }
      private action inner(n: integer) -> integer {
        try {
          try {
            for each i in [1, 2] {
              try { if n == 1 { return 1 }; if n == 2 { break } } finally { this.mark("a") }
            }
          } finally { this.mark("b") }
        } finally { this.mark("c") }
        return 0
      }`);
    expect([0n, 1n, 2n].map((n) => own.call('go', [n]))).toEqual(['aabc', 'aabcabc', 'aabcabcabc']);
  });
});

describe('tx', () => {
  it('is kept, and left by return, break and continue', () => {
    const contract = deploy(`
      action go(n: signed) -> integer {
        let i = 0
        while i < 5 {
          tx {
            i += 1
            if i == n { continue }
            if i == n + 2 { break }
            if i == n + 11 { return kept }
            kept += i
          }
        }
        tx { kept += 100 }
        return kept
      }`);
    expect(contract.call('go', [1n])).toBe(102n);
    expect(contract.call('go', [-9n])).toBe(103n);
  });
});

describe('a finally with nothing in it', () => {
  it('lets what fails go on', () => {
    const contract = deploy(`
      action a() -> string { try { kept = 1; throw "a" } finally {}; return "behind" }
      action b() -> string { try { throw "b" } catch (e) { return "caught " + e } finally {} }
      action c() -> integer { try { kept = 3 } finally {}; return kept }`);
    expect(['a', 'b', 'c'].map((name) => contract.call(name))).toEqual([
      'reverted: a',
      'caught b',
      3n,
    ]);
  });
});

describe('a limit', () => {
  it('is a failure that can be caught', () => {
    const contract = deploy(`
      private action spend(n: integer) limit 3000 { let i = 0; while i < n { i += 1 } }
      action go(n: integer) -> string { try { this.spend(n) } catch (e) { return e }; return "fine" }`);
    expect([5n, 1000n].map((n) => contract.call('go', [n]))).toEqual([
      'fine',
      'gas limit of spend used up',
    ]);
  });
});
