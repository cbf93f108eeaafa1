import { isSymbol, type TokenCursor } from './cursor.ts';
import type { Span } from './source.ts';

type FeatureDefinition = {
  /** Subject of the sentence; in the plural where `are` follows. */
  readonly name: string;
  readonly isPlural?: true;
  /** Blocks could not be replayed with it, so that contracts can never have it. */
  readonly isForbidden?: true;
  readonly hint: string;
};

/** What people look for, here or in other languages, and the language does not have. */
const features = {
  array: {
    name: 'a list of a fixed length',
    hint: 'write T[] or list<T>, and check the length where it matters',
  },
  async: {
    name: '`async` and `await`',
    isPlural: true,
    isForbidden: true,
    hint: 'calls return when they are done: remove the word',
  },
  concurrency: {
    name: 'channels, streams and tasks',
    isPlural: true,
    isForbidden: true,
    hint: 'an action runs alone, from its beginning to its end: write its steps one after another',
  },
  contractParameters: {
    name: 'parameters of a contract',
    isPlural: true,
    hint: 'write init(…) { … } in the contract: it takes them at deployment',
  },
  defaultValue: {
    name: 'a default value of a parameter',
    hint: 'compare the parameter with null in the body, or write value ?? other there',
  },
  file: {
    name: 'reading and writing files',
    isForbidden: true,
    hint: 'hand data to the contract as arguments',
  },
  for: {
    name: 'a `for` loop in three parts',
    hint: 'write for each i in range(n) { … }, or count with `while`',
  },
  indentation: {
    name: 'a block by indentation',
    hint: 'write the block in braces: { … }',
  },
  module: {
    name: 'a module',
    hint: 'a file is one: write use { name } from "file"',
  },
  namedArgument: {
    name: 'a named argument',
    hint: 'write the values in order; emit Name { field: value } has names',
  },
  native: {
    name: 'code of the machine below',
    isForbidden: true,
    hint: 'remove it: contracts run the same on every machine',
  },
  print: {
    name: 'printing and debugging',
    isPlural: true,
    isForbidden: true,
    hint: 'declare an event and emit it',
  },
  protection: {
    name: 'a block that guards or measures what it holds',
    hint: 'write the checks with `require`, and `tx` or `try` around what is undone together',
  },
  range: { name: 'a range with dots', hint: 'write range(first, end)' },
  screen: {
    name: 'a screen or a part of one',
    isForbidden: true,
    hint: 'remove it: contracts have no display',
  },
  set: { name: 'a set', hint: 'write a map whose values are true' },
  tuple: { name: 'a tuple', hint: 'write a list [a, b], and let [a, b] = … to take it apart' },
} as const;

export type Feature = keyof typeof features;

/** Says that the feature is missing and what to write instead. The caller recovers. */
export function reportUnsupported(cursor: TokenCursor, feature: Feature, span: Span): void {
  const { name, isPlural, isForbidden, hint }: FeatureDefinition = features[feature];
  const verb = isPlural ? 'are' : 'is';
  const [code, message] = isForbidden
    ? (['UNSUPPORTED_IN_CONTRACTS', `${name} ${verb} not possible in a contract`] as const)
    : (['UNSUPPORTED', `${name} ${verb} no part of the language`] as const);
  cursor.report(code, span, message, { hint });
}

/** Words of upstream's scripts that begin a statement or declaration there, and are names here. */
const FOREIGN_WORDS: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ...['channel', 'reactive', 'stream', 'watch'].map((word) => [word, 'concurrency'] as const),
  ...['color', 'component', 'screen', 'theme'].map((word) => [word, 'screen'] as const),
  ...['buffer', 'gc', 'native', 'simd'].map((word) => [word, 'native'] as const),
  ...['atomic', 'audit', 'defer', 'restrict', 'sandbox', 'trail'].map(
    (word) => [word, 'protection'] as const,
  ),
  ...['module', 'package'].map((word) => [word, 'module'] as const),
  ['debug', 'print'],
]);

/**
 * What the current token begins in upstream's scripts: a word of theirs before another word, a string
 * or a block, on one line, so that it is no variable.
 */
export function foreignFeature(cursor: TokenCursor): Feature | undefined {
  const feature = cursor.current.kind === 'word' && FOREIGN_WORDS.get(cursor.current.text);
  const next = cursor.peek();
  if (!feature || next.startsLine) return undefined;
  const isFollowed = next.kind === 'word' || next.kind === 'string';
  if (isFollowed) return next.text === 'and' || next.text === 'or' ? undefined : feature;
  // `Name { field: value }` makes an entity.
  const isBlock = cursor.peek(2).kind === 'word' && !isSymbol(cursor.peek(3), ':');
  return isSymbol(next, '{') && isBlock ? feature : undefined;
}
