import { AssertionError, equalBytes, isLucernaError } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { createMemoryStore } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { stateLimits } from '../../src/limits.ts';
import { StateImporter } from '../../src/snapshot/import-state.ts';
import {
  encodeSnapshotAccount,
  encodeSnapshotChunk,
  encodeSnapshotSlot,
  splitSnapshotChunk,
} from '../../src/snapshot/snapshot-codec.ts';
import { addressOf, wordOf } from '../support/arbitrary.ts';
import {
  chunksOf,
  importInto,
  importNowhere,
  noTurn,
  stateWithContracts,
} from '../support/snapshot.ts';
import { dumpRows } from '../support/store.ts';

/** Where a snapshot of these chunks is refused, undefined when it is not. */
async function refusal(...chunks: readonly Uint8Array[][]): Promise<unknown> {
  try {
    await importNowhere(chunks.map(encodeSnapshotChunk));
    return undefined;
  } catch (error) {
    if (!isLucernaError(error, 'SNAPSHOT_INVALID')) throw error;
    const { chunk, item } = error.fields;
    return { chunk, item };
  }
}

function byHash(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(keccak256(left), keccak256(right));
}

/** Account number `place` in the order of the hashes, of a few. */
const inOrder = [0, 1, 2, 3, 4].map((index) => addressOf(index)).sort(byHash);

function account(place: number, code?: Uint8Array, included: boolean = true): Uint8Array {
  return encodeSnapshotAccount({
    address: inOrder[place]!,
    nonce: 1n,
    balance: 5n,
    codeHash: code === undefined ? EMPTY_KECCAK : keccak256(code),
    code: included ? code : undefined,
  });
}

const slots = [0, 1, 2, 3].map((slot) => wordOf(slot)).sort(byHash);

function slot(place: number): Uint8Array {
  return encodeSnapshotSlot(slots[place]!, wordOf(1));
}

/** A chunk with the first account and so many slots. */
function manySlots(count: number): Uint8Array {
  const many = Array.from({ length: count }, (_, index) => wordOf(index)).sort(byHash);
  return encodeSnapshotChunk([
    account(0),
    ...many.map((key) => encodeSnapshotSlot(key, wordOf(1))),
  ]);
}

const code = Uint8Array.of(0xfe, 1);

describe('StateImporter', () => {
  it('makes the empty state of nothing', async () => {
    const { store, imported } = await importInto([]);
    expect(imported).toEqual({ stateRoot: EMPTY_TRIE_ROOT, accounts: 0, totalBalance: 0n });
    expect(dumpRows(store).size).toBe(0);
  });

  it('says how many accounts and how much there is', async () => {
    const { store, root } = await stateWithContracts();
    const imported = await importNowhere(await chunksOf(store));
    expect(imported).toEqual({ stateRoot: root, accounts: 40, totalBalance: 40_780n });
  });

  it('refuses accounts and slots out of order, and says where', async () => {
    expect(await refusal([account(0), account(2)], [account(4)])).toBeUndefined();
    expect(await refusal([account(2), account(1)])).toEqual({ chunk: 0, item: 1 });
    expect(await refusal([account(2), account(2)])).toEqual({ chunk: 0, item: 1 });
    expect(await refusal([account(0)], [account(2), account(1)])).toEqual({ chunk: 1, item: 1 });
    expect(await refusal([account(2)], [account(1)])).toEqual({ chunk: 1, item: 0 });
    expect(await refusal([account(1), slot(0), slot(2)], [slot(3)])).toBeUndefined();
    expect(await refusal([account(1), slot(2), slot(0)])).toEqual({ chunk: 0, item: 2 });
    expect(await refusal([account(1), slot(2)], [slot(2)])).toEqual({ chunk: 1, item: 0 });
    // The order of slots begins again with every account.
    expect(await refusal([account(1), slot(2), account(2), slot(0)])).toBeUndefined();
    expect(await refusal([account(2), slot(0), account(1)])).toEqual({ chunk: 0, item: 2 });
  });

  it('refuses a slot without an account', async () => {
    expect(await refusal([slot(0)])).toEqual({ chunk: 0, item: 0 });
  });

  it('refuses code that is missing or comes twice', async () => {
    expect(await refusal([account(0, code), account(1, code, false)])).toBeUndefined();
    expect(await refusal([account(0, code)], [account(1, code, false)])).toBeUndefined();
    expect(await refusal([account(0, code, false)])).toEqual({ chunk: 0, item: 0 });
    expect(await refusal([account(0), account(1, code), account(2, code)])).toEqual({
      chunk: 0,
      item: 2,
    });
  });

  it('refuses or gives another root for every changed byte and for every changed bit', async () => {
    const { store, root } = await stateWithContracts();
    const chunks = await chunksOf(store, 1500);
    expect(chunks.length).toBeGreaterThan(2);
    let refused = 0;
    for (const [index, chunk] of chunks.entries()) {
      for (let offset = 0; offset < chunk.length; offset += 1) {
        for (const change of [0xff, 1 << (offset % 8)]) {
          const changed = chunk.slice();
          changed[offset]! ^= change;
          try {
            const { stateRoot } = await importNowhere(chunks.with(index, changed));
            expect(equalBytes(stateRoot, root)).toBe(false);
          } catch (error) {
            if (!isLucernaError(error, 'SNAPSHOT_INVALID')) throw error;
            expect(error.fields['chunk']).toBeGreaterThanOrEqual(index);
            refused += 1;
          }
        }
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('keeps nothing of a chunk', async () => {
    const { store, root } = await stateWithContracts();
    const copy = createMemoryStore();
    const importer = new StateImporter((batch) => copy.commit(batch, 'process'));
    for (const chunk of await chunksOf(store, 200)) {
      await importer.add(chunk);
      chunk.fill(0xff);
    }
    expect((await importer.finish()).stateRoot).toEqual(root);
    expect(dumpRows(copy)).toEqual(dumpRows(store));
  });

  it('hands over bounded batches, one after the other', async () => {
    const { snapshotBatchBytes, diffCodeBytes } = stateLimits.values;
    let batches = 0;
    let writing = false;
    const importer = new StateImporter(async (batch) => {
      expect(writing).toBe(false);
      writing = true;
      let bytes = 0;
      for (const { key, value } of batch.writes()) bytes += key.length + value!.length;
      expect(bytes).toBeLessThan(snapshotBatchBytes + diffCodeBytes + 4096);
      await noTurn();
      writing = false;
      batches += 1;
    });
    for (const place of inOrder.keys()) {
      const longest = new Uint8Array(diffCodeBytes).fill(place);
      await importer.add(encodeSnapshotChunk([account(place, longest)]));
    }
    expect(batches).toBe(1);
    await importer.finish();
    expect(batches).toBe(2);
  });

  it('gives a turn every so many items', async () => {
    let turns = 0;
    const importer = new StateImporter(noTurn, async () => {
      turns += 1;
    });
    await importer.add(manySlots(3 * stateLimits.values.turnRows));
    expect(turns).toBe(3);
  });

  it('passes on what the sink throws, and is of no use afterwards', async () => {
    const [chunk] = await chunksOf((await stateWithContracts()).store, 100_000);
    const full = new Error('full');
    const importer = new StateImporter(() => Promise.reject(full));
    await importer.add(chunk!);
    await expect(importer.finish()).rejects.toBe(full);
    await expect(importer.finish()).rejects.toBeInstanceOf(AssertionError);
  });

  it('is of no use after a refusal, after the end, or during a call', async () => {
    const [first, second] = await chunksOf((await stateWithContracts()).store, 1500);
    const refusing = new StateImporter(noTurn);
    const [item] = splitSnapshotChunk(first!, 0);
    const twice = encodeSnapshotChunk([item!, item!]);
    await expect(refusing.add(twice)).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
    await expect(refusing.add(first!)).rejects.toBeInstanceOf(AssertionError);
    await expect(refusing.finish()).rejects.toBeInstanceOf(AssertionError);

    const finished = new StateImporter(noTurn);
    await finished.finish();
    await expect(finished.add(first!)).rejects.toBeInstanceOf(AssertionError);

    let resume = (): void => undefined;
    const busy = new StateImporter(
      noTurn,
      () =>
        new Promise((resolve) => {
          resume = resolve;
        }),
    );
    const adding = busy.add(manySlots(400));
    await expect(busy.add(second!)).rejects.toBeInstanceOf(AssertionError);
    resume();
    await adding;
    expect((await busy.finish()).accounts).toBe(1);
  });
});
