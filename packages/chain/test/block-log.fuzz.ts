import { concatBytes, equalBytes, LucernaError, SILENT_LOG } from '@lucerna/base';
import { type AppendFile, createMemoryFile } from '@lucerna/storage';
import { FaultyDisk } from '@lucerna/storage/faulty';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { BlockLog } from '../src/block-log.ts';
import { LOG_START } from '../src/log-record.ts';

const KIND = 2;

async function openLog(file: AppendFile) {
  const log = new BlockLog(file, SILENT_LOG);
  const found: Uint8Array[] = [];
  await log.recover(LOG_START, async ({ payload }) => {
    found.push(payload);
  });
  return { log, found };
}

function isPrefixOf(some: readonly Uint8Array[], all: readonly Uint8Array[]): boolean {
  return (
    some.length <= all.length &&
    some.every((bytes, index) => equalBytes(bytes, all[index] as Uint8Array))
  );
}

/** An append that was refused, and which crash may bring it back all the same. */
type Refused = {
  readonly position: number;
  readonly payload: Uint8Array;
  /** What is taken back at level process, a power loss may bring back; after that fails, any crash. */
  readonly returnsAfter: 'power' | 'any';
};

/** A first part of what was appended; instead of its end, there may be one that was refused there. */
function isPossible(
  found: readonly Uint8Array[],
  appended: readonly Uint8Array[],
  refused: readonly Refused[],
): boolean {
  if (isPrefixOf(found, appended)) return true;
  const position = found.length - 1;
  const last = found[position] as Uint8Array;
  return (
    isPrefixOf(found.slice(0, -1), appended) &&
    refused.some((one) => one.position === position && equalBytes(one.payload, last))
  );
}

const payload = fc.uint8Array({ maxLength: 1200 });

const damage = fc.oneof(
  fc.record({ kind: fc.constant('flip'), at: fc.nat(), bit: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant('zero'), at: fc.nat(), length: fc.nat({ max: 2000 }) }),
  fc.record({ kind: fc.constant('cut'), at: fc.nat(), length: fc.nat({ max: 300 }) }),
  fc.record({
    kind: fc.constant('copy'),
    at: fc.nat(),
    from: fc.nat(),
    length: fc.nat({ max: 2000 }),
  }),
  fc.record({ kind: fc.constant('end'), at: fc.nat() }),
);

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Uint8Array, change: Damage): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = change.at % bytes.length;
  const result = bytes.slice();
  if ('bit' in change) {
    result[at] = (result[at] as number) ^ (1 << change.bit);
    return result;
  }
  if ('from' in change) {
    const from = change.from % bytes.length;
    const moved = bytes.slice(from, Math.min(from + change.length, from + bytes.length - at));
    result.set(moved, at);
    return result;
  }
  if (!('length' in change)) return result.slice(0, at);
  if (change.kind === 'zero') return result.fill(0, at, at + change.length);
  return concatBytes(result.slice(0, at), result.slice(Math.min(at + change.length, bytes.length)));
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      append: payload,
      level: fc.constantFrom('process' as const, 'power' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ sync: true as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      failIn: fc.integer({ min: 1, max: 6 }),
      mode: fc.constantFrom('once' as const, 'forever' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ crash: fc.constantFrom('process' as const, 'power' as const) }),
  },
);

describe('the block log', () => {
  it('never shows anything but a first part of what was appended, whatever the file holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(payload, fc.boolean()), { maxLength: 8 }),
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        async (appends, damages) => {
          const file = createMemoryFile();
          const { log } = await openLog(file);
          for (const [bytes, syncs] of appends) {
            await log.append(KIND, bytes, syncs ? 'power' : 'process');
          }
          const intact = await file.read(0, file.size());
          const bytes = damages.reduce(damaged, intact);
          const copy = createMemoryFile(bytes);
          try {
            const { found } = await openLog(copy);
            return isPrefixOf(
              found,
              appends.map(([content]) => content),
            );
          } catch (error) {
            // A refusal leaves the file as it is, for whoever wants to look at it.
            return (
              error instanceof LucernaError &&
              error.code === 'LOG_CORRUPT' &&
              copy.size() === bytes.length
            );
          }
        },
      ),
      runs(400),
    );
  });

  it('keeps what it acknowledged through any run of failures and crashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(step, { maxLength: 40 }), async (seed, steps) => {
        const disk = new FaultyDisk({ seed });
        let { log } = await openLog(disk.openFile('log'));
        let appended: Uint8Array[] = [];
        let refused: Refused[] = [];
        let durable = 0;
        for (const next of steps) {
          if ('failIn' in next) {
            disk.failAt(disk.operations + next.failIn, next.mode);
          } else if ('crash' in next) {
            await disk.crash(next.crash);
            const reopened = await openLog(disk.openFile('log'));
            const { found } = reopened;
            const isPower = next.crash === 'power';
            const mayReturn = refused.filter(
              ({ returnsAfter }) => isPower || returnsAfter === 'any',
            );
            if (!isPossible(found, appended, mayReturn)) return false;
            if (found.length < (isPower ? durable : appended.length)) return false;
            log = reopened.log;
            appended = found;
            if (isPower) durable = found.length;
            refused = [];
          } else {
            try {
              if ('sync' in next) await log.sync();
              else await log.append(KIND, next.append, next.level);
              if ('append' in next) appended.push(next.append);
              if ('sync' in next || next.level === 'power') {
                durable = appended.length;
                refused = [];
              }
            } catch (error) {
              if (!(error instanceof LucernaError)) return false;
              if ('sync' in next || (next.level === 'power' && log.failure === undefined)) continue;
              const returnsAfter = log.failure === undefined ? 'power' : 'any';
              refused.push({ position: appended.length, payload: next.append, returnsAfter });
            }
          }
        }
        return true;
      }),
      runs(400),
    );
  });
});
