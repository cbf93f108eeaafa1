import { readFileSync } from 'node:fs';
import { createMPT } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { fixedBytes, fromHex, fromHexKey, toHexKey } from '@lucerna/base';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import {
  commitDiff,
  exportState,
  latestState,
  StateImporter,
  StateJournal,
  stateLimits,
} from '@lucerna/state';
import { createMemoryStore } from '@lucerna/storage';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';

describe('docs/spec/snapshot.md', () => {
  const page = readFileSync(new URL('../../docs/spec/snapshot.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([0-9a-f]{8})…` \| `([0-9a-f]+)` \|$/gm)].map(
    ([, hash, item]) => ({ hash: hash!, item: fromHexKey(item!) }),
  );
  const [, prefix, root] = /is `([0-9a-f]+)`, then the items.*\n`([0-9a-f]{64})`/.exec(page)!;
  const chunk = fromHexKey(prefix! + rows.map(({ item }) => toHexKey(item)).join(''));

  it('shows items in the order of the hashes, which give the root with other libraries', async () => {
    expect(rows.length).toBe(6);
    const accounts: { account: Uint8Array[]; slots: Uint8Array[][] }[] = [];
    for (const { hash, item } of rows) {
      const elements = RLP.decode(item) as Uint8Array[];
      expect(toHexKey(keccak_256(elements[0]!)).slice(0, 8)).toBe(hash);
      if (elements.length === 2) accounts.at(-1)!.slots.push(elements);
      else accounts.push({ account: elements, slots: [] });
    }
    const state = await createMPT({ useKeyHashing: true });
    for (const { account, slots } of accounts) {
      const storage = await createMPT({ useKeyHashing: true });
      for (const [slot, word] of slots) await storage.put(slot!, RLP.encode(word));
      const [address, nonce, balance, codeHash] = account;
      const fields = [nonce, balance, storage.root(), codeHash ?? keccak_256(new Uint8Array(0))];
      await state.put(address!, RLP.encode(fields));
    }
    expect(toHexKey(state.root())).toBe(root);
  });

  it('shows the chunk and the root of this code', async () => {
    const store = createMemoryStore();
    const journal = new StateJournal(latestState(store));
    const word = (value: bigint): Uint8Array => fixedBytes(value, 32);
    const alice = fromHex('0x70997970c51812dc3a010c7d01b50e0d17dc79c8');
    journal.setNonce(alice, 2n);
    journal.setBalance(alice, 10n ** 18n);
    const first = fromHex('0x5fbdb2315678afecb367f032d93f642f64180aa3');
    const second = fromHex('0xe7f1725e7734ce288f8367e1bb143e90bb3f0512');
    for (const contract of [first, second]) {
      journal.setNonce(contract, 1n);
      journal.setCode(contract, fromHex('0x60005460005260206000f3'));
    }
    journal.setStorage(first, word(0n), word(42n));
    journal.setStorage(first, word(1n), word(1n));
    journal.setStorage(second, word(0n), word(7n));
    journal.endTransaction();
    const options = { parentRoot: EMPTY_TRIE_ROOT, height: 0, history: false };
    const { stateRoot, batch } = commitDiff(store, journal.diff(), options);
    await store.commit(batch, 'process');
    expect(toHexKey(stateRoot)).toBe(root);

    const chunks: string[] = [];
    for await (const made of exportState(store, 4096, async () => undefined)) {
      chunks.push(toHexKey(made));
    }
    expect(chunks).toEqual([toHexKey(chunk)]);
    const importer = new StateImporter(async () => undefined);
    await importer.add(chunk);
    expect(toHexKey((await importer.finish()).stateRoot)).toBe(root);
  });

  it('has the limits of this code', () => {
    const { diffCodeBytes, snapshotCodes, snapshotChunkBytes, snapshotFillBytes } =
      stateLimits.values;
    const written = (value: number): string => value.toLocaleString('en');
    expect(page).toContain(`1 to ${written(diffCodeBytes)} bytes`);
    expect(page).toContain(`the ${written(snapshotCodes)} different codes`);
    expect(page).toContain(`at most ${written(snapshotChunkBytes)} bytes`);
    expect(page).toContain(`at most ${written(snapshotFillBytes)} bytes`);
  });
});
