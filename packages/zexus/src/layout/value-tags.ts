/**
 * The byte that says what kind of value the bytes behind it are: in a container's constants, in the
 * canonical key of a map entry and in the head word of an untyped cell. Null, boolean and string have
 * the tags of upstream's `.zxc`; ours start at 0x10. Part of the format: none is ever reused.
 */
export const VALUE_TAGS = {
  null: 0x00,
  boolean: 0x01,
  string: 0x05,
  /** An integer of zero or more, as the fewest big-endian bytes; zero has none. */
  natural: 0x10,
  /** An integer below zero: the fewest big-endian bytes of its absolute value. */
  negative: 0x11,
  bytes: 0x12,
  address: 0x13,
} as const;
