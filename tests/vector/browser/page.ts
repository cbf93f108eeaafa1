// What the tests call in a page.
import { SILENT_LOG } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-web/clock';
import { systemRandom } from '@lucerna/platform-web/random';
import { webThreads } from '@lucerna/platform-web/threads';
import { openVectorFolder } from '@lucerna/platform-web/vector-folder';
import {
  type Collection,
  DEFAULT_DATABASE,
  openVectorDatabase,
  type VectorDatabase,
  type VectorFolder,
} from '@lucerna/vector';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CaseResult, runCases } from '../../support/browser/harness.ts';
import { reportCases } from '../../support/browser/report.ts';
import { runWorker, startWorker } from '../../support/browser/workers.ts';
import { registerSuites } from './suites.ts';

const threads = webThreads((name) => startWorker('/thread.js', name));

/** Records of one call of `writeForever`, and values of one embedding. */
const BATCH = 10;
const DIMENSION = 100;

let folder: VectorFolder | undefined;

/** What a test asks of a page. */
export type TestPage = {
  /** Whether memory can be shared here. */
  isIsolated(): boolean;
  /** Runs cases that pass and cases that fail in all ways, and tells how they went. */
  runMixed(): Promise<readonly CaseResult[]>;
  runInPage(): Promise<void>;
  runInWorker(): Promise<void>;
  /** Opens a folder to be written and keeps it; `open`, or the code of the error. */
  hold(path: string): Promise<string>;
  /** Appends so many bytes to a log of the folder that is held; the file's size, or the code. */
  append(count: number): Promise<string>;
  /** Cuts the log to that size. */
  truncate(size: number): Promise<string>;
  release(): Promise<void>;
  /** Adds batches of records to a database until it ends, and tells the server of each that is answered. */
  writeForever(path: string): void;
  /** How many records the database has, whose batches must all be whole. */
  countRecords(path: string): Promise<number>;
};

const testPage: TestPage = {
  isIsolated: () => (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true,
  runMixed,
  runInPage: () => {
    registerSuites('page');
    return reportCases('page');
  },
  runInWorker: () => runWorker('/worker.js'),
  hold: (path) =>
    codeOf(async () => {
      folder = await openVectorFolder(path, { threads });
      return 'open';
    }),
  append: (count) => withLog(async (log) => log.append(new Uint8Array(count).fill(7))),
  truncate: (size) => withLog((log) => log.truncate(size)),
  release: async (): Promise<void> => folder?.close(),
  writeForever: (path) => void writeForever(path),
  countRecords,
};

async function openThings(path: string): Promise<readonly [VectorDatabase, Collection]> {
  const opened = await openVectorFolder(path, { threads });
  const ports = { folder: opened, clock: systemClock, random: systemRandom, log: SILENT_LOG };
  const database = await openVectorDatabase({ ...ports, threads });
  const things =
    database.findCollection(DEFAULT_DATABASE, 'things') ??
    (await database.createCollection(DEFAULT_DATABASE, { name: 'things' }));
  return [database, things];
}

async function writeForever(path: string): Promise<void> {
  const [, things] = await openThings(path);
  for (let batch = things.count() / BATCH; ; batch += 1) {
    const ids = Array.from({ length: BATCH }, (_, index) => `${batch}-${index}`);
    const embeddings = new Float32Array(BATCH * DIMENSION).fill(batch + 1);
    await things.add({ ids, embeddings, dimension: DIMENSION });
    await fetch('/answered/page', { method: 'POST', body: JSON.stringify(things.count()) });
    if (batch % 20 === 19) await things.compact();
  }
}

async function countRecords(path: string): Promise<number> {
  const [database, things] = await openThings(path);
  const count = things.count();
  for (let batch = 0; batch < count / BATCH; batch += 1) {
    for (let index = 0; index < BATCH; index += 1) {
      const embedding = things.embedding(`${batch}-${index}`);
      if (embedding?.every((value) => value === batch + 1) !== true) {
        throw new Error(`batch ${batch} is not whole`);
      }
    }
  }
  await database.close();
  return count;
}

async function runMixed(): Promise<readonly CaseResult[]> {
  const order: string[] = [];
  describe('mixed', () => {
    beforeEach(() => void order.push('before'));
    afterEach(() => void order.push('after'));
    it('passes', () => expect(Uint8Array.of(1)).toEqual(Uint8Array.of(1)));
    it.each([1, 2])('is %i', (value) => expect(value).toBe(1));
    it('rejects', async () => {
      await expect(Promise.resolve(1)).rejects.toMatchObject({ code: 'X' });
    });
    it('hangs', () => new Promise(() => undefined), 20);
    describe.skipIf(true)('left out', () => it('never runs', () => expect(1).toBe(2)));
    it('ran the hooks', () => {
      expect(order.join(' ')).toBe(`${'before after '.repeat(5)}before`);
    });
  });
  const results: CaseResult[] = [];
  await runCases(
    async (result) => void results.push(result),
    async () => undefined,
  );
  return results;
}

async function withLog(
  change: (log: Awaited<ReturnType<VectorFolder['openLog']>>) => Promise<void>,
): Promise<string> {
  const log = await folder?.openLog('a');
  if (log === undefined) return 'nothing is held';
  const code = await codeOf(async () => {
    await change(log);
    return 'done';
  });
  const size = log.size();
  await log.close();
  return `${code} ${size}`;
}

async function codeOf(call: () => Promise<string>): Promise<string> {
  try {
    return await call();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

(globalThis as unknown as { testPage: TestPage }).testPage = testPage;
