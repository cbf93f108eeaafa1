/** What the reference page says of a builtin. */
export type BuiltinDoc = {
  readonly name: string;
  readonly group: BuiltinGroup;
  readonly meaning: string;
  /** Beside what the instruction costs; empty when that is all. */
  readonly gas: string;
  /** Beside Panic 0x01 for a value of another kind; empty when there are none. */
  readonly errors: string;
  /** An expression, and another one that it equals where there is one. */
  readonly example: string;
  readonly gives: string | undefined;
};

/** Headings of the reference page, in its order. */
export const BUILTIN_GROUPS = [
  'Text',
  'Text, bytes, lists and maps',
  'Conversion',
  'Numbers',
  'Lists and maps',
  'Hashes and Merkle trees',
  'Signatures',
  'Ledger',
  'Circumstances',
  'Encoding',
] as const;

export type BuiltinGroup = (typeof BUILTIN_GROUPS)[number];

/** The builtins of each group by name. */
export type BuiltinDocs = Partial<Record<BuiltinGroup, Readonly<Record<string, BuiltinEntry>>>>;

/** Meaning, gas, errors, example, what it gives. */
export type BuiltinEntry = readonly [
  meaning: string,
  gas: string,
  errors: string,
  example: string,
  gives?: string,
];
