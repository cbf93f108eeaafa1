import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@lucerna/base';
import { Block, StateDB } from '@lucerna/sdk';
import { afterAll, expect, test } from 'vitest';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import {
  difference,
  LedgerModel,
  type OpenLedger,
  openLedgerAt,
  stateDbAllocation,
  transactionOf,
} from './state-db-operations.ts';

// `kill -9` in the middle of transactions that are executed, wait, are taken out and become blocks, again
// and again on the same folder. What was acknowledged is there; of the change in flight there is all or
// nothing, of a block as well.

const cycles = Number(process.env['LUCERNA_CRASH_CYCLES'] ?? 20);
const seed = Number(process.env['LUCERNA_SEED'] ?? 1);

const directory = makeTemporaryDirectory();
const writerFile = fileURLToPath(new URL('./state-db-writer.ts', import.meta.url));
let writer: ChildProcess | undefined;

afterAll(() => {
  writer?.kill('SIGKILL');
  directory.remove();
});

/** Number of the last operation that a writer acknowledged before it was killed; `first − 1`: none. */
async function writeUntilKilled(
  path: string,
  first: number,
  { killAfterMs, whileOpening }: { killAfterMs: number; whileOpening: boolean },
): Promise<number> {
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
  if (!whileOpening) await Promise.race([ready, exited]);
  await delay(killAfterMs);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  await read;
  return last;
}

/** The same blocks, and what was executed since, come to the same hashes and roots elsewhere. */
async function expectReproducible({ db }: OpenLedger, model: LedgerModel): Promise<void> {
  const other = await StateDB.open(':memory:', { allocation: stateDbAllocation() });
  try {
    for (const [index, transfers] of model.blocks.entries()) {
      const block = await db.getBlock(index + 1);
      if (block === undefined) throw new Error(`block ${index + 1} is not there`);
      const { height, previousHash, producer, timestamp, hash } = block;
      const transactions = transfers.map(transactionOf);
      const made = await other.processBlock(
        new Block(height, previousHash, transactions, producer, { timestamp }),
      );
      expect(made.hash).toBe(hash);
    }
    for (const each of model.executed) await other.executeTransaction(transactionOf(each));
    expect(other.stateRoot()).toBe(db.stateRoot());
  } finally {
    await other.close();
  }
}

test(
  `${cycles} deaths in the middle of changes lose nothing that was acknowledged`,
  async () => {
    process.stdout.write(`crash: ledger, LUCERNA_CRASH_CYCLES=${cycles} LUCERNA_SEED=${seed}\n`);
    const path = join(directory.path, 'ledger');
    const random = seededRandom(seed);
    const model = new LedgerModel(seed);
    let next = 0;
    let checked = 0;
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      // Now and then while the ledger is made, or what was in flight is put in order.
      const whileOpening = cycle % 4 === 0;
      const killAfterMs = random.below(whileOpening ? 1_500 : 300);
      const last = await writeUntilKilled(path, next, { killAfterMs, whileOpening });
      for (; next <= last; next += 1) model.step();
      const ledger = await openLedgerAt(path);
      try {
        const fault = await difference(ledger, model, checked);
        let inFlight = 'not there';
        if (fault !== undefined) {
          // Then all of the next one is there, which was not acknowledged any more.
          inFlight = model.peek().kind;
          model.step();
          next += 1;
          const other = await difference(ledger, model, checked);
          expect(other, `neither that nor this: ${fault}`).toBeUndefined();
        }
        checked = model.blocks.length;
        process.stdout.write(
          `crash cycle ${cycle + 1}: ledger, killed after ${killAfterMs} ms, ${next} operations, ${checked} blocks, in flight: ${inFlight}\n`,
        );
        if (cycle === cycles - 1) {
          expect(await difference(ledger, model, 0)).toBeUndefined();
          await expectReproducible(ledger, model);
        }
      } finally {
        await ledger.db.close();
      }
    }
    expect(next).toBeGreaterThan(cycles);
    expect(model.blocks.length).toBeGreaterThan(0);
  },
  // Only a hang takes that long: a cycle is 2 s on a quiet machine, and others may keep it busy.
  60_000 + cycles * 60_000,
);
