import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@lucerna/base';
import { type Collection, DEFAULT_DATABASE } from '@lucerna/vector';
import { afterAll, expect, test } from 'vitest';
import { recordVectorCrashResult } from '../../tools/src/reliability.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { COLLECTION, openDatabaseAt } from './vector-database.ts';
import { applyToModel, difference, type Model, operationOf } from './vector-operations.ts';

// `kill -9` in the middle of a stream of additions, updates, deletions and compactions, again and again
// on the same folder. What was acknowledged is there, the write in flight is there whole or not at all.

const cycles = Number(process.env['LUCERNA_CRASH_CYCLES'] ?? 20);
const seed = Number(process.env['LUCERNA_SEED'] ?? 1);

const directory = makeTemporaryDirectory();
const writerFile = fileURLToPath(new URL('./vector-writer.ts', import.meta.url));
let writer: ChildProcess | undefined;

afterAll(() => {
  writer?.kill('SIGKILL');
  directory.remove();
});

/** Number of the last operation that a writer acknowledged before it was killed; `first − 1`: none. */
async function writeUntilKilled(path: string, first: number, killAfterMs: number): Promise<number> {
  const child = spawn(process.execPath, [writerFile, path, String(seed), String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  writer = child;
  const exited = once(child, 'exit');
  let last = first - 1;
  const lines = createInterface({ input: child.stdout });
  const ready = once(lines, 'line');
  lines.on('line', (line) => {
    if (line !== 'ready') last = Number(line);
  });
  const read = once(lines, 'close');
  await Promise.race([ready, exited]);
  await delay(killAfterMs);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  await read;
  return last;
}

/** Each of some records is what a search for its embedding finds first, in the graph and by a scan. */
async function expectFound(collection: Collection, model: Model): Promise<void> {
  await collection.settled();
  const { indexed, waiting, dead } = collection.statistics();
  expect({ indexed, waiting, dead }).toEqual({ indexed: model.size, waiting: 0, dead: 0 });
  for (const [id, { embedding }] of [...model].slice(0, 10)) {
    for (const mode of ['hnsw', 'exact'] as const) {
      const [hits = []] = await collection.query({ embeddings: embedding, limit: 1, mode });
      expect(hits.map(({ record, distance }) => [record.id, distance])).toEqual([[id, 0]]);
    }
  }
}

test(
  `${cycles} deaths in the middle of writes lose nothing that was acknowledged`,
  async () => {
    process.stdout.write(`crash: vector, LUCERNA_CRASH_CYCLES=${cycles} LUCERNA_SEED=${seed}\n`);
    const path = join(directory.path, 'vector');
    const random = seededRandom(seed);
    const model: Model = new Map();
    let next = 0;
    let inFlightKept = 0;
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const killAfterMs = 20 + random.below(400);
      const last = await writeUntilKilled(path, next, killAfterMs);
      for (; next <= last; next += 1) applyToModel(model, operationOf(seed, next));
      const database = await openDatabaseAt(path);
      try {
        const collection = database.findCollection(DEFAULT_DATABASE, COLLECTION.name);
        const fault = difference(collection, model);
        if (fault !== undefined) {
          // Then all of the next one is there, which was not acknowledged any more.
          applyToModel(model, operationOf(seed, next));
          next += 1;
          inFlightKept += 1;
          expect(difference(collection, model), `neither that nor this: ${fault}`).toBeUndefined();
        }
        if (collection !== undefined) await expectFound(collection, model);
        process.stdout.write(
          `crash cycle ${cycle + 1}: vector, killed after ${killAfterMs} ms, ${next} operations, ${model.size} records\n`,
        );
      } finally {
        await database.close();
      }
    }
    expect(next).toBeGreaterThan(cycles);
    await rm(path, { recursive: true });
    recordVectorCrashResult({ cycles, operations: next, inFlightKept });
  },
  // Only a hang takes that long: a cycle is 4 s on a quiet machine, and others may keep it busy.
  60_000 + cycles * 60_000,
);
