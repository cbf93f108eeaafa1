import { toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

/** What `go` of a contract returns that has the members, with the rest of its file before it. */
function run(type: string, body: string, members = '', outside = ''): unknown {
  const text = `${outside}\ncontract C { ${members}\n action go() -> ${type} { ${body} } }`;
  return new World().deploy(text, [], 'C').call('go');
}

describe('constants and enums', () => {
  it('are values where they are used', () => {
    const outside =
      'const UNIT = 10 ** 18\nconst LIMIT = 3 * UNIT\nenum State { Open, Closed = 5, Gone }';
    const members = 'const HALF = LIMIT / 2\n data state: State = State.Closed\n data keys = {}';
    expect(run('integer', 'return HALF', members, outside)).toBe(15n * 10n ** 17n);
    expect(run('bool', 'state += 1; return state == State.Gone', members, outside)).toBe(true);
    expect(run('string', 'keys[State.Open] = "a"; return keys[0]', members, outside)).toBe('a');
    expect(
      run(
        'string',
        'return match state { State.Open => "open", State.Closed, State.Gone => "not" }',
        members,
        outside,
      ),
    ).toBe('not');
  });

  it('of lists and maps are new each time', () => {
    const members = 'const START = [1, 2]';
    expect(
      run(
        'integer',
        'let a = START; a.push(3); let b = START; return len(a) * 10 + len(b)',
        members,
      ),
    ).toBe(32n);
  });

  it('are hashes and addresses too', () => {
    const outside =
      'const ROLE = keccak256("MINTER")\nconst WHO: address = 0x00000000000000000000000000000000000000aa';
    expect(run('bool', 'return ROLE == keccak256("MIN" + "TER")', '', outside)).toBe(true);
    expect(run('address', 'return WHO', '', outside)).toBe(
      '0x00000000000000000000000000000000000000AA',
    );
  });
});

describe('functions outside of contracts', () => {
  it('call each other and themselves', () => {
    const outside = `
      action even(n: integer) -> bool { if n == 0 { return true } return odd(n - 1) }
      action odd(n: integer) -> bool { if n == 0 { return false } return even(n - 1) }
      action fact(n: integer) -> integer { if n < 2 { return 1 } return n * fact(n - 1) }`;
    expect(run('integer', 'return even(10) && !even(7) ? fact(10) : 0', '', outside)).toBe(
      3_628_800n,
    );
  });

  it('are values', () => {
    const outside = 'action twice(n: integer) -> integer { return n * 2 }';
    expect(run('integer', 'let f = twice; return f(4) + [1, 2].map(twice)[1]', '', outside)).toBe(
      12n,
    );
  });

  it('fail and log for the contract', () => {
    const world = new World();
    const at = world.deploy(
      `
      action check(n: integer) { emit Checked(n); require(n < 5, TooMany(n)) }
      contract C { event Checked(n: integer)\n error TooMany(n: integer)
        action go(n: integer) { check(n) } }`,
      [],
      'C',
    );
    at.call('go', [3n]);
    expect(world.logs).toHaveLength(1);
    expect(String(at.call('go', [7n]))).toMatch(/^reverted/);
    expect(world.logs).toHaveLength(1);
  });
});

describe('functions as values', () => {
  it('can call themselves', () => {
    expect(run('integer', 'let fact = n => n < 2 ? 1 : n * fact(n - 1); return fact(5)')).toBe(
      120n,
    );
  });
});

describe('methods that take a function', () => {
  it('sort by a key, and keep the order of equal ones', () => {
    const body = 'return ["ccc", "a", "bb", "b", "aa", "c"].sort_by(s => len(s)).join(" ")';
    expect(run('string', body)).toBe('a b c bb aa ccc');
    expect(run('string', 'return [].sort_by(s => len(s)).join(" ")')).toBe('');
    const numbers = 'return range(50).map(i => (i * 37) % 50).sort_by(x => 0 - x).join(",")';
    const expected = Array.from({ length: 50 }, (_, index) => 49 - index).join(',');
    expect(run('string', numbers)).toBe(expected);
  });

  it('reduce with and without a first value', () => {
    expect(run('integer', 'return [1, 2, 3].reduce((a, b) => a * 10 + b, 9)')).toBe(9123n);
    expect(run('integer', 'return [1, 2, 3].reduce((a, b) => a * 10 + b)')).toBe(123n);
    expect(run('bool', 'return [].reduce((a, b) => a) == null')).toBe(true);
  });

  it('go over lists and maps of the state', () => {
    const members = 'data list = [1, 2, 3]\n data map = {a: 10, b: 20}';
    expect(run('integer', 'return list.filter(x => x != 2).map(x => x * 2)[1]', members)).toBe(6n);
    expect(run('integer', 'return map.reduce((a, b) => a + b, 0)', members)).toBe(30n);
    expect(
      run('integer', 'return list.count(x => x > 1) * 10 + list.find(x => x > 1)', members),
    ).toBe(22n);
  });
});

describe('modifiers', () => {
  const members = `
    data trace = ""
    data n = 1
    modifier outer(tag) { trace += "<" + tag\n _\n trace += tag + ">" }
    modifier inner() { trace += "("; _; trace += ")" }
    modifier positive() { require(n > 0, "not positive") }
    private action next() -> integer { n += 1; return n }
    action view shown() -> string { return trace }
    action early(stop: bool) -> integer outer("e") { if stop { return 1 } trace += "late"; return 2 }
    action once() -> integer outer(this.next()) { return n }
    action plain() outer("p") inner { trace += "body" }
    action guarded() positive { n -= 1 }
    init() inner { trace += "init" }`;
  const deploy = (): ReturnType<World['deploy']> => new World().deploy(`contract C { ${members} }`);

  it('run around the action, in order and in reverse', () => {
    const at = deploy();
    at.call('plain');
    expect(at.call('shown')).toBe('(init)<p(body)p>');
  });

  it('run behind a return, too', () => {
    const at = deploy();
    expect([at.call('early', [true]), at.call('early', [false])]).toEqual([1n, 2n]);
    expect(at.call('shown')).toBe('(init)<ee><elatee>');
  });

  it('have their arguments evaluated once', () => {
    const at = deploy();
    expect(at.call('once')).toBe(2n);
    expect(at.call('shown')).toBe('(init)<22>');
  });

  it('keep actions from running', () => {
    const at = deploy();
    at.call('guarded');
    expect(at.call('guarded')).toBe('reverted: not positive');
  });
});

describe('entities', () => {
  const outside = `
    entity Money { amount: integer, unit = "wei"
      action plus(n: integer) -> Money { return Money(amount + n, this.unit) }
      action text() -> string { return this.plus(0).amount + unit }
      action grow() { this.amount += 1; amount *= 2 } }`;

  it('are made with defaults, and have actions', () => {
    expect(run('string', 'return Money(5).plus(2).text()', '', outside)).toBe('7wei');
    expect(run('string', 'return Money{unit: "eth"}.plus(2).text()', '', outside)).toBe('2eth');
    expect(run('integer', 'let m = Money(1); m.grow(); return m.amount', '', outside)).toBe(4n);
  });

  it('lie in the state', () => {
    const members = 'data purse: Money = Money(3)\n data all: map<string, Money>';
    expect(run('string', 'purse.grow(); return purse.text()', members, outside)).toBe('8wei');
    const body = 'all["a"] = Money(1); all["a"].amount = 9; return all["a"].plus(1).text()';
    expect(run('string', body, members, outside)).toBe('10wei');
  });

  it('contain each other', () => {
    const nested = 'entity A { b: B = B{n: 3}, next: A }\nentity B { n: integer = 1 }';
    expect(run('integer', 'let a = A{next: A()}; return a.b.n * 10 + a.next.b.n', '', nested)).toBe(
      33n,
    );
  });
});

describe('contracts that know each other', () => {
  it('call each other with the types that are found', () => {
    const text = `
      contract Counter { data n = 0\n action add(by) { n += by }\n action view get() { return n } }
      contract User { action go(at: address) -> integer {
        let counter = Counter(at); counter.add(5); counter.add(2); return counter.get() } }`;
    const world = new World();
    const counter = world.deploy(text, [], 'Counter');
    const user = world.deploy(text, [], 'User');
    expect(user.call('go', [toHex(counter.address)])).toBe(7n);
    expect(counter.call('get')).toBe(7n);
  });

  it('can be of the same kind', () => {
    const text = `contract Node { data next: Node\n data value = 1
      action link(to: address, v) { next = Node(to); value = v }
      view action sum(depth) { if depth == 0 { return value } return value + next.sum(depth - 1) } }`;
    const world = new World();
    const [a, b] = [world.deploy(text), world.deploy(text)];
    a.call('link', [toHex(b.address), 10n]);
    expect(a.call('sum', [1n])).toBe(11n);
  });
});
