import type { TokenCursor } from './cursor.ts';
import type { Span } from './source.ts';

type FeatureDefinition = {
  /** Subject of the sentence; in the plural where `are` follows. */
  readonly name: string;
  readonly isPlural?: true;
  /** Contracts will never have it. */
  readonly isForbidden?: true;
  readonly hint: string;
};

/** What the whole language has, or people look for, and this version does not, with what to write. */
const features = {
  indentation: {
    name: 'a block by indentation',
    hint: 'write the block in braces: { … }',
  },
  array: { name: 'an array type', hint: 'write map<integer, T> and keep the length in a variable' },
  async: {
    name: '`async` and `await`',
    isPlural: true,
    isForbidden: true,
    hint: 'calls return when they are done: remove the word',
  },
  bareBlock: {
    name: 'a block on its own',
    hint: 'remove its braces; blocks belong to if and while',
  },
  bareField: { name: 'a state variable without `data`', hint: 'write `data name: type`' },
  const: { name: '`const`', hint: 'write `let`' },
  dataType: { name: 'a data type', hint: 'keep the fields in variables or maps of their own' },
  destructuring: { name: 'destructuring', hint: 'write one `let` for each name' },
  emitExpression: { name: '`emit` of a value', hint: 'declare an event and write emit Name(…)' },
  emitMap: {
    name: '`emit` with named fields',
    hint: 'write emit Name(…) with the values in order',
  },
  entity: {
    name: 'an entity',
    hint: 'keep the fields in variables or maps of their own',
  },
  enum: { name: 'an enum', hint: 'write integers, or `data` variables with their values' },
  export: { name: '`export`', hint: 'remove the word: every contract of a file is compiled' },
  file: {
    name: 'reading files',
    isForbidden: true,
    hint: 'hand data to the contract as arguments',
  },
  for: { name: 'a `for` loop', hint: 'count with `while`' },
  freeFunction: {
    name: 'a function outside of a contract',
    hint: 'write it as a private action of the contract',
  },
  implements: { name: '`implements`', hint: 'remove it: the exported actions are the interface' },
  lambda: { name: 'a function as a value', hint: 'write a private action and call this.name(…)' },
  ledger: { name: '`ledger`', hint: 'write `data name`' },
  limit: { name: '`limit` of an action', hint: "remove it: the caller's gas limit holds" },
  list: { name: 'a list', hint: 'write a map with integer keys and keep the length in a variable' },
  map: {
    name: 'a map literal with entries',
    hint: 'begin with {} and assign the entries one by one',
  },
  match: { name: '`match`', hint: 'write if, elif and else' },
  modifier: {
    name: 'a modifier of your own',
    hint: 'write a private action with the checks and call it first',
  },
  module: { name: 'a module', hint: 'write everything that the contract needs into its file' },
  namedArgument: { name: 'a named argument', hint: 'write the values in order' },
  nullish: { name: 'the operator `??`', hint: 'write if and else' },
  persistent: { name: '`persistent storage`', hint: 'write `data name`: all data is kept' },
  print: {
    name: 'printing and debugging',
    isPlural: true,
    isForbidden: true,
    hint: 'declare an event and emit it',
  },
  protocol: {
    name: 'a protocol or interface',
    hint: 'remove it: the exported actions are the interface',
  },
  set: { name: 'a set', hint: 'write a map whose values are true' },
  slice: { name: 'a slice', hint: 'name the parts one by one' },
  state: { name: '`state`', hint: 'write `data name` for each variable' },
  ternary: { name: 'the operator `? :`', hint: 'write if and else' },
  throw: { name: '`throw`', hint: 'write revert("…")' },
  try: { name: '`try`', hint: 'check first: a failed action undoes everything' },
  tuple: { name: 'a tuple', hint: 'return one value, or write one action for each' },
  tx: { name: 'a `tx` block', hint: 'remove it: every action is all or nothing' },
  use: { name: 'importing', hint: 'write everything that the contract needs into its file' },
  verify: { name: '`verify`', hint: 'write require(…)' },
} as const;

export type Feature = keyof typeof features;

/** Says that the feature is missing and what to write instead. The caller recovers. */
export function reportUnsupported(cursor: TokenCursor, feature: Feature, span: Span): void {
  const { name, isPlural, isForbidden, hint }: FeatureDefinition = features[feature];
  const verb = isPlural ? 'are' : 'is';
  if (isForbidden) {
    cursor.report('UNSUPPORTED_IN_CONTRACTS', span, `${name} ${verb} not possible in a contract`, {
      hint,
    });
    return;
  }
  cursor.report('UNSUPPORTED', span, `${name} ${verb} not supported yet`, { hint });
}
