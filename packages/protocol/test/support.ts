import fc from 'fast-check';
import type { AccessListEntry, RlpItem, UnsignedTransaction } from '../src/index.ts';

export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

/** Numbers of at most `bits` bits, small and edge ones often. */
export const uintOf = (bits: number): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: 300n }),
    fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }),
    fc.integer({ min: 0, max: bits - 1 }).map((shift) => 2n ** BigInt(shift)),
    fc.constant(2n ** BigInt(bits) - 1n),
  );

/** Byte strings around the lengths where RLP changes its form, and nested lists of them. */
export const rlpItem: fc.Arbitrary<RlpItem> = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.uint8Array({ minLength: 50, maxLength: 60 }),
      fc.uint8Array({ minLength: 250, maxLength: 260 }),
    ),
    fc.array(tie('item'), { maxLength: 6 }),
  ),
})).item;

/** The bytes with one change: a byte, a bit, an insertion, a removal, a cut or an addition. */
export function mutationOf(encoded: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat(Math.max(0, encoded.length - 1));
  const byte = fc.nat(255);
  const around = (at: number, removed: number, added: readonly number[]): Uint8Array =>
    Uint8Array.from([...encoded.subarray(0, at), ...added, ...encoded.subarray(at + removed)]);
  return fc.oneof(
    fc.tuple(position, byte).map(([at, value]) => around(at, 1, [value])),
    fc
      .tuple(position, fc.nat(7))
      .map(([at, bit]) => around(at, 1, [(encoded[at] ?? 0) ^ (1 << bit)])),
    fc.tuple(position, byte).map(([at, value]) => around(at, 0, [value])),
    position.map((at) => around(at, 1, [])),
    position.map((at) => encoded.subarray(0, at)),
    fc
      .uint8Array({ minLength: 1, maxLength: 3 })
      .map((tail) => around(encoded.length, 0, [...tail])),
  );
}

const accessList: fc.Arbitrary<readonly AccessListEntry[]> = fc.array(
  fc.record({ address: bytesOf(20), storageKeys: fc.array(bytesOf(32), { maxLength: 3 }) }),
  { maxLength: 3 },
);

const common = {
  nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 2n }),
  gasLimit: uintOf(64),
  to: fc.option(bytesOf(20)),
  value: uintOf(256),
  data: fc.uint8Array({ maxLength: 80 }),
};
// The oracle computes 2 · chainId + 36 as a number.
const chainId = fc.bigInt({ min: 1n, max: 2n ** 51n });

/** Unsigned transactions of all kinds, with any fees: most could not be admitted. */
export const unsignedTransaction: fc.Arbitrary<UnsignedTransaction> = fc.oneof(
  fc.record({
    type: fc.constant(0 as const),
    chainId: fc.option(chainId),
    gasPrice: uintOf(256),
    ...common,
  }),
  fc.record({
    type: fc.constant(1 as const),
    chainId,
    gasPrice: uintOf(256),
    accessList,
    ...common,
  }),
  fc.record({
    type: fc.constant(2 as const),
    chainId,
    maxPriorityFeePerGas: uintOf(256),
    maxFeePerGas: uintOf(256),
    accessList,
    ...common,
  }),
);

/** Keys that secp256k1 takes. */
export const privateKey: fc.Arbitrary<Uint8Array> = bytesOf(32).filter(
  (bytes) => bytes.some((byte) => byte !== 0) && bytes[0] !== 0xff,
);
