import { type DiagnosticCode, type SourceFile, zexusLimits } from '@lucerna/zexus';

/** A mistake and how it is mended. */
export type DiagnosticExample = {
  /** Where both stand: in a file, in the contract of {@link inPlace}, or in its action. */
  readonly place: 'file' | 'members' | 'statements';
  readonly wrong: string;
  readonly right: string;
  /** In words, for what is too long or too invisible to be shown; else both are shown as they are. */
  readonly words?: readonly [wrong: string, right: string];
};

/** What stands around an example. */
export function inPlace(place: DiagnosticExample['place'], text: string): string {
  if (place === 'file') return text;
  const [members, statements] = place === 'members' ? [text, ''] : ['', text];
  return `contract C {
  data total: integer
  data owner: address
  data balances: map<address, integer>
  ${members}
  action f(n: integer) {
    ${statements}
  }
}
`;
}

/** Files that examples use. */
export function exampleFile(path: string): SourceFile | undefined {
  const text = path === 'a.zx' ? 'use "b.zx"' : path === 'b.zx' ? 'use "a.zx"' : undefined;
  return text === undefined ? undefined : { name: path, text };
}

const { containerNameBytes, containerParameters, diagnostics, nestingLevels } = zexusLimits.values;
const { inferencePasses, sourceBytes, sourceTokens } = zexusLimits.values;

const file = (wrong: string, right: string): DiagnosticExample => ({ place: 'file', wrong, right });
const members = (wrong: string, right: string): DiagnosticExample => ({
  place: 'members',
  wrong,
  right,
});
const statements = (wrong: string, right: string): DiagnosticExample => ({
  place: 'statements',
  wrong,
  right,
});
const inWords = (example: DiagnosticExample, wrong: string, right: string): DiagnosticExample => ({
  ...example,
  words: [wrong, right],
});

const list = (count: number, each: (index: number) => string, separator: string): string =>
  Array.from({ length: count }, (_, index) => each(index)).join(separator);

/** Parameters whose types follow from one another. */
const chain = (length: number): string =>
  list(
    length,
    (index) =>
      `private action g${index}(a) { ${index + 1 < length ? `this.g${index + 1}(a)` : 'total = a'} }`,
    '; ',
  );

/** Each code of the compiler with a source that leads to it, and one that does not. */
export const DIAGNOSTIC_EXAMPLES: Readonly<Record<DiagnosticCode, DiagnosticExample>> = {
  ACTION_UNUSED: members('private action g() { }', 'action g() { }'),
  ADDRESS_CHECKSUM: statements(
    'owner = 0x52908400098527886E0F7030069857D2E4169eE7',
    'owner = 0x52908400098527886e0f7030069857d2e4169ee7',
  ),
  ARGUMENT_COUNT: statements('transfer(owner)', 'transfer(owner, n)'),
  ARGUMENT_NOT_WRITTEN: statements('gas_charge(n)', 'gas_charge(100)'),
  BRACE_UNCLOSED: file('contract D { data x = 1', 'contract D { data x = 1 }'),
  CALL_INVALID: statements('total(1)', 'total = 1'),
  CALL_OPTION: statements('this.f{value: 1}(2)', 'this.f(2)'),
  CHARACTER_FORBIDDEN: inWords(
    statements('require(n > 0, "a\u202eb")', 'require(n > 0, "ab")'),
    'a string or comment that turns the direction of the text',
    'leave the character out',
  ),
  CHARACTER_UNEXPECTED: statements('total = $n', 'total = n'),
  COMMENT_UNTERMINATED: file(
    '/* a /* b */ contract D { data x = 1 }',
    '/* a /* b */ */ contract D { data x = 1 }',
  ),
  COMPARISON_KINDS: statements('require owner == "me"', 'require owner == TX.caller'),
  CONSTANT_ASSIGNED: statements('const a = n; a = 2; total = a', 'let a = n; a = 2; total = a'),
  CONSTANT_CYCLE: members('const A = B; const B = A', 'const A = 1; const B = A'),
  CONSTANT_VALUE: members('const A = TX.caller', 'data a = TX.caller'),
  DIAGNOSTICS_LIMIT: inWords(
    statements(
      list(diagnostics + 1, () => ')', '\n'),
      'total = 1',
    ),
    `${diagnostics} mistakes and more`,
    'mend the first ones; later ones often follow from them',
  ),
  DIVISION_BY_ZERO: statements('total = n / 0', 'total = n / 2'),
  ELSE_WITHOUT_IF: statements(
    'if n > 1 { total = 1 }; else { total = 2 }',
    'if n > 1 { total = 1 } else { total = 2 }',
  ),
  ENTRY_POINT_INVALID: members(
    'fallback() -> integer { return 1 }',
    'fallback() -> bytes { return 0x01 }',
  ),
  ERROR_FIELD_TYPE: members('error Low(least)', 'error Low(least: integer)'),
  EVENT_FIELD_TYPE: members('event Paid(wei)', 'event Paid(wei: integer)'),
  EVENT_INDEXED_LIMIT: members(
    'event E(a: bool indexed, b: bool indexed, c: bool indexed, d: bool indexed)',
    'event E(a: bool indexed, b: bool indexed, c: bool indexed, d: bool)',
  ),
  EVENT_INFERRED: members(
    'action g() { emit Paid(1) }',
    'event Paid(wei: integer); action g() { emit Paid(1) }',
  ),
  EXPECTED_ACTION_BODY: members('action g()', 'action g() { }'),
  EXPECTED_CONTRACT: file('total = 1', 'contract D { data total = 1 }'),
  EXPECTED_END: statements('total = 1 total = 2', 'total = 1; total = 2'),
  EXPECTED_EXPRESSION: statements('total = n +', 'total = n + 1'),
  EXPECTED_MEMBER: members('count = 1', 'data count = 1'),
  EXPECTED_NAME: statements('let 1 = n', 'let one = n; total = one'),
  EXPECTED_PATH: file(
    'use { NOBODY } from ownable; contract D { data x = 1 }',
    'use { NOBODY } from "zexus:ownable"; contract D { data x = 1 }',
  ),
  EXPECTED_STATEMENT: statements(', total = 1', 'total = 1'),
  EXPECTED_SYMBOL: statements('transfer(owner, 1', 'transfer(owner, 1)'),
  EXPECTED_TYPE: members('data x: = 1', 'data x: integer = 1'),
  EXPORT_COLLISION: members(
    'action get_it() { }; action getIt() { }',
    'action get_it() { }; action getIt() as getItAgain { }',
  ),
  FIELD_MISSING: members(
    'error Low(least: integer); action g() { revert Low{} }',
    'error Low(least: integer); action g() { revert Low{least: 1} }',
  ),
  FIELD_UNKNOWN: file(
    'entity P { x: integer } contract D { action g() -> integer { return P(1).y } }',
    'entity P { x: integer } contract D { action g() -> integer { return P(1).x } }',
  ),
  FLOAT_FORBIDDEN: statements('total = n * 1.5', 'total = n * 3 / 2'),
  HEX_ODD: members('data x = 0x123', 'data x = 0x0123'),
  INDEX_INVALID: statements('total[1] = 2', 'balances[owner] = 2'),
  INFERENCE_LIMIT: inWords(
    members(chain(inferencePasses + 20), 'private action g0(a: integer) { total = a }'),
    `${inferencePasses} unwritten types that follow from one another`,
    'write the type of one in the middle',
  ),
  INIT_INVALID: members('view action init() { }', 'init() { }'),
  INIT_RESULT: members('init() { return 1 }', 'init() { return }'),
  INTEGER_TOO_LARGE: inWords(
    statements(`total = 1${'0'.repeat(78)}`, 'total = 10 ** 77'),
    'an integer of 79 digits',
    'integers end at 2²⁵⁶ − 1',
  ),
  KEY_TYPE: members('data m: map<list<integer>, bool>', 'data m: map<bytes32, bool>'),
  LIMIT_EXCEEDED: inWords(
    members(
      `action g(${list(containerParameters + 1, (index) => `a${index}: bool`, ', ')}) { }`,
      'action g(all: list<bool>) { }',
    ),
    `an action with ${containerParameters + 1} parameters`,
    'take a list or an entity; the limits are in [limits.md](limits.md)',
  ),
  LITERAL_RANGE: statements('total = -1', 'total = 1'),
  LOCAL_UNUSED: statements('let a = n', 'let a = n; total = a'),
  LOOP_OUTSIDE: statements('break', 'while n > 1 { break }'),
  MATCH_ORDER: statements(
    'match n { _ => total = 1, 1 => total = 2 }',
    'match n { 1 => total = 2, _ => total = 1 }',
  ),
  MEMBER_UNKNOWN: statements('total = n.size', 'total = string(n).len()'),
  MESSAGE_TYPE: statements('require(n > 0, 1)', 'require(n > 0, "too little")'),
  METHOD_UNKNOWN: statements('n.push(1)', 'let items = [n]; items.push(1); total = items.len()'),
  MODIFIER_BODY: members(
    'modifier m { if total > 1 { _ } }; action g() m { }',
    'modifier m { require total > 1; _ }; action g() m { }',
  ),
  MODIFIER_CONFLICT: members('view payable action g() { }', 'payable action g() { }'),
  MODIFIER_DUPLICATE: members('view view action g() { }', 'view action g() { }'),
  MODIFIER_UNKNOWN: members(
    'action g() only_me { }',
    'modifier only_me { require TX.caller == owner; _ }; action g() only_me { }',
  ),
  NAME_DUPLICATE: statements('let n = 1', 'let m = 1; total = m'),
  NAME_TOO_LONG: inWords(
    members(`data ${'a'.repeat(containerNameBytes + 1)}: integer`, 'data a: integer'),
    `a name of ${containerNameBytes + 1} characters`,
    'choose a shorter one',
  ),
  NAME_UNKNOWN: statements('total = m', 'total = n'),
  NESTING_TOO_DEEP: inWords(
    statements(`total = ${'('.repeat(40)}1${')'.repeat(40)}`, 'total = 1'),
    `more than ${nestingLevels} brackets or blocks within each other`,
    'give inner values a name with `let`, move inner blocks to an action',
  ),
  NOT_BINDS_TIGHTER: statements('require not n == 1', 'require not (n == 1)'),
  NO_EFFECT: statements('total == 1', 'total = 1'),
  NO_RESULT: statements('total = this.f(1)', 'this.f(1)'),
  NULL_ASSIGNMENT: statements('total = null', 'total = 0'),
  NULL_COMPARISON: statements('require total == null', 'require total == 0'),
  NULL_KEY: statements('balances[null] = 1', 'balances[owner] = 1'),
  NULL_LOST: statements(
    'match total { null => total = 1, _ => total = 2 }',
    'match total { 0 => total = 1, _ => total = 2 }',
  ),
  NUMBER_INVALID: statements('total = 1_000', 'total = 1000'),
  OPERAND_TYPE: statements('total = n + owner', 'total = n + 1'),
  OPERATOR_UNKNOWN: statements('total = n << 2', 'total = n * 4'),
  PARAMETER_HIDES_STATE: members(
    'action g(total: integer) { total = 1 }',
    'action g(total: integer) { this.total = total }',
  ),
  PLACEHOLDER_OUTSIDE: members('action g() { _ }', 'modifier m { _ }; action g() m { }'),
  PROTOCOL_BODY: file(
    'protocol P { action f() { } } contract D { data x = 1 }',
    'protocol P { action f() } contract D { data x = 1 }',
  ),
  PROTOCOL_BROKEN: file(
    'protocol P { action f() } contract D implements P { data x = 1 }',
    'protocol P { action f() } contract D implements P { action f() { } }',
  ),
  PROTOCOL_TYPE: file(
    'contract A { action f(b) { B(b).g(b) } } contract B { action g(a: address) { A(a).f(a) } }',
    'contract A { action f(b: address) { B(b).g(b) } } contract B { action g(a: address) { A(a).f(a) } }',
  ),
  PURE_READS: members(
    'action pure g() -> integer { return total }',
    'action view g() -> integer { return total }',
  ),
  RESERVED_NAME: statements('let match = n', 'let found = n; total = found'),
  RETURN_MISSING: members(
    'action g(a: bool) -> bool { if a { return a } }',
    'action g(a: bool) -> bool { if a { return a } return false }',
  ),
  SOURCE_TOO_LARGE: inWords(
    file(' '.repeat(sourceBytes + 1), 'contract D { data x = 1 }'),
    'a file of more than 1 MiB',
    'split it, and `use` the parts',
  ),
  STRING_ESCAPE: statements('require(n > 0, "a\\d")', 'require(n > 0, "a\\\\d")'),
  STRING_UNTERMINATED: statements('require(n > 0, "no)', 'require(n > 0, "no")'),
  TARGET_INVALID: statements('TX.value = 1', 'total = 1'),
  TOKENS_LIMIT: inWords(
    file(';'.repeat(sourceTokens), 'contract D { data x = 1 }'),
    `a file of ${sourceTokens} words and signs`,
    'split it, and `use` the parts',
  ),
  TYPE_ARGUMENTS: members('data m: map<integer>', 'data m: map<integer, bool>'),
  TYPE_ENCODED: members(
    'entity Nil { }; action g(x: Nil) { }',
    'entity Nil { a: bool }; action g(x: Nil) { }',
  ),
  TYPE_INFERRED: members('action g(a) { total = a }', 'action g(a: integer) { total = a }'),
  TYPE_INVALID: members('data g: function', 'action g(x: integer) -> integer { return x }'),
  TYPE_MISMATCH: statements('total = "one"', 'total = 1'),
  TYPE_UNKNOWN: members('data x: uint7', 'data x: uint8'),
  TYPE_UNRESOLVED: members('action g(a) { }', 'action g(a: any) { }'),
  UNREACHABLE: statements('return; total = 1', 'total = 1; return'),
  UNSUPPORTED: statements(
    'for (let i = 0; i < n; i += 1) { total = i }',
    'for each i in range(n) { total = i }',
  ),
  UNSUPPORTED_IN_CONTRACTS: statements('print(n)', 'log(n)'),
  USE_CYCLE: inWords(
    file('use "a.zx"; contract D { data x = 1 }', 'contract D { data x = 1 }'),
    'a.zx uses b.zx, which uses a.zx',
    'move what both need to a third file',
  ),
  USE_MISSING: file(
    'use "nowhere.zx"; contract D { data x = 1 }',
    'use "zexus:ownable"; contract D { data x = 1 }',
  ),
  VALUE_NEVER_SENT: members(
    'action g() { total = TX.value }',
    'payable action g() { total = TX.value }',
  ),
  VALUE_NOT_PAYABLE: file(
    'protocol P { action f() } contract D { action g(a: address) { P(a).f{value: 1}() } }',
    'protocol P { payable action f() } contract D { action g(a: address) { P(a).f{value: 1}() } }',
  ),
  VIEW_WRITES: members('action view g() { total = 1 }', 'action g() { total = 1 }'),
};
