/**
 * The byte that says what kind of value the bytes behind it are: in a container's constants, in the
 * canonical key of a map entry, in the head word of an untyped cell and in the encoding of values. Null,
 * boolean, string, list and map have the tags of upstream's `.zxc`; ours start at 0x10. Part of the
 * format: none is ever reused. Constants and keys are never lists or maps.
 */
export const VALUE_TAGS = {
  null: 0x00,
  boolean: 0x01,
  string: 0x05,
  /** Number of values, then the values. */
  list: 0x07,
  /** Number of entries, then key and value of each. */
  map: 0x08,
  /** An integer of zero or more, as the fewest big-endian bytes; zero has none. */
  natural: 0x10,
  /** An integer below zero: the fewest big-endian bytes of its absolute value. */
  negative: 0x11,
  bytes: 0x12,
  address: 0x13,
} as const;

/** Whether values of the tag are lists or maps. */
export function isContainerTag(tag: number): boolean {
  return tag === VALUE_TAGS.list || tag === VALUE_TAGS.map;
}
