import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import type { DiagnosticCode } from '../../src/syntax/diagnostic-codes.ts';

const contract = (members: string): string => `protocol Other { action ask(a: integer) }
entity Point { x: integer, y: integer = 1, action sum() { return this.x } }
enum Color { Red, Green }
const LIMIT = 5
action helper(n: integer) -> integer { return n }
contract C {
  data total: integer
  data items: list<integer>
  const OWN = 3
  error Low(given: integer, least: integer)
  event Moved(to: address, value: integer)
  modifier positive(n) { require(n > 0); _ }
  private action inner(n: integer) -> integer { return n }
  ${members}
}`;

const body = (statements: string): string =>
  contract(`action subject(p: integer) { ${statements} }`);

type Case = readonly [code: DiagnosticCode, source: string, at: string];

const errors: readonly Case[] = [
  ['ARGUMENT_COUNT', body('helper()'), 'helper()'],
  ['ARGUMENT_COUNT', body('this.inner(1, 2)'), 'this.inner(1, 2)'],
  ['ARGUMENT_COUNT', body('split(1, 2, 3)'), 'split(1, 2, 3)'],
  ['ARGUMENT_COUNT', body('Point(1, 2, 3).sum()'), 'Point(1, 2, 3)'],
  ['ARGUMENT_COUNT', body('Other(1, 2).ask(1)'), 'Other(1, 2)'],
  ['ARGUMENT_COUNT', body('revert Low(1)'), 'Low(1)'],
  ['ARGUMENT_COUNT', body('contract_call(TX.caller)'), 'contract_call(TX.caller)'],
  [
    'ARGUMENT_COUNT',
    body('static_call(TX.caller, "f", [], 1, 2)'),
    'static_call(TX.caller, "f", [], 1, 2)',
  ],
  ['ARGUMENT_COUNT', body('return verify_signature(1)'), 'verify_signature(1)'],
  ['ARGUMENT_COUNT', body('ledger_append()'), 'ledger_append()'],
  ['ARGUMENT_COUNT', body('audit_log(1, 2, 3)'), 'audit_log(1, 2, 3)'],
  ['ARGUMENT_COUNT', body('gas_charge()'), 'gas_charge()'],
  ['ARGUMENT_COUNT', body('emit("Moved", [1])'), 'emit("Moved", [1])'],
  ['ARGUMENT_COUNT', contract('action f() positive {}'), 'positive'],
  ['ARGUMENT_COUNT', contract('const X = len()\n action f() { return X }'), 'len()'],
  ['ARGUMENT_NOT_WRITTEN', body('gas_charge(p)'), 'p'],
  ['ARGUMENT_NOT_WRITTEN', body('emit(p, 1)'), 'p'],
  ['CALL_INVALID', body('total(1)'), 'total'],
  ['CALL_INVALID', body('Color(1)'), 'Color'],
  ['CALL_INVALID', body('TX.pay(1)'), 'TX.pay'],
  ['CALL_INVALID', contract('init() {}\n action f() { this.init() }'), 'init'],
  ['CALL_OPTION', body('Other(TX.caller).ask{wei: 1}(1)'), 'wei'],
  ['CALL_OPTION', body('this.inner{value: 1}(1)'), 'value'],
  ['CALL_OPTION', body('return len{value: 1}("a")'), 'value'],
  ['CALL_OPTION', body('static_call{value: 7}(TX.caller, "f")'), '7'],
  [
    'CALL_OPTION',
    body('contract_call{gas: 1}(TX.caller, "f", [], 0, 2)'),
    'contract_call{gas: 1}(TX.caller, "f", [], 0, 2)',
  ],
  ['CONSTANT_ASSIGNED', body('LIMIT = 1'), 'LIMIT'],
  ['CONSTANT_ASSIGNED', body('OWN += 1'), 'OWN'],
  ['CONSTANT_ASSIGNED', body('const a = 1\n a = p\n return a'), 'a'],
  ['CONSTANT_ASSIGNED', body('const a = p\n let f = () => { a = 2 }\n f()\n return a'), 'a'],
  ['CONSTANT_CYCLE', contract('const A = B\n const B = A + 1'), 'A'],
  ['CONSTANT_CYCLE', contract('entity E { inner: E = E() }'), 'E()'],
  ['CONSTANT_VALUE', contract('const A = TX.caller'), 'TX.caller'],
  ['CONSTANT_VALUE', contract('const A = time()'), 'time()'],
  ['CONSTANT_VALUE', contract('const A = helper(1)'), 'helper(1)'],
  ['CONSTANT_VALUE', contract('const A = x => x'), 'x => x'],
  ['CONSTANT_VALUE', contract('const A = Color'), 'Color'],
  ['CONSTANT_VALUE', contract('const A = Point(1)'), 'Point(1)'],
  ['CONSTANT_VALUE', contract('const A = Point{x: 1}'), 'Point{x: 1}'],
  ['CONSTANT_VALUE', contract('enum E { A = "text" }'), '"text"'],
  ['CONSTANT_VALUE', contract('entity E { a: integer = TX.value }'), 'TX.value'],
  ['ENTRY_POINT_INVALID', contract('action fallback() -> integer { return 1 }'), 'integer'],
  ['ERROR_FIELD_TYPE', contract('error Bad(reason)'), 'reason'],
  ['EVENT_FIELD_TYPE', contract('event Bad(reason)'), 'reason'],
  [
    'EVENT_INDEXED_LIMIT',
    contract('event E(a: bool indexed, b: bool indexed, c: bool indexed, d: bool indexed)'),
    'd',
  ],
  ['FIELD_MISSING', body('revert Low{given: 1}'), 'Low{given: 1}'],
  ['FIELD_MISSING', body('emit Moved{value: 1}'), 'Moved'],
  ['FIELD_UNKNOWN', body('return Point{z: 1}'), 'z'],
  ['FIELD_UNKNOWN', body('revert Low{given: 1, least: 2, most: 3}'), 'most'],
  ['FIELD_UNKNOWN', body('emit Moved{to: TX.caller, value: 1, more: 2}'), 'more'],
  ['INIT_INVALID', contract('init() -> integer {}'), 'integer'],
  ['INIT_INVALID', contract('pure action init() {}'), 'init'],
  ['KEY_TYPE', contract('data m: map<list<integer>, integer>'), 'list<integer>'],
  ['KEY_TYPE', contract('data m: map<Point, integer>'), 'Point'],
  ['LIMIT_EXCEEDED', contract(`error Bad(${numbered(33)})`), 'Bad'],
  ['LIMIT_EXCEEDED', contract(`event Bad(${numbered(33)})`), 'Bad'],
  ['LIMIT_EXCEEDED', contract(`action bad(${numbered(33)}) {}`), 'bad'],
  ['LIMIT_EXCEEDED', contract(`entity Bad { ${numbered(33)} }`), 'Bad'],
  ['LITERAL_RANGE', contract('action f() limit 0 {}'), 'limit 0'],
  ['LITERAL_RANGE', contract('action f() limit 4294967296 {}'), 'limit 4294967296'],
  ['LITERAL_RANGE', body('gas_charge(1000000001)'), '1000000001'],
  ['LITERAL_RANGE', body('gas_charge(-1)'), '-1'],
  ['LITERAL_RANGE', contract('const A: uint8 = 250 + 6'), '250 + 6'],
  ['LOOP_OUTSIDE', body('break'), 'break'],
  ['LOOP_OUTSIDE', body('while p { let f = () => { continue }\n f() }'), 'continue'],
  ['MATCH_ORDER', body('match p { _ => { total = 1 }, 1 => { total = 2 } }'), '1 => { total = 2 }'],
  ['MODIFIER_BODY', contract('modifier m() { if total { _ } }\n action f() m {}'), '_'],
  ['MODIFIER_BODY', contract('modifier m() { _\n total = 1\n _ }'), '_'],
  ['MODIFIER_BODY', contract('modifier m() { if total { return }\n _ }'), 'return'],
  ['MODIFIER_CONFLICT', contract('private public action f() {}'), 'f'],
  ['MODIFIER_CONFLICT', contract('view payable action f() {}'), 'f'],
  ['MODIFIER_CONFLICT', contract('pure payable action f() {}'), 'f'],
  ['MODIFIER_CONFLICT', contract('entity E { payable action f() {} }'), 'f'],
  ['MODIFIER_CONFLICT', `action f() limit 5 {}\n${contract('')}`, 'limit 5'],
  ['MODIFIER_UNKNOWN', contract('action f() nonesuch(1) {}'), 'nonesuch'],
  ['MODIFIER_UNKNOWN', `action f() positive(1) {}\n${contract('')}`, 'positive'],
  ['NAME_DUPLICATE', contract('data total = 1'), 'total'],
  ['NAME_DUPLICATE', contract('data OWN = 1'), 'OWN'],
  ['NAME_DUPLICATE', contract('enum OWN { A }'), 'OWN'],
  ['NAME_DUPLICATE', contract('action inner() {}'), 'inner'],
  ['NAME_DUPLICATE', contract('event Moved()'), 'Moved'],
  ['NAME_DUPLICATE', contract('error Low()'), 'Low'],
  ['NAME_DUPLICATE', contract('modifier positive() { _ }'), 'positive'],
  ['NAME_DUPLICATE', contract('error E(a: bool, a: bool)'), 'a'],
  ['NAME_DUPLICATE', contract('entity E { a, a }'), 'a'],
  ['NAME_DUPLICATE', contract('entity E { a, action a() {} }'), 'a'],
  ['NAME_DUPLICATE', contract('enum E { A, A }'), 'A'],
  ['NAME_DUPLICATE', contract('action f(a: bool, a: bool) {}'), 'a'],
  ['NAME_DUPLICATE', body('let f = (a, a) => a\n f(1, 2)'), 'a'],
  ['NAME_DUPLICATE', body('return Point{x: 1, x: 2}'), 'x'],
  ['NAME_DUPLICATE', body('Other(TX.caller).ask{gas: 1, gas: 2}(1)'), 'gas'],
  ['NAME_DUPLICATE', body('let p = 1'), 'p'],
  ['NAME_DUPLICATE', body('let OWN = 1'), 'OWN'],
  ['NAME_DUPLICATE', body('let [a, a] = [1, 2]\n return a'), 'a'],
  ['NAME_DUPLICATE', body('for each total in items { }'), 'total'],
  ['NAME_DUPLICATE', body('let f = () => { let p = 1\n return p }\n f()'), 'p'],
  ['NAME_DUPLICATE', `${contract('')}\ncontract C {}`, 'C'],
  ['NAME_DUPLICATE', `${contract('')}\nprotocol Other { action ask(a: integer) }`, 'Other'],
  ['NAME_DUPLICATE', 'protocol P { action f()\n action f() }\ncontract C {}', 'f'],
  ['NAME_UNKNOWN', body('return nowhere'), 'nowhere'],
  ['NAME_UNKNOWN', body('nowhere(1)'), 'nowhere'],
  ['NAME_UNKNOWN', body('inner(1)'), 'inner'],
  ['NAME_UNKNOWN', body('return this.name'), 'name'],
  ['NAME_UNKNOWN', body('this.nowhere()'), 'nowhere'],
  ['NAME_UNKNOWN', body('return Color.Blue'), 'Blue'],
  ['NAME_UNKNOWN', body('return Color'), 'Color'],
  ['NAME_UNKNOWN', body('return Point'), 'Point'],
  ['NAME_UNKNOWN', body('return Other'), 'Other'],
  ['NAME_UNKNOWN', body('return Nobody{x: 1}'), 'Nobody'],
  ['NAME_UNKNOWN', body('return Color{x: 1}'), 'Color'],
  ['NAME_UNKNOWN', body('revert Unheard(1)'), 'Unheard(1)'],
  ['NAME_UNKNOWN', body('return TX.gas'), 'gas'],
  ['NAME_UNKNOWN', body('random(5)'), 'random'],
  ['NAME_UNKNOWN', body('if p { let inside = 1\n total = inside }\n return inside'), 'inside'],
  ['NAME_UNKNOWN', body('let a = a'), 'a'],
  ['NAME_UNKNOWN', contract('data early = late\n data late = 1'), 'late'],
  ['NAME_UNKNOWN', contract('data early = this.inner(1)'), 'inner'],
  ['NAME_UNKNOWN', contract('init(a: integer) {}\n data later = a'), 'a'],
  ['NAME_UNKNOWN', contract('const A = NOWHERE'), 'NOWHERE'],
  ['NAME_UNKNOWN', contract('enum E { A = E.B, B }'), 'B'],
  ['NAME_UNKNOWN', contract('entity E { a, action f() { return total } }'), 'total'],
  ['NAME_UNKNOWN', contract('entity E { a, action f() { return this.g() } }'), 'g'],
  ['NAME_UNKNOWN', contract('modifier m() { let a = 1\n _\n total = a }\n action f() m {}'), 'a'],
  ['NAME_UNKNOWN', `action f() { return this.total }\n${contract('')}`, 'this.total'],
  ['NAME_UNKNOWN', `action f() { return this }\n${contract('')}`, 'this'],
  ['NAME_UNKNOWN', `action f() { this.inner(1) }\n${contract('')}`, 'this.inner'],
  ['NAME_UNKNOWN', `action f() { return total }\n${contract('')}`, 'total'],
  ['NAME_UNKNOWN', 'contract C implements Nobody {}', 'Nobody'],
  ['NAME_UNKNOWN', 'entity E { a }\ncontract C implements E {}', 'E'],
  ['NO_RESULT', body('let a = ledger_append(1)\n return a'), 'ledger_append(1)'],
  ['NULL_ASSIGNMENT', contract('data b: bool = null'), 'null'],
  ['PLACEHOLDER_OUTSIDE', body('_'), '_'],
  ...promises([
    ['', 'P'],
    ['private view action f(a: integer) -> bool { return true }', 'f'],
    ['view action f() -> bool { return true }', 'f'],
    ['view action f(a: address) -> bool { return true }', 'f'],
    ['view action f(a: integer) -> integer { return 1 }', 'f'],
    ['action f(a: integer) -> bool { return true }', 'f'],
  ]),
  [
    'PROTOCOL_BROKEN',
    'protocol P { pure action f() -> bool }\ncontract C implements P { view action f() -> bool { return true } }',
    'f',
  ],
  [
    'PROTOCOL_BROKEN',
    'protocol P { action f() as g }\ncontract C implements P { action f() as h {} }',
    'f',
  ],
  [
    'PROTOCOL_BROKEN',
    'protocol P { payable action f() }\ncontract C implements P { action f() {} }',
    'f',
  ],
  [
    'PROTOCOL_BROKEN',
    'protocol P { action f() }\ncontract C implements P { action f() -> bool { return true } }',
    'f',
  ],
  [
    'PROTOCOL_TYPE',
    'contract A { data n = 0\n action f(x) { n = x }\n action g(a: address) { B(a).h(a) } }\ncontract B { action h(a: address) { A(a).f(1) } }',
    'f',
  ],
  ['RESERVED_NAME', contract('action __mine() {}'), '__mine'],
  ['RESERVED_NAME', contract('modifier __mine() { _ }'), '__mine'],
  ['RESERVED_NAME', contract('entity E { a, action __mine() {} }'), '__mine'],
  ['RESERVED_NAME', `action __mine() {}\n${contract('')}`, '__mine'],
  ['TARGET_INVALID', body('TX.value = 1'), 'TX.value'],
  ['TARGET_INVALID', body('Moved = 1'), 'Moved'],
  ['TARGET_INVALID', body('items[0:1] = []'), 'items[0:1]'],
  ['TYPE_ARGUMENTS', contract('data m: map<integer>'), 'map<integer>'],
  ['TYPE_ARGUMENTS', contract('data m: list<integer, bool>'), 'list<integer, bool>'],
  ['TYPE_ARGUMENTS', contract('data m: Point<integer>'), 'Point<integer>'],
  ['TYPE_MISMATCH', contract('const A: address = "text"'), '"text"'],
  ['TYPE_MISMATCH', contract('const A: list = {}'), '{}'],
  ['TYPE_MISMATCH', contract('const A: bool = keccak256("a")'), 'keccak256("a")'],
  ['TYPE_MISMATCH', contract('const A: bytes4 = 0x12'), '0x12'],
  ['TYPE_UNKNOWN', contract('data x: nothing'), 'nothing'],
  ['TYPE_UNKNOWN', contract('const A: nothing = 1'), 'nothing'],
  ['TYPE_UNKNOWN', contract('data x: LIMIT'), 'LIMIT'],
  ['TYPE_UNKNOWN', contract('data x: uint7'), 'uint7'],
  ['TYPE_UNKNOWN', contract('data x: bytes33'), 'bytes33'],
];

const warnings: readonly Case[] = [
  ['INIT_RESULT', contract('init() { return 1 }'), '1'],
  ['INIT_RESULT', contract('init() positive(1) { return 1 }'), '1'],
  ['EVENT_INFERRED', body('emit Unheard(p)'), 'Unheard'],
  ['NO_EFFECT', body('total == 1'), 'total == 1'],
  ['PARAMETER_HIDES_STATE', contract('action f(total: integer) { total = 1 }'), 'total'],
];

/** A contract that does not keep to what a protocol asks for, by its members. */
function promises(cases: readonly (readonly [members: string, at: string])[]): readonly Case[] {
  const protocol = 'protocol P { view action f(a: integer) -> bool }';
  return cases.map(([members, at]) => [
    'PROTOCOL_BROKEN',
    `${protocol}\ncontract C implements P { ${members} }`,
    at,
  ]);
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `a${index}: bool`).join(', ');
}

describe('errors about names', () => {
  it.each(errors.map((each) => [`${each[0]} at ${each[2]}`, ...each] as const))(
    '%s',
    (_, code, text, at) => {
      const { contracts, diagnostics } = compile({ name: 'c.zx', text });
      expect(contracts).toEqual([]);
      const found = diagnostics.filter(({ severity }) => severity === 'error');
      expect(found.map(({ code: each, span }) => [each, text.slice(span.start, span.end)])).toEqual(
        [[code, at]],
      );
    },
  );
});

describe('warnings about names', () => {
  it.each(warnings.map((each) => [`${each[0]} at ${each[2]}`, ...each] as const))(
    '%s',
    (_, code, text, at) => {
      const { diagnostics } = compile({ name: 'c.zx', text });
      const found = diagnostics.filter((diagnostic) => diagnostic.code === code);
      expect(found.map(({ span }) => text.slice(span.start, span.end))).toEqual([at]);
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    },
  );
});

describe('hints', () => {
  const hint = (text: string): string | undefined =>
    compile({ name: 'c.zx', text }).diagnostics.find(({ severity }) => severity === 'error')?.hint;

  it.each([
    [body('inner(1)'), 'to call the action write this.inner(…)'],
    [body('Moved(1, 2)'), 'to emit the event write emit Moved(…)'],
    [body('Low(1, 2)'), 'to fail with the error write revert Low(…)'],
    [body('return len'), 'len is a function: write len(…)'],
    [body('return TX'), 'TX has fields, such as TX.value'],
    [
      body('return load("x")'),
      'a contract reads and writes its own state only: pass data in as arguments',
    ],
    [
      body('let m = {go: x => x}\n return m.go(1)'),
      'a function in a map is called by map["go"](…)',
    ],
    [body('push_all(items)'), 'the functions are listed in docs/reference/builtins.md'],
    [body('append(items, 1)'), 'append is a method: write value.append(…)'],
    [body('this.helper(1)'), 'write helper(…) without this.'],
    [body('this.len("a")'), 'write len(…) without this.'],
    [body('this.positive(1)'), 'positive is a modifier: write it behind the parameters'],
    [body('return this.OWN'), 'write OWN without this.'],
    [body('return this.name'), 'declare it: data name = "C"'],
    [body('return this.address'), 'this alone is the address of the contract'],
    [body('return this.balance'), 'write balance_of(this)'],
    [body('return this.inner'), 'to call the action write this.inner()'],
    [body('return Color'), 'its members are Color.Red, Color.Green'],
    [body('return Point'), 'to make one write Point(values) or Point{field: value}'],
    [body('return Other'), 'to call the contract at an address write Other(address).action()'],
    [
      body('if p { let a = 1\n total = a }\n return a'),
      'a was declared in a block that has ended: declare it before that block',
    ],
    [contract('data a = b\n data b = 1'), 'move the declaration of b above this one'],
    [contract('data a = this.inner(1)'), 'an initial value cannot call actions: set it in init'],
    [contract('data x: float'), 'use an integer in a smaller unit, as wei is to ether'],
    [
      'protocol P { view action f(a: integer) -> list<bool> }\ncontract C implements P {}',
      'write: view action f(a: uint256) -> list',
    ],
  ])('%s', (text, expected) => {
    expect(hint(text)).toBe(expected);
  });
});

describe('what is no mistake', () => {
  it.each([
    // Names of a file may be used again inside, and names of one kind beside those of another.
    body('let LIMIT = 2\n return LIMIT'),
    body('let helper = 1\n return helper + this.inner(2)'),
    contract('action Moved() { emit Moved(TX.caller, 1) }'),
    contract('action total() -> integer { return total }'),
    body('let f = p => p\n return f(1)'),
    body('for each x in items { total += x }\n for each x in items { total += x }'),
    // An action of a protocol may do less than it is allowed to.
    'protocol P { action f()\n view action g() -> integer }\ncontract C implements P { view action f() {}\n pure action g() -> integer { return 1 } }',
    'contract A { data n: integer\n action f(a: address) { A(a).f(a) } }',
    'contract A { action f(a: address) { B(a).g(1) } }\ncontract B { data n = 0\n action g(x) { n = x }\n action h(a: address) { A(a).f(a) } }',
    'contract A { data n = 0\n view action get() { return n } }\ncontract B { view action f(a: address) -> integer { return A(a).get() } }',
  ])('%s', (text) => {
    const { contracts, diagnostics } = compile({ name: 'c.zx', text });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(contracts.length).toBeGreaterThan(0);
  });
});
