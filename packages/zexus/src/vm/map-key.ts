import { PANIC, panic } from './halt.ts';
import type { Meter } from './meter.ts';
import { readUtf8 } from './text.ts';
import { isScalar, keyText, type Value } from './value.ts';

/**
 * By what a map in memory finds the entry of a key, which is charged as read.
 *
 * @throws `Revert` Panic 0x01 for a key that is null or no scalar
 */
export function entryKey(meter: Meter, key: Value): string {
  if (key === null || !isScalar(key)) throw panic(PANIC.kind);
  if (typeof key === 'string') readUtf8(meter, key);
  else if (key instanceof Uint8Array) meter.chargeReading(key.length);
  return keyText(key);
}
