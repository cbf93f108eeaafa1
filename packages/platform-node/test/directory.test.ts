import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DataDirectory,
  directoryUsage,
  openDataDirectory,
} from '@lucerna/platform-node/directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Child, startChild } from './support/run-child.ts';

let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-directory-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function newPath(): string {
  made += 1;
  return join(folder, `${made}`, 'data');
}

const inUse = (pid: number): object => ({ code: 'DATA_DIRECTORY_IN_USE', fields: { pid } });

describe('a data directory', () => {
  it('is made with a schema number, and says where things are', async () => {
    const path = newPath();
    const directory = await openDataDirectory(path);
    expect(directory).toMatchObject({
      path,
      blockLogPath: join(path, 'blocks.log'),
      storePath: join(path, 'store'),
      poolJournalPaths: [join(path, 'pool.0.log'), join(path, 'pool.1.log')],
    });
    expect(await readFile(join(path, 'schema'), 'utf8')).toBe('3\n');
    await directory.close();
    await directory.close();
    expect(await readdir(path)).toEqual(['schema']);
    await (await openDataDirectory(path)).close();
  });

  it('refuses a folder with files of somebody else, and leaves it as it is', async () => {
    const path = newPath();
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'letter.txt'), 'dear');
    for (const reset of [false, true]) {
      await expect(openDataDirectory(path, { reset })).rejects.toMatchObject({
        code: 'DATA_DIRECTORY_FOREIGN',
        fields: { file: 'letter.txt' },
      });
    }
    expect(await readdir(path)).toEqual(['letter.txt']);
  });

  it.each(['4', '0', '12', '02', '1.0', '-1', '', 'two'])(
    'refuses the schema %j until it is reset, and leaves all as it is',
    async (found) => {
      const path = newPath();
      await (await openDataDirectory(path)).close();
      await writeFile(join(path, 'schema'), `${found}\n`);
      await writeFile(join(path, 'blocks.log'), 'blocks');
      await writeFile(join(path, 'pool.0.log'), 'transactions');
      for (const name of ['store', 'store.new', 'store.old']) {
        await mkdir(join(path, name));
        await writeFile(join(path, name, 'data.mdb'), name);
      }
      await expect(openDataDirectory(path)).rejects.toMatchObject({
        code: 'DATA_DIRECTORY_SCHEMA',
        fields: { found, expected: 3 },
      });
      expect(await readFile(join(path, 'blocks.log'), 'utf8')).toBe('blocks');
      for (const name of ['store', 'store.new', 'store.old']) {
        expect(await readFile(join(path, name, 'data.mdb'), 'utf8')).toBe(name);
      }
      await (await openDataDirectory(path, { reset: true })).close();
      expect(await readdir(path)).toEqual(['schema']);
      await (await openDataDirectory(path)).close();
    },
  );

  it('is not made where it is to be there already', async () => {
    const path = newPath();
    const missing = {
      code: 'DATA_DIRECTORY_MISSING',
      remedy: expect.stringContaining('--data-dir'),
    };
    await expect(openDataDirectory(path, { create: false })).rejects.toMatchObject(missing);
    await expect(readdir(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(path, { recursive: true });
    await expect(openDataDirectory(path, { create: false })).rejects.toMatchObject(missing);
    expect(await readdir(path)).toEqual([]);
    await (await openDataDirectory(path)).close();
    await (await openDataDirectory(path, { create: false })).close();
    const foreign = newPath();
    await mkdir(foreign, { recursive: true });
    await writeFile(join(foreign, 'letter.txt'), 'dear');
    await expect(openDataDirectory(foreign, { create: false })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_FOREIGN',
    });
  });

  it('says how much its files hold', async () => {
    const path = newPath();
    const directory = await openDataDirectory(path);
    const schemaBytes = 2;
    const empty = { blockLogBytes: 0, storeBytes: 0, otherBytes: schemaBytes };
    expect(await directoryUsage(directory)).toEqual(empty);
    await writeFile(directory.blockLogPath, 'x'.repeat(1000));
    await mkdir(directory.storePath);
    await writeFile(join(directory.storePath, 'data.mdb'), 'x'.repeat(200));
    await writeFile(join(directory.storePath, 'lock.mdb'), 'x'.repeat(30));
    await mkdir(join(path, 'store.new'));
    await writeFile(join(path, 'store.new', 'data.mdb'), 'x'.repeat(4));
    await writeFile(join(path, 'stored.txt'), 'x'.repeat(50));
    const filled = { blockLogBytes: 1000, storeBytes: 230, otherBytes: schemaBytes + 54 };
    expect(await directoryUsage(directory)).toEqual(filled);
    await directory.close();
    await rm(path, { recursive: true });
    await expect(directoryUsage(directory)).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
    });
  });

  it('deletes what Lucerna writes there, and nothing else', async () => {
    const path = newPath();
    const directory = await openDataDirectory(path);
    await writeFile(directory.blockLogPath, 'blocks');
    await mkdir(directory.storePath);
    const rocks = [
      'CURRENT',
      'IDENTITY',
      'LOCK',
      'MANIFEST-000005',
      'OPTIONS-000007',
      '000004.log',
    ];
    for (const name of ['data.mdb', 'lock.mdb', ...rocks, '000009.sst', 'notes.txt']) {
      await writeFile(join(directory.storePath, name), name);
    }
    await writeFile(join(path, 'letter.txt'), 'dear');
    await directory.close();
    await (await openDataDirectory(path, { reset: true })).close();
    expect((await readdir(path)).sort()).toEqual(['letter.txt', 'schema', 'store']);
    expect(await readdir(directory.storePath)).toEqual(['notes.txt']);
  });

  it('is not reset while somebody uses it', async () => {
    const path = newPath();
    const directory = await openDataDirectory(path);
    await writeFile(directory.blockLogPath, 'blocks');
    await expect(openDataDirectory(path, { reset: true })).rejects.toMatchObject(
      inUse(process.pid),
    );
    expect(await readFile(directory.blockLogPath, 'utf8')).toBe('blocks');
    await directory.close();
  });

  it('refuses a path that is a file', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(openDataDirectory(path)).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
    });
  });
});

describe('the database of a data directory', () => {
  it('is LMDB unless another one is asked for', async () => {
    for (const [wanted, database] of [
      [undefined, 'lmdb'],
      ['lmdb', 'lmdb'],
      ['rocksdb', 'rocksdb'],
    ] as const) {
      const path = newPath();
      const directory = await openDataDirectory(path, wanted && { database: wanted });
      expect(directory.database).toBe(database);
      await directory.close();
    }
  });

  it.each([
    ['data.mdb', 'lmdb', 'rocksdb'],
    ['lock.mdb', 'lmdb', 'rocksdb'],
    ['CURRENT', 'rocksdb', 'lmdb'],
    ['000012.log', 'rocksdb', 'lmdb'],
  ] as const)(
    'is known by the file %s of its store, and the other is refused',
    async (file, own, other) => {
      const path = newPath();
      const directory = await openDataDirectory(path);
      await mkdir(directory.storePath);
      await writeFile(join(directory.storePath, file), '');
      await directory.close();
      for (const options of [{}, { database: own }]) {
        const again = await openDataDirectory(path, options);
        expect(again.database).toBe(own);
        await again.close();
      }
      await expect(openDataDirectory(path, { database: other })).rejects.toMatchObject({
        code: 'DATA_DIRECTORY_DATABASE',
        fields: { found: own, expected: other },
        remedy: expect.stringContaining('--reset'),
      });
      // The refusal has not kept the lock.
      const fresh = await openDataDirectory(path, { database: other, reset: true });
      expect(fresh.database).toBe(other);
      await fresh.close();
    },
  );
});

describe('the folders above a data directory', () => {
  it('are made when they are missing', async () => {
    const path = join(newPath(), 'over', 'node');
    await (await openDataDirectory(path)).close();
    expect(await readdir(path)).toContain('schema');
  });

  it.runIf(process.platform === 'linux')(
    'are refused where the system lets nobody make one',
    async () => {
      for (const path of ['/proc/lucerna', '/proc/lucerna/over/node']) {
        await expect(openDataDirectory(path)).rejects.toMatchObject({
          code: 'DATA_DIRECTORY_UNUSABLE',
          fields: { path },
        });
      }
    },
  );

  it('are refused when one is a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(openDataDirectory(join(file, 'node'))).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
    });
  });
});

describe('the lock of a data directory', () => {
  it('names the process that has it, and is free after that process has ended', async () => {
    const path = newPath();
    const child = await holder(path);
    await expect(openDataDirectory(path)).rejects.toMatchObject(inUse(child.pid));
    await child.end();
    await (await openDataDirectory(path)).close();
  });

  it('is free after kill -9', async () => {
    const path = newPath();
    for (let round = 0; round < 3; round += 1) {
      const child = await holder(path);
      await child.end('SIGKILL');
      expect(await readdir(path)).toContain('lock');
      await (await openDataDirectory(path)).close();
      expect(await readdir(path)).toEqual(['schema']);
    }
  });

  it('is free when its process number has gone to another process', async () => {
    const path = newPath();
    const child = await holder(path);
    await child.end('SIGKILL');
    const [file] = (await readdir(join(path, 'lock'))) as [string];
    const reused = file.replace(`pid-${child.pid}-`, `pid-${process.pid}-`);
    await rm(join(path, 'lock', file));
    await writeFile(join(path, 'lock', reused), '');
    const opening = openDataDirectory(path);
    // Where the start of a process is not known, its number has to do.
    if (process.platform === 'linux') await (await opening).close();
    else await expect(opening).rejects.toMatchObject(inUse(process.pid));
  });

  it('is left alone when it holds a file that no lock has', async () => {
    const path = newPath();
    await mkdir(join(path, 'lock'), { recursive: true });
    await writeFile(join(path, 'lock', 'letter.txt'), 'dear');
    await expect(openDataDirectory(path)).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
    });
    expect(await readdir(path)).toEqual(['lock']);
  });

  it('is cleaned of what takers left that were killed before they had it', async () => {
    const path = newPath();
    const child = await holder(path);
    await child.end('SIGKILL');
    const [file] = (await readdir(join(path, 'lock'))) as [string];
    await mkdir(join(path, `lock.${file}`));
    await writeFile(join(path, `lock.${file}`, file), '');
    await (await openDataDirectory(path)).close();
    expect(await readdir(path)).toEqual(['schema']);
  });

  it('goes to one of many takers in one process', async () => {
    const path = newPath();
    for (let round = 0; round < 30; round += 1) {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => openDataDirectory(path)),
      );
      const open = results.filter((result) => result.status === 'fulfilled');
      expect(open.length).toBe(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject(inUse(process.pid));
      }
      await (open[0] as PromiseFulfilledResult<DataDirectory>).value.close();
    }
  });

  it.each([false, true])('goes to one of many processes; after kill -9: %s', async (killed) => {
    for (let round = 0; round < 3; round += 1) {
      const path = newPath();
      if (killed) {
        const dead = await holder(path);
        await dead.end('SIGKILL');
      }
      const children = Array.from({ length: 5 }, () => startChild('./hold-directory.ts', [path]));
      for (const child of children) expect(await child.line()).toBe('ready');
      for (const child of children) child.send('go');
      const answers = await Promise.all(children.map((child) => child.line()));
      const winner = children[answers.indexOf('open')];
      const expected = children.map((child) =>
        child === winner ? 'open' : `DATA_DIRECTORY_IN_USE ${winner?.pid}`,
      );
      expect(answers).toEqual(expected);
      for (const child of children) await child.end();
      await (await openDataDirectory(path)).close();
    }
  });
});

/** A process that has opened `path`. */
async function holder(path: string): Promise<Child> {
  const child = startChild('./hold-directory.ts', [path]);
  expect(await child.line()).toBe('ready');
  child.send('go');
  expect(await child.line()).toBe('open');
  return child;
}
