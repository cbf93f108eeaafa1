import { createMemoryStore, type KvReader, type KvStore } from '@lucerna/storage';
import { latestState } from '../../src/flat.ts';
import { StateJournal } from '../../src/journal.ts';
import { exportState } from '../../src/snapshot/export-state.ts';
import { type ImportedState, StateImporter } from '../../src/snapshot/import-state.ts';
import { addressOf, wordOf } from './arbitrary.ts';
import { StateStore } from './store.ts';

/**
 * 40 accounts: 3 and 4 share their code and have one and three slots, 5 has another and 40 slots, 6 has
 * the code of 5 and no slot, and 7 has slots without code.
 */
export async function stateWithContracts(): Promise<StateStore> {
  const state = new StateStore();
  const journal = new StateJournal(latestState(state.store));
  for (let index = 0; index < 40; index += 1) {
    journal.setBalance(addressOf(index), 1000n + BigInt(index));
  }
  for (const [index, code, slots] of [
    [3, 1, 1],
    [4, 1, 3],
    [5, 2, 40],
    [6, 2, 0],
    [7, 0, 2],
  ] as const) {
    if (code !== 0) journal.setCode(addressOf(index), Uint8Array.of(0xfe, code));
    for (let slot = 0; slot < slots; slot += 1) {
      // Words of 1 byte have leaves inside their parents, others do not.
      const word = slot % 2 === 0 ? 2n ** 200n + BigInt(slot) : BigInt(slot);
      journal.setStorage(addressOf(index), wordOf(slot), wordOf(word));
    }
  }
  journal.endTransaction();
  await state.add(journal.diff(), false);
  return state;
}

/** For work that nobody else waits for. */
export async function noTurn(): Promise<void> {}

/** All chunks of the state in `reader`. */
export async function chunksOf(
  reader: KvReader,
  chunkBytes: number = 4096,
): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exportState(reader, chunkBytes, noTurn)) chunks.push(chunk);
  return chunks;
}

/** A new store with what `chunks` hold. */
export async function importInto(
  chunks: readonly Uint8Array[],
): Promise<{ readonly store: KvStore; readonly imported: ImportedState }> {
  const store = createMemoryStore();
  const importer = new StateImporter((batch) => store.commit(batch, 'process'));
  for (const chunk of chunks) await importer.add(chunk);
  return { store, imported: await importer.finish() };
}

/** What `chunks` hold, without a store for it. */
export async function importNowhere(chunks: readonly Uint8Array[]): Promise<ImportedState> {
  const importer = new StateImporter(async () => undefined);
  for (const chunk of chunks) await importer.add(chunk);
  return importer.finish();
}
