import { equalBytes, isLucernaError, toHexKey } from '@lucerna/base';
import { KEYSPACES, type KvStore } from '@lucerna/storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { latestState } from '../../src/flat.ts';
import { StateJournal } from '../../src/journal.ts';
import { verifyState } from '../../src/verify.ts';
import { chunksOf, importInto, importNowhere } from '../support/snapshot.ts';
import { type JournalStep, journalStep, NaiveState, runSteps } from '../support/state-script.ts';
import { dumpRows, noTurn, StateStore } from '../support/store.ts';

const blocks: fc.Arbitrary<JournalStep[][]> = fc.array(
  fc.array(journalStep, { maxLength: 40, size: 'max' }),
  { minLength: 1, maxLength: 6, size: 'max' },
);

async function stateAfter(script: readonly JournalStep[][]): Promise<StateStore> {
  const state = new StateStore();
  const model = new NaiveState();
  for (const steps of script) {
    const journal = new StateJournal(latestState(state.store));
    runSteps(steps, journal, model);
    await state.add(journal.diff(), false);
  }
  return state;
}

/** All rows, without the code that no account has any more. */
function liveRows(store: KvStore): Map<string, string> {
  const rows = dumpRows(store);
  const used = new Set<string>();
  for (const [key] of store.range(KEYSPACES.accounts)) {
    used.add(`code ${toHexKey(latestState(store).account(key)!.codeHash)}`);
  }
  for (const name of rows.keys()) {
    if (name.startsWith('code ') && !used.has(name)) rows.delete(name);
  }
  return rows;
}

describe('a snapshot', () => {
  it('gives the same rows and root as the blocks that made the state', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.integer({ min: 1, max: 300 }), async (script, chunkBytes) => {
        const state = await stateAfter(script);
        const chunks = await chunksOf(state.store, chunkBytes);
        const { store, imported } = await importInto(chunks);
        expect(toHexKey(imported.stateRoot)).toBe(toHexKey(state.root));
        expect(dumpRows(store)).toEqual(liveRows(state.store));
        const { stateRoot, ...summary } = imported;
        expect(await verifyState(store, stateRoot, noTurn)).toEqual(summary);
        expect(await chunksOf(store, chunkBytes)).toEqual(chunks);
      }),
      runs(150),
    );
  });

  it('is refused or has another root when any byte is another', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.integer({ min: 1, max: 255 }), async (script, change) => {
        const { store, root } = await stateAfter(script);
        const chunks = await chunksOf(store, 200);
        for (const [index, chunk] of chunks.entries()) {
          for (let offset = 0; offset < chunk.length; offset += 1) {
            const changed = chunk.slice();
            changed[offset]! ^= change;
            await expectNotTheState(chunks.with(index, changed), root);
          }
        }
      }),
      runs(30),
    );
  });

  it('is refused or has another root when chunks are missing, twice there or swapped', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async (script) => {
        const { store, root } = await stateAfter(script);
        const chunks = await chunksOf(store, 60);
        for (const [index, chunk] of chunks.entries()) {
          await expectNotTheState(chunks.toSpliced(index, 1), root);
          await expectNotTheState(chunks.toSpliced(index, 0, chunk), root);
          const next = chunks[index + 1];
          if (next === undefined) continue;
          await expectNotTheState(chunks.toSpliced(index, 2, next, chunk), root);
        }
      }),
      runs(100),
    );
  });
});

async function expectNotTheState(chunks: readonly Uint8Array[], root: Uint8Array): Promise<void> {
  try {
    const { stateRoot } = await importNowhere(chunks);
    expect(equalBytes(stateRoot, root)).toBe(false);
  } catch (error) {
    if (!isLucernaError(error, 'SNAPSHOT_INVALID')) throw error;
  }
}
