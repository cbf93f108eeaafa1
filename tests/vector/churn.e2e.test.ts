import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type SeededRandom, SILENT_LOG, seededRandom } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import { systemRandom } from '@lucerna/platform-node/random';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import {
  type Collection,
  DEFAULT_DATABASE,
  openVectorDatabase,
  type VectorDatabase,
} from '@lucerna/vector';
import { afterAll, expect, test } from 'vitest';
import { recordChurnResult } from '../../tools/src/reliability.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// Records come and go for as long as LUCERNA_CHURN_SECONDS says, in a collection that holds at most so
// many at a time. Files and memory stay within what that many need, whatever went through them.

const seconds = Number(process.env['LUCERNA_CHURN_SECONDS'] ?? 5);
const seed = Number(process.env['LUCERNA_SEED'] ?? 1);

const DIMENSION = 64;
const RECORDS = 3000;
const BATCH = 100;
const K = 10;

/** A round is a batch that comes and one that goes; so often everything is checked, and so often reopened. */
const ROUNDS_PER_CHECK = 100;
const CHECKS_PER_OPENING = 3;

/** Bytes of a row's embedding. */
const ROW_BYTES = DIMENSION * 4;

const directory = makeTemporaryDirectory();
const path = join(directory.path, 'vector');
let database: VectorDatabase | undefined;

afterAll(async () => {
  await database?.close();
  directory.remove();
});

/** What the collection holds, oldest first. */
type Held = Map<string, Float32Array>;

async function open(): Promise<Collection> {
  const folder = await openVectorFolder(path, { access: 'write' });
  const ports = { folder, clock: systemClock, random: systemRandom, log: SILENT_LOG };
  database = await openVectorDatabase(ports, { durability: 'process' });
  return (
    database.findCollection(DEFAULT_DATABASE, 'churn') ??
    database.createCollection(DEFAULT_DATABASE, {
      name: 'churn',
      index: { metric: 'l2', mode: 'hnsw', maxNeighbors: 8, efConstruction: 60, efSearch: 100 },
    })
  );
}

/** A batch comes, as many go: the oldest, or any; some get another embedding. */
async function churn(
  collection: Collection,
  held: Held,
  random: SeededRandom,
  round: number,
): Promise<void> {
  const ids = Array.from({ length: BATCH }, (_, index) => `${round}-${index}`);
  const replaced = [...held.keys()].filter(() => random.below(100) === 0);
  for (const batch of [ids, replaced]) {
    const embeddings = Float32Array.from(
      { length: batch.length * DIMENSION },
      () => random.below(2 ** 16) / 2 ** 15 - 1,
    );
    await collection.upsert({ ids: batch, embeddings, dimension: DIMENSION });
    for (const [index, id] of batch.entries()) {
      held.set(id, embeddings.slice(index * DIMENSION, (index + 1) * DIMENSION));
    }
  }
  const all = [...held.keys()];
  const excess = Math.max(0, all.length - RECORDS);
  const oldestFirst = random.below(2) === 0;
  const gone = oldestFirst
    ? all.slice(0, excess)
    : Array.from({ length: excess }, (_, index) => all[(index * 29) % all.length] as string);
  await collection.delete({ ids: gone });
  for (const id of gone) held.delete(id);
}

/** Everything held is there and is found; nothing else is. */
async function check(collection: Collection, held: Held): Promise<number> {
  expect(collection.count()).toBe(held.size);
  expect(new Set(collection.ids())).toEqual(new Set(held.keys()));
  let hits = 0;
  const sample = [...held].filter((_, index) => index % 60 === 0);
  for (const [id, embeddings] of sample) {
    const [exact = []] = await collection.query({ embeddings, limit: K, mode: 'exact' });
    expect(exact[0]).toMatchObject({ distance: 0, record: { id } });
    const [walked = []] = await collection.query({ embeddings, limit: K });
    expect(walked).toHaveLength(K);
    const wanted = new Set(exact.map(({ record }) => record.id));
    hits += walked.filter(({ record }) => wanted.has(record.id)).length;
  }
  return hits / (sample.length * K);
}

function folderBytes(): number {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const sizes = names.map((name) => statSync(join(path, name))).filter((found) => found.isFile());
  return sizes.reduce((total, { size }) => total + size, 0);
}

test(
  'records that come and go leave neither files nor memory behind',
  async () => {
    const random = seededRandom(seed);
    const held: Held = new Map();
    const endsMs = Date.now() + seconds * 1000;
    let collection = await open();
    let [round, written, least, files, memory] = [0, 0, 1, 0, 0];
    do {
      for (let step = 0; step < ROUNDS_PER_CHECK; step += 1) {
        await churn(collection, held, random, round);
        round += 1;
      }
      least = Math.min(least, await check(collection, held));
      await collection.settled();
      const statistics = collection.statistics();
      expect(statistics).toMatchObject({ records: held.size, waiting: 0, dead: 0 });
      memory = Math.max(memory, statistics.memoryBytes);
      await collection.compact();
      files = Math.max(files, folderBytes());
      written = round * BATCH * ROW_BYTES;
      if (round % (ROUNDS_PER_CHECK * CHECKS_PER_OPENING) === 0) {
        await database?.close();
        collection = await open();
        least = Math.min(least, await check(collection, held));
      }
    } while (Date.now() < endsMs);
    process.stdout.write(
      `churn: ${round} rounds, ${written} bytes of embeddings written, files at most ${files}, memory at most ${memory}, recall at least ${least.toFixed(3)}\n`,
    );
    // Several times what the records need, scratch space of the searches included; without reuse both grow with what is written.
    expect(files).toBeLessThan(RECORDS * ROW_BYTES * 4);
    expect(memory).toBeLessThan(RECORDS * ROW_BYTES * 16);
    expect(written).toBeGreaterThan(RECORDS * ROW_BYTES * 2);
    expect(least).toBeGreaterThan(0.9);
    recordChurnResult({ seconds, rounds: round, written, files, memory, recall: least });
  },
  60_000 + seconds * 2000,
);
