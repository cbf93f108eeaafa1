import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import type { DiagnosticCode } from '../../src/syntax/diagnostic-codes.ts';
import type { Diagnostic } from '../../src/syntax/diagnostics.ts';

/** A contract with a bit of everything around the members given. */
const contract = (members: string): string => `contract C {
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
  ['CALL_INVALID', body('owner.pay(1)'), 'owner.pay'],
  ['CALL_INVALID', contract('init() {} action again() { this.init() }'), 'init'],
  ['COMPARISON_KINDS', body('require owner == label'), 'owner == label'],
  ['COMPARISON_KINDS', body('require open == 1'), 'open == 1'],
  ['COMPARISON_KINDS', body('require 0x1234 != 0x123456'), '0x1234 != 0x123456'],
  ['EVENT_FIELD_TYPE', contract('event Bare(value)'), 'value'],
  [
    'EVENT_INDEXED_LIMIT',
    contract('event E(a: bool indexed, b: bool indexed, c: bool indexed, fourth: bool indexed)'),
    'fourth',
  ],
  ['EVENT_UNKNOWN', body('emit Gone(1)'), 'Gone'],
  ['EXPORT_COLLISION', contract('action get_it() {} action getIt() {}'), 'getIt'],
  // Found by trying: both have the selector 0x62018627.
  ['EXPORT_COLLISION', contract('action f8491() {} action f130736() {}'), 'f130736'],
  ['INDEX_INVALID', body('total[1] = 2'), 'total[1]'],
  ['INDEX_INVALID', body('balances[owner][1] = 2'), 'balances[owner][1]'],
  ['INDEX_INVALID', body('let a = "text"\n require a[0]'), 'a[0]'],
  ['INIT_INVALID', contract('init() -> integer {}'), 'integer'],
  ['INIT_INVALID', contract('init() { return 1 }'), '1'],
  ['INIT_INVALID', contract('view action init() {}'), 'init'],
  ['INFERENCE_LIMIT', chainOfUnwrittenTypes(120), 'C'],
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
  ['MAP_VALUE', body('let a = balances\n require a'), 'balances'],
  ['MAP_VALUE', body('nested[owner] = total'), 'nested[owner]'],
  ['MAP_VALUE', body('balances = {}'), '{}'],
  ['MAP_VALUE', body('nested[owner] = {}'), '{}'],
  ['MAP_VALUE', body('let a = {}\n require a'), '{}'],
  ['MAP_VALUE', body('require len(balances) > 1'), 'balances'],
  ['MAP_VALUE', body('require nested[owner] == null'), 'nested[owner]'],
  ['MAP_VALUE', contract('action f(m: map<integer, bool>) {}'), 'map<integer, bool>'],
  ['MEMBER_UNKNOWN', body('require p.size'), 'p.size'],
  ['MESSAGE_TYPE', body('require(open, 1)'), '1'],
  ['MESSAGE_TYPE', body('if p { revert(owner) }'), 'owner'],
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
  ['NULL_ASSIGNMENT', body('total = null'), 'null'],
  ['NULL_ASSIGNMENT', body('let a: integer = null\n require a'), 'null'],
  ['NULL_ASSIGNMENT', contract('data b: bool = null'), 'null'],
  ['NULL_ASSIGNMENT', contract('private action f(a: bool) {} action g() { this.f(null) }'), 'null'],
  ['NULL_COMPARISON', body('require total == null'), 'total == null'],
  ['NULL_COMPARISON', body('require null != balances[owner]'), 'null != balances[owner]'],
  ['NULL_COMPARISON', body('require p != null'), 'p != null'],
  ['NULL_COMPARISON', body('require TX.caller != null'), 'TX.caller != null'],
  ['NULL_COMPARISON', contract('action f(q) { if q == null { total = q } }'), 'q == null'],
  ['NULL_KEY', body('balances[null] = 1'), 'null'],
  ['OPERAND_TYPE', body('total = total + owner'), 'total + owner'],
  ['OPERAND_TYPE', body('total *= open'), 'total *= open'],
  ['OPERAND_TYPE', body('require open < 1'), 'open < 1'],
  ['OPERAND_TYPE', body('require label < 1'), 'label < 1'],
  ['OPERAND_TYPE', body('total = -label'), '-label'],
  ['OPERAND_TYPE', body('total = 2 * null'), '2 * null'],
  ['OPERAND_TYPE', body('require null < null'), 'null < null'],
  ['RETURN_MISSING', contract('action f(a: bool) -> bool { if a { return a } }'), '}'],
  ['RETURN_MISSING', contract('action f(a: bool) -> bool { while a { return a } }'), '}'],
  ['RETURN_MISSING', contract('action f(a: bool) -> bool { while true { if a { break } } }'), '}'],
  ['RETURN_MISSING', contract('action f(a: bool) -> bool { if a { return } return a }'), 'return'],
  ['TARGET_INVALID', body('TX.value = 1'), 'TX.value'],
  ['TARGET_INVALID', body('Moved = 1'), 'Moved'],
  ['TYPE_ARGUMENTS', contract('data m: map<integer>'), 'map<integer>'],
  ['TYPE_ARGUMENTS', contract('data m: integer<bool>'), 'integer<bool>'],
  ['TYPE_MISMATCH', body('total = label'), 'label'],
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
  ['TYPE_UNRESOLVED', contract('action f(a) { }'), 'a'],
  ['TYPE_UNRESOLVED', contract('init(a) { }'), 'a'],
  ['TYPE_UNRESOLVED', contract('action f() { return maybe }'), 'f'],
  ['VIEW_WRITES', contract('action view f() { total = 1 }'), 'total'],
  ['VIEW_WRITES', contract('action view f() { balances[owner] += 1 }'), 'balances[owner]'],
  ['VIEW_WRITES', contract('action view f() { emit Moved(owner, 1) }'), 'emit Moved(owner, 1)'],
  ['VIEW_WRITES', contract('action view f() { transfer(owner, 1) }'), 'transfer(owner, 1)'],
  [
    'VIEW_WRITES',
    contract('action view f() { this.g() } private action g() { this.touch() }'),
    'this.g()',
  ],
];

const warnings: readonly Case[] = [
  ['DIVISION_BY_ZERO', body('total = p / 0'), '0'],
  ['DIVISION_BY_ZERO', body('total %= 0'), '0'],
  ['LOCAL_UNUSED', body('let a = 1\n a += 1'), 'a'],
  ['NO_EFFECT', body('total == 1'), 'total == 1'],
  ['NULL_LOST', body('let a = total\n if p { a = null }\n require a == null'), 'total'],
  ['PARAMETER_HIDES_STATE', contract('action f(total: integer) { total = 1 }'), 'total'],
  ['RETURN_MISSING', contract('action f(a: bool) { if a { return a } }'), '}'],
  ['TYPE_INFERRED', contract('action f(a) { total = a }'), 'a'],
  ['TYPE_INFERRED', contract('action f() { return total }'), 'f'],
  ['TYPE_INFERRED', contract('init(a) { balances[a] = 1 }'), 'a'],
  ['UNREACHABLE', body('return\n total = 1'), 'total = 1'],
  ['UNREACHABLE', body('while true { p = p }\n total = 1'), 'total = 1'],
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
    const text = body('total = label\n owner = 1\n require nowhere\n emit Gone()');
    const codes = compile({ name: 'c.zx', text }).diagnostics.map(({ code }) => code);
    expect(codes).toEqual(['TYPE_MISMATCH', 'TYPE_MISMATCH', 'NAME_UNKNOWN', 'EVENT_UNKNOWN']);
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
