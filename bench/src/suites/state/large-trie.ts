import { Trie } from '../../../../packages/state/src/trie/trie.ts';
import { collectGarbage, timeCpu, usedMemoryBytes } from '../../clock.ts';
import type { Case, Measure } from '../../harness.ts';
import { trieRows, upTo } from './fixtures.ts';
import { commitRows, updatesOf } from './tries.ts';

/** Rows that are made at a time: all at once would be more memory than the trie. */
const CHUNK = 10_000;

/** A trie, the CPU time that went into it and the memory that it takes. */
type Built = { readonly trie: Trie; readonly buildMs: number; readonly bytes: number };

/** A trie of `accounts` rows. What is timed is the trie's work, not the making of the rows. */
async function build(accounts: number): Promise<Built> {
  const before = await usedMemoryBytes();
  const trie = new Trie();
  let buildMs = 0;
  for (let first = 0; first < accounts; first += CHUNK) {
    const indexes = upTo(Math.min(CHUNK, accounts - first)).map((index) => first + index);
    const rows = trieRows(indexes, 0);
    buildMs += await timeCpu(() => {
      for (const [key, value] of rows) trie.put(key, value);
    });
  }
  buildMs += await timeCpu(() => {
    trie.commit();
  });
  return { trie, buildMs, bytes: (await usedMemoryBytes()) - before };
}

/** A trie at the size of the case, and one with a tenth of the accounts, to compare it with. */
type Pair = { readonly large: Built; readonly small: Built };

/** They take a while: the cases share them. */
let shared: Promise<Pair> | undefined;

async function buildPair(accounts: number): Promise<Pair> {
  const small = await build(accounts / 10);
  return { large: await build(accounts), small };
}

/** What is measured of a trie of so many accounts. */
type Figure = (built: Built, accounts: number) => Measure;

function scaleCase(
  id: string,
  unit: string,
  rounds: number,
  figureFor: (quick: boolean) => Figure,
): Case {
  return {
    id,
    unit,
    better: 'lower',
    target: undefined,
    rounds,
    cpuTime: true,
    prepare: async (quick) => {
      const accounts = quick ? 10_000 : 1_000_000;
      shared ??= buildPair(accounts);
      const { large, small } = await shared;
      const figure = figureFor(quick);
      const measure = figure(small, accounts / 10);
      return {
        ours: figure(large, accounts),
        peer: { kind: 'measured', name: `ours at ${accounts / 10} accounts`, measure },
        close: async () => {
          if (id === LAST) shared = undefined;
        },
      };
    },
  };
}

/** Microseconds for one account, the root's share included. */
const buildFigure: Figure =
  ({ buildMs }, accounts) =>
  async () => ({ value: (buildMs * 1000) / accounts });

/** Megabytes for a million accounts. */
const memoryFigure: Figure =
  ({ bytes }, accounts) =>
  async () => ({ value: bytes / accounts });

/** Microseconds for one of the updates of a round, the root's share included. */
function updateFigure(updates: number): Figure {
  return ({ trie }, accounts) => {
    let round = 0;
    return async () => {
      round += 1;
      const rows = trieRows(updatesOf(round, updates, accounts), round);
      await collectGarbage();
      const elapsedMs = await timeCpu(() => commitRows(trie, rows));
      return { value: (elapsedMs * 1000) / updates };
    };
  };
}

/** The case after which the tries are not needed any more. */
const LAST = 'trie-1m-update';

/** What a million accounts in memory cost, compared with a hundred thousand. */
export const largeTrieCases: readonly Case[] = [
  scaleCase('trie-1m', 'µs/account', 1, () => buildFigure),
  scaleCase('trie-1m-memory', 'MB/M accounts', 1, () => memoryFigure),
  scaleCase(LAST, 'µs/update', 5, (quick) => updateFigure(quick ? 100 : 10_000)),
];
