import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT_LOG } from '@lucerna/base';
import { KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import * as lmdb from 'lmdb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openBlobDir } from '../src/blob-dir.ts';
import { deleteData } from '../src/delete-data.ts';
import { type DataDirectory, openDataDirectory } from '../src/directory.ts';
import { makeFolder, openFile } from '../src/files.ts';
import { openLmdbStore } from '../src/lmdb.ts';
import { migrate } from '../src/migrations.ts';
import { placeBlockLog } from '../src/place-block-log.ts';
import { replaceFile } from '../src/replace-file.ts';
import { finishReplacement, replaceStore } from '../src/replace-store.ts';
import { type BarrierRules, barrierFaults, type Reliance } from './support/barrier-rules.ts';
import { type SystemCall, systemCalls } from './support/system-calls.ts';

// The tests themselves use `node:fs`, which is left as it is.
vi.mock('node:fs/promises', async (importOriginal) => {
  const { recordedFs } = await import('./support/system-calls.ts');
  return recordedFs(await importOriginal());
});
vi.mock('../src/lmdb.ts', async (importOriginal) => {
  const { recordedStore } = await import('./support/system-calls.ts');
  const real = await importOriginal<typeof import('../src/lmdb.ts')>();
  const openRecorded: typeof real.openLmdbStore = async (path, load) =>
    recordedStore(await real.openLmdbStore(path, load), path);
  return { ...real, openLmdbStore: openRecorded };
});

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'lucerna-barriers-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const BYTES: Uint8Array = Uint8Array.of(1, 2, 3);

/** The removal of the store is certain before that of the log begins. */
const STORE_BEFORE_LOG: Reliance = {
  step: 'remove blocks.log',
  names: ['store', 'store.new', 'store.old'],
};

// Windows cannot sync a folder.
describe.skipIf(process.platform === 'win32')('on the disk when the call resolves is', () => {
  it('a new file, by name, and what it was synced with', async () => {
    const folder = newFolder();
    const file = await expectBarriers({ folder }, () => openFile(join(folder, 'log')));
    await expectBarriers({ folder }, async () => {
      await file.append(BYTES);
      await file.truncate(2);
      await file.sync();
    });
    await file.close();
  });

  it('a folder with those above it', async () => {
    const folder = newFolder();
    await expectBarriers({ folder }, () => makeFolder(join(folder, 'a', 'b', 'c')));
    expect(existsSync(join(folder, 'a', 'b', 'c'))).toBe(true);
  });

  it.each([0, 1, 3])('a file of %i parts that another one is replaced with', async (parts) => {
    const folder = newFolder({ file: 'old' });
    const replacing = (level: 'process' | 'power') => (): Promise<number> =>
      replaceFile(join(folder, 'file'), new Array<Uint8Array>(parts).fill(BYTES), {
        newPath: join(folder, 'file.new'),
        level,
        failed: (error) => error,
      });
    await expectBarriers({ folder }, replacing('power'));
    // At the lower level there may be the old one again, but not half of the new one.
    const ignored = (name: string): boolean => ['file', 'file.new'].includes(name);
    await expectBarriers({ folder, ignored }, replacing('process'));
  });

  it('a blob, and that it was removed', async () => {
    const folder = newFolder();
    const dir = await expectBarriers({ folder }, () => openBlobDir(join(folder, 'blobs')));
    await expectBarriers({ folder }, () => dir.write('a', [BYTES, BYTES], 'power'));
    await expectBarriers({ folder }, () => dir.write('a', [BYTES], 'power'));
    await expectBarriers({ folder }, () => dir.remove('a', 'power'));
    // A removal at the lower level, which the next one at `power` makes certain.
    await expectBarriers({ folder }, async () => {
      await dir.write('b', [BYTES], 'process');
      await dir.remove('b', 'process');
      await dir.remove('b', 'power');
    });
    await dir.close();
  });

  it('the deletion of a chain, the store before the log', async () => {
    const folder = newFolder(FULL);
    await expectBarriers({ folder, relies: [STORE_BEFORE_LOG] }, () => deleteData(folder));
    expect(existsSync(join(folder, 'store'))).toBe(false);
    expect(existsSync(join(folder, 'blocks.log'))).toBe(false);
  });

  it('the same when a folder stays, as somebody else has a file in it', async () => {
    const folder = newFolder({ ...FULL, 'store/notes.txt': 'mine' });
    await expectBarriers({ folder, relies: [STORE_BEFORE_LOG] }, () => deleteData(folder));
    expect(existsSync(join(folder, 'store', 'data.mdb'))).toBe(false);
    expect(existsSync(join(folder, 'store', 'notes.txt'))).toBe(true);
  });

  it('a reset', async () => {
    const folder = newFolder({ ...FULL, schema: '1\n' });
    // A lock is that of a process, which does not outlive a power loss either.
    const ignored = (name: string): boolean => name.startsWith('lock');
    const directory = await expectBarriers({ folder, ignored, relies: [STORE_BEFORE_LOG] }, () =>
      openDataDirectory(folder, { reset: true }),
    );
    await directory.close();
    expect(readFileSync(join(folder, 'schema'), 'utf8')).toBe('3\n');
  });

  it('a block log that was placed, after the store of another chain has gone', async () => {
    const folder = newFolder();
    const directory = await openDataDirectory(folder);
    for (const file of ['store/data.mdb', 'store/lock.mdb', 'blocks.log']) put(folder, file, '');
    // The store would be taken for that of the new log.
    const relies = [
      { step: 'remove blocks.log', names: ['store'] },
      { step: 'rename blocks.log.new -> blocks.log', names: ['store'] },
    ];
    async function* parts(): AsyncGenerator<Uint8Array> {
      yield BYTES;
      yield BYTES;
    }
    await expectBarriers({ folder, relies }, () => placeBlockLog(directory, parts()));
    expect(readFileSync(join(folder, 'blocks.log')).length).toBe(6);
    await directory.close();
  });

  it('a store without rows before the schema number that says so', async () => {
    const folder = newFolder({ ...FULL, schema: '1\n' });
    const relies = [{ step: 'rename schema.new -> schema', names: ['store'] }];
    await expectBarriers({ folder, relies }, () => migrate(folder, 1, SILENT_LOG));
    expect(existsSync(join(folder, 'store', 'data.mdb'))).toBe(false);
    expect(readFileSync(join(folder, 'schema'), 'utf8')).toBe('3\n');
  });
});

/** Of two stores one is whole at any time; see `finishReplacement` for what the names say. */
const REPLACED: readonly Reliance[] = [
  { step: 'rename store.new -> store', names: ['store', 'store.old', 'store.new'] },
  { step: 'remove store.old', names: ['store', 'store.new'] },
];

/** LMDB makes its locks again when it is the first to open the file. */
const isLmdbLock = (name: string): boolean => name.endsWith('/lock.mdb');

describe.skipIf(process.platform === 'win32')('a store that is replaced', () => {
  it('is on the disk before the old one goes, whatever level it was filled at', async () => {
    const [folder, directory] = await filledDirectory();
    let levels: readonly string[] = [];
    await expectBarriers({ folder, relies: REPLACED, ignored: isLmdbLock }, async () => {
      await replaceStore(directory, (fresh) => commitRow(fresh));
      levels = systemCalls.flatMap((call) => (call.call === 'databaseCommit' ? call.level : []));
    });
    expect(levels).toEqual(['process', 'power']);
    await directory.close();
  });

  it('has the files that no database has written before their folder goes', async () => {
    const [folder, directory] = await filledDirectory();
    put(folder, 'store/notes.txt', 'mine');
    const relies = [...REPLACED, { step: 'remove store.old', names: ['store/notes.txt'] }];
    await expectBarriers({ folder, relies, ignored: isLmdbLock }, () =>
      replaceStore(directory, commitRow),
    );
    expect(readFileSync(join(folder, 'store', 'notes.txt'), 'utf8')).toBe('mine');
    await directory.close();
  });

  it('goes back after a crash before the new one had the name', async () => {
    const folder = newFolder({ 'store.old/data.mdb': 'old', 'store.new/data.mdb': 'new' });
    // The process has died before it could sync what it did last.
    const left: SystemCall = {
      call: 'rename',
      path: join(folder, 'store'),
      to: join(folder, 'store.old'),
    };
    await expectBarriers({ folder }, () => finishReplacement(folder), [left]);
    expect(readFileSync(join(folder, 'store', 'data.mdb'), 'utf8')).toBe('old');
  });

  it('stays after a crash when it had the name, which is certain before the old one goes', async () => {
    const folder = newFolder({
      'store/data.mdb': 'new',
      'store.old/data.mdb': 'old',
      'store.old/notes.txt': 'mine',
    });
    const left: SystemCall = {
      call: 'rename',
      path: join(folder, 'store.new'),
      to: join(folder, 'store'),
    };
    const relies = [{ step: 'remove store.old', names: ['store', 'store.new', 'store/notes.txt'] }];
    await expectBarriers({ folder, relies }, () => finishReplacement(folder), [left]);
    expect(readFileSync(join(folder, 'store', 'data.mdb'), 'utf8')).toBe('new');
    expect(readFileSync(join(folder, 'store', 'notes.txt'), 'utf8')).toBe('mine');
    expect(existsSync(join(folder, 'store.old'))).toBe(false);
  });
});

describe('LMDB', () => {
  it('is opened with nothing that switches its syncs off or puts them off', async () => {
    const given: LmdbOptions[] = [];
    const store = await openLmdbStore(join(newFolder(), 'store'), lmdbThatTells(given));
    await store.close();
    expect(given.length).toBe(1);
    const [options] = given as [LmdbOptions & Record<string, unknown>];
    for (const name of ['noSync', 'noMetaSync', 'mapAsync']) {
      expect([name, options[name] ?? false]).toEqual([name, false]);
    }
    // The library's own default is true: a commit would resolve before its sync.
    expect(options.overlappingSync).toBe(false);
  });

  it.skipIf(process.platform === 'win32')('has the names of its files on the disk', async () => {
    const folder = newFolder();
    const store = await expectBarriers({ folder, ignored: isLmdbLock }, () =>
      openLmdbStore(join(folder, 'store'), lmdbThatTells([])),
    );
    expect(systemCalls).toContainEqual({
      call: 'create',
      path: join(folder, 'store', 'data.mdb'),
    });
    await store.close();
  });
});

type LmdbOptions = lmdb.RootDatabaseOptionsWithPath;

/** The library, whose options go to `given` and whose file to the trace. */
function lmdbThatTells(given: LmdbOptions[]): () => Promise<Pick<typeof lmdb, 'open'>> {
  const open = (options: LmdbOptions): lmdb.RootDatabase => {
    given.push(options);
    const opened = lmdb.open(options);
    systemCalls.push({ call: 'create', path: join(options.path as string, 'data.mdb') });
    return opened;
  };
  return async () => ({ open }) as typeof lmdb;
}

/** Runs the operation, in which every call keeps the rules; `left` are those of a crash before it. */
async function expectBarriers<T>(
  rules: BarrierRules,
  operation: () => Promise<T>,
  left: readonly SystemCall[] = [],
): Promise<T> {
  systemCalls.length = 0;
  systemCalls.push(...left);
  const result = await operation();
  expect(systemCalls.length).toBeGreaterThan(left.length);
  expect(barrierFaults(systemCalls, rules)).toEqual([]);
  return result;
}

/** What a reset has to delete. */
const FULL: Readonly<Record<string, string>> = {
  'store/data.mdb': 'rows',
  'store/lock.mdb': '',
  'store.new/data.mdb': 'rows',
  'store.old/data.mdb': 'rows',
  'blocks.log': 'blocks',
  'blocks.log.new': 'blocks',
  'pool.0.log': 'transactions',
  'pool.1.log': 'transactions',
};

/** A folder with files, none of which is in the trace. */
function newFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(root, 'folder-'));
  for (const [name, text] of Object.entries(files)) put(folder, name, text);
  return folder;
}

function put(folder: string, name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

async function filledDirectory(): Promise<[string, DataDirectory]> {
  const folder = newFolder();
  const directory = await openDataDirectory(folder);
  const store = await openLmdbStore(directory.storePath);
  await commitRow(store);
  await store.close();
  return [folder, directory];
}

async function commitRow(store: KvStore): Promise<void> {
  const batch = new WriteBatch();
  batch.put(KEYSPACES.blocks, BYTES, BYTES);
  await store.commit(batch, 'process');
}
