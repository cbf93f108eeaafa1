import { toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

const SHOP = `
  entity Item { name: string; price: integer; tags: list<string> = [] }

  contract Store {
    data prices: map<string, integer>
    data sold = 0
    data last = ""

    init() { prices["tea"] = 3 }

    action view price(name: string) -> integer { return prices[name] }
    action payable buy(name: string, count: uint8) -> bool {
      require(TX.value == prices[name] * count, "wrong value")
      sold += count
      return true
    }
    action note(text: string) { require(text != "", "empty"); last = text }
    action view items(of: list<Item>) -> list<Item> {
      let made = []
      for each item in of { made.push(Item{name: item.name + "!", price: item.price * 2}) }
      return made
    }
    action view first(of: list<Item>) -> Item { return of[0] }
    action view any(key) { return {key: key, sold: sold} }
    action burn(n: integer) { let i = 0; while i < n { i += 1 }; sold += 1 }
    action view seen() -> string { return "\${sold} \${last}" }
  }`;

const PROTOCOL = `
  entity Item { name: string; price: integer; tags: list<string> = [] }
  protocol Shop {
    view action price(name: string) -> integer
    payable action buy(name: string, count: uint8) -> bool
    action note(text: string)
    view action items(of: list<Item>) -> list<Item>
    view action first(of: list<Item>) -> Item
    view action any(key) -> any
    action burn(n: integer)
  }`;

function deployed(members: string): {
  readonly world: World;
  readonly store: ReturnType<World['deploy']>;
  readonly buyer: ReturnType<World['deploy']>;
} {
  const world = new World();
  const store = world.deploy(SHOP);
  const buyer = world.deploy(`${PROTOCOL}\ncontract Buyer { ${members} }`, [], 'Buyer');
  return { world, store, buyer };
}

describe('a call of a contract whose protocol is known', () => {
  it('takes arguments and gives a result', () => {
    const { store, buyer } = deployed(`
      data shop: Shop
      action set(at: address) { shop = Shop(at) }
      action view price(name: string) -> integer { return shop.price(name) * 10 }
      action note(text: string) { shop.note(text) }`);
    buyer.call('set', [store.hex]);
    expect(buyer.call('price', ['tea'])).toBe(30n);
    expect(buyer.call('note', ['hello'])).toBeUndefined();
    expect(store.call('seen')).toBe('0 hello');
  });

  it('sends value and gives gas', () => {
    const { world, store, buyer } = deployed(`
      action buy(at: address, wei: integer) -> bool { return Shop(at).buy{value: wei}("tea", 2) }
      action burn(at: address, n: integer) -> string {
        try { Shop(at).burn{gas: 30000}(n) } catch (e) { return "failed" }
        return "done"
      }`);
    world.give(buyer.address, 10n);
    expect(buyer.call('buy', [store.hex, 6n])).toBe(true);
    expect(buyer.call('buy', [store.hex, 2n])).toBe('reverted: wrong value');
    expect([world.balance(buyer.address), world.balance(store.address)]).toEqual([4n, 6n]);
    expect(buyer.call('burn', [store.hex, 1n])).toBe('done');
    expect(buyer.call('burn', [store.hex, 100_000n])).toBe('failed');
    expect(store.call('seen')).toBe('3 ');
  });

  it('passes entities, lists of them, and values without a type', () => {
    const { store, buyer } = deployed(`
      action view twice(at: address) -> string {
        let items = Shop(at).items([Item{name: "a", price: 1}, Item{name: "b", price: 2, tags: ["t"]}])
        let first = Shop(at).first([Item{name: "c", price: 9, tags: ["x", "y"]}])
        return "\${items[1].name} \${items[1].price} \${items.len()} \${first.price} \${first.tags}"
      }
      action view any(at: address) -> string { return string(Shop(at).any([1, "k"])) }`);
    expect(buyer.call('twice', [store.hex])).toBe('b! 4 2 9 [x, y]');
    expect(buyer.call('any', [store.hex])).toBe('{key: [1, k], sold: 0}');
  });

  it('takes null for the zero of any type, entities and lists of them as well', () => {
    const { store, buyer } = deployed(`
      action view none(at: address, of: list<Item>) -> string {
        let item: Item = Shop(at).first([of[0]])
        let nothing: list<list<Item>> = []
        return "\${item} \${Shop(at).items(nothing[0])}"
      }`);
    expect(buyer.call('none', [store.hex, []])).toBe('{name: , price: 0, tags: []} []');
  });

  it('is one of what has an unknown type when its argument is no function', () => {
    const { store, buyer } = deployed(`
      action any_of(at, key: string) -> string { return string(at.any(key)) }
      action via(at: address) -> string { return this.any_of(at, "k") }`);
    expect(buyer.call('via', [store.hex])).toBe('{key: k, sold: 0}');
  });

  it('calls views so that they can change nothing', () => {
    const world = new World();
    const other = world.deploy(
      'contract O { data n = 0\n action price(name: string) -> integer { n += 1; return n } }',
    );
    const buyer = world.deploy(
      `${PROTOCOL}\ncontract Buyer { action go(at: address) -> integer { return Shop(at).price("x") } }`,
      [],
      'Buyer',
    );
    expect(other.call('price', ['x'])).toBe(1n);
    expect(buyer.call('go', [other.hex])).toMatch(/^reverted/);
  });

  it('leaves nothing when it fails and is caught', () => {
    const { world, store, buyer } = deployed(`
      action go(at: address) -> string {
        try { Shop(at).burn(1); Shop(at).note("") } catch (e) { return e }
        return "none"
      }`);
    const before = world.words();
    expect(buyer.call('go', [store.hex])).toBe('empty');
    expect(world.words()).toEqual(before);
  });
});

describe('a call of an action by its name', () => {
  it('takes and gives values of any kind', () => {
    const { world, store, buyer } = deployed(`
      action go(at: address) -> string {
        at.burn(2)
        return string(at.any({deep: [1]})) + at.price("tea")
      }
      action pay(at: address) -> bool { return at.buy{value: 3}("tea", 1) }`);
    expect(buyer.call('go', [store.hex])).toBe('{key: {deep: [1]}, sold: 1}3');
    expect(buyer.call('pay', [store.hex])).toMatch(/^reverted/);
    world.give(buyer.address, 3n);
    expect(buyer.call('pay', [store.hex])).toBe(true);
    expect(world.balance(store.address)).toBe(3n);
  });
});

describe('calls as functions', () => {
  it('take a signature, a name, or raw data', () => {
    const { store, buyer } = deployed(`
      action go(at: address) -> string {
        let a = contract_call(at, "price(string)->(uint256)", ["tea"])
        let b = static_call(at, "price", ["tea"])
        contract_call(at, "note(string)", ["raw"])
        return "\${a} \${b}"
      }
      action raw(at: address, data: bytes) -> bytes { return contract_call(at, null, data) }`);
    expect(buyer.call('go', [store.hex])).toBe('3 3');
    expect(store.call('seen')).toBe('0 raw');
    expect(buyer.call('raw', [store.hex, '0x00000000'])).toMatch(/^reverted/);
  });

  it('gives lists whose items have no type in the ABI', () => {
    const text = `contract List {
        data entries = []
        action add(kind) { entries = entries + [{"kind": kind, "n": 1}]; return entries }
        action maybe(n: integer) { return n > 0 ? [n, 2] : [null] }
      }
      contract Caller {
        action go(a: address) -> integer {
          List(a).add("x")
          return len(List(a).add("y")) * 10 + List(a).maybe(3)[0] + (List(a).maybe(0)[0] ?? 5)
        }
      }`;
    const world = new World();
    const list = world.deploy(text, [], 'List');
    expect(world.deploy(text, [], 'Caller').call('go', [list.hex])).toBe(28n);
  });

  it('run code of another contract on this state', () => {
    const world = new World();
    const library = world.deploy(
      'contract L { data n = 0\n action add(by: integer) -> integer { n += by; return n } }',
    );
    const proxy = world.deploy(`contract P {
      data n = 5
      action go(at: address) -> integer { return delegate_call(at, "add(uint256)->(uint256)", [2]) }
      action view get() -> integer { return n }
    }`);
    expect(proxy.call('go', [library.hex])).toBe(7n);
    expect(proxy.call('get')).toBe(7n);
    expect(toHex(proxy.address)).not.toBe(toHex(library.address));
  });
});

describe('functions of one name', () => {
  const members = `
      view action pay(to: address) -> integer { return 1 }
      view action pay_with(to: address, note: string) -> integer as pay { return this.pay(to) + len(note) }
      view action pay_list(to: list<address>) -> integer
          as pay
      { return 10 + len(to) }`;
  const to = `0x${'ab'.repeat(20)}`;

  it('are told apart by their parameters, and by their own names in the source', () => {
    const contract = new World().deploy(`contract C {${members}}`);
    expect(contract.call('pay', [to])).toBe(1n);
    expect(contract.call('pay', [to, 'text'])).toBe(5n);
    expect(contract.call('pay', [[to, to]])).toBe(12n);
  });

  it('are called by protocols that say so, and by the names of the source', () => {
    const world = new World();
    const contract = world.deploy(`contract C {${members}}`);
    const caller = world.deploy(
      `protocol Payer {
        view action pay(to: address) -> integer
        view action noted(to: address, note: string) -> integer as pay
      }
      contract Caller {
        action view go(at: Payer, to: address) -> integer { return at.pay(to) * 10 + at.noted(to, "ab") }
        action named(at: address, to: address) -> integer {
          return contract_call(at, "pay", [to]) * 10 + contract_call(at, "pay_with", [to, "abc"])
        }
      }`,
      [],
      'Caller',
    );
    expect(caller.call('go', [contract.hex, to])).toBe(13n);
    expect(caller.call('named', [contract.hex, to])).toBe(14n);
  });

  it('are as a protocol names them', () => {
    const contract = new World().deploy(
      `protocol P { view action first() -> integer as both, view action second(n: integer) -> integer as both }
      contract C implements P {
        view action first() -> integer { return 1 }
        view action second(n: integer) -> integer as both { return n }
      }`,
      [],
      'C',
    );
    expect(contract.call('both')).toBe(1n);
    expect(contract.call('both', [7n])).toBe(7n);
  });
});

describe('calls without a function', () => {
  it('run what the contract has for them', () => {
    const world = new World();
    const contract = world.deploy(`contract C {
      data calls = 0
      data received = 0
      fallback(data: bytes) -> bytes { calls += 1; return data[1:] }
      receive() { received += TX.value }
      action view seen() -> integer { return calls * 100 + received }
    }`);
    const answer = world.send(contract.address, Uint8Array.of(1, 2, 3, 4, 5));
    expect([answer.status, toHex(answer.returnData)]).toEqual(['success', '0x02030405']);
    expect(world.send(contract.address, new Uint8Array(0), { value: 7n }).status).toBe('success');
    expect(world.send(contract.address, Uint8Array.of(1), { value: 1n }).status).toBe('revert');
    expect(contract.call('seen')).toBe(107n);
  });
});

describe('errors of the contract', () => {
  it('have their values evaluated only on failure', () => {
    const contract = new World().deploy(`contract C {
      error Low(given: integer, asked: integer)
      data asked = 0
      private action ask() -> integer { asked += 1; return asked }
      action check(n: integer) { require(n > 1, Low(n, this.ask())) }
      action view times() -> integer { return asked }
    }`);
    expect(contract.call('check', [2n])).toBeUndefined();
    expect(contract.call('times')).toBe(0n);
    expect(contract.call('check', [1n])).toMatch(/^reverted: 0x[0-9a-f]{8}0{63}10{63}1$/);
  });
});
