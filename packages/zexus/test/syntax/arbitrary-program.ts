import fc from 'fast-check';
import type {
  ActionDeclaration,
  ActionModifier,
  Block,
  ConstantDeclaration,
  ContractDeclaration,
  EntityDeclaration,
  EnumDeclaration,
  ErrorDeclaration,
  EventDeclaration,
  Program,
  ProtocolDeclaration,
  UseDeclaration,
} from '../../src/syntax/ast.ts';
import {
  block,
  expression,
  identifier,
  integer,
  optional,
  parameter,
  span,
  stringValue,
  type,
} from './arbitrary.ts';
import type { Style } from './style.ts';

const place = fc.constant(span);
const few = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { maxLength: 2 });
const names = few(identifier);
const modifiers = fc.subarray<ActionModifier>([
  ...(['inline', 'payable', 'private', 'public', 'pure', 'sealed', 'secure', 'view'] as const),
]);

/** `limit(5)` at the beginning of a body would be the action's limit. */
function withoutLimit({ statements, span: where }: Block): Block {
  const isLimit = (text: string): boolean => text.includes('"name":"limit"');
  const [first] = statements;
  const text = JSON.stringify(first, (_, value) => (typeof value === 'bigint' ? 0 : value)) ?? '';
  return { statements: isLimit(text) ? statements.slice(1) : statements, span: where };
}

const action = (isExported: fc.Arbitrary<boolean>): fc.Arbitrary<ActionDeclaration> =>
  fc.record({
    name: identifier,
    parameters: fc.array(parameter, { maxLength: 3 }),
    result: optional(type),
    modifiers,
    applied: few(
      fc.record({ name: identifier, arguments: fc.array(expression, { maxLength: 2 }) }),
    ),
    limit: optional(integer.map((value) => ({ value, span }))),
    exportedAs: optional(identifier),
    body: block.map((body) => withoutLimit(withoutLimit(body))),
    isExported,
    span: place,
  });

const constant = (isExported: fc.Arbitrary<boolean>): fc.Arbitrary<ConstantDeclaration> =>
  fc.record({ name: identifier, type: optional(type), value: expression, isExported, span: place });

const entity = (isExported: fc.Arbitrary<boolean>): fc.Arbitrary<EntityDeclaration> =>
  fc.record({
    name: identifier,
    fields: few(
      fc.record({ name: identifier, type: optional(type), initial: optional(expression) }),
    ),
    actions: fc.array(action(fc.constant(false)), { maxLength: 1 }),
    isExported,
    span: place,
  });

const enumeration = (isExported: fc.Arbitrary<boolean>): fc.Arbitrary<EnumDeclaration> =>
  fc.record({
    name: identifier,
    members: fc.array(fc.record({ name: identifier, value: optional(expression) }), {
      maxLength: 3,
    }),
    isExported,
    span: place,
  });

const protocol: fc.Arbitrary<ProtocolDeclaration> = fc.record({
  name: identifier,
  actions: few(
    fc.record({
      name: identifier,
      parameters: fc.array(parameter, { maxLength: 2 }),
      result: optional(type),
      modifiers,
      exportedAs: optional(identifier),
      span: place,
    }),
  ),
  isExported: fc.boolean(),
  span: place,
});

const event = (isExported: fc.Arbitrary<boolean>): fc.Arbitrary<EventDeclaration> =>
  fc.record({
    name: identifier,
    fields: fc.array(fc.record({ name: identifier, type: optional(type), indexed: fc.boolean() }), {
      maxLength: 3,
    }),
    isExported,
    span: place,
  });

const error = (isExported: fc.Arbitrary<boolean>): fc.Arbitrary<ErrorDeclaration> =>
  fc.record({ name: identifier, fields: few(parameter), isExported, span: place });

const inside = fc.constant(false);

const contract: fc.Arbitrary<ContractDeclaration> = fc.record({
  name: identifier,
  protocols: names,
  data: fc.array(
    fc.record({
      name: identifier,
      type: optional(type),
      initial: optional(expression),
      span: place,
    }),
    { maxLength: 4 },
  ),
  actions: few(action(inside)),
  events: few(event(inside)),
  errors: few(error(inside)),
  modifiers: few(
    fc.record({ name: identifier, parameters: few(parameter), body: block, span: place }),
  ),
  entities: fc.array(entity(inside), { maxLength: 1 }),
  enums: fc.array(enumeration(inside), { maxLength: 1 }),
  constants: few(constant(inside)),
  isExported: fc.boolean(),
  span: place,
});

const path = stringValue.map((text) => ({ text, span }));
const use: fc.Arbitrary<UseDeclaration> = fc.oneof(
  fc.record({
    path,
    alias: optional(identifier),
    names: fc.constant(undefined),
    span: place,
  }),
  fc.record({
    path,
    alias: fc.constant(undefined),
    names: fc.array(fc.record({ name: identifier, local: identifier }), { maxLength: 3 }),
    span: place,
  }),
);

/** Declarations of every kind, so that at least one stands in the file. */
export const program: fc.Arbitrary<Program> = fc.record({
  uses: few(use),
  contracts: fc.array(contract, { minLength: 1, maxLength: 2 }),
  entities: fc.array(entity(fc.boolean()), { maxLength: 1 }),
  enums: fc.array(enumeration(fc.boolean()), { maxLength: 1 }),
  protocols: fc.array(protocol, { maxLength: 1 }),
  events: few(event(fc.boolean())),
  errors: few(error(fc.boolean())),
  functions: fc.array(action(fc.boolean()), { maxLength: 1 }),
  constants: fc.array(constant(fc.boolean()), { maxLength: 1 }),
  exports: names,
});

export const style: fc.Arbitrary<Style> = fc.record({
  semicolons: fc.boolean(),
  words: fc.boolean(),
  brackets: fc.boolean(),
  elif: fc.boolean(),
  modifiers: fc.constantFrom('before', 'behind', 'last'),
  braced: fc.boolean(),
  quotes: fc.constantFrom('"', "'", '"""', "'''"),
  lambda: fc.constantFrom('arrow', 'lambda', 'action', 'function'),
  match: fc.constantFrom('arrow', 'case', 'colon'),
  loop: fc.constantFrom('each', 'bare', 'names', 'whole'),
  state: fc.constantFrom('data', 'state', 'persistent storage', 'ledger', 'bare', 'block'),
  indexed: fc.constantFrom('behind', 'before', 'between'),
  use: fc.constantFrom('use', 'import', 'from'),
});
