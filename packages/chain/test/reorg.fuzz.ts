import {
  type AppendFile,
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type KvStore,
} from '@lucerna/storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import type { Chain } from '../src/chain.ts';
import { branchOn, follow, rowsWithoutLog } from './support/branches.ts';
import { contractAddress } from './support/contract.ts';
import { ADDRESSES, memoryDisk, openOn, testGenesis } from './support/ledger.ts';

/** What happens to a chain; depths and heights are taken modulo what there is. */
type Step =
  | { readonly kind: 'reorganise'; readonly depth: number; readonly blocks: number }
  | { readonly kind: 'rewind'; readonly depth: number }
  | { readonly kind: 'reopen'; readonly flushBlocks: number }
  | { readonly kind: 'rebuild' };

const depth = fc.nat(6);
const arbitrarySteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('reorganise' as const),
        depth,
        blocks: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('rewind' as const), depth }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('reopen' as const),
        flushBlocks: fc.constantFrom(1, 2, 100),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rebuild' as const) }) },
  ),
  { minLength: 2, maxLength: 6 },
);

/** A chain that is put through steps, and the blocks that it should have. */
class Subject {
  readonly #file: AppendFile = createMemoryFile();
  readonly #history: number;
  store: KvStore = createMemoryStore();
  blocks: readonly Uint8Array[] = [];
  /** The lowest height whose state must be there. */
  historyFrom: number = 0;
  #chain: Chain | undefined;
  #seed: number;

  constructor(seed: number, history: number) {
    this.#seed = seed;
    this.#history = history;
  }

  async chain(flushBlocks: number = 3): Promise<Chain> {
    this.#chain ??= await openOn(memoryDisk(this.#file, this.store), {
      genesis: testGenesis(),
      history: this.#history,
      writeBehind: { flushBlocks },
    });
    return this.#chain;
  }

  async close(): Promise<void> {
    await this.#chain?.close();
    this.#chain = undefined;
  }

  async take(step: Step): Promise<void> {
    const chain = await this.chain();
    switch (step.kind) {
      case 'reorganise': {
        const parents = this.#below(step.depth);
        this.#seed += 1;
        const branch = await branchOn(parents, step.blocks, this.#seed);
        await chain.reorganise(branch);
        this.blocks = [...parents, ...branch];
        this.#moved(parents.length);
        return;
      }
      case 'rewind':
        this.blocks = this.#below(step.depth);
        await chain.rewind({ height: this.blocks.length });
        this.#moved(this.blocks.length);
        return;
      case 'reopen':
        await this.close();
        await this.chain(step.flushBlocks);
        return;
      case 'rebuild':
        await this.close();
        this.store = createMemoryStore();
        await this.chain();
    }
  }

  /** What is gone does not come back; what the head has left too far behind goes. */
  #moved(ancestor: number): void {
    const kept = Math.min(this.historyFrom, ancestor);
    this.historyFrom = Math.max(kept, this.blocks.length - this.#history);
  }

  #below(below: number): readonly Uint8Array[] {
    return this.blocks.slice(0, this.blocks.length - (below % (this.blocks.length + 1)));
  }
}

const HISTORY_ROWS: readonly string[] = [
  KEYSPACES.accountHistory.name,
  KEYSPACES.storageHistory.name,
];

describe('a chain after any reorganisations', () => {
  it('is the chain that has only seen the last branch', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySteps,
        fc.nat(1_000_000),
        fc.constantFrom(Number.POSITIVE_INFINITY, 0, 2, 5),
        async (steps, seed, history) => {
          const subject = new Subject(seed, history);
          for (const step of steps) await subject.take(step);
          const fresh = await follow(subject.blocks);
          const chain = await subject.chain();
          expect(chain.head()).toEqual(fresh.chain.head());
          await chain.verify();
          const head = chain.head().header.height;
          const from = firstReadable(chain);
          expect(from).toBe(subject.historyFrom);
          const contracts = ADDRESSES.map((_, sender) => contractAddress(sender, 0n));
          for (let height = from; height <= head; height += 1) {
            const state = chain.state(height);
            const expected = fresh.chain.state(height);
            for (const address of [...ADDRESSES, ...contracts]) {
              expect(state.account(address)).toEqual(expected.account(address));
            }
          }
          await subject.close();
          await fresh.chain.close();
          const rows = rowsWithoutLog(subject.store);
          for (const [keyspace, texts] of rowsWithoutLog(fresh.store)) {
            const found = rows.get(keyspace) as readonly string[];
            if (keyspace === KEYSPACES.code.name) {
              expect(found).toEqual(expect.arrayContaining([...texts]));
            } else if (HISTORY_ROWS.includes(keyspace)) {
              expect(found, keyspace).toEqual(texts.filter((text) => heightOfRow(text) > from));
            } else {
              expect(found, keyspace).toEqual(texts);
            }
          }
        },
      ),
      runs(40),
    );
  });
});

function firstReadable(chain: Chain): number {
  let height = chain.head().header.height;
  const isReadable = (at: number): boolean => {
    try {
      chain.state(at);
      return true;
    } catch {
      return false;
    }
  };
  while (height > 0 && isReadable(height - 1)) height -= 1;
  return height;
}

/** The height at the end of the key of a row of the history. */
function heightOfRow(text: string): number {
  const [key] = text.split(' ') as [string];
  return Number.parseInt(key.slice(-16), 16);
}
