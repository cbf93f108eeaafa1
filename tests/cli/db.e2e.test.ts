import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDataDirectory } from '@lucerna/platform-node/directory';
import { openLmdbStore } from '@lucerna/platform-node/lmdb';
import { createDevNode, type DevNode } from '@lucerna/sdk';
import { KEYSPACES, WriteBatch } from '@lucerna/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finished, startCli, startNode } from '../support/cli-process.ts';
import { databasesHere } from '../support/databases.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

const TRANSFERS = 40;
const [alice, bob] = [devAccount(0).address, devAccount(1).address];

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

const pathOf = (name: string): string => join(directory.path, name);

type Options = Omit<NonNullable<Parameters<typeof createDevNode>[0]>, 'dataDirectory'>;

/** Runs a node over the directory `name` while `task` talks to it. */
async function withNode<T>(
  name: string,
  task: (node: DevNode) => Promise<T>,
  options: Options = {},
): Promise<T> {
  const node = await createDevNode({ dataDirectory: pathOf(name), ...options });
  try {
    return await task(node);
  } finally {
    await node.close();
  }
}

async function send(node: DevNode, count: number): Promise<void> {
  for (let value = 1; value <= count; value += 1) {
    const transaction = { from: alice, to: bob, value: `0x${value.toString(16)}` };
    await node.rpc.request('eth_sendTransaction', [transaction]);
  }
}

/** A chain of some transfers, a block each. */
function makeChain(name: string, options: Options = {}): Promise<void> {
  return withNode(name, (node) => send(node, TRANSFERS), options);
}

/** What a client sees of the chain's head and of an older state. */
function view(name: string, height = 'latest'): Promise<unknown> {
  return withNode(name, async ({ rpc }) => [
    await rpc.request('eth_getBlockByNumber', ['latest', true]),
    await rpc.request('eth_getBalance', [bob, height]),
  ]);
}

function db(...args: readonly string[]): Promise<Finished> {
  return startCli(['db', ...args]).finished;
}

/** Runs a command on the directory `name` that must succeed, without a word on stderr. */
async function result<T>(name: string, ...args: readonly string[]): Promise<T> {
  const finished = await db(...args, '--data-dir', pathOf(name), '--json');
  expect(finished).toMatchObject({ code: 0, stderr: '' });
  expect(finished.stdout.trimEnd()).not.toContain('\n');
  return JSON.parse(finished.stdout);
}

/** What a command says that must fail, with nothing on stdout. */
async function failure(name: string, ...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await db(...args, '--data-dir', pathOf(name), '--json');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error;
}

describe('which directories it takes', () => {
  test.each(['verify', 'stats', 'compact'])(
    '%s refuses one that is not there, and makes none',
    async (command) => {
      expect(await failure('nowhere', command)).toMatchObject({ code: 'DATA_DIRECTORY_MISSING' });
      expect(() => readFileSync(pathOf('nowhere'))).toThrow('ENOENT');
    },
  );

  test('one without a chain', async () => {
    const empty = await openDataDirectory(pathOf('empty'));
    await empty.close();
    for (const command of ['verify', 'stats', 'compact']) {
      expect(await failure('empty', command)).toMatchObject({ code: 'CHAIN_GENESIS_MISSING' });
    }
    expect(readdirSync(pathOf('empty'))).toEqual(['schema']);
  });

  test.each([['verify'], ['stats'], ['compact', '--history', '0']])(
    '%s refuses one that a node uses',
    async (...args) => {
      const node = await startNode(pathOf('used'));
      try {
        expect(await failure('used', ...args)).toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
      } finally {
        await node.kill('SIGTERM');
      }
    },
  );

  test('usage errors are told apart', async () => {
    expect(await db('compact', '--db', 'sqlite')).toMatchObject({ code: 2, stdout: '' });
    expect(await db('compact', '--history', 'some')).toMatchObject({ code: 2, stdout: '' });
    expect(await db('verify', 'more')).toMatchObject({ code: 2, stdout: '' });
  });
});

type Verified = {
  readonly height: number;
  readonly genesisSupply: string;
  readonly totalBalance: string;
  readonly burned: string;
};

describe('verify', () => {
  beforeAll(() => makeChain('sound'));

  test('counts what it has read', async () => {
    const [head] = (await view('sound')) as [{ hash: string; stateRoot: string }];
    const verified = await result<Verified>('sound', 'verify');
    expect(verified).toMatchObject({
      dataDirectory: pathOf('sound'),
      hash: head.hash,
      stateRoot: head.stateRoot,
      height: TRANSFERS,
      blocks: TRANSFERS + 1,
      transactions: TRANSFERS,
      accounts: expect.any(Number),
    });
    const { genesisSupply, totalBalance, burned } = verified;
    expect(BigInt(totalBalance) + BigInt(burned)).toBe(BigInt(genesisSupply));
    expect(BigInt(burned)).toBeGreaterThan(0n);
  });

  test('says so to people', async () => {
    const { code, stdout, stderr } = await db('verify', '--data-dir', pathOf('sound'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Blocks +41, from 0 to 40$/m);
    expect(stdout).toMatch(/^Supply +100,000 coins$/m);
    expect(stdout).toMatch(/^Intact: /m);
  });

  test('repairs first what a kill has left', async () => {
    const node = await startNode(pathOf('killed'));
    await fetch(node.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'evm_mine' }),
    });
    await node.kill('SIGKILL');
    expect(await result('killed', 'verify')).toMatchObject({ height: 1 });
  });

  test('names the keyspace and the key of a damaged row', async () => {
    await makeChain('rotten');
    const key = Buffer.from(bob.slice(2), 'hex');
    await changeRow(pathOf('rotten'), key);
    const where = { keyspace: 'accounts', key: bob.toLowerCase() };
    expect(await failure('rotten', 'verify')).toMatchObject({
      code: 'STORE_CORRUPT',
      fields: where,
    });
    const text = await db('verify', '--data-dir', pathOf('rotten'));
    expect(text).toMatchObject({ code: 1, stdout: '' });
    expect(text.stderr).toContain(`keyspace: accounts\n       key: ${where.key}\n`);
    // Copying reads everything: damage is not carried over.
    expect(await failure('rotten', 'compact')).toMatchObject({ code: 'STORE_CORRUPT' });
    // The log has everything.
    await result('rotten', 'compact', '--history', 'all');
    expect(await result('rotten', 'verify')).toMatchObject({ height: TRANSFERS });
  });

  test('names the offset of a damaged record', async () => {
    await makeChain('torn');
    const log = join(pathOf('torn'), 'blocks.log');
    const bytes = readFileSync(log);
    const offset = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
    writeFileSync(log, bytes);
    const found = await failure('torn', 'verify');
    expect(found).toMatchObject({
      code: 'LOG_CORRUPT',
      fields: { offset: expect.any(Number) },
    });
    const { fields } = found as { fields: { offset: number } };
    expect(fields.offset).toBeLessThanOrEqual(offset);
    expect(fields.offset).toBeGreaterThan(0);
  });
});

/** Turns a bit of an account's row over, below the checksums. */
async function changeRow(path: string, key: Uint8Array): Promise<void> {
  const held = await openDataDirectory(path);
  const store = await openLmdbStore(held.storePath);
  const stored = Buffer.from(store.get(KEYSPACES.accounts, key) ?? '');
  stored.writeUInt8(stored.readUInt8(0) ^ 0x10, 0);
  const batch = new WriteBatch();
  batch.put(KEYSPACES.accounts, key, stored);
  await store.commit(batch, 'power');
  await store.close();
  await held.close();
}

type Stats = {
  readonly usage: { readonly blockLogBytes: number; readonly storeBytes: number };
  readonly keyspaces: readonly { readonly name: string; readonly rows: number }[];
};

const rowsOf = ({ keyspaces }: Stats, wanted: string): number =>
  keyspaces.find(({ name }) => name === wanted)?.rows ?? Number.NaN;

describe('stats', () => {
  test('counts bytes and rows', async () => {
    await makeChain('counted');
    const stats = await result<Stats>('counted', 'stats');
    expect(stats).toMatchObject({
      dataDirectory: pathOf('counted'),
      schema: 3,
      database: 'lmdb',
      chainId: '31337',
      height: TRANSFERS,
      usage: { blockLogBytes: readFileSync(join(pathOf('counted'), 'blocks.log')).length },
    });
    expect(stats.usage.storeBytes).toBeGreaterThan(0);
    expect(rowsOf(stats, 'blocks')).toBe(TRANSFERS + 1);
    expect(rowsOf(stats, 'transactions')).toBe(TRANSFERS);
    const { stdout } = await db('stats', '--data-dir', pathOf('counted'));
    expect(stdout).toMatch(/^blocks +41 +328 B +\d+\.\d kB$/m);
  });
});

describe('compact', () => {
  test('takes out what was deleted and overwritten, and nothing else', async () => {
    // The database is written at every end: what it overwrites leaves holes.
    for (let round = 0; round < 6; round += 1) await makeChain('large');
    const expected = await view('large', '0x5');
    const rows = (await result<Stats>('large', 'stats')).keyspaces;
    const { before, after } = await result<Compacted>('large', 'compact');
    expect(after.storeBytes).toBeLessThan(before.storeBytes);
    expect(after.blockLogBytes).toBe(before.blockLogBytes);
    const stats = await result<Stats>('large', 'stats');
    expect(stats).toMatchObject({ keyspaces: rows, usage: { storeBytes: after.storeBytes } });
    expect(await view('large', '0x5')).toEqual(expected);
  });

  test('drops older states, and brings them back from the log', async () => {
    await makeChain('aged');
    const expected = await view('aged', '0x5');
    const full = await result<Stats>('aged', 'stats');
    await result('aged', 'compact', '--history', '10');
    const small = await result<Stats>('aged', 'stats');
    expect(rowsOf(small, 'account-history') * 4).toBe(rowsOf(full, 'account-history'));
    await expect(view('aged', '0x5')).rejects.toThrow();
    expect(await view('aged', '0x1e')).toBeDefined();
    await result('aged', 'compact', '--history', 'all');
    expect((await result<Stats>('aged', 'stats')).keyspaces).toEqual(full.keyspaces);
    expect(await view('aged', '0x5')).toEqual(expected);
  });

  test.runIf(databasesHere().length > 1)('makes another database of it, and back', async () => {
    await makeChain('moved');
    const expected = await view('moved', '0x5');
    const rows = (await result<Stats>('moved', 'stats')).keyspaces;
    for (const [from, to] of [
      ['lmdb', 'rocksdb'],
      ['rocksdb', 'lmdb'],
    ] as const) {
      expect(await result('moved', 'compact', '--db', to)).toMatchObject({
        before: { database: from },
        after: { database: to },
      });
      expect(await result('moved', 'stats')).toMatchObject({ database: to, keyspaces: rows });
      expect(await view('moved', '0x5')).toEqual(expected);
    }
    const text = await db('compact', '--data-dir', pathOf('moved'), '--db', 'rocksdb');
    expect(text.stdout).toMatch(/^Database +lmdb -> rocksdb$/m);
    expect(text.stdout).toMatch(/^Block log +\d+\.\d kB \([\d,]+ bytes\)$/m);
  });
});

type Compacted = Readonly<
  Record<'before' | 'after', { readonly storeBytes: number; readonly blockLogBytes: number }>
>;

type Imported = { readonly height: number; readonly hash: string; readonly genesisHash: string };

/** Writes an archive of the chain `name` to a new file. @returns what the command says of it */
function archive(name: string, file: string, ...args: readonly string[]): Promise<Archived> {
  const [command = 'export', ...more] = args;
  return result<Archived>(name, command, pathOf(file), ...more);
}

type Archived = { readonly hash: string; readonly genesisHash: string; readonly bytes: number };

/** A copy of a file with one bit of the byte at `part` of its length turned over. */
function damage(file: string, part: number, to: string): string {
  const bytes = readFileSync(pathOf(file));
  const offset = Math.floor(bytes.length * part);
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 0x10, offset);
  writeFileSync(pathOf(to), bytes);
  return pathOf(to);
}

describe('export and import of blocks', () => {
  beforeAll(async () => {
    await makeChain('source');
    await archive('source', 'all.blocks');
  });

  test('say what was written', async () => {
    const [head] = (await view('source')) as [{ hash: string }];
    const report = await archive('source', 'same.blocks');
    expect(report).toEqual({
      file: pathOf('same.blocks'),
      kind: 'blocks',
      from: 1,
      height: TRANSFERS,
      hash: head.hash,
      genesisHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      bytes: readFileSync(pathOf('same.blocks')).length,
    });
    expect(readFileSync(pathOf('same.blocks'))).toEqual(readFileSync(pathOf('all.blocks')));
  });

  test.each(databasesHere())('make the same chain with %s', async (database) => {
    const name = `copy-${database}`;
    const imported = await result<Imported>(name, 'import', pathOf('all.blocks'), '--db', database);
    expect(imported).toMatchObject({
      kind: 'blocks',
      imported: TRANSFERS,
      known: 0,
      hashChecked: false,
    });
    expect(await view(name, '0x5')).toEqual(await view('source', '0x5'));
    expect(await result(name, 'verify')).toMatchObject({ hash: imported.hash });
    expect(await result(name, 'stats')).toMatchObject({ database });
    const again = ['import', pathOf('all.blocks'), '--expect-hash', imported.hash];
    expect(await result(name, ...again)).toMatchObject({
      imported: 0,
      known: TRANSFERS,
      hashChecked: true,
    });
  });

  test('take parts, and those only in their order', async () => {
    await archive('source', 'first.blocks', 'export', '--to', '10');
    await archive('source', 'later.blocks', 'export', '--from', '9');
    await archive('source', 'last.blocks', 'export', '--from', '12');
    const first = ['import', pathOf('first.blocks')];
    expect(await result('parts', ...first)).toMatchObject({ imported: 10, height: 10 });
    expect(await failure('parts', 'import', pathOf('last.blocks'))).toMatchObject({
      code: 'BLOCKS_MISSING',
      message: expect.stringContaining('block 12, the chain ends at block 10'),
      fields: { height: 12, head: 10 },
    });
    expect(await result('parts', 'import', pathOf('later.blocks'))).toMatchObject({
      imported: TRANSFERS - 10,
      known: 2,
    });
    expect(await view('parts')).toEqual(await view('source'));
  });

  test('keep as many older states as was asked for', async () => {
    await result('short', 'import', pathOf('all.blocks'), '--history', '0');
    expect(rowsOf(await result<Stats>('short', 'stats'), 'account-history')).toBe(0);
  });

  test('do not go on with another chain', async () => {
    await makeChain('other', { chainId: 5n });
    expect(await failure('other', 'import', pathOf('all.blocks'))).toMatchObject({
      code: 'CHAIN_GENESIS_MISMATCH',
    });
    const hash = `0x${'5a'.repeat(32)}`;
    expect(
      await failure('wrong', 'import', pathOf('all.blocks'), '--expect-hash', hash),
    ).toMatchObject({ code: 'HASH_UNEXPECTED', fields: { expected: hash } });
  });

  test('stop where the file is damaged, and keep what came before', async () => {
    const file = damage('all.blocks', 0.5, 'damaged.blocks');
    expect(await failure('half', 'import', file)).toMatchObject({
      code: 'ARCHIVE_INVALID',
      fields: { offset: expect.any(Number) },
    });
    const { height } = await result<Imported>('half', 'verify');
    expect(height).toBeGreaterThan(5);
    expect(height).toBeLessThan(TRANSFERS - 5);
    expect(await result('half', 'import', pathOf('all.blocks'))).toMatchObject({ known: height });
    expect(await view('half')).toEqual(await view('source'));
  });

  test('take nothing else for an archive', async () => {
    writeFileSync(pathOf('notes.txt'), 'what else there is to do');
    writeFileSync(pathOf('nothing'), '');
    for (const name of ['notes.txt', 'nothing']) {
      expect(await failure('never', 'import', pathOf(name))).toMatchObject({
        code: 'ARCHIVE_INVALID',
      });
    }
    for (const name of ['gone', '.']) {
      expect(await failure('never', 'import', pathOf(name))).toMatchObject({
        code: 'INPUT_UNREADABLE',
      });
    }
    expect(existsSync(pathOf('never'))).toBe(false);
  });

  test('replace nothing in the data directory, whatever they are told', async () => {
    const log = join(pathOf('source'), 'blocks.log');
    const before = readFileSync(log);
    for (const path of [log, join(pathOf('source'), 'store', 'new.blocks')]) {
      for (const command of ['export', 'snapshot']) {
        expect(await failure('source', command, path, '--force')).toMatchObject({
          code: 'OUTPUT_UNWRITABLE',
        });
      }
    }
    expect(readFileSync(log)).toEqual(before);
    expect(readdirSync(join(pathOf('source'), 'store'))).not.toContain('new.blocks');
  });

  test('say when there are no blocks', async () => {
    const args = ['--from', `${TRANSFERS + 1}`, '--data-dir', pathOf('source')];
    const { code, stdout } = await db('export', pathOf('none.blocks'), ...args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Blocks +none$/m) });
    expect(await result('source', 'import', pathOf('none.blocks'))).toMatchObject({
      imported: 0,
      known: 0,
    });
  });

  test('replace a file only when they are told to', async () => {
    writeFileSync(pathOf('mine.blocks'), 'mine');
    for (const command of ['export', 'snapshot']) {
      const args = [command, pathOf('mine.blocks')];
      expect(await failure('source', ...args)).toMatchObject({ code: 'OUTPUT_EXISTS' });
      expect(readFileSync(pathOf('mine.blocks'), 'utf8')).toBe('mine');
    }
    await archive('source', 'mine.blocks', 'export', '--force');
    expect(readFileSync(pathOf('mine.blocks'))).toEqual(readFileSync(pathOf('all.blocks')));
  });
});

describe('snapshot and import of a state', () => {
  let hash: string;

  beforeAll(async () => {
    await makeChain('origin');
    await archive('origin', 'origin.blocks');
    ({ hash } = await archive('origin', 'head.state', 'snapshot'));
  });

  test.each(databasesHere())('begin a chain with %s that goes on', async (database) => {
    const name = `base-${database}`;
    const args = [pathOf('head.state'), '--db', database, '--expect-hash', hash];
    expect(await result(name, 'import', ...args)).toMatchObject({
      kind: 'state',
      height: TRANSFERS,
      hash,
      hashChecked: true,
    });
    expect(await view(name)).toEqual(await view('origin'));
    await withNode(name, async (node) => {
      await send(node, 3);
      const head = node.rpc.request('eth_blockNumber', []);
      expect(await head).toBe(`0x${(TRANSFERS + 3).toString(16)}`);
      await expect(node.rpc.request('eth_getBalance', [bob, '0x1'])).rejects.toMatchObject({
        code: 4444,
      });
    });
    expect(await result(name, 'verify')).toMatchObject({
      firstHeight: TRANSFERS,
      height: TRANSFERS + 3,
      blocks: 4,
    });
    expect(await result(name, 'stats')).toMatchObject({ firstHeight: TRANSFERS, database });
    const early = ['export', pathOf(`${name}.early`), '--from', '1'];
    expect(await failure(name, ...early)).toMatchObject({ code: 'BLOCKS_PRUNED' });
    expect(existsSync(pathOf(`${name}.early`))).toBe(false);
    // Its blocks are for whoever has those before.
    await archive(name, `${name}.blocks`);
    await result(`${name}-whole`, 'import', pathOf('origin.blocks'));
    expect(await result(`${name}-whole`, 'import', pathOf(`${name}.blocks`))).toMatchObject({
      imported: 3,
      known: 0,
    });
    expect(await view(`${name}-whole`)).toEqual(await view(name));
    await archive(name, `${name}.state`, 'snapshot');
    await result(`${name}-again`, 'import', pathOf(`${name}.state`));
    expect(await view(`${name}-again`)).toEqual(await view(name));
  });

  test('refuse another block than the expected one, and make nothing', async () => {
    const args = ['--expect-hash', `0x${'5a'.repeat(32)}`];
    expect(await failure('unmade', 'import', pathOf('head.state'), ...args)).toMatchObject({
      code: 'HASH_UNEXPECTED',
    });
    expect(existsSync(pathOf('unmade'))).toBe(false);
    expect(await db('import', pathOf('head.state'), '--expect-hash', '0x5a')).toMatchObject({
      code: 2,
    });
  });

  test('do not take the place of a chain', async () => {
    await makeChain('settled');
    const before = await view('settled');
    expect(await failure('settled', 'import', pathOf('head.state'))).toMatchObject({
      code: 'CHAIN_EXISTS',
    });
    expect(await view('settled')).toEqual(before);
    expect(await result('settled', 'verify')).toMatchObject({ firstHeight: 0 });
  });

  test('leave no chain when the file is damaged', async () => {
    const cut = readFileSync(pathOf('head.state')).subarray(0, -1);
    writeFileSync(pathOf('cut.state'), cut);
    const damaged = [0.1, 0.5, 0.9, 0.99].map((part) =>
      damage('head.state', part, `${part}.state`),
    );
    for (const file of [...damaged, pathOf('cut.state')]) {
      expect(await failure('clean', 'import', file)).toMatchObject({
        code: 'ARCHIVE_INVALID',
        fields: { offset: expect.any(Number) },
      });
      expect(await failure('clean', 'verify')).toMatchObject({
        code: expect.stringMatching(/^(CHAIN_GENESIS|DATA_DIRECTORY)_MISSING$/),
      });
    }
    expect(await result('clean', 'import', pathOf('head.state'))).toMatchObject({ hash });
  });

  test('leave all of the chain or none when they are killed', async () => {
    for (const name of ['blocks.log.new', 'blocks.log', 'store']) {
      const path = pathOf(`killed-at-${name}`);
      const child = startCli(['db', 'import', pathOf('head.state'), '--data-dir', path]);
      const isThere = (wanted: string): boolean => existsSync(join(path, wanted));
      await waitUntil(`there is ${name}, or it was`, () =>
        isThere(name) || isThere('blocks.log') ? true : undefined,
      );
      await child.kill('SIGKILL');
      const { code, stdout, stderr } = await db('verify', '--data-dir', path, '--json');
      if (code === 0) expect(JSON.parse(stdout)).toMatchObject({ hash });
      else expect(stderr).toContain('_MISSING');
      // Either way the next one ends it.
      const again = await result<Imported>(`killed-at-${name}`, 'import', pathOf('head.state'));
      expect(again).toMatchObject({ hash });
    }
  });
});

test('an export that is stopped leaves no file', async () => {
  await withNode('long', (node) => node.mine(2_000));
  mkdirSync(pathOf('target'));
  const file = join(pathOf('target'), 'long.blocks');
  const child = startCli(['db', 'export', file, '--data-dir', pathOf('long')]);
  await waitUntil('it writes', () => readdirSync(pathOf('target'))[0]);
  const { code, stdout, stderr } = await child.kill('SIGINT');
  if (code === 0) {
    // It was faster than the signal.
    expect(readdirSync(pathOf('target'))).toEqual(['long.blocks']);
    return;
  }
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toContain('[INTERRUPTED]');
  expect(readdirSync(pathOf('target'))).toEqual([]);
});
