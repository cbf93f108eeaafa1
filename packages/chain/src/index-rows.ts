import { fixedBytes, isLucernaError } from '@lucerna/base';
import { storageErrors } from '@lucerna/storage';

/** A height as a key: 8 bytes, so that keys are in the order of heights. */
export function heightKey(height: number): Uint8Array {
  return fixedBytes(BigInt(height), 8);
}

/** The height that a key, or a value that is one, stands for. @throws `STORE_CORRUPT` */
export function heightOfKey(key: Uint8Array): number {
  if (key.length !== 8) throw storageErrors.create('STORE_CORRUPT', 'a height has 8 bytes');
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return Number(view.getBigUint64(0));
}

/** What `decode` makes of a row. @throws `STORE_CORRUPT` */
export function inStore<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    throw storageErrors.create('STORE_CORRUPT', error.message, { ...error.fields }, error);
  }
}
