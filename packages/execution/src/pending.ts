import { toHexKey } from '@lucerna/base';
import { type Account, type StateDiff, type StateReader, ZERO_WORD } from '@lucerna/state';

/** The state after a block that is not part of the chain: `state`, its parent's, changed by `diff`. */
export function stateAfter(state: StateReader, diff: StateDiff): StateReader {
  const accounts = new Map<string, Account | undefined>();
  const cleared = new Set<string>();
  for (const { address, after, storageCleared } of diff.accounts) {
    const key = toHexKey(address);
    accounts.set(key, after);
    if (storageCleared || after === undefined) cleared.add(key);
  }
  const words = new Map<string, Uint8Array>();
  for (const { address, slot, after } of diff.storage) {
    words.set(`${toHexKey(address)}${toHexKey(slot)}`, after);
  }
  const codes = new Map(diff.code.map(({ codeHash, code }) => [toHexKey(codeHash), code]));
  return {
    account: (address) => {
      const key = toHexKey(address);
      return accounts.has(key) ? accounts.get(key) : state.account(address);
    },
    storage: (address, slot) => {
      const key = toHexKey(address);
      const word = words.get(`${key}${toHexKey(slot)}`);
      if (word !== undefined) return word;
      return cleared.has(key) ? ZERO_WORD : state.storage(address, slot);
    },
    code: (codeHash) => codes.get(toHexKey(codeHash)) ?? state.code(codeHash),
  };
}
