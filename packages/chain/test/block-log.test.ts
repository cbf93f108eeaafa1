import { compareBytes, concatBytes, LucernaError, SILENT_LOG, seededRandom } from '@lucerna/base';
import { type AppendFile, createMemoryFile } from '@lucerna/storage';
import { createFaultyFile, FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { BlockLog } from '../src/block-log.ts';
import { findLaterRecords } from '../src/damage.ts';
import { decodeFrameHeader, encodeFrame, FRAME_HEADER_BYTES } from '../src/frame.ts';
import { chainLimits } from '../src/limits.ts';
import { LOG_START, type LogRecord } from '../src/log-record.ts';
import { recordingSink } from './support/sink.ts';

const KIND = 2;
const NO_ERROR = 'no error';

/** `count` payloads of different lengths, the first one empty. */
function payloads(count: number, seed = 1, scale = 40): Uint8Array[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) =>
    Uint8Array.from({ length: index * scale }, () => random.below(256)),
  );
}

async function openLog(file: AppendFile, sink = SILENT_LOG) {
  const log = new BlockLog(file, sink);
  const records: LogRecord[] = [];
  await log.recover(LOG_START, async (record) => {
    records.push(record);
  });
  return { log, records, payloads: records.map(({ payload }) => payload) };
}

async function fileWith(contents: readonly Uint8Array[], syncAfter = -1): Promise<Uint8Array> {
  const file = createMemoryFile();
  const { log } = await openLog(file);
  for (const [index, payload] of contents.entries()) {
    await log.append(KIND, payload, 'process');
    if (index === syncAfter) await log.sync();
  }
  return file.read(0, file.size());
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => NO_ERROR,
    (reason: unknown) => reason,
  );
  if (error === NO_ERROR) return NO_ERROR;
  return error instanceof LucernaError ? error.code : `no coded error but ${String(error)}`;
}

function isPrefixOf(some: readonly Uint8Array[], all: readonly Uint8Array[]): boolean {
  return some.every((bytes, index) => compareBytes(bytes, all[index] ?? bytes.slice(1)) === 0);
}

describe('a block log', () => {
  it('gives back what was appended, also after reopening', async () => {
    const contents = payloads(20);
    const file = createMemoryFile();
    const { log } = await openLog(file);
    const appended: LogRecord[] = [];
    for (const payload of contents) appended.push(await log.append(KIND, payload, 'process'));
    for (const record of appended) expect((await log.readAt(record.start)).end).toEqual(record.end);
    const reopened = await openLog(file);
    expect(reopened.payloads).toEqual(contents);
    expect(reopened.log.end).toEqual(log.end);
    expect(reopened.records.map(({ end }) => end)).toEqual(appended.map(({ end }) => end));
  });

  it('takes overlapping appends one after the other', async () => {
    const contents = payloads(30);
    const file = createMemoryFile();
    const { log } = await openLog(file);
    await Promise.all(contents.map((payload) => log.append(KIND, payload, 'process')));
    expect((await openLog(file)).payloads).toEqual(contents);
  });

  it('goes on from a position in the middle', async () => {
    const file = createMemoryFile(await fileWith(payloads(9)));
    const { records, log } = await openLog(file);
    const later = new BlockLog(file, SILENT_LOG);
    const seen: Uint8Array[] = [];
    await later.recover(records[4]!.end, async ({ payload }) => {
      seen.push(payload);
    });
    expect(seen).toEqual(payloads(9).slice(5));
    expect(later.end).toEqual(log.end);
  });

  it('writes into every record how much of the log was on the disk before it', async () => {
    const file = createMemoryFile(await fileWith(payloads(9)));
    const { records } = await openLog(file);
    const log = new BlockLog(file, SILENT_LOG);
    await log.recover(records[4]!.end, async () => undefined);
    const syncedBefore = async (start: number) =>
      decodeFrameHeader(await file.read(start, FRAME_HEADER_BYTES))?.syncedBytes;
    const first = await log.append(KIND, Uint8Array.of(1), 'process');
    expect(await syncedBefore(first.start)).toBe(records[4]!.end.offset);
    const second = await log.append(KIND, Uint8Array.of(2), 'power');
    expect(await syncedBefore(second.start)).toBe(records[4]!.end.offset);
    const third = await log.append(KIND, Uint8Array.of(3), 'process');
    expect(await syncedBefore(third.start)).toBe(third.start);
  });

  it('refuses a record that is too large, before writing anything', async () => {
    const file = createMemoryFile();
    const { log } = await openLog(file);
    const tooLarge = { length: chainLimits.values.recordBytes + 1 } as Uint8Array;
    expect(await codeOf(log.append(KIND, tooLarge, 'process'))).toBe('LOG_RECORD_TOO_LARGE');
    expect(file.size()).toBe(0);
  });

  it('refuses another format by name', async () => {
    const { bytes } = encodeFrame(KIND, Uint8Array.of(1), 0, 0);
    // A later version keeps its header checksum right, so a copy with its own is made by hand.
    const other = await withVersion(bytes, 2);
    expect(await codeOf(openLog(createMemoryFile(other)))).toBe('LOG_VERSION_UNSUPPORTED');
  });
});

async function withVersion(frame: Uint8Array, version: number): Promise<Uint8Array> {
  const { crc32c } = await import('@lucerna/storage');
  const changed = frame.slice();
  changed[4] = version;
  new DataView(changed.buffer).setUint32(28, crc32c(changed.subarray(0, 28)));
  return changed;
}

describe('a torn tail', () => {
  it('is cut off at every byte, and the log goes on', async () => {
    const contents = payloads(6);
    const whole = await fileWith(contents);
    const { records } = await openLog(createMemoryFile(whole));
    const ends = [0, ...records.map(({ end }) => end.offset)];
    for (let length = 0; length <= whole.length; length += 1) {
      const file = createMemoryFile(whole.slice(0, length));
      const sink = recordingSink();
      const { log, payloads: found } = await openLog(file, sink);
      const complete = ends.filter((end) => end <= length).length - 1;
      expect(found).toEqual(contents.slice(0, complete));
      expect(sink.count('warn')).toBe(ends.includes(length) ? 0 : 1);
      expect(file.size()).toBe(ends[complete]);
      await log.append(KIND, Uint8Array.of(7), 'process');
      expect((await openLog(file)).payloads).toEqual([...found, Uint8Array.of(7)]);
    }
  });

  it('is cut off although what it carries looks like a record', async () => {
    // Anyone can put a frame into the data of a transaction.
    const inner = encodeFrame(KIND, Uint8Array.of(9), 0, 2 ** 40).bytes;
    const contents = [payloads(3)[2]!, concatBytes(inner, inner, new Uint8Array(600))];
    const whole = await fileWith(contents);
    const { records } = await openLog(createMemoryFile(whole));
    for (let length = records[1]!.start + 1; length < whole.length; length += 1) {
      const { payloads: found } = await openLog(createMemoryFile(whole.slice(0, length)));
      expect(found).toEqual(contents.slice(0, 1));
    }
  });

  it('is cut off when power loss leaves a hole between unsynced records', async () => {
    const contents = payloads(6, 3, 700);
    const whole = await fileWith(contents, 1);
    const { records } = await openLog(createMemoryFile(whole));
    const hole = Math.ceil(records[3]!.start / 512) * 512;
    const file = createMemoryFile(whole.slice().fill(0, hole, hole + 512));
    const sink = recordingSink();
    expect((await openLog(file, sink)).payloads).toEqual(contents.slice(0, 3));
    expect(sink.lines[0]?.fields).toMatchObject({ offset: records[3]!.start, laterRecords: 2 });
    expect((await openLog(file)).payloads).toEqual(contents.slice(0, 3));
  });

  it('does not come back after a power loss once it is cut off', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const contents = payloads(3);
      const whole = await fileWith(contents);
      const file = createFaultyFile({ seed });
      await file.append(whole.slice(0, -1));
      await file.sync();
      expect((await openLog(file)).payloads).toEqual(contents.slice(0, 2));
      const size = file.size();
      expect((await file.crash('power')).size()).toBe(size);
    }
  });

  it('is cut off when the file has grown and the bytes have not arrived', async () => {
    const contents = payloads(3);
    const whole = await fileWith(contents);
    const file = createMemoryFile(concatBytes(whole, new Uint8Array(5000)));
    expect((await openLog(file)).payloads).toEqual(contents);
    expect(file.size()).toBe(whole.length);
    const empty = createMemoryFile(new Uint8Array(100));
    expect((await openLog(empty)).payloads).toEqual([]);
  });
});

describe('damage', () => {
  it('of a single bit is found wherever it is', async () => {
    const contents = payloads(4, 5, 12);
    const whole = await fileWith(contents);
    const { records } = await openLog(createMemoryFile(whole));
    const lastStart = records[3]!.start;
    for (let bit = 0; bit < 8 * whole.length; bit += 1) {
      const offset = bit >> 3;
      const damaged = whole.slice();
      damaged[offset] = (damaged[offset] as number) ^ (1 << (bit & 7));
      const opening = openLog(createMemoryFile(damaged));
      if (offset < lastStart) {
        const record = records.find(({ end }) => offset < end.offset)!;
        await expect(opening).rejects.toMatchObject({
          code: 'LOG_CORRUPT',
          fields: { offset: record.start },
        });
      } else {
        // Nothing behind the last record could tell damage from an unfinished write.
        expect((await opening).payloads).toEqual(contents.slice(0, 3));
      }
    }
  });

  it('is not cut off where the log was known to be on the disk, even when it looks like a hole', async () => {
    const whole = await fileWith(payloads(6, 3, 700), 3);
    const { records } = await openLog(createMemoryFile(whole));
    const hole = Math.ceil(records[3]!.start / 512) * 512;
    const damaged = whole.slice().fill(0, hole, hole + 512);
    const file = createMemoryFile(damaged);
    await expect(openLog(file)).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      fields: { offset: records[3]!.start, nextIntactRecord: records[4]!.start },
    });
    expect(file.size()).toBe(whole.length);
  });

  it('leaves a file alone that never was a log', async () => {
    for (const length of [1, 5, FRAME_HEADER_BYTES, 2000]) {
      const file = createMemoryFile(Uint8Array.from({ length }, (_, index) => 65 + (index % 26)));
      expect(await codeOf(openLog(file))).toBe('LOG_CORRUPT');
      expect(file.size()).toBe(length);
    }
  });

  it('is found when a record is missing, doubled or comes from another history', async () => {
    const contents = payloads(6, 8);
    const whole = await fileWith(contents);
    const { records } = await openLog(createMemoryFile(whole));
    const bytesOf = ({ start, end }: LogRecord): Uint8Array => whole.slice(start, end.offset);
    const parts = records.map(bytesOf);
    const opened = (order: readonly number[]) =>
      openLog(createMemoryFile(concatBytes(...order.map((index) => parts[index]!))));
    expect(await codeOf(opened([0, 1, 3, 4, 5]))).toBe('LOG_CORRUPT');
    expect(await codeOf(opened([0, 1, 1, 2, 3, 4, 5]))).toBe('LOG_CORRUPT');
    expect(await codeOf(opened([0, 2, 1, 3, 4, 5]))).toBe('LOG_CORRUPT');

    const other = await fileWith([...contents.slice(0, 3), ...payloads(6, 9).slice(3)]);
    const spliced = concatBytes(
      whole.slice(0, records[3]!.end.offset),
      other.slice(records[3]!.end.offset),
    );
    expect(await codeOf(openLog(createMemoryFile(spliced)))).toBe('LOG_CORRUPT');
  });

  it('is told from a torn tail wherever the next record stands in a large file', async () => {
    const chunkBytes = chainLimits.values.damageSearchChunkBytes;
    const { bytes } = encodeFrame(KIND, Uint8Array.of(1, 2, 3), 0, 5);
    for (const distance of [-40, -FRAME_HEADER_BYTES, -31, -16, -1, 0, 1]) {
      const start = 7 + chunkBytes + distance;
      const contents = new Uint8Array(2 * chunkBytes + 100);
      contents.set(bytes, start);
      const file = createMemoryFile(contents);
      const later = await findLaterRecords(file, 7, file.size());
      expect(later.first).toBe(start);
      expect(later.syncedBytes).toBe(5);
    }
  });

  it('is found when a record is read by its position', async () => {
    const whole = await fileWith(payloads(4, 5, 12));
    const file = createMemoryFile(whole);
    const { log, records } = await openLog(file);
    expect(await codeOf(log.readAt(records[2]!.start + 1))).toBe('LOG_CORRUPT');
    expect(await codeOf(log.readAt(whole.length))).toBe('LOG_CORRUPT');
  });
});

describe('a failing disk', () => {
  it('that refuses an append leaves the log as it was', async () => {
    for (const level of ['process', 'power'] as const) {
      const file = createFaultyFile({ seed: 3 });
      const sink = recordingSink();
      const { log } = await openLog(file, sink);
      await log.append(KIND, Uint8Array.of(1), level);
      const { end } = log;
      file.disk.failAt(file.disk.operations + 1);
      expect(await codeOf(log.append(KIND, new Uint8Array(100), level))).toBe('FILE_WRITE_FAILED');
      expect(log.end).toEqual(end);
      expect(file.size()).toBe(end.offset);
      expect(sink.count('warn')).toBe(1);
      await log.append(KIND, Uint8Array.of(2), level);
      const restarted = await openLog(await file.crash('process'));
      expect(restarted.payloads).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    }
  });

  it('that also refuses to take it back makes the log read-only', async () => {
    const file = createFaultyFile({ seed: 5 });
    const { log } = await openLog(file);
    const first = await log.append(KIND, Uint8Array.of(1), 'process');
    file.disk.failAt(file.disk.operations + 1, 'forever');
    expect(await codeOf(log.append(KIND, new Uint8Array(100), 'process'))).toBe('CHAIN_READ_ONLY');
    expect(log.failure?.code).toBe('CHAIN_READ_ONLY');
    file.disk.failAt(file.disk.operations + 1000);
    expect(await codeOf(log.append(KIND, Uint8Array.of(2), 'process'))).toBe('CHAIN_READ_ONLY');
    expect(await codeOf(log.sync())).toBe('CHAIN_READ_ONLY');
    expect((await log.readAt(first.start)).payload).toEqual(Uint8Array.of(1));
    const restarted = await openLog(await file.crash('process'));
    expect(restarted.payloads).toEqual([Uint8Array.of(1)]);
    await restarted.log.append(KIND, Uint8Array.of(3), 'power');
  });

  it('that does not confirm a sync makes the log read-only: a later success would prove nothing', async () => {
    const file = createFaultyFile();
    const sink = recordingSink();
    const { log } = await openLog(file, sink);
    await log.append(KIND, Uint8Array.of(1), 'power');
    file.disk.failAt(file.disk.operations + 2);
    expect(await codeOf(log.append(KIND, Uint8Array.of(2), 'power'))).toBe('CHAIN_READ_ONLY');
    expect(sink.count('error')).toBe(1);
    expect(await codeOf(log.append(KIND, Uint8Array.of(2), 'process'))).toBe('CHAIN_READ_ONLY');
    const restarted = await openLog(await file.crash('process'));
    expect(restarted.payloads[0]).toEqual(Uint8Array.of(1));
  });

  it('that is full refuses until there is room again', async () => {
    const file = createFaultyFile({ capacityBytes: 200 });
    const { log } = await openLog(file);
    await log.append(KIND, new Uint8Array(50), 'process');
    expect(await codeOf(log.append(KIND, new Uint8Array(100), 'process'))).toBe('FILE_DISK_FULL');
    await log.append(KIND, new Uint8Array(60), 'process');
    const restarted = await openLog(await file.crash('process'));
    expect(restarted.payloads.map(({ length }) => length)).toEqual([50, 60]);
  });

  it('is survived at every operation and crash: what was acknowledged is there', async () => {
    const contents = payloads(8, 11);
    let reached = 0;
    for (let failAt = 1; ; failAt += 1) {
      for (const mode of ['once', 'forever'] as const) {
        for (const [level, crash] of [
          ['process', 'process'],
          ['power', 'process'],
          ['power', 'power'],
          ['process', 'power'],
        ] as const) {
          const disk = new FaultyDisk({ seed: failAt, failAt, mode });
          const acknowledged: Uint8Array[] = [];
          const refused: Uint8Array[] = [];
          const { log: first } = await openLog(disk.openFile('log'));
          for (const payload of contents) {
            const work = first.append(KIND, payload, level);
            const code = await codeOf(work.then(() => first.sync()));
            if ((await codeOf(work)) === NO_ERROR) acknowledged.push(payload);
            else refused.push(payload);
            expect([NO_ERROR, 'FILE_WRITE_FAILED', 'CHAIN_READ_ONLY']).toContain(code);
          }
          reached = Math.max(reached, disk.operations);
          await disk.crash(crash);
          const { log, payloads: found } = await openLog(disk.openFile('log'));
          // What was refused as the last thing may have reached the disk all the same.
          expect(isPrefixOf(found, [...acknowledged, ...refused.slice(0, 1)])).toBe(true);
          if (level === 'power' || crash === 'process') {
            expect(found.length).toBeGreaterThanOrEqual(acknowledged.length);
          }
          await log.append(KIND, Uint8Array.of(1), 'power');
          expect((await openLog(disk.openFile('log'))).payloads).toEqual([
            ...found,
            Uint8Array.of(1),
          ]);
        }
      }
      if (failAt > reached) break;
    }
    expect(reached).toBeGreaterThanOrEqual(2 * contents.length);
  });
});
