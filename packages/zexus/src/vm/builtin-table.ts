/** A function of the language that CALL_BUILTIN runs. */
export type Builtin = {
  readonly name: string;
  /** How many arguments it takes, always: the compiler gives null for what is left out. */
  readonly arguments: number;
  /** How many of the last of them a source may leave out. */
  readonly optional: number;
  /** Changes state or balances whatever its arguments are: not allowed in views and in static calls. */
  readonly writes: boolean;
  /** Depends on state, balances or the call's circumstances: not allowed in pure actions. */
  readonly reads: boolean;
  /** Changes the container that is its first argument; one of the state is then written. */
  readonly mutates: boolean;
};

type Extras = {
  readonly optional?: number;
  readonly effect?: 'mutates' | 'reads' | 'writes';
};

const row = (name: string, count: number, { optional = 0, effect }: Extras = {}): Builtin => ({
  name,
  arguments: count,
  optional,
  writes: effect === 'writes',
  reads: effect === 'reads' || effect === 'writes',
  mutates: effect === 'mutates',
});

/**
 * The builtins by position; the position is only in memory, containers name them. What they mean is
 * said in `compiler/builtin-docs.ts`. A name in a container is part of the format: none is ever reused.
 */
export const BUILTINS: readonly Builtin[] = [
  // Text, and what lists and bytes have in common with it.
  row('string', 1),
  row('len', 1),
  row('is_empty', 1),
  row('upper', 1),
  row('lower', 1),
  row('trim', 1),
  row('split', 2, { optional: 1 }),
  row('join', 2, { optional: 1 }),
  row('replace', 3),
  row('starts_with', 2),
  row('ends_with', 2),
  row('contains', 2),
  row('index_of', 2),
  row('substring', 3, { optional: 1 }),
  row('char_at', 2),
  row('chars', 1),
  row('repeat', 2),
  row('concat', 2),
  row('reverse', 1),
  row('slice', 3, { optional: 1 }),

  // Conversion.
  row('int', 1),
  row('bool', 1),
  row('bytes', 1),
  row('hex', 1),
  row('utf8', 1),
  row('address', 1),
  row('type', 1),

  // Numbers.
  row('abs', 1),
  row('min', 4, { optional: 3 }),
  row('max', 4, { optional: 3 }),
  row('pow', 2),
  row('sqrt', 1),
  row('sum', 1),
  row('range', 3, { optional: 2 }),

  // Lists and maps.
  row('keys', 1),
  row('values', 1),
  row('entries', 1),
  row('has', 2),
  row('get', 3, { optional: 1 }),
  row('first', 1),
  row('last', 1),
  row('sort', 1),
  row('unique', 1),
  row('flatten', 1),
  row('copy', 1),
  row('set', 3, { effect: 'mutates' }),
  row('remove', 2, { effect: 'mutates' }),
  row('clear', 1, { effect: 'mutates' }),
  row('push', 2, { effect: 'mutates' }),
  row('pop', 1, { effect: 'mutates' }),
  row('insert', 3, { effect: 'mutates' }),
  row('remove_at', 2, { effect: 'mutates' }),

  // Hashes, signatures, Merkle trees.
  row('keccak256', 1),
  row('sha256', 1),
  row('blake3', 1),
  row('hash', 2, { optional: 1 }),
  row('recover_address', 2),
  row('derive_address', 1),
  row('merkle_root', 1),
  row('merkle_verify', 4),

  // The ledger.
  row('balance_of', 1, { effect: 'reads' }),
  row('transfer', 2, { effect: 'writes' }),
  row('is_contract', 1, { effect: 'reads' }),
  row('require_layout', 1, { effect: 'writes' }),
  row('state_read', 1, { effect: 'reads' }),
  row('state_write', 2, { effect: 'writes' }),
  row('ledger_get', 1, { effect: 'reads' }),
  row('ledger_length', 0, { effect: 'reads' }),

  // The call's circumstances.
  row('time', 0, { effect: 'reads' }),
  /** The same as `time`: a name of its own because containers have it. */
  row('now', 0, { effect: 'reads' }),
  row('block_number', 0, { effect: 'reads' }),
  row('block_hash', 0, { effect: 'reads' }),
  row('coinbase', 0, { effect: 'reads' }),
  row('gas_limit', 0, { effect: 'reads' }),
  row('gas_price', 0, { effect: 'reads' }),
  row('chain_id', 0, { effect: 'reads' }),
  row('caller', 0, { effect: 'reads' }),
  row('origin', 0, { effect: 'reads' }),
  row('self_address', 0, { effect: 'reads' }),

  // Encoding.
  row('encode', 1),
  row('decode', 1),
  row('abi_encode', 2),
  row('abi_decode', 2),
  row('selector', 1),
];

const positions: ReadonlyMap<string, number> = new Map(
  BUILTINS.map((builtin, position) => [builtin.name, position]),
);

/** The position of the builtin in {@link BUILTINS}; undefined when there is none. */
export function builtinPosition(name: string): number | undefined {
  return positions.get(name);
}
