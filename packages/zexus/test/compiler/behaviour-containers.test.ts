import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

const deploy = (members: string): ReturnType<World['deploy']> =>
  new World().deploy(`contract C { ${members} }`);

describe('lists in memory', () => {
  it('are shared by the variables that have them', () => {
    const contract = deploy(`action pure go() -> list<integer> {
      let a = [1, 2]
      let b = a
      b[0] = 7
      b.push(3)
      return a
    }`);
    expect(contract.call('go')).toEqual([7n, 2n, 3n]);
  });

  it('give null beyond their end, and cannot be written there', () => {
    const contract = deploy(`
      action pure read(n: integer) -> bool { return [1, 2][n] == null }
      action pure write(n: integer) -> integer { let a = [1, 2]; a[n] = 5; return a[n] }`);
    expect([1n, 2n].map((n) => contract.call('read', [n]))).toEqual([false, true]);
    expect([1n, 2n].map((n) => contract.call('write', [n]))).toEqual([5n, 'reverted: panic 50']);
  });

  it('have parts that are new lists', () => {
    const contract = deploy(`action pure go(all: list<integer>) -> list<integer> {
      let part = all[1:]
      part[0] = 9
      return all[:1] + part + all[1:2]
    }`);
    expect(contract.call('go', [[1n, 2n, 3n]])).toEqual([1n, 9n, 3n, 2n]);
  });

  it('evaluate their items from left to right', () => {
    const contract = deploy(`
      data n = 0
      private action next() -> integer { n += 1; return n }
      action go() -> list<integer> { return [this.next(), this.next() * 10, this.next() * 100] }`);
    expect(contract.call('go')).toEqual([1n, 20n, 300n]);
  });
});

describe('maps in memory', () => {
  it('take members, keys and computed keys', () => {
    const contract = deploy(`action pure go(k: string) -> integer {
      let m = {a: 1, "b": 2, (k): 3}
      m.d = m.a + m["b"]
      m[k + k] = m[k]
      m.a *= 10
      return m.a + m.d * 100 + m.cc * 1000
    }`);
    expect(contract.call('go', ['c'])).toBe(10n + 300n + 3000n);
  });

  it('keep their entries in the order of insertion, of equal keys the last value', () => {
    const contract = deploy(`action pure go() -> string {
      let m = {b: 1, a: 2, b: 3}
      m.c = 4
      m.remove("a")
      m.a = 5
      let text = ""
      for each key, value in m { text = text + key + value }
      return text
    }`);
    expect(contract.call('go')).toBe('b3c4a5');
  });

  it('are equal when their entries are', () => {
    const contract = deploy(`action pure go() -> bool {
      return {a: [1, {b: 2}], c: null} == {c: null, a: [1, {b: 2}]} and {a: 1} != {a: 2} and [1] != [1, 2]
    }`);
    expect(contract.call('go')).toBe(true);
  });
});

describe('maps and lists of the state', () => {
  it('are written through what is read of them', () => {
    const contract = deploy(`
      data rows: list<list<integer>> = [[1], [2, 3]]
      action change() {
        let row = rows[1]
        row[0] = 7
        row.push(8)
        rows[0][0] += 10
        rows.push([9])
      }
      action view all() -> list<list<integer>> { return rows }`);
    contract.call('change');
    expect(contract.call('all')).toEqual([[11n], [7n, 3n, 8n], [9n]]);
  });

  it('are copied when they are assigned', () => {
    const contract = deploy(`
      data a: list<integer> = [1]
      data b: list<integer>
      action go() { b = a; a[0] = 5; let c = [7]; a = c; c[0] = 8; b.push(2) }
      action view all() -> list<list<integer>> { return [a, b] }`);
    contract.call('go');
    expect(contract.call('all')).toEqual([[7n], [1n, 2n]]);
  });

  it('are maps of maps, plain and iterated', () => {
    const contract = deploy(`
      data plain: map<string, map<integer, integer>>
      data listed: map<string, map<integer, integer>>
      action put(k: string, n: integer) {
        plain[k][n] = n
        plain[k][n] += 1
        listed[k][n] = n
        listed[k][n] *= 2
      }
      action view read(k: string, n: integer) -> integer { return plain[k][n] * 100 + listed[k][n] }
      action view keys() -> list<string> { return listed.keys() }
      action view count(k: string) -> integer { return listed[k].len() }
      action drop(k: string) { listed.remove(k) }`);
    contract.call('put', ['a', 3n]);
    contract.call('put', ['a', 4n]);
    contract.call('put', ['b', 5n]);
    expect(contract.call('read', ['a', 4n])).toBe(508n);
    expect(contract.call('keys')).toEqual(['a', 'b']);
    expect(contract.call('count', ['a'])).toBe(2n);
    contract.call('drop', ['a']);
    expect(contract.call('keys')).toEqual(['b']);
    expect(contract.call('read', ['a', 4n])).toBe(500n);
    contract.call('put', ['a', 1n]);
    expect(contract.call('count', ['a'])).toBe(1n);
  });

  it('hold what has no type, and are written inside', () => {
    const contract = deploy(`
      data box
      data things = {}
      action go() {
        box = {list: [1, {deep: 2}], text: "t"}
        box.list[1].deep += 40
        things["x"] = [1]
        things["x"].push(box.list[1].deep)
        let inner = box.list
        inner.push("end")
      }
      action view deep() -> integer { return box.list[1].deep + things["x"][1] }
      action view last() -> string { return box.list[2] + box.text }`);
    contract.call('go');
    expect([contract.call('deep'), contract.call('last')]).toEqual([84n, 'endt']);
  });

  it('have their keys evaluated once in a compound assignment', () => {
    const contract = deploy(`
      data n = 0
      data grid: list<list<integer>> = [[1, 2], [3, 4]]
      data deep: map<integer, map<integer, list<integer>>>
      private action next() -> integer { n += 1; return n }
      action go() {
        n = -1
        grid[this.next()][this.next()] += 10
        deep[1][2] = [5, 6]
        n = 0
        deep[this.next()][this.next()][0] -= this.next()
      }
      action view seen() -> list<integer> { return [n, grid[0][1], deep[1][2][0]] }`);
    contract.call('go');
    expect(contract.call('seen')).toEqual([3n, 12n, 2n]);
  });
});

describe('initial values', () => {
  it('of maps and lists are written at deployment, and cost nothing when they are empty', () => {
    const world = new World();
    const contract = world.deploy(`contract C {
      data list = [1, 2]
      data map = {a: 5, b: 6}
      action view sum() -> integer { return list[0] + list[1] + map["a"] + map["b"] }
    }`);
    expect(contract.call('sum')).toBe(14n);
    const empty = new World();
    empty.deploy('contract C {\n data a: list<integer> = []\n data b = {}\n data c = []\n}');
    expect(empty.words()).toEqual([]);
  });
});

describe('entities', () => {
  const source = `
    entity Point {
      x: integer
      y: integer = 4
      action plus(other: Point) -> Point { return Point{x: this.x + other.x, y: this.y + other.y} }
      action shift(by: integer) { this.x += by }
    }
    contract C {
      data kept: Point = Point(1, 2)
      data all: map<integer, Point>
      action put(id: integer, x: integer) { all[id] = Point{x: x}; kept = all[id] }
      action shift(id: integer, by: integer) { all[id].shift(by); let p = all[id]; p.y *= 2 }
      action view sum(other: Point) -> Point { return kept.plus(other) }
      action view get(id: integer) -> Point { return all[id] }
    }`;

  it('have fields, initial values and actions, in memory and in the state', () => {
    const contract = new World().deploy(source);
    expect(contract.call('sum', [{ x: 10n, y: 20n }])).toEqual({ x: 11n, y: 22n });
    contract.call('put', [7n, 3n]);
    contract.call('shift', [7n, 5n]);
    expect(contract.call('get', [7n])).toEqual({ x: 8n, y: 8n });
    expect(contract.call('sum', [{ x: 0n, y: 0n }])).toEqual({ x: 3n, y: 4n });
  });
});
