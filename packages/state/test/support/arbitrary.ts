import { fixedBytes } from '@lucerna/base';

/** Address number `index`; all 2 bytes apart in the middle, so that tries fork at many depths. */
export function addressOf(index: number): Uint8Array {
  return fixedBytes(BigInt(index) * 0x1_0000_0001n + 0x77n, 20);
}

/** A 32-byte word. */
export function wordOf(value: bigint | number): Uint8Array {
  return fixedBytes(BigInt(value), 32);
}
