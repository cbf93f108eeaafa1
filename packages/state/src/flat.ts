import { EMPTY_BYTES, equalBytes } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import { KEYSPACES, type KvReader } from '@lucerna/storage';
import type { StateReader } from './reader.ts';
import { accountFromRow, corruptRow, storageKey, wordFromRow } from './rows.ts';
import { ZERO_WORD } from './word.ts';

/** The state after the last block that `reader` holds: one lookup a question, no trie. */
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
