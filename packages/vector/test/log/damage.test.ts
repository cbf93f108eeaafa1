import { isLucernaError, type Log, SILENT_LOG } from '@lucerna/base';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import { ModelStore, STORE_NAME } from './model-store.ts';

/** All files of a folder, those of logs with their ending. */
type Files = ReadonlyMap<string, Uint8Array>;

const OLD_LOG = `${STORE_NAME}.2.log`;
const LAST_LOG = `${STORE_NAME}.3.log`;
const SNAPSHOT = `${STORE_NAME}.2.snap`;
const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8];
/** These are in the snapshot; the next three are in the log where it was taken, the others in the last. */
const IN_SNAPSHOT = 3;
const IN_OLD_LOG = 3;

let files: Files;

beforeAll(async () => {
  const disk = new MemoryVectorDisk();
  const folder = disk.open('write');
  const store = await ModelStore.open(folder);
  for (const number of NUMBERS) {
    await store.add(number, 'power');
    if (number === IN_SNAPSHOT) await store.compact();
    // As a compaction that is interrupted before its snapshot is written.
    if (number === IN_SNAPSHOT + IN_OLD_LOG) await store.log.rotate(() => undefined);
  }
  await store.log.close();
  await folder.close();
  files = await filesOf(disk);
  expect([...files.keys()]).toEqual([OLD_LOG, LAST_LOG, SNAPSHOT]);
});

async function filesOf(disk: MemoryVectorDisk): Promise<Files> {
  const folder = disk.open('read');
  const found = new Map<string, Uint8Array>();
  for (const name of await folder.logNames()) {
    const file = await folder.openLog(name);
    found.set(name, await file.read(0, file.size()));
  }
  for (const name of await folder.blobs.names()) {
    found.set(name, await folder.blobs.read(name, 0, (await folder.blobs.size(name)) ?? 0));
  }
  await folder.close();
  return found;
}

/** A disk with these files, one of them replaced or, by undefined, left out. */
async function diskWith(name: string, contents: Uint8Array | undefined): Promise<MemoryVectorDisk> {
  const disk = new MemoryVectorDisk();
  const folder = disk.open('write');
  for (const [each, bytes] of new Map([...files, [name, contents ?? new Uint8Array(0)]])) {
    if (each === name && contents === undefined) continue;
    if (each.endsWith('.log')) await (await folder.openLog(each)).append(bytes);
    else await folder.blobs.write(each, [bytes], 'process');
  }
  await folder.close();
  return disk;
}

type Outcome =
  | { readonly numbers: readonly number[]; readonly warnings: number }
  | { readonly error: unknown };

async function open(disk: MemoryVectorDisk, access: 'write' | 'read'): Promise<Outcome> {
  const folder = disk.open(access);
  let warnings = 0;
  const log: Log = {
    ...SILENT_LOG,
    warn: () => {
      warnings += 1;
    },
  };
  try {
    const store = await ModelStore.open(folder, { log });
    return { numbers: [...store.numbers], warnings };
  } catch (error) {
    return { error };
  } finally {
    await folder.close();
  }
}

/** Refused with the place of the damage, and nothing was changed; or, if that may be, cut off. */
async function checkDamage(
  name: string,
  contents: Uint8Array | undefined,
  mayBeCutOff: boolean,
  { reads = true }: { readonly reads?: boolean } = {},
): Promise<'refused' | 'cut off'> {
  const disk = await diskWith(name, contents);
  const before = await filesOf(disk);
  const asReader = reads ? await open(disk, 'read') : undefined;
  const outcome = await open(disk, 'write');
  if ('error' in outcome) {
    const codes = ['VECTOR_LOG_CORRUPT', 'VECTOR_SNAPSHOT_CORRUPT'];
    if (!isLucernaError(outcome.error, ...codes)) throw outcome.error;
    expect(outcome.error.fields).toMatchObject({
      file: expect.any(String),
      reason: expect.any(String),
    });
    expect(await filesOf(disk)).toEqual(before);
    if (reads) expect(asReader).toMatchObject({ error: { code: outcome.error.code } });
    return 'refused';
  }
  expect(mayBeCutOff).toBe(true);
  expect(outcome.warnings).toBe(1);
  expect(outcome.numbers).toEqual(NUMBERS.slice(0, outcome.numbers.length));
  if (reads) expect(asReader).toEqual({ numbers: outcome.numbers, warnings: 0 });
  // What was cut off is gone.
  expect(await open(disk, 'write')).toEqual({ numbers: outcome.numbers, warnings: 0 });
  return 'cut off';
}

function contentsOf(name: string): Uint8Array {
  return files.get(name) as Uint8Array;
}

describe('a flipped bit', () => {
  it.each([OLD_LOG, SNAPSHOT])('anywhere in %s is found', async (name) => {
    const contents = contentsOf(name);
    for (let at = 0; at < contents.length; at += 1) {
      const damaged = contents.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      // A reader looks several times before it believes it.
      const reads = at % 32 === 0;
      expect(await checkDamage(name, damaged, false, { reads })).toBe('refused');
    }
  });

  it('in the last log is found; in its last entry it looks like a write that was interrupted', async () => {
    const contents = contentsOf(LAST_LOG);
    const outcomes: string[] = [];
    for (let at = 0; at < contents.length; at += 1) {
      const damaged = contents.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      outcomes.push(await checkDamage(LAST_LOG, damaged, true));
    }
    // Entries are read up to the damage; that in an earlier one is proven by those behind it.
    const lastEntry = outcomes.indexOf('cut off');
    expect(outcomes.slice(0, lastEntry).every((outcome) => outcome === 'refused')).toBe(true);
    expect(outcomes.slice(lastEntry).every((outcome) => outcome === 'cut off')).toBe(true);
    // Behind the header, and a frame of 160 bytes.
    expect(lastEntry).toBe(288);
  });
});

describe('a file that is too short', () => {
  it.each([OLD_LOG, SNAPSHOT])('is found, if it is %s', async (name) => {
    const contents = contentsOf(name);
    for (let length = 0; length < contents.length; length += 1) {
      const reads = length % 32 === 0;
      const cut = contents.subarray(0, length);
      expect(await checkDamage(name, cut, false, { reads })).toBe('refused');
    }
  });

  it('is a write that was interrupted, if it is the last log', async () => {
    const contents = contentsOf(LAST_LOG);
    for (let length = 0; length < contents.length; length += 1) {
      const disk = await diskWith(LAST_LOG, contents.subarray(0, length));
      const outcome = await open(disk, 'write');
      if ('error' in outcome) throw outcome.error;
      expect(outcome.numbers).toEqual(NUMBERS.slice(0, outcome.numbers.length));
      expect(outcome.numbers.length).toBeGreaterThanOrEqual(IN_SNAPSHOT + IN_OLD_LOG);
    }
  });
});

describe('a file', () => {
  it('that is missing is found', async () => {
    expect(await checkDamage(OLD_LOG, undefined, false)).toBe('refused');
    expect(await checkDamage(SNAPSHOT, undefined, false)).toBe('refused');
  });

  it('that something was added to is found', async () => {
    const more = (name: string, bytes: Uint8Array) =>
      Uint8Array.from([...contentsOf(name), ...bytes]);
    const frame = contentsOf(OLD_LOG).subarray(128, 128 + 432);
    for (const bytes of [new Uint8Array(1), new Uint8Array(64), frame]) {
      expect(await checkDamage(OLD_LOG, more(OLD_LOG, bytes), false)).toBe('refused');
      expect(await checkDamage(SNAPSHOT, more(SNAPSHOT, bytes), false)).toBe('refused');
      expect(await checkDamage(LAST_LOG, more(LAST_LOG, bytes), true)).toBe('cut off');
    }
  });

  it('in the place of another one is found', async () => {
    const [old, last] = [contentsOf(OLD_LOG), contentsOf(LAST_LOG)];
    expect(await checkDamage(OLD_LOG, last, false)).toBe('refused');
    expect(await checkDamage(LAST_LOG, old, false)).toBe('refused');
    expect(await checkDamage(SNAPSHOT, old, false)).toBe('refused');
  });

  it('of a later format is refused by its version', async () => {
    const { xxh32 } = await import('../../src/log/xxh32.ts');
    for (const name of [OLD_LOG, LAST_LOG, SNAPSHOT]) {
      const later = contentsOf(name).slice();
      later[8] = 2;
      new DataView(later.buffer).setUint32(124, xxh32(later.subarray(0, 124)), true);
      const outcome = await open(await diskWith(name, later), 'write');
      expect(outcome).toMatchObject({
        error: { code: 'VECTOR_FORMAT_UNKNOWN', fields: { version: 2 } },
      });
    }
  });
});

describe('salvage', () => {
  it('reads what lies before damage, and says so', async () => {
    const salvaged = async (name: string, contents: Uint8Array | undefined) => {
      const folder = (await diskWith(name, contents)).open('read');
      const errors: string[] = [];
      const log: Log = {
        ...SILENT_LOG,
        error: (message) => {
          errors.push(message);
        },
      };
      const store = await ModelStore.open(folder, { log, salvage: true });
      expect(errors).toHaveLength(1);
      return store.numbers;
    };
    const flipped = (name: string, at: number): Uint8Array => {
      const bytes = contentsOf(name).slice();
      bytes[at] = (bytes[at] as number) ^ 1;
      return bytes;
    };
    const upToOldLog = NUMBERS.slice(0, IN_SNAPSHOT);
    expect(await salvaged(OLD_LOG, flipped(OLD_LOG, 200))).toEqual(upToOldLog);
    expect(await salvaged(OLD_LOG, flipped(OLD_LOG, 700))).toEqual([...upToOldLog, 4]);
    expect(await salvaged(OLD_LOG, flipped(OLD_LOG, 3))).toEqual(upToOldLog);
    expect(await salvaged(LAST_LOG, flipped(LAST_LOG, 3))).toEqual(NUMBERS.slice(0, 6));
    // Of the snapshot, its only chunk is lost in one case, and only its header in the other.
    const afterSnapshot = NUMBERS.slice(IN_SNAPSHOT);
    expect(await salvaged(SNAPSHOT, flipped(SNAPSHOT, 170))).toEqual(afterSnapshot);
    expect(await salvaged(SNAPSHOT, flipped(SNAPSHOT, 150))).toEqual(afterSnapshot);
    expect(await salvaged(SNAPSHOT, flipped(SNAPSHOT, 3))).toEqual(NUMBERS);
    expect(await salvaged(SNAPSHOT, new Uint8Array(0))).toEqual(afterSnapshot);
    expect(await salvaged(OLD_LOG, undefined)).toEqual(upToOldLog);
  });
});
