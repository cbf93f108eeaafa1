/** A sparse embedding as a value of metadata: `values[i]` at dimension `indices[i]`. */
export type SparseVector = {
  readonly indices: readonly number[];
  readonly values: readonly number[];
  /** What each index stands for, where it is known. */
  readonly tokens?: readonly string[];
};

/** A whole number of 64 bits is a `bigint`, a float a `number`: they are distinct types. */
export type MetadataScalar = boolean | bigint | number | string;

/** A value of metadata; the items of a list are of one type. */
export type MetadataValue =
  | MetadataScalar
  | readonly boolean[]
  | readonly bigint[]
  | readonly number[]
  | readonly string[]
  | SparseVector;

/** What is known about a record, by key, in the order in which the keys were first given. */
export type Metadata = ReadonlyMap<string, MetadataValue>;

/** A change of metadata: keys that it does not name stay, null takes a key away. */
export type MetadataPatch = ReadonlyMap<string, MetadataValue | null>;
