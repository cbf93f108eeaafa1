import { fromHexKey, toHexKey } from '@lucerna/base';

/** A vector's key or value: hex with `0x`, else UTF-8. */
export function vectorBytes(text: string): Uint8Array {
  return text.startsWith('0x') ? fromHexKey(text.slice(2)) : new TextEncoder().encode(text);
}

/** Hex of bytes, or what stands for their absence. */
export function hexOrNone(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHexKey(bytes);
}
