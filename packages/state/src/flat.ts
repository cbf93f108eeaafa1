import { EMPTY_BYTES, equalBytes } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import { KEYSPACES, type KvReader } from '@lucerna/storage';
import { hasStorage } from './account.ts';
import type { StateReader } from './reader.ts';
import { accountFromRow, corruptRow, storageKey, wordFromRow } from './rows.ts';
import { accountTrieNodes, type NodeSource, storageTrieNodes } from './trie/source.ts';
import { Trie } from './trie/trie.ts';
import { isZeroWord, ZERO_WORD } from './word.ts';

/**
 * The state after the last block that `reader` holds: one lookup a question, no trie. A row whose key
 * is damaged is as good as none: `commitDiff` notices that for what it changes, and
 * {@link confirmedState} asks the trie.
 */
export function latestState(reader: KvReader): StateReader {
  return {
    account: (address) => {
      const row = reader.get(KEYSPACES.accounts, address);
      return row === undefined ? undefined : accountFromRow(KEYSPACES.accounts, address, row);
    },
    storage: (address, slot) => {
      const key = storageKey(address, slot);
      const row = reader.get(KEYSPACES.storage, key);
      return row === undefined ? ZERO_WORD : wordFromRow(KEYSPACES.storage, key, row);
    },
    code: (codeHash) => {
      if (equalBytes(codeHash, EMPTY_KECCAK)) return EMPTY_BYTES;
      const code = reader.get(KEYSPACES.code, codeHash);
      if (code === undefined) throw corruptRow(KEYSPACES.code, codeHash, 'the code is missing');
      return code;
    },
  };
}

/**
 * As {@link latestState}, but that an account does not exist, or that a slot is zero, is only said
 * when the trie says so too: the row may be there under a damaged key. What is found costs one lookup
 * as ever, what is not the nodes on its way. Its errors name the flat row that is missing.
 *
 * @param stateRoot the root of what `reader` holds when it is asked: as blocks come, both go on together
 */
export function confirmedState(reader: KvReader, stateRoot: () => Uint8Array): StateReader {
  const latest = latestState(reader);
  const account: StateReader['account'] = (address) => {
    const found = latest.account(address);
    if (found === undefined && isInTrie(accountTrieNodes(reader), stateRoot(), address)) {
      throw corruptRow(KEYSPACES.accounts, address, 'no row, but the trie has the account');
    }
    return found;
  };
  const storage: StateReader['storage'] = (address, slot) => {
    const word = latest.storage(address, slot);
    if (!isZeroWord(word)) return word;
    const owner = account(address);
    if (owner === undefined || !hasStorage(owner)) return word;
    const nodes = storageTrieNodes(reader, keccak256(address));
    if (!isInTrie(nodes, owner.storageRoot, slot)) return word;
    throw corruptRow(KEYSPACES.storage, storageKey(address, slot), 'zero, but the trie has a word');
  };
  return { account, storage, code: latest.code };
}

function isInTrie(nodes: NodeSource, root: Uint8Array, addressOrSlot: Uint8Array): boolean {
  return new Trie(nodes, root).get(keccak256(addressOrSlot)) !== undefined;
}
