/** A function of the language that CALL_BUILTIN runs. */
export type Builtin = {
  readonly name: string;
  /** How many arguments it takes, always. */
  readonly arguments: number;
  /** Not allowed in views and in static calls. */
  readonly writes: boolean;
};

/** The builtins by position; the position is only in memory, containers name them. */
export const BUILTINS: readonly Builtin[] = [
  /** The canonical text of any value. */
  { name: 'string', arguments: 1, writes: false },
  /** Code points of a string, bytes of bytes. */
  { name: 'len', arguments: 1, writes: false },
  /** The UTF-8 of a string, the 20 bytes of an address; bytes stay. */
  { name: 'bytes', arguments: 1, writes: false },
  /** `0x` and the digits of bytes or of an address. */
  { name: 'hex', arguments: 1, writes: false },
  /** 32 bytes: the hash of a string's UTF-8 or of bytes. */
  { name: 'keccak256', arguments: 1, writes: false },
  /** 32 bytes: the hash of a string's UTF-8 or of bytes. */
  { name: 'sha256', arguments: 1, writes: false },
  /** Wei of an account. */
  { name: 'balance_of', arguments: 1, writes: false },
  /** to, wei → true; reverts when the contract has too few. */
  { name: 'transfer', arguments: 2, writes: true },
  /** The block's seconds since the Unix epoch. */
  { name: 'time', arguments: 0, writes: false },
  { name: 'now', arguments: 0, writes: false },
  { name: 'block_number', arguments: 0, writes: false },
];

const positions: ReadonlyMap<string, number> = new Map(
  BUILTINS.map((builtin, position) => [builtin.name, position]),
);

/** The position of the builtin in {@link BUILTINS}; undefined when there is none. */
export function builtinPosition(name: string): number | undefined {
  return positions.get(name);
}
