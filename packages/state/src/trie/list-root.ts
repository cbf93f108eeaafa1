import { EMPTY_BYTES, minimalBytes } from '@lucerna/base';
import { encodeRlp } from '@lucerna/protocol';
import { Trie } from './trie.ts';

/**
 * Root of the trie that maps `rlp(index)` to the value at that index, none of which may be empty:
 * what a header says about its transactions and receipts (yellow paper, section 4.3.2).
 */
export function listRoot(values: readonly Uint8Array[]): Uint8Array {
  const trie = new Trie();
  for (const [index, value] of values.entries()) {
    trie.put(encodeRlp(index === 0 ? EMPTY_BYTES : minimalBytes(BigInt(index))), value);
  }
  return trie.commit().root;
}
