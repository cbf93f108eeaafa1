import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import type { DiagnosticCode } from '../../src/syntax/diagnostic-codes.ts';
import type { Diagnostic } from '../../src/syntax/diagnostics.ts';

/** What stands before the contracts of {@link contract}. */
const OUTSIDE = `protocol Other {
  action poke(n: integer)
  view action peek() -> integer
}
entity Item {
  name: string
  price: integer = 1
  action sell() { this.price = 0 }
  action pay(to: address) { transfer(to, this.price) }
}
`;

/** A contract with a bit of everything around the members given. */
const contract = (members: string): string => `${OUTSIDE}contract C {
  data total: integer
  data owner: address
  data label: string
  data open = true
  data balances: map<address, integer>
  data nested: map<address, map<integer, bool>>
  data maybe
  event Moved(to: address, value: integer)
  action touch() { total = 1 }
  action view read() -> integer { return total }
  ${members}
}`;

const body = (statements: string): string =>
  contract(`action subject(p: integer) { ${statements} }`);

type Case = readonly [code: DiagnosticCode, source: string, at: string];

const errors: readonly Case[] = [
  [
    'ADDRESS_CHECKSUM',
    body('owner = 0x52908400098527886E0F7030069857D2E4169eE7'),
    '0x52908400098527886E0F7030069857D2E4169eE7',
  ],
  [
    'ADDRESS_CHECKSUM',
    body('balances[0xAB908400098527886E0F7030069857D2E4169eE7] = 1'),
    '0xAB908400098527886E0F7030069857D2E4169eE7',
  ],
  ['ARGUMENT_COUNT', body('let a = len()\n require a'), 'len()'],
  ['ARGUMENT_COUNT', body('transfer(owner)'), 'transfer(owner)'],
  ['ARGUMENT_COUNT', body('this.touch(1)'), 'this.touch(1)'],
  ['ARGUMENT_COUNT', body('emit Moved(owner)'), 'Moved'],
  ['ARGUMENT_COUNT', body('Other(owner).poke()'), 'Other(owner).poke()'],
  ['ARGUMENT_COUNT', body('let a = [1]\n a.push()'), 'a.push()'],
  ['ARGUMENT_COUNT', body('let a = [1]\n a.insert(1, 2, 3)'), 'a.insert(1, 2, 3)'],
  ['ARGUMENT_NOT_WRITTEN', body('emit(label, 1)'), 'label'],
  ['CALL_INVALID', body('total(1)'), 'total'],
  ['CALL_INVALID', body('let f = 1\n f(2)'), 'f(2)'],
  ['CALL_INVALID', contract('init() {} action again() { this.init() }'), 'init'],
  ['CALL_OPTION', body('len{value: 1}("a")'), 'value'],
  ['CALL_OPTION', body('label.len{gas: 1}()'), 'label.len{gas: 1}()'],
  ['COMPARISON_KINDS', body('require owner == label'), 'owner == label'],
  ['COMPARISON_KINDS', body('require([1] == {a: 1})'), '([1] == {a: 1})'],
  ['COMPARISON_KINDS', body('match p { "a" => { total = 1 } }'), '"a"'],
  ['COMPARISON_KINDS', body('require open == 1'), 'open == 1'],
  ['COMPARISON_KINDS', body('require 0x1234 != 0x123456'), '0x1234 != 0x123456'],
  ['EVENT_FIELD_TYPE', contract('event Bare(value)'), 'value'],
  [
    'EVENT_INDEXED_LIMIT',
    contract('event E(a: bool indexed, b: bool indexed, c: bool indexed, fourth: bool indexed)'),
    'fourth',
  ],
  ['EXPORT_COLLISION', contract('action get_it() {} action getIt() {}'), 'getIt'],
  ['EXPORT_COLLISION', contract('action f(a: bool) as g {} action h(b: bool) as g {}'), 'h'],
  ['MODIFIER_CONFLICT', contract('private action f() as g {}'), 'g'],
  ['MODIFIER_CONFLICT', contract('action _f() as g {}'), 'g'],
  ['MODIFIER_CONFLICT', contract('init() as g {}'), 'g'],
  ['MODIFIER_CONFLICT', `action f() as g {}\n${contract('action h() { f() }')}`, 'g'],
  // Found by trying: both have the selector 0x62018627.
  ['EXPORT_COLLISION', contract('action f8491() {} action f130736() {}'), 'f130736'],
  ['CONSTANT_ASSIGNED', body('const a = 1\n a = 2\n require a'), 'a'],
  ['CONSTANT_CYCLE', `const a = b\nconst b = a\n${contract('')}`, 'a'],
  ['CONSTANT_VALUE', `const a = TX.value\n${contract('')}`, 'TX.value'],
  ['ENTRY_POINT_INVALID', contract('action fallback() -> integer { return 0x12 }'), 'integer'],
  ['FIELD_MISSING', contract('error Bad(a: bool)\n action f() { revert Bad{} }'), 'Bad{}'],
  ['FIELD_UNKNOWN', body('require Item{name: "a", size: 1}.price'), 'size'],
  ['FIELD_UNKNOWN', body('let i = Item("a", 1)\n require i.size'), 'size'],
  ['FIELD_UNKNOWN', body('let i = Item("a", 1)\n i.size = 1'), 'size'],
  ['FIELD_UNKNOWN', body('let i: Item = {name: "a", size: 1}\n require i.name'), 'size'],
  ['INDEX_INVALID', body('total[1] = 2'), 'total[1]'],
  ['INDEX_INVALID', body('balances[owner][1] = 2'), 'balances[owner][1]'],
  ['INDEX_INVALID', body('let a = 1\n require a[0]'), 'a[0]'],
  ['INDEX_INVALID', body('let a = "text"\n a[0] = "x"'), 'a[0]'],
  ['INDEX_INVALID', body('label[0] = "x"'), 'label[0]'],
  ['INDEX_INVALID', body('require p[1:2]'), 'p[1:2]'],
  ['INIT_INVALID', contract('init() -> integer {}'), 'integer'],
  ['INIT_INVALID', contract('view action init() {}'), 'init'],
  ['INFERENCE_LIMIT', chainOfUnwrittenTypes(120), 'C'],
  ['KEY_TYPE', contract('data m: map<list<integer>, bool>'), 'list<integer>'],
  ['LIMIT_EXCEEDED', contract(`action f(${numbered(33, 'a', ': bool')}) {}`), 'f'],
  ['LIMIT_EXCEEDED', contract(`event E(${numbered(33, 'a', ': bool')})`), 'E'],
  ['LIMIT_EXCEEDED', body(lines(257, (index) => `let v${index} = 1`)), 'subject'],
  ['LIMIT_EXCEEDED', `contract ${deepStack()}`, 'subject'],
  ['LIMIT_EXCEEDED', body(lines(4_000, () => 'balances[owner] += total')), 'C'],
  ['LITERAL_RANGE', contract('data small: uint8 = 256'), '256'],
  ['LITERAL_RANGE', body('total = -1'), '-1'],
  ['LITERAL_RANGE', body('transfer(owner, -1)'), '-1'],
  ['LITERAL_RANGE', contract('action f() -> int8 { return -129 }'), '-129'],
  ['LITERAL_RANGE', contract(`data s: signed = ${1n << 255n}`), String(1n << 255n)],
  ['LOOP_OUTSIDE', body('break'), 'break'],
  ['LOOP_OUTSIDE', body('if p { continue }'), 'continue'],
  ['MEMBER_UNKNOWN', body('require p.size'), 'p.size'],
  ['MEMBER_UNKNOWN', body('require label.size'), 'size'],
  ['MEMBER_UNKNOWN', body('let a = [1]\n require a.length'), 'length'],
  ['METHOD_UNKNOWN', body('require p.keys()'), 'keys'],
  ['METHOD_UNKNOWN', body('require label.push(1)'), 'push'],
  ['METHOD_UNKNOWN', body('require balances.first()'), 'first'],
  ['METHOD_UNKNOWN', body('Other(owner).missing()'), 'missing'],
  ['METHOD_UNKNOWN', body('let i = Item("a", 1)\n i.missing()'), 'missing'],
  ['MESSAGE_TYPE', body('require(open, 1)'), '1'],
  ['MESSAGE_TYPE', body('require(p > 0, owner)'), 'owner'],
  ['MATCH_ORDER', body('match p { _ => { total = 1 } 1 => { total = 2 } }'), '1 => { total = 2 }'],
  ['MODIFIER_BODY', contract('modifier m() { return }\n action f() m {}'), 'return'],
  ['MODIFIER_UNKNOWN', contract('action f() missing {}'), 'missing'],
  ['MODIFIER_CONFLICT', contract('private public action f() {}'), 'f'],
  ['MODIFIER_CONFLICT', contract('view payable action f() {}'), 'f'],
  ['MODIFIER_CONFLICT', contract('private payable action f() {}'), 'f'],
  ['NAME_DUPLICATE', contract('data total = 1'), 'total'],
  ['NAME_DUPLICATE', contract('action touch() {}'), 'touch'],
  ['NAME_DUPLICATE', contract('init() {} action constructor() {}'), 'constructor'],
  ['NAME_DUPLICATE', contract('event Moved()'), 'Moved'],
  ['NAME_DUPLICATE', contract('event E(a: bool, a: bool)'), 'a'],
  ['NAME_DUPLICATE', contract('action f(a: bool, a: bool) {}'), 'a'],
  ['NAME_DUPLICATE', body('let p = 1'), 'p'],
  ['NAME_DUPLICATE', body('let total = 1'), 'total'],
  ['NAME_DUPLICATE', body('let a = 1\n if a { let a = 2 }'), 'a'],
  ['NAME_DUPLICATE', 'contract A {}\ncontract A {}', 'A'],
  ['NAME_UNKNOWN', body('require nowhere'), 'nowhere'],
  ['NAME_UNKNOWN', body('if p { let inner = 1\n require inner }\n require inner'), 'inner'],
  ['NAME_UNKNOWN', body('let a = a'), 'a'],
  ['NAME_UNKNOWN', body('touch()'), 'touch'],
  ['NAME_UNKNOWN', body('this.nowhere()'), 'nowhere'],
  ['NAME_UNKNOWN', body('this.nowhere = 1'), 'nowhere'],
  ['NAME_UNKNOWN', body('require TX.gas'), 'gas'],
  ['NAME_UNKNOWN', contract('data early = late\n data late = 1'), 'late'],
  ['NAME_UNKNOWN', contract('data early = this.read()'), 'read'],
  ['NO_RESULT', body('let a = this.touch()\n require a'), 'this.touch()'],
  ['NO_RESULT', body('total = Other(owner).poke(1)'), 'Other(owner).poke(1)'],
  ['NO_RESULT', body('let i = Item("a", 1)\n total = i.sell()'), 'i.sell()'],
  ['NULL_ASSIGNMENT', body('total = null'), 'null'],
  ['NULL_ASSIGNMENT', body('let a: integer = null\n require a'), 'null'],
  ['NULL_ASSIGNMENT', contract('data b: bool = null'), 'null'],
  ['NULL_ASSIGNMENT', contract('private action f(a: bool) {} action g() { this.f(null) }'), 'null'],
  ['NULL_COMPARISON', body('require total == null'), 'total == null'],
  ['NULL_COMPARISON', body('require null != balances[owner]'), 'null != balances[owner]'],
  ['NULL_COMPARISON', body('require p != null'), 'p != null'],
  ['NULL_COMPARISON', body('require nested[owner] == null'), 'nested[owner] == null'],
  [
    'NULL_COMPARISON',
    contract('data l: list<integer>\n action f() { require l == null }'),
    'l == null',
  ],
  ['NULL_COMPARISON', body('require "a" == null'), '"a" == null'],
  ['NULL_COMPARISON', body('require TX.caller != null'), 'TX.caller != null'],
  ['NULL_COMPARISON', contract('action f(q) { if q == null { total = q } }'), 'q == null'],
  ['NULL_KEY', body('balances[null] = 1'), 'null'],
  ['OPERAND_TYPE', body('total = total + owner'), 'total + owner'],
  ['OPERAND_TYPE', body('total *= open'), 'total *= open'],
  ['OPERAND_TYPE', body('require 0x1234 + 0x56 == 0x123456'), '0x1234 + 0x56'],
  ['OPERAND_TYPE', body('require open < 1'), 'open < 1'],
  ['OPERAND_TYPE', body('require label < 1'), 'label < 1'],
  ['OPERAND_TYPE', body('total = -label'), '-label'],
  ['OPERAND_TYPE', body('total = 2 * null'), '2 * null'],
  ['OPERAND_TYPE', body('require null < null'), 'null < null'],
  ['OPERAND_TYPE', body('require([1] + 1)'), '([1] + 1)'],
  ['OPERAND_TYPE', body('require([1] < [2])'), '([1] < [2])'],
  ['OPERAND_TYPE', body('let f = x => x\n total = f * 2'), 'f * 2'],
  ['PLACEHOLDER_OUTSIDE', body('_'), '_'],
  ['PROTOCOL_BROKEN', 'protocol P { action f() }\ncontract C implements P { action g() {} }', 'P'],
  [
    'PROTOCOL_TYPE',
    'contract A { action f(b) { B(b).g(b) } }\ncontract B { action g(a: address) { A(a).f(a) } }',
    'f',
  ],
  ['PURE_READS', contract('action pure f() -> integer { return total }'), 'total'],
  ['PURE_READS', contract('action pure f() -> integer { return this.read() }'), 'this.read()'],
  ['PURE_READS', contract('action pure f() -> list { return [1].map(x => total) }'), 'x => total'],
  [
    'RETURN_MISSING',
    contract('action f() -> bool { try { return true } catch (e) { total = 1 } }'),
    '}',
  ],
  ['RESERVED_NAME', contract('action __f() {}'), '__f'],
  ['RETURN_MISSING', contract('action f(a: bool) -> bool { if a { return a } }'), '}'],
  ['RETURN_MISSING', contract('action f(a: bool) -> bool { while a { return a } }'), '}'],
  ['RETURN_MISSING', contract('action f(a: bool) -> bool { while true { if a { break } } }'), '}'],
  ['RETURN_MISSING', contract('action f(a: bool) -> bool { if a { return } return a }'), 'return'],
  ['TARGET_INVALID', body('TX.value = 1'), 'TX.value'],
  ['TARGET_INVALID', body('Moved = 1'), 'Moved'],
  ['TYPE_ARGUMENTS', contract('data m: map<integer>'), 'map<integer>'],
  ['TYPE_ARGUMENTS', contract('data m: integer<bool>'), 'integer<bool>'],
  ['TYPE_INVALID', contract('data f: function'), 'f'],
  ['TYPE_INVALID', contract('action f(g: function) {}'), 'g'],
  ['TYPE_INVALID', contract('action f() -> list<function> { return [] }'), 'list<function>'],
  ['TYPE_MISMATCH', body('total = label'), 'label'],
  ['TYPE_MISMATCH', body('nested[owner] = total'), 'total'],
  ['TYPE_MISMATCH', body('balances = [1]'), '[1]'],
  ['TYPE_MISMATCH', body('balances = {"a": 1}'), '"a"'],
  ['TYPE_MISMATCH', body('balances.set(owner, "a")'), '"a"'],
  ['TYPE_MISMATCH', body('require balances.has(1)'), '1'],
  ['TYPE_MISMATCH', body('let l: list<integer> = [1]\n l.push("a")'), '"a"'],
  ['TYPE_MISMATCH', body('let l: list<integer> = [1, "a"]\n require l'), '"a"'],
  ['TYPE_MISMATCH', body('let l = [1]\n l["a"] = 1').replace('let l', 'let l: list'), '"a"'],
  ['TYPE_MISMATCH', body('for each i in total { p = 1 }'), 'total'],
  ['TYPE_MISMATCH', body('maybe = x => x'), 'x => x'],
  ['TYPE_MISMATCH', body('let i = Item("a", "b")\n require i'), '"b"'],
  ['TYPE_MISMATCH', body('let i = Item("a", 1)\n i.price = "b"'), '"b"'],
  ['TYPE_MISMATCH', body('Other(owner).poke("a")'), '"a"'],
  ['TYPE_MISMATCH', body('let a = Other("a")\n a.peek()'), '"a"'],
  ['TYPE_MISMATCH', body('require balances[[1]]'), '[1]'],
  ['TYPE_MISMATCH', contract('error Bad(a: bool)\n action f() { revert Bad(1) }'), '1'],
  ['TYPE_MISMATCH', body('require "abc"["a":2]'), '"a"'],
  ['TYPE_MISMATCH', contract('data l = []\n action f() { l = {} }'), '{}'],
  ['TYPE_MISMATCH', body('balances[1] = 2'), '1'],
  ['TYPE_MISMATCH', body('balances[owner] = open'), 'open'],
  ['TYPE_MISMATCH', body('emit Moved(1, 2)'), '1'],
  ['TYPE_MISMATCH', body('transfer("a", 2)'), '"a"'],
  ['TYPE_MISMATCH', body('require len(5)'), '5'],
  ['TYPE_MISMATCH', body('require hex(null)'), 'null'],
  ['TYPE_MISMATCH', contract('action f() -> bool { return 1 }'), '1'],
  ['TYPE_MISMATCH', contract('data b: bytes4 = 0x12'), '0x12'],
  ['TYPE_MISMATCH', contract('data b: integer = {}'), '{}'],
  ['TYPE_MISMATCH', contract('action f() { this.g(1) } private action g(a: bool) {}'), '1'],
  ['TYPE_MISMATCH', body('let a = 1\n a = "text"\n require a'), '"text"'],
  ['TYPE_UNKNOWN', contract('data x: uint7'), 'uint7'],
  ['TYPE_UNKNOWN', contract('data x: bytes33'), 'bytes33'],
  ['TYPE_UNKNOWN', contract('data x: map<integer, wallet>'), 'wallet'],
  ['USE_MISSING', `use "./nowhere.zx"\n${contract('')}`, '"./nowhere.zx"'],
  ['VIEW_WRITES', contract('action view f() { total = 1 }'), 'total'],
  ['VIEW_WRITES', contract('action view f() { balances[owner] += 1 }'), 'balances[owner]'],
  ['VIEW_WRITES', contract('action view f() { emit Moved(owner, 1) }'), 'emit Moved(owner, 1)'],
  ['VIEW_WRITES', contract('action view f() { transfer(owner, 1) }'), 'transfer(owner, 1)'],
  ['VIEW_WRITES', contract('action view f() { balances.clear() }'), 'balances.clear()'],
  ['VIEW_WRITES', contract('action view f() { Other(owner).poke(1) }'), 'Other(owner).poke(1)'],
  ['VIEW_WRITES', contract('action view f() { [1].each(x => this.touch()) }'), 'x => this.touch()'],
  [
    'VIEW_WRITES',
    contract('action view f() { let i = Item("a", 1)\n i.pay(owner) }'),
    'i.pay(owner)',
  ],
  ['VIEW_WRITES', contract('action pure f() { total = 1 }'), 'total'],
  ['VALUE_NOT_PAYABLE', body('Other(owner).poke{value: 1}(2)'), '1'],
  [
    'VIEW_WRITES',
    contract('action view f() { this.g() } private action g() { this.touch() }'),
    'this.g()',
  ],
];

const warnings: readonly Case[] = [
  ['INIT_RESULT', contract('init() { return 1 }'), '1'],
  ['ACTION_UNUSED', contract('private action f() {}'), 'f'],
  ['ACTION_UNUSED', contract('private action f() { this.g() } private action g() {}'), 'g'],
  ['DIVISION_BY_ZERO', body('total = p / 0'), '0'],
  ['DIVISION_BY_ZERO', body('total %= 0'), '0'],
  ['EVENT_INFERRED', body('emit Gone(1)'), 'Gone'],
  ['LOCAL_UNUSED', body('let a = 1\n a += 1'), 'a'],
  ['NO_EFFECT', body('total == 1'), 'total == 1'],
  ['NULL_COMPARISON', body('total = balances[owner] ?? 5'), 'balances[owner] ?? 5'],
  ['NULL_LOST', body('match total { null => { total = 1 } }'), 'total'],
  ['NULL_LOST', body('let a = total\n if p { a = null }\n require a == null'), 'total'],
  ['PARAMETER_HIDES_STATE', contract('action f(total: integer) { total = 1 }'), 'total'],
  ['RETURN_MISSING', contract('action f(a: bool) { if a { return a } }'), '}'],
  ['TYPE_ENCODED', contract(`action f(deep: integer${'[]'.repeat(33)}) {}`), 'deep'],
  ['TYPE_ENCODED', contract('entity Nil {}\n action f(given: Nil[]) {}'), 'given'],
  ['TYPE_INFERRED', contract('action f(a) { total = a }'), 'a'],
  ['TYPE_INFERRED', contract('action f() { return total }'), 'f'],
  ['TYPE_INFERRED', contract('init(a) { balances[a] = 1 }'), 'a'],
  ['TYPE_INFERRED', contract('action f() { return [1] }'), 'f'],
  ['TYPE_UNRESOLVED', contract('action f(a) { }'), 'a'],
  ['TYPE_UNRESOLVED', contract('init(a) { }'), 'a'],
  ['TYPE_UNRESOLVED', contract('action f() { return maybe }'), 'f'],
  ['TYPE_UNRESOLVED', contract('action f(a: bool) { if a { return 1 } return "text" }'), 'f'],
  ['UNREACHABLE', body('return\n total = 1'), 'total = 1'],
  ['UNREACHABLE', body('while true { p = p }\n total = 1'), 'total = 1'],
  ['UNREACHABLE', body('throw "x"\n total = 1'), 'total = 1'],
  ['UNREACHABLE', body('match p { 1 => { return } _ => { revert() } }\n total = 1'), 'total = 1'],
  ['UNREACHABLE', body('try { return } catch (e) { throw e }\n total = 1'), 'total = 1'],
  ['UNREACHABLE', body('try { total = 2 } finally { revert() }\n total = 1'), 'total = 1'],
  ['UNREACHABLE', body('for each i in [1] { continue\n total = 1 }'), 'total = 1'],
  ['VALUE_NEVER_SENT', body('total = TX.value'), 'TX.value'],
  ['VALUE_NEVER_SENT', contract('private action f() { total = msg.value }'), 'msg.value'],
];

describe('errors', () => {
  it.each(titled(errors))('%s', (_, code, text, at) => {
    const { contracts, diagnostics } = compile({ name: 'c.zx', text });
    expect(contracts).toEqual([]);
    const found = only(diagnostics, 'error');
    expect([found?.code, excerpt(text, found)]).toEqual([code, at]);
  });
});

describe('warnings', () => {
  it.each(titled(warnings))('%s', (_, code, text, at) => {
    const { contracts, diagnostics } = compile({ name: 'c.zx', text });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const found = diagnostics.filter((diagnostic) => diagnostic.code === code);
    expect(found.map((diagnostic) => excerpt(text, diagnostic))).toContain(at);
    expect(contracts[0]?.warnings).toEqual(diagnostics);
  });
});

it('each code that the compiler reports is among these', () => {
  const folder = new URL('../../src/compiler/', import.meta.url);
  const reported = readdirSync(folder).flatMap((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    return [...text.matchAll(/(?:report|invalid)\(\s*'([A-Z_]+)'/g)].map((match) => match[1]);
  });
  const covered = new Set<string | undefined>([...errors, ...warnings].map(([code]) => code));
  // It takes two files.
  covered.add('USE_CYCLE');
  expect(new Set(reported).size).toBeGreaterThan(35);
  expect(reported.filter((code) => !covered.has(code))).toEqual([]);
});

describe('what is no mistake', () => {
  it.each([
    body('require total == 0 || maybe == null'),
    body('if p { let a = 1\n total = a } else { let a = "x"\n label = a }'),
    body('let a = 1\n p = a\n p += a'),
    body('require 0x1234 == 0x1234'),
    body('label = "a" + total + owner + open + null'),
    body('label = "ab" * 3 + 2 * "c"'),
    body('total = total + null - null'),
    body('require null < total'),
    body('balances = {}\n nested[owner] = {}'),
    body('let a = {}\n a["b"] = [1]\n require a.b[0] + len(a)'),
    body('require len(balances) > 1 && !nested.has(owner)'),
    body('let a = balances\n require a'),
    body('for each k, v in balances { total = v }'),
    body('for each _i in range(3) { total += 1 }'),
    body('owner.pay(1)\n let r = owner.ask()\n require r == null || r.size == 2'),
    body('try { this.touch() } catch (e) { label = "" + e } finally { total = 1 }'),
    body('let f = (a, b) => a + b\n total = f(1, 2)'),
    body('let a = balances[owner] ?? 0\n total = a'),
    body('let i = Item("a", 1)\n if i.name == null { i.sell() }'),
    body('let l = [1, "a", null]\n if l[5] == null { total = l[0] }'),
    body('label = match p { 1 => "one", _ => "many" }'),
    body('let t = maybe\n t = [t]\n maybe = t').replace('let t = maybe', 'let t: any = maybe'),
    body('maybe = {a: 1}\n require maybe["a"] == 1'),
    body('let o = Other(owner)\n total = o.peek() + Other(o).peek()'),
    contract('data l: list<integer>\n action f() { require l[9] == null || l[0] == 1 }'),
    contract('data m = {}\n action f() { m["a"] = 1\n m["b"] = "text"\n m[3] = owner }'),
    contract(
      'data m = {}\n action f() { if m[owner] == null { m[owner] = {} }\n m[owner]["x"] = 1 }',
    ),
    contract(
      'private action f(a, b) { maybe = [a, b] } action g() { this.f(1, "a")\n this.f("a", 1) }',
    ),
    contract(
      'action f(a: any) { if a == null { total = 1 }\n if a == 1 { total = a }\n if a == "x" { label = a } }',
    ),
    contract('action f(a: list) -> any { return a[0].b.c }'),
    contract(
      'action pure f(a: integer) -> integer { return [a, 2].map(x => x * 2).reduce((s, x) => s + x, 0) }',
    ),
    contract('data o: Other\n action view f() -> integer { return o.peek() }'),
    body('let a = maybe\n if a == null { a = 0 }\n maybe = a'),
    contract('data b: bytes20 = 0xAB908400098527886E0F7030069857D2E4169eE7'),
    contract('action f(a: bool) -> bool { if a { return a } else { revert() } }'),
    contract('action f(a: bool) -> bool { while true { if a { return a } } }'),
    contract('action payable f() { this.g() } private action g() { total = TX.value }'),
    contract('action f(value: integer) { this.total = value }'),
    contract('action f(total: integer) { this.total = total }'),
    contract('action f(a: bytes, b: hash) -> bool { return a == b }'),
    contract('data deep = {}\n action f() { deep[1][2] = 3 }'),
    contract(
      'action view even(n: integer) -> bool { if n == 0 { return true } return this.odd(n - 1) } action view odd(n: integer) -> bool { if n == 0 { return false } return this.even(n - 1) }',
    ),
  ])('%s', (text) => {
    const { contracts, diagnostics } = compile({ name: 'c.zx', text });
    expect(diagnostics).toEqual([]);
    expect(contracts).toHaveLength(1);
  });
});

describe('a file with several mistakes', () => {
  it('has each of them reported, in the order of the text', () => {
    const codesOf = (text: string): readonly string[] =>
      compile({ name: 'c.zx', text }).diagnostics.map(({ code }) => code);
    const names = body('require nowhere\n require TX.gone\n this.gone()');
    expect(codesOf(names)).toEqual(['NAME_UNKNOWN', 'NAME_UNKNOWN', 'NAME_UNKNOWN']);
    const types = body('total = label\n owner = 1\n require open < 1');
    expect(codesOf(types)).toEqual(['TYPE_MISMATCH', 'TYPE_MISMATCH', 'OPERAND_TYPE']);
  });

  it('gives no contract when only another one has an error', () => {
    const text = `contract A {}\n${contract('data x: nothing')}`;
    expect(compile({ name: 'c.zx', text }).contracts).toEqual([]);
  });

  it('has no more warnings than leave room for errors', () => {
    const unused = lines(120, (index) => `let v${index} = 1`);
    const { contracts, diagnostics } = compile({ name: 'c.zx', text: body(unused) });
    expect(contracts).toHaveLength(1);
    expect(diagnostics).toHaveLength(50);
    const late = compile({ name: 'c.zx', text: body(`${unused}\n total = label`) });
    expect(late.contracts).toEqual([]);
    expect(only(late.diagnostics, 'error')?.code).toBe('TYPE_MISMATCH');
  });

  it('ends the list at the limit', () => {
    const text = body(lines(200, () => 'require nowhere'));
    const { diagnostics } = compile({ name: 'c.zx', text });
    expect(diagnostics).toHaveLength(100);
    expect(diagnostics.at(-1)?.code).toBe('DIAGNOSTICS_LIMIT');
  });
});

function titled(cases: readonly Case[]): readonly (readonly [title: string, ...Case])[] {
  return cases.map((entry) => [`${entry[0]} at ${entry[2]}`, ...entry]);
}

function only(diagnostics: readonly Diagnostic[], severity: string): Diagnostic | undefined {
  const found = diagnostics.filter((diagnostic) => diagnostic.severity === severity);
  expect(found.map(({ code, message }) => `${code}: ${message}`)).toHaveLength(1);
  return found[0];
}

function excerpt(text: string, diagnostic: Diagnostic | undefined): string | undefined {
  return diagnostic && text.slice(diagnostic.span.start, diagnostic.span.end);
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

it('hints at what was meant', () => {
  const hintOf = (text: string): string | undefined =>
    compile({ name: 'c.zx', text }).diagnostics.find(({ severity }) => severity === 'error')?.hint;
  expect(hintOf(body('require 0x1234 + 0x56 == 0x123456'))).toBe(
    'concat(a, b) puts bytes together',
  );
  expect(hintOf(body('total *= open'))).toBe('string(x) makes text of any value');
  expect(hintOf(contract('modifier m() { this.f() _ }'))).toContain('`; _`');
});

function numbered(count: number, prefix: string, suffix: string): string {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}${suffix}`).join(', ');
}

/** Each result depends on the next one's. */
function chainOfUnwrittenTypes(length: number): string {
  const links = lines(length, (at) => `private action f${at}(a) { return this.f${at + 1}(a) }`);
  return `contract C {\n${links}\nprivate action f${length}(a) { return a }\naction go() { this.f0(1) }\n}`;
}

/** Calls within calls, each within the last of many arguments: all the others wait on the stack. */
function deepStack(): string {
  const waiting = '1, '.repeat(31);
  let value = 'true';
  for (let depth = 0; depth < 30; depth += 1) {
    value = `true == 1 < 1 + 2 * this.wide(${waiting}${value})`;
  }
  const parameters = `${numbered(31, 'a', ': integer')}, last: bool`;
  return `C {
  private action wide(${parameters}) -> integer { return a0 }
  action subject() -> bool { return ${value} }
}`;
}
