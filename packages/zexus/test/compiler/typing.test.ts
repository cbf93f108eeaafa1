import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import type { StateShape } from '../../src/layout/schema.ts';

/** How the variables of a contract with the members are stored, by name. */
function shapes(members: string): Readonly<Record<string, string>> {
  const { contracts, diagnostics } = compile({ name: 'c.zx', text: inContract(members) });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const schema = contracts[0]?.container.schema ?? [];
  return Object.fromEntries(schema.map(({ name, shape }) => [name, shapeText(shape)]));
}

/** The types of the parameters and the result of the contract's actions in the ABI, by name. */
function signatures(members: string): Readonly<Record<string, string>> {
  const { contracts, diagnostics } = compile({ name: 'c.zx', text: inContract(members) });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const field = (found: { readonly type: string; readonly isEncoded?: true }): string =>
    found.isEncoded === true ? `encoded ${found.type}` : found.type;
  const actions = contracts[0]?.container.actions ?? [];
  return Object.fromEntries(
    actions
      .filter(({ exportedAs }) => exportedAs !== undefined)
      .map(({ name, parameters, result }) => [
        name,
        `(${parameters.map(field).join(', ')})${result === undefined ? '' : ` -> ${field(result)}`}`,
      ]),
  );
}

function inContract(members: string): string {
  return `entity User { name: string; age: integer = 1; friends: list<address> = [] }
entity Node { next: Node; value: integer }
protocol Token { action move(to: address, n: integer) -> bool }
enum Level { LOW, HIGH }
contract C {
${members}
}`;
}

function shapeText(shape: StateShape): string {
  if (shape.kind === 'cell') return shape.type;
  return `${shape.kind}<${shapeText(shape.kind === 'list' ? shape.element : shape.value)}>`;
}

describe('how the state is stored', () => {
  it('follows declared types', () => {
    expect(
      shapes(`data a: integer; data b: string; data c: any; data d: User; data e: Token
      data f: Level; data g: map<address, map<string, bool>>; data h: list<list<bytes4>>
      data i: list<User>; data j: map<integer, list<map<integer, address>>>; data k: list; data l: map`),
    ).toEqual({
      a: 'integer',
      b: 'untyped',
      c: 'untyped',
      d: 'untyped',
      e: 'address',
      f: 'integer',
      g: 'map<map<bool>>',
      h: 'list<list<bytes4>>',
      i: 'list<untyped>',
      j: 'map<list<enumerable<address>>>',
      k: 'list<untyped>',
      l: 'map<untyped>',
    });
  });

  it('takes entries for lists where only lists have the method, and not the builtin of its name', () => {
    const uses = (statements: string): string | undefined =>
      shapes(`data m = {}\n action f() { ${statements} }`)['m'];
    expect(uses('require m[1].max() < 3')).toBe('map<list<untyped>>');
    expect(uses('require max(m[1], 5) < 3; let a = m[2]; require a < 8')).toBe('map<integer>');
    expect(uses('require min(3, m[1]) < 3 && m[1] < 4')).toBe('map<integer>');
  });

  it('is a plain map as long as entries are all that is asked for', () => {
    const uses = (statements: string): string | undefined =>
      shapes(`data m: map<integer, bool>\n action f() { ${statements} }`)['m'];
    expect(uses('m[1] = m[2]')).toBe('map<bool>');
    expect(uses('if m[1] || m.get(1) { m.set(1, false) }')).toBe('map<bool>');
    expect(uses('require m.get(1, false) == false')).toBe('map<bool>');
    for (const use of [
      'require m.get(1, true)',
      'require m.get(1, 0)',
      'require m.has(1)',
      'm.remove(1)',
      'm.clear()',
      'm = {}',
      'm = {1: true}',
      'require len(m)',
      'require m.len()',
      'require keys(m)',
      'require m',
      'require m == {}',
      'for each k in m { require k }',
      'let a = m\n require a[1]',
      'let a = [m]\n require a',
      'this.g(m)\n } private action g(a) { require a[1]',
      'require string(m)',
      'return m',
      'return { a: 1 }.a ? m : m',
      'let q = null ?? m\n require q',
    ]) {
      expect([use, uses(use)]).toEqual([use, 'enumerable<bool>']);
    }
  });

  it('is a list where one is written, or its methods are used', () => {
    expect(
      shapes(`data a = []; data b; data c = {}; data d; data e = []; data f
      action go(x: address) {
        a.push(x)
        b.push(1)
        c[1].push(true)
        d[0] = x
        e = e + [x]
        f = [x]
      }`),
    ).toEqual({
      a: 'list<address>',
      b: 'list<integer>',
      c: 'map<list<bool>>',
      d: 'map<address>',
      e: 'list<address>',
      f: 'list<address>',
    });
  });

  it('makes a map within something that is cleared one that can be cleared', () => {
    expect(
      shapes(`data a: map<integer, map<integer, map<integer, bool>>>
      data b: list<map<integer, bool>>; data c: map<integer, map<integer, bool>>
      action f() { a[1].clear(); c.clear(); b.pop() }`),
    ).toEqual({
      a: 'map<enumerable<enumerable<bool>>>',
      b: 'list<enumerable<bool>>',
      c: 'enumerable<enumerable<bool>>',
    });
  });

  it('keeps what is put as a whole within a container in one cell, without a written type', () => {
    expect(
      shapes(`data a = {}; data b = {}; data c = {}; data d = []; data e = {}; data f: map<integer, map<integer, bool>>
      action go(k: string) {
        a[k] = {x: 1}
        b[k]["x"] = 1
        if c[k] == null { c[k]["x"] = 1 }
        d.push([1])
        e[k] = {}
        e[k]["x"] = 1
        f[1] = {}
      }`),
    ).toEqual({
      a: 'map<untyped>',
      b: 'map<map<integer>>',
      c: 'map<untyped>',
      d: 'list<untyped>',
      e: 'map<untyped>',
      f: 'map<enumerable<bool>>',
    });
  });

  it('has no types where anyone can write', () => {
    expect(
      shapes(`data a = {}; data b = {}; data c = {}; data d: map<integer, bool>; data e = {}
      action go(k: integer, v: any) {
        a[k] = 1
        let alias = a
        alias[k] = "text"
        b[k] = v
        c[k] = 1
        c["x"] = "text"
        d[k] = true
        let other = d
        require other
        e[k][k] = 1
        let inner = e[k]
        inner[k] = v
      }`),
    ).toEqual({
      a: 'enumerable<untyped>',
      b: 'map<untyped>',
      c: 'map<untyped>',
      d: 'enumerable<bool>',
      e: 'map<enumerable<untyped>>',
    });
  });

  it('leaves a variable untyped that can be null or anything', () => {
    expect(
      shapes(`data a; data b = {}; data c; data d = ""; data e = null; data f = []; data g = {}
      action go(v: any) {
        a = v
        b = null
        b[1] = 2
        c = v
        c[1] = 2
        d = TX.caller
        e = [1]
        f = []
        if g == null { g[1] = true }
      }`),
    ).toEqual({
      a: 'untyped',
      b: 'untyped',
      c: 'untyped',
      d: 'untyped',
      e: 'untyped',
      f: 'list<untyped>',
      g: 'map<bool>',
    });
  });
});

describe('types in the ABI', () => {
  it('are those that are declared', () => {
    expect(
      signatures(`
      action a(x: list<integer>, y: bytes4[]) -> list<list<bool>> { return [[x[0] == 1, y == x]] }
      action b(x: User, y: list<User>) -> User { return y[0] ?? x }
      action c(x: Token, y: Level) -> Token { require y; return x }
      action d(x: any, y: map<integer, bool>, z: map) -> any { return [x, y, z] }
      action e(x: list, y: list<any>) -> list<map<integer, bool>> { return [x[0], y[0]] }
      action f(x: Node) -> integer { return x.value }`),
    ).toEqual({
      a: '(uint256[], bytes4[]) -> bool[][]',
      b: '(tuple, tuple[]) -> tuple',
      c: '(address, uint256) -> address',
      d: '(encoded bytes, encoded bytes, encoded bytes) -> encoded bytes',
      e: '(encoded bytes, encoded bytes[]) -> encoded bytes[]',
      f: '(tuple) -> uint256',
    });
  });

  it('have the names of an entity, and none for an entity within itself', () => {
    const text = inContract('action f(u: User, n: Node) {}');
    const [user, node] = compile({ name: 'c.zx', text }).contracts[0]?.container.actions[0]
      ?.parameters ?? [undefined, undefined];
    expect(user).toEqual({
      name: 'u',
      type: 'tuple',
      components: [
        { name: 'name', type: 'string' },
        { name: 'age', type: 'uint256' },
        { name: 'friends', type: 'address[]' },
      ],
    });
    expect(node?.components?.[0]).toEqual({ name: 'next', type: 'bytes', isEncoded: true });
  });

  it('stop where entities within each other would describe too much', () => {
    const entities = Array.from(
      { length: 30 },
      (_, at) => `entity E${at} { a: E${at + 1}; b: E${at + 1} }`,
    );
    const text = `${entities.join('\n')}\nentity E30 { a: bool }\ncontract C { action f(e: E0) {} }`;
    const { contracts } = compile({ name: 'c.zx', text });
    expect(JSON.stringify(contracts[0]?.abi).length).toBeLessThan(20_000);
  });

  it('are found from what flows and what uses ask for', () => {
    expect(
      signatures(`data total = 0; data names = {}; data users: list<User>; data at: map<integer, address>
      action a(x) { total = x }
      action b(x) { return names[x] }
      action c(x) { names["a"] = x }
      action d(i) { return users[i] }
      action e(i) { return users[i].name }
      action f(x) { for each u in users { if u.age == x { return u.friends[0] } }\n return null }
      action g(x) { return at[x] ?? TX.caller }
      action h(x: integer) { let r = match x { 1 => "a", _ => "b" }\n return r }
      action i(x) { return x ? 1 : 0 - 2 }
      action j(x) { for each n in range(x) { if n > 2 { return n } }\n return 0 }
      action k(x) { for each c in x.string() { return c }\n return "" }
      action l() { for each k, v in at { return v }\n return null }
      action m(x) { return Token(x) }
      action n(x: address) { return Token(x).move(x, 1) }
      action o() { return {a: 1} }
      action p(x) { let q = [x]\n return q.len() + "a".len() }
      action q(x) { return User(x, 2) }`),
    ).toEqual({
      a: '(uint256)',
      b: '(string) -> encoded bytes',
      c: '(encoded bytes)',
      d: '(uint256) -> tuple',
      e: '(uint256) -> string',
      f: '(uint256) -> address',
      g: '(uint256) -> address',
      h: '(uint256) -> string',
      i: '(encoded bytes) -> uint256',
      j: '(uint256) -> uint256',
      k: '(encoded bytes) -> encoded bytes',
      l: '() -> address',
      m: '(address) -> address',
      n: '(address) -> bool',
      o: '() -> encoded bytes',
      p: '(encoded bytes) -> uint256',
      q: '(string) -> tuple',
    });
  });

  it('are found from what is put into lists and maps that only their variables hold', () => {
    expect(
      signatures(`data users = []; data sums: map<address, list<integer>>; data votes = {}
      action add(u: address) { users.push(u) }
      action a(n: integer) { let out = []\n for each i in range(n) { out.push(i * 2) }\n return out }
      action b() { let sum = 0\n for each x in [1, 2] { sum += x }\n return sum }
      action c(i) { let x = ["a"]\n x = x + ["b"]\n return x[i] }
      action d() { let m = {}\n m["a"] = 1\n return m["a"] }
      action e() { let m = {}\n for each u in users { m[u] = (m[u] ?? 0) + 1 }\n return m.keys() }
      action f() { return users }
      action g(x: list<integer>) { return x.filter(n => n > 1) }
      action h(x: list<integer>) { return x.map(n => n + 1) }
      action i(x: list<integer>) { return x.reduce((s, n) => s + n, 0) }
      action j() { return users.map(u => string(u)) }
      action k(u: address) { return sums[u].reduce((s, n) => s + n) }
      action l() { return users.find(u => u != TX.caller) }
      action m(x: list<integer>) { return x[1:].reverse() }
      action n(s: string) { let parts = s.split(",")\n return parts.first() }
      action o() { return this.p() }
      private action p() { let r = []\n r.push(5)\n return r }
      action q() { let [x, y] = ["a", "b"]\n return x + y }
      action r(option) { votes[option] = (votes[option] ?? 0) + 1\n return this.top() }
      action s() { for each name, n in votes { if n > 2 { return name } }\n return "none" }
      private action top() { return votes["a"] }`),
    ).toEqual({
      add: '(address)',
      a: '(uint256) -> uint256[]',
      b: '() -> uint256',
      c: '(uint256) -> string',
      d: '() -> uint256',
      e: '() -> address[]',
      f: '() -> address[]',
      g: '(uint256[]) -> uint256[]',
      h: '(uint256[]) -> uint256[]',
      i: '(uint256[]) -> uint256',
      j: '() -> string[]',
      k: '(address) -> uint256',
      l: '() -> address',
      m: '(uint256[]) -> uint256[]',
      n: '(string) -> string',
      o: '() -> uint256[]',
      q: '() -> string',
      r: '(string) -> uint256',
      s: '() -> string',
    });
  });

  it.each([
    ['another variable', 'let y = x\n y.push("s")'],
    ['an action', 'this.fill(x)'],
    ['a function that shares it', 'let f = () => x.push("s")\n f()'],
    ['a variable in a function that shares it', 'let f = () => { let y = x\n y.push("s") }\n f()'],
    ['a function that is given it', 'let f = y => y.push("s")\n f(x)'],
    ['another list', 'let y = [x]\n y[0].push("s")'],
    ['a map', 'let y = {a: x}\n y.a.push("s")'],
    ['a method that puts it elsewhere', 'let y = []\n y.push(x)\n y[0].push("s")'],
    ['what a method gives back', 'let y = x.push(2)\n y.push("s")'],
    ['a choice', 'let y = p ? x : []\n y.push("s")'],
    ['what stands in for null', 'let y = null ?? x\n y.push("s")'],
    ['a match', 'let y = match p { _ => x }\n y.push("s")'],
    ['what is thrown', 'try { throw x } catch (e) { e.push("s") }'],
    ['values of several kinds', 'x.push("s")'],
    ['what is null', 'x.push(null)'],
    ['values of unknown type', 'x.push(any)'],
    ['a list of unknown items', 'x = any'],
    ['what is put behind it', 'x = x.concat(["s"])'],
    ['what is added to it', 'x += ["s"]'],
    ['an entry that is replaced', 'x[0] = "s"'],
  ])('are left open where a list is shared with %s', (_, statements) => {
    const found =
      signatures(`action subject(p: bool, any: any) { let x = [1]\n ${statements}\n return x }
      private action fill(y) { y.push("s") }`);
    expect(found['subject']).toBe('(bool, encoded bytes) -> encoded bytes');
  });

  it('are open behind a parameter that stays open', () => {
    expect(
      signatures(`data chosen
      action a(x) { chosen[x] = true }
      action b() { let last = ""\n for each x, is in chosen { if is { last = x } }\n return last }`),
    ).toEqual({
      a: '(encoded bytes)',
      b: '() -> encoded bytes',
    });
  });

  it('are open where a function gives another kind of value than the first one', () => {
    expect(
      signatures(`
      action a(x: list<integer>) { return x.reduce((s, n) => string(n), 0) }
      action b(x: list<integer>) { return x.reduce((s, n) => 0 - n, -1) }
      action c(x: list<integer>) { return x.map(n => n > 1 ? n : "s") }`),
    ).toEqual({
      a: '(uint256[]) -> encoded bytes',
      b: '(uint256[]) -> int256',
      c: '(uint256[]) -> encoded bytes',
    });
  });

  it('are left open where values of several kinds meet', () => {
    expect(
      signatures(`data m = {}
      action a(x: bool) { if x { return 1 }\n return "text" }
      action b(x: any) { if x == null { return 1 }\n return x }
      private action put(k, v) { m[k] = v }
      action c() { this.put("a", 1); this.put(1, "a") }
      action d(x) { this.put(x, 1) }
      action e() { let f = x => x + 1\n return f(1) }
      action f() { try { throw 1 } catch (e) { return e }\n return 1 }`),
    ).toEqual({
      a: '(bool) -> encoded bytes',
      b: '(encoded bytes) -> encoded bytes',
      c: '()',
      d: '(encoded bytes)',
      e: '() -> encoded bytes',
      f: '() -> encoded bytes',
    });
  });
});

describe('a contract of many unwritten types', () => {
  // Looked at once for each place around it, the innermost would be looked at sixteen million times.
  it('is inferred with each literal looked at once a pass', () => {
    const nested = `${'['.repeat(24)}1${']'.repeat(24)}`;
    const text = inContract(`data m = {}\n action f() { m[1] = ${nested}\n m = {a: ${nested}} }`);
    const { contracts } = compile({ name: 'c.zx', text });
    expect(contracts).toHaveLength(1);
  });
});
