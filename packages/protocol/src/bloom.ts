import { assert } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';

/** Bytes of a bloom filter: 2,048 bits. */
export const BLOOM_BYTES = 256;

/** A filter that contains nothing, to add to. */
export function emptyBloom(): Uint8Array {
  return new Uint8Array(BLOOM_BYTES);
}

/** Adds an address or a topic to `bloom`, in place (Yellow Paper, section 4.3.1). */
export function addToBloom(bloom: Uint8Array, entry: Uint8Array): void {
  assert(bloom.length === BLOOM_BYTES, 'a bloom has 256 bytes');
  for (const bit of bloomBits(entry)) {
    const index = byteOf(bit);
    bloom[index] = (bloom[index] as number) | maskOf(bit);
  }
}

/** False when `entry` was certainly not added; true when it was, or by coincidence. */
export function bloomContains(bloom: Uint8Array, entry: Uint8Array): boolean {
  return bloomHasBits(bloom, bloomBits(entry));
}

/** What {@link bloomContains} says of the entry with these bits: to look for one in many filters. */
export function bloomHasBits(bloom: Uint8Array, bits: readonly number[]): boolean {
  assert(bloom.length === BLOOM_BYTES, 'a bloom has 256 bytes');
  return bits.every((bit) => ((bloom[byteOf(bit)] as number) & maskOf(bit)) !== 0);
}

/** The filter of all addresses and topics of `logs`. */
export function logsBloom(
  logs: Iterable<{ readonly address: Uint8Array; readonly topics: readonly Uint8Array[] }>,
): Uint8Array {
  const bloom = emptyBloom();
  for (const log of logs) {
    addToBloom(bloom, log.address);
    for (const topic of log.topics) addToBloom(bloom, topic);
  }
  return bloom;
}

/** A filter that contains what any of `blooms` contains. */
export function mergeBlooms(blooms: Iterable<Uint8Array>): Uint8Array {
  const merged = emptyBloom();
  for (const bloom of blooms) {
    assert(bloom.length === BLOOM_BYTES, 'a bloom has 256 bytes');
    for (let index = 0; index < BLOOM_BYTES; index += 1) {
      merged[index] = (merged[index] as number) | (bloom[index] as number);
    }
  }
  return merged;
}

/** The three bits of an entry: the low 11 of the first three pairs of bytes of its hash. */
export function bloomBits(entry: Uint8Array): readonly number[] {
  const hash = keccak256(entry);
  return [0, 2, 4].map(
    (offset) => (((hash[offset] as number) << 8) | (hash[offset + 1] as number)) & 2047,
  );
}

/** Bits are counted from the end of the filter. */
function byteOf(bit: number): number {
  return BLOOM_BYTES - 1 - (bit >> 3);
}

function maskOf(bit: number): number {
  return 1 << (bit & 7);
}
