import fc from 'fast-check';
import type {
  ActionDeclaration,
  ActionModifier,
  Block,
  ContractDeclaration,
  Expression,
  Identifier,
  Parameter,
  Program,
  Statement,
  TypeReference,
} from '../../src/syntax/ast.ts';
import { RESERVED_WORDS } from '../../src/syntax/tokens.ts';
import type { Style } from './print.ts';

/** Trees are made without places; what is parsed is compared without them as well. */
const span = { start: 0, end: 0 };

/** Words that mean something in some place and are names in all others. */
export const CONTEXTUAL_WORDS: readonly string[] = [
  ...['from', 'to', 'data', 'state', 'log', 'limit', 'hash', 'event', 'name', 'type', 'emit'],
  ...['require', 'revert', 'action', 'contract', 'init', 'self', 'indexed', 'view', 'private'],
  ...['payable', 'public', 'function', 'modifier', 'verify', 'tx', 'entity', 'enum', 'protocol'],
  ...['storage', 'persistent', 'ledger', 'signature', 'audit', 'cache', 'stream', 'module'],
  ...['package', 'interface', 'finally', 'pure', 'secure', 'TX', 'msg'],
];

const plainName = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/)
  .filter((name) => !RESERVED_WORDS.has(name) && name !== 'constructor');
const name = fc.oneof(plainName, fc.constantFrom(...CONTEXTUAL_WORDS));
const identifier: fc.Arbitrary<Identifier> = name.map((text) => ({ name: text, span }));
const memberIdentifier: fc.Arbitrary<Identifier> = fc
  .oneof(name, fc.constantFrom(...RESERVED_WORDS))
  .map((text) => ({ name: text, span }));

const type: fc.Arbitrary<TypeReference> = fc.letrec<{ type: TypeReference }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    name.map((text) => ({ name: text, arguments: [], span })),
    fc.record({
      name,
      arguments: fc.array(tie('type'), { minLength: 1, maxLength: 2 }),
      span: fc.constant(span),
    }),
  ),
})).type;

/** Well-formed text without the characters that strings may not hold. */
const stringValue = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((text) => text.replace(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, ''));

const integer = fc.oneof(
  fc.bigInt({ min: 0n, max: 100n }),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
);
const hex = fc
  .uint8Array({ maxLength: 24 })
  .map((bytes) => `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  integer.map((value): Expression => ({ kind: 'integer', value, span })),
  stringValue.map((value): Expression => ({ kind: 'string', value, span })),
  fc.boolean().map((value): Expression => ({ kind: 'boolean', value, span })),
  hex.map((text): Expression => ({ kind: 'hex', text, span })),
  name.map((text): Expression => ({ kind: 'name', name: text, span })),
  fc.constantFrom<Expression>(
    { kind: 'null', span },
    { kind: 'this', span },
    { kind: 'emptyMap', span },
  ),
);

export const expression: fc.Arbitrary<Expression> = fc.letrec<{ expression: Expression }>((tie) => {
  const inner = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 6, depthSize: 'small', withCrossShrink: true },
      leaf,
      fc
        .tuple(inner, memberIdentifier)
        .map(([object, member]): Expression => ({ kind: 'member', object, member, span })),
      fc
        .tuple(inner, inner)
        .map(([object, key]): Expression => ({ kind: 'index', object, key, span })),
      fc
        .tuple(inner, fc.array(inner, { maxLength: 3 }))
        .map(([callee, args]): Expression => ({ kind: 'call', callee, arguments: args, span })),
      fc
        .tuple(fc.constantFrom('-' as const, '!' as const), inner)
        .map(([operator, operand]): Expression => ({ kind: 'unary', operator, operand, span })),
      fc
        .tuple(
          fc.constantFrom(
            ...(['+', '-', '*', '/', '%', '**', '==', '!=', '<', '>', '<=', '>='] as const),
          ),
          inner,
          inner,
        )
        .map(
          ([operator, left, right]): Expression => ({
            kind: 'binary',
            operator,
            left,
            right,
            span,
          }),
        ),
      fc.tuple(fc.constantFrom('&&' as const, '||' as const), inner, inner).map(
        ([operator, left, right]): Expression => ({
          kind: 'logical',
          operator,
          left,
          right,
          span,
        }),
      ),
    ),
  };
}).expression;

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const target: fc.Arbitrary<Expression> = fc
  .tuple(fc.boolean(), identifier, fc.array(expression, { maxLength: 2 }))
  .map(([isMember, member, keys]) => {
    const root: Expression = isMember
      ? { kind: 'member', object: { kind: 'this', span }, member, span }
      : { kind: 'name', name: member.name, span };
    return keys.reduce<Expression>(
      (object, key): Expression => ({ kind: 'index', object, key, span }),
      root,
    );
  });

const simple: fc.Arbitrary<Statement> = fc.oneof(
  fc
    .tuple(identifier, optional(type), expression)
    .map(([of, typed, value]): Statement => ({ kind: 'let', name: of, type: typed, value, span })),
  fc
    .tuple(
      target,
      fc.constantFrom(...(['=', '+=', '-=', '*=', '/=', '%=', '**='] as const)),
      expression,
    )
    .map(
      ([to, operator, value]): Statement => ({ kind: 'assign', target: to, operator, value, span }),
    ),
  optional(expression).map((value): Statement => ({ kind: 'return', value, span })),
  fc
    .tuple(expression, optional(expression))
    .map(([condition, message]): Statement => ({ kind: 'require', condition, message, span })),
  optional(expression).map((message): Statement => ({ kind: 'revert', message, span })),
  fc
    .tuple(identifier, fc.array(expression, { maxLength: 3 }))
    .map(([event, args]): Statement => ({ kind: 'emit', event, arguments: args, span })),
  fc.constantFrom<Statement>({ kind: 'break', span }, { kind: 'continue', span }),
  expression.map((value): Statement => ({ kind: 'expression', expression: value, span })),
);

const block: fc.Arbitrary<Block> = fc.letrec<{ block: Block; statement: Statement }>((tie) => ({
  block: fc
    .array(tie('statement'), { maxLength: 4 })
    .map((statements): Block => ({ statements, span })),
  statement: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    simple,
    fc
      .tuple(expression, tie('block'), optional(tie('block')))
      .map(([condition, body, otherwise]): Statement => {
        const then = body;
        return { kind: 'if', condition, then, otherwise, span };
      }),
    fc
      .tuple(expression, tie('block'))
      .map(([condition, body]): Statement => ({ kind: 'while', condition, body, span })),
  ),
})).block;

const parameter: fc.Arbitrary<Parameter> = fc.record({ name: identifier, type: optional(type) });

const action: fc.Arbitrary<ActionDeclaration> = fc.record({
  name: identifier,
  parameters: fc.array(parameter, { maxLength: 3 }),
  result: optional(type),
  modifiers: fc.subarray<ActionModifier>(['view', 'payable', 'private', 'public']),
  body: block,
  span: fc.constant(span),
});

const contract: fc.Arbitrary<ContractDeclaration> = fc.record({
  name: identifier,
  data: fc.array(
    fc.record({
      name: identifier,
      type: optional(type),
      initial: optional(expression),
      span: fc.constant(span),
    }),
    { maxLength: 3 },
  ),
  actions: fc.array(action, { maxLength: 3 }),
  events: fc.array(
    fc.record({
      name: identifier,
      fields: fc.array(
        fc.record({ name: identifier, type: optional(type), indexed: fc.boolean() }),
        { maxLength: 3 },
      ),
      span: fc.constant(span),
    }),
    { maxLength: 2 },
  ),
  span: fc.constant(span),
});

export const program: fc.Arbitrary<Program> = fc.record({
  contracts: fc.array(contract, { minLength: 1, maxLength: 2 }),
});

export const style: fc.Arbitrary<Style> = fc.record({
  semicolons: fc.boolean(),
  words: fc.boolean(),
  brackets: fc.boolean(),
  elif: fc.boolean(),
  modifiers: fc.constantFrom('before', 'behind', 'last'),
  bracedEvents: fc.boolean(),
});
