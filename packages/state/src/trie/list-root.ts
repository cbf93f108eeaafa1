import { EMPTY_BYTES, minimalBytes, present } from '@lucerna/base';
import { encodeRlp } from '@lucerna/protocol';
import { TrieBuilder } from './bulk-build.ts';

/**
 * Root of the trie that maps `rlp(index)` to the value at that index, none of which may be empty:
 * what a header says about its transactions and receipts (yellow paper, section 4.3.2).
 */
export function listRoot(values: readonly Uint8Array[]): Uint8Array {
  const builder = new TrieBuilder(() => undefined);
  for (const index of indexesByKey(values.length)) {
    const key = encodeRlp(index === 0 ? EMPTY_BYTES : minimalBytes(BigInt(index)));
    builder.put(key, present(values[index], 'all indexes are below the length'));
  }
  return builder.finish();
}

/**
 * The indexes below `count` in the order of their RLP: up to 127 they are bytes of their own, 0 is
 * `80` behind them, and larger ones follow with their lengths before them.
 */
function* indexesByKey(count: number): Generator<number, void, undefined> {
  for (let index = 1; index < Math.min(count, 0x80); index += 1) yield index;
  if (count > 0) yield 0;
  for (let index = 0x80; index < count; index += 1) yield index;
}
