import fc from 'fast-check';
import type {
  BinaryOperator,
  Block,
  Expression,
  Identifier,
  LogicalOperator,
  MapLiteralEntry,
  MatchArm,
  Parameter,
  Pattern,
  Statement,
  TypeReference,
} from '../../src/syntax/ast.ts';
import { RESERVED_WORDS } from '../../src/syntax/tokens.ts';

/** Trees are made without places; what is parsed is compared without them as well. */
export const span = { start: 0, end: 0 };

/** Words that mean something in some place and are names in all others. */
export const CONTEXTUAL_WORDS: readonly string[] = [
  ...['from', 'to', 'data', 'state', 'log', 'limit', 'hash', 'event', 'name', 'type', 'emit'],
  ...['require', 'revert', 'action', 'contract', 'init', 'self', 'indexed', 'view', 'private'],
  ...['payable', 'public', 'function', 'modifier', 'verify', 'tx', 'entity', 'enum', 'protocol'],
  ...['storage', 'persistent', 'ledger', 'signature', 'audit', 'cache', 'stream', 'module'],
  ...['package', 'interface', 'finally', 'pure', 'secure', 'sealed', 'inline', 'TX', 'msg'],
  ...['error', 'implements', 'as', 'find', 'load', 'channel', 'native', 'buffer', 'screen', 'gc'],
  ...['atomic', 'watch', 'gas', 'value', 'receive', 'fallback', 'restrict', 'sandbox', 'defer'],
];

const plainName = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/)
  .filter((name) => !RESERVED_WORDS.has(name) && name !== 'constructor');
const name = fc.oneof(plainName, fc.constantFrom(...CONTEXTUAL_WORDS));
export const identifier: fc.Arbitrary<Identifier> = name.map((text) => ({ name: text, span }));
/** Also one of a file that is used under a name. */
const path: fc.Arbitrary<Identifier> = fc
  .tuple(identifier, fc.option(name, { nil: undefined }))
  .map(([first, second]) =>
    second === undefined ? first : { name: `${first.name}.${second}`, span },
  );
/** Where every word is a name. */
const anyWord: fc.Arbitrary<Identifier> = fc
  .oneof(name, fc.constantFrom(...RESERVED_WORDS))
  .map((text) => ({ name: text, span }));

const typeName = fc.oneof(
  { weight: 3, arbitrary: name },
  fc.tuple(name, name).map((parts) => parts.join('.')),
);

export const type: fc.Arbitrary<TypeReference> = fc.letrec<{ type: TypeReference }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    typeName.map((text) => ({ name: text, arguments: [], span })),
    fc.record({
      name: typeName,
      arguments: fc.array(tie('type'), { minLength: 1, maxLength: 2 }),
      span: fc.constant(span),
    }),
  ),
})).type;

/** Well-formed text without the characters that strings may not hold. */
export const stringValue: fc.Arbitrary<string> = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 12 }), name)
  .map((text) => text.replace(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, ''));

export const integer: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: 100n }),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
);
const hex = fc
  .uint8Array({ maxLength: 24 })
  .map((bytes) => `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);

const nameValue = name.map((text): Expression => ({ kind: 'name', name: text, span }));
const leaf: fc.Arbitrary<Expression> = fc.oneof(
  integer.map((value): Expression => ({ kind: 'integer', value, span })),
  stringValue.map((value): Expression => ({ kind: 'string', value, span })),
  fc.boolean().map((value): Expression => ({ kind: 'boolean', value, span })),
  hex.map((text): Expression => ({ kind: 'hex', text, span })),
  nameValue,
  fc.constantFrom<Expression>({ kind: 'null', span }, { kind: 'this', span }),
);

export const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const few = <T>(arbitrary: fc.Arbitrary<T>, minLength = 0): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength, maxLength: 3 });
/** A node of the kind with the parts. */
const node = <K extends string, T extends object>(
  kind: K,
  parts: { [P in keyof T]: fc.Arbitrary<T[P]> },
): fc.Arbitrary<{ kind: K; span: typeof span } & T> =>
  fc.record(parts).map((made) => ({ kind, span, ...made }) as { kind: K; span: typeof span } & T);

export const parameter: fc.Arbitrary<Parameter> = fc.record({
  name: identifier,
  type: optional(type),
});

const OPERATORS: readonly BinaryOperator[] = [
  ...(['+', '-', '*', '/', '%', '**', '==', '!=', '<', '>', '<=', '>='] as const),
];
const LOGICAL: readonly LogicalOperator[] = ['&&', '||', '??'];

type Nodes = { expression: Expression; block: Block; statement: Statement };
type Tie = <K extends keyof Nodes>(key: K) => fc.Arbitrary<Nodes[K]>;

function arm<Body>(tie: Tie, body: fc.Arbitrary<Body>): fc.Arbitrary<MatchArm<Body>> {
  const patterns = optional(few(tie('expression'), 1));
  return fc.record({ patterns, body, span: fc.constant(span) });
}

/** A name, or a member of something. */
function memberOrName(inner: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc.oneof(nameValue, node('member', { object: inner, member: anyWord }));
}

const namePath: fc.Arbitrary<Expression> = fc
  .tuple(nameValue, few(anyWord))
  .map(([first, members]) =>
    members.reduce<Expression>(
      (object, member) => ({ kind: 'member', object, member, span }),
      first,
    ),
  );

function postfix(inner: fc.Arbitrary<Expression>): readonly fc.Arbitrary<Expression>[] {
  const entry: fc.Arbitrary<MapLiteralEntry> = fc.record({ key: inner, value: inner });
  const options = fc.array(entry, { minLength: 1, maxLength: 2 });
  const noOptions = fc.constant<MapLiteralEntry[]>([]);
  return [
    node('member', { object: inner, member: anyWord }),
    node('index', { object: inner, key: inner }),
    node('slice', { object: inner, start: optional(inner), end: optional(inner) }),
    node('call', { callee: inner, arguments: few(inner), options: noOptions }),
    node('call', { callee: memberOrName(inner), arguments: few(inner), options }),
    node('construct', {
      entity: namePath,
      fields: few(fc.record({ name: anyWord, value: inner })),
    }),
    node('list', { items: few(inner) }),
    node('map', { entries: few(entry) }),
  ];
}

function compound(tie: Tie): readonly fc.Arbitrary<Expression>[] {
  const inner = tie('expression');
  return [
    ...postfix(inner),
    few(fc.record({ text: stringValue, value: inner }), 1).map(
      (parts): Expression => ({
        kind: 'template',
        texts: [...parts.map(({ text }) => text), 'end'],
        values: parts.map(({ value }) => value),
        span,
      }),
    ),
    node('function', {
      parameters: few(parameter),
      body: fc.oneof(
        tie('block'),
        inner.map((value): Block => ({ statements: [{ kind: 'return', value, span }], span })),
      ),
    }),
    fc.tuple(inner, inner, inner).map(([condition, then, otherwise]): Expression => {
      return { kind: 'conditional', condition, then, otherwise, span };
    }),
    node('match', { subject: inner, arms: few(arm(tie, inner)) }),
    node('unary', { operator: fc.constantFrom('-' as const, '!' as const), operand: inner }),
    node('binary', { operator: fc.constantFrom(...OPERATORS), left: inner, right: inner }),
    node('logical', { operator: fc.constantFrom(...LOGICAL), left: inner, right: inner }),
  ];
}

const patternNames = few(identifier, 1);
const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  fc.record({ kind: fc.constant('name' as const), name: identifier, type: optional(type) }),
  node('list', { names: patternNames }),
  node('map', {
    names: few(
      fc.oneof(
        identifier.map((key) => ({ key, local: key })),
        fc.record({ key: anyWord, local: identifier }),
      ),
      1,
    ),
  }),
);

/** A name, or what is behind a value: the targets of assignments. */
function target(inner: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc.oneof(
    nameValue,
    node('member', { object: fc.constant<Expression>({ kind: 'this', span }), member: anyWord }),
    node('member', { object: inner, member: anyWord }),
    node('index', { object: inner, key: inner }),
  );
}

function simple(tie: Tie): readonly fc.Arbitrary<Statement>[] {
  const inner = tie('expression');
  const operators = ['=', '+=', '-=', '*=', '/=', '%=', '**='] as const;
  return [
    node('let', { pattern, isConstant: fc.boolean(), value: inner }),
    node('assign', {
      target: target(inner),
      operator: fc.constantFrom(...operators),
      value: inner,
    }),
    node('return', { value: optional(inner) }),
    node('throw', { value: inner }),
    node('require', { condition: inner, message: optional(inner) }),
    node('revert', { message: optional(inner) }),
    node('emit', { event: path, arguments: few(inner), names: fc.constant([]) }),
    few(fc.record({ name: anyWord, value: inner }), 1).chain((fields) =>
      path.map(
        (event): Statement => ({
          kind: 'emit',
          event,
          arguments: fields.map(({ value }) => value),
          names: fields.map((field) => field.name),
          span,
        }),
      ),
    ),
    node('emitValue', { event: inner, value: optional(inner) }),
    node('expression', { expression: inner }),
    fc.constantFrom<Statement>(
      { kind: 'break', span },
      { kind: 'continue', span },
      { kind: 'placeholder', span },
    ),
  ];
}

function blocks(tie: Tie): readonly fc.Arbitrary<Statement>[] {
  const inner = tie('expression');
  const body = tie('block');
  return [
    fc.tuple(inner, body, optional(body)).map(([condition, then, otherwise]): Statement => {
      return { kind: 'if', condition, then, otherwise, span };
    }),
    node('while', { condition: inner, body }),
    node('forEach', { key: optional(identifier), value: identifier, iterable: inner, body }),
    node('match', { subject: inner, arms: few(arm(tie, body)) }),
    node('tx', { body }),
    node('block', { body }),
    node('try', { body, error: optional(identifier), handler: body, cleanup: optional(body) }),
    node('try', {
      body,
      error: fc.constant(undefined),
      handler: fc.constant(undefined),
      cleanup: body,
    }),
  ];
}

const nodes = fc.letrec<Nodes>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, depthSize: 'small', depthIdentifier: 'tree', withCrossShrink: true },
    leaf,
    ...compound(tie as Tie),
  ),
  statement: fc.oneof(
    { maxDepth: 5, depthSize: 'small', depthIdentifier: 'tree', withCrossShrink: true },
    fc.constant<Statement>({ kind: 'break', span }),
    ...simple(tie as Tie),
    ...blocks(tie as Tie),
  ),
  block: fc
    .array(tie('statement'), { maxLength: 4 })
    .map((statements): Block => ({ statements, span })),
}));

export const expression: fc.Arbitrary<Expression> = nodes.expression;
export const block: fc.Arbitrary<Block> = nodes.block;
