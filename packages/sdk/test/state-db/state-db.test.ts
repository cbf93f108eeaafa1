import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, SILENT_LOG, toHex } from '@lucerna/base';
import { importBlocks } from '@lucerna/chain';
import { pureSignatureEngine } from '@lucerna/crypto';
import { createNode, devSealer } from '@lucerna/node';
import { systemClock } from '@lucerna/platform-node/clock';
import { verifyAccountProof } from '@lucerna/state';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import {
  Block,
  DEV_NAMES,
  namedAccount,
  StateDB,
  sdkLimits,
  Transaction,
} from '../../src/index.ts';
import { partsOf } from '../../src/state-db/state-db.ts';
import { stateDbGenesis } from '../../src/state-db/state-db-genesis.ts';
import { codeOf } from '../support/code-of.ts';

const directory = mkdtempSync(join(tmpdir(), 'lucerna-state-db-'));
const opened = new Set<StateDB>();

async function open(path = ':memory:', options = {}): Promise<StateDB> {
  const db = await StateDB.open(path, options);
  opened.add(db);
  return db;
}

afterEach(async () => {
  for (const db of opened) await db.close();
  opened.clear();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Everything that programs see of a database. */
async function viewOf(db: StateDB): Promise<unknown> {
  const accounts = [...DEV_NAMES, 'validator1', 'nobody'].map((name) => db.getAccount(name));
  return { accounts, root: db.stateRoot(), latest: await db.getLatestBlock() };
}

describe('a StateDB', () => {
  it('runs the example of its predecessor', async () => {
    const db = await open();
    const tx = Transaction.transfer('alice', 'bob', 100, 1);
    expect(await db.executeTransaction(tx)).toBe(tx.hash());
    expect(db.getBalance('alice')).toBe(999_900n);
    const stored = await db.processBlock(new Block(1, 'prev_hash', [tx], 'validator1'));
    expect(db.getBalance('alice')).toBe(999_900n);
    expect(db.getBalance('bob')).toBe(1_000_100n);
    expect(stored).toMatchObject({ height: 1, stateRoot: db.stateRoot(), gasUsed: 21_000n });
    expect(stored.transactions.map((each) => each.hash())).toEqual([tx.hash()]);
    expect(await db.getBlock(1)).toEqual(stored);
  });

  it('gives the dev names a million units each, and nobody else anything', async () => {
    const db = await open();
    expect(DEV_NAMES.map((name) => db.getBalance(name))).toEqual(DEV_NAMES.map(() => 1_000_000n));
    expect(db.getAccount('stranger')).toBeUndefined();
    expect(db.getBalance('stranger')).toBe(0n);
    expect(db.getNonce('stranger')).toBe(0);
    expect(await db.getBlock(1)).toBeUndefined();
    expect(await db.getBlock(-1)).toBeUndefined();
    expect(await db.getLatestBlock()).toMatchObject({ height: 0, transactions: [] });
  });

  it('knows accounts by name and by address alike', async () => {
    const db = await open(':memory:', { allocation: { alice: '5000', bob: 7n } });
    const { address } = namedAccount('alice');
    expect(db.getAccount(toHex(address))).toEqual(db.getAccount('alice'));
    expect(db.getBalance('carol')).toBe(0n);
    expect(await codeOf(() => db.getBalance('0x12'))).toBe('ADDRESS_INVALID');
    expect(await codeOf(() => db.getBalance('no name'))).toBe('ACCOUNT_NAME_INVALID');
    expect(await codeOf(() => db.getBalance(''))).toBe('ACCOUNT_NAME_INVALID');
  });

  it('gives out keys of names that may be wiped', async () => {
    const hash = Transaction.transfer('mallory', 'bob', 1, 1).hash();
    const { privateKey, address } = namedAccount('mallory');
    privateKey.fill(0);
    address.fill(0);
    expect(Transaction.transfer('mallory', 'bob', 1, 1).hash()).toBe(hash);
    expect(namedAccount('mallory').privateKey.some((byte) => byte !== 0)).toBe(true);
  });

  it('signs for names; what is from an address has to be signed', async () => {
    const db = await open();
    const { address, privateKey } = namedAccount('alice');
    const unsigned = Transaction.transfer(toHex(address), 'bob', 1, 1);
    expect(await codeOf(() => db.executeTransaction(unsigned))).toBe('SIGNER_UNKNOWN');
    expect(await codeOf(() => unsigned.hash())).toBe('SIGNER_UNKNOWN');
    expect(await codeOf(() => unsigned.signed(namedAccount('bob').privateKey))).toBe(
      'SIGNER_UNKNOWN',
    );
    expect(await codeOf(() => unsigned.signed('0x12'))).toBe('KEY_INVALID');
    const signed = unsigned.signed(toHex(privateKey));
    // The same account, so the same transaction.
    expect(signed.hash()).toBe(Transaction.transfer('alice', 'bob', 1, 1).hash());
    await db.executeTransaction(signed);
    expect(db.getNonce('alice')).toBe(1);
  });

  it.each<[string, () => Transaction, string]>([
    ['a nonce that was used', () => Transaction.transfer('bob', 'carol', 1, 1), 'TX_NONCE_TOO_LOW'],
    ['a nonce ahead', () => Transaction.transfer('alice', 'bob', 1, 5), 'TX_NONCE_TOO_HIGH'],
    [
      'more than there is',
      () => Transaction.transfer('alice', 'bob', 2_000_000, 2),
      'TX_INSUFFICIENT_FUNDS',
    ],
    [
      'somebody without anything',
      () => Transaction.transfer('zed', 'bob', 1, 1),
      'TX_INSUFFICIENT_FUNDS',
    ],
    [
      'too little gas',
      () => Transaction.transfer('alice', 'bob', 1, 2, 0, 20_999),
      'TX_INTRINSIC_GAS',
    ],
    [
      'more gas than a block has',
      () => Transaction.transfer('alice', 'bob', 1, 2, 0, 10n ** 12n),
      'TX_GAS_LIMIT',
    ],
    [
      'a second activation',
      () => Transaction.nodeActivation('bob', 'full', 0, 2),
      'EXECUTION_FAILED',
    ],
    ['the same transaction', () => Transaction.transfer('alice', 'bob', 1, 1), 'TRANSACTION_KNOWN'],
  ])('refuses %s, and nothing has changed', async (_, make, code) => {
    const db = await open();
    await db.executeTransaction(Transaction.transfer('alice', 'bob', 1, 1));
    await db.executeTransaction(Transaction.nodeActivation('bob', 'light', 10, 1));
    const before = await viewOf(db);
    expect(await codeOf(() => db.executeTransaction(make()))).toBe(code);
    expect(await viewOf(db)).toEqual(before);
  });

  it.each<[string, () => unknown, string]>([
    ['a transfer of nothing', () => Transaction.transfer('alice', 'bob', 0, 1), 'AMOUNT_INVALID'],
    ['a fraction', () => Transaction.transfer('alice', 'bob', 1.5, 1), 'AMOUNT_INVALID'],
    ['a negative amount', () => Transaction.transfer('alice', 'bob', -1n, 1), 'AMOUNT_INVALID'],
    [
      'more than 256 bits',
      () => Transaction.transfer('alice', 'bob', 2n ** 256n, 1),
      'AMOUNT_INVALID',
    ],
    ['an amount in hex', () => Transaction.transfer('alice', 'bob', '0x1', 1), 'AMOUNT_INVALID'],
    [
      'gas of more than 64 bits',
      () => Transaction.transfer('alice', 'bob', 1, 1, 0, 2n ** 64n),
      'AMOUNT_INVALID',
    ],
    ['nonce 0', () => Transaction.transfer('alice', 'bob', 1, 0), 'NONCE_INVALID'],
    [
      'a transfer to its sender',
      () => Transaction.transfer('alice', 'alice', 1, 1),
      'TRANSFER_TO_SELF',
    ],
    [
      'an unknown node type',
      () => Transaction.nodeActivation('alice', 'huge', 1, 1),
      'NODE_TYPE_UNKNOWN',
    ],
    [
      'a block of a fraction of a second',
      () => new Block(1, '', [], 'v', { timestamp: 1.5 }),
      'BLOCK_TIMESTAMP_INVALID',
    ],
    [
      'a block of no time',
      () => new Block(1, '', [], 'v', { timestamp: Number.POSITIVE_INFINITY }),
      'BLOCK_TIMESTAMP_INVALID',
    ],
    [
      'a name of an inherited field',
      () => Transaction.nodeActivation('alice', 'length', 1, 1),
      'NODE_TYPE_UNKNOWN',
    ],
  ])('does not make %s', async (_, make, code) => {
    expect(await codeOf(make)).toBe(code);
  });

  it('makes nodes, whose status is state that everybody sees', async () => {
    const db = await open();
    await db.executeTransaction(Transaction.nodeActivation('alice', 'super', 250, 1));
    const node = { isNode: true, nodeType: 'super', stake: 250n, reputation: 100, nonce: 1 };
    expect(db.getAccount('alice')).toMatchObject({ ...node, balance: 999_750n });
    expect(db.getAccount('bob')).toMatchObject({
      isNode: false,
      nodeType: undefined,
      reputation: 0,
    });
    const activation = Transaction.nodeActivation('alice', 'super', 250, 1);
    const block = await db.processBlock(new Block(1, '', [activation], 'validator1'));
    expect(db.getAccount('alice')).toMatchObject(node);
    expect(block.transactions[0]).toMatchObject({ type: 'node_activation', nodeType: 'super' });
  });

  it('proves accounts against the root of the latest block', async () => {
    const db = await open();
    await db.processBlock(new Block(1, '', [Transaction.transfer('alice', 'bob', 9, 1)], 'bob'));
    const proof = await db.proof('bob');
    const { address } = namedAccount('bob');
    const account = verifyAccountProof(fromHex(db.stateRoot()), address, proof.accountProof);
    expect(account?.balance).toBe(1_000_009n);
  });

  it('proves accounts of block 0 too, by the root that this block has', async () => {
    const db = await open();
    const { stateRoot } = await db.getLatestBlock();
    expect(stateRoot).toBe(db.stateRoot());
    expect((await db.getBlock(0))?.stateRoot).toBe(stateRoot);
    const { accountProof } = await db.proof('bob');
    const { address } = namedAccount('bob');
    expect(verifyAccountProof(fromHex(stateRoot), address, accountProof)?.balance).toBe(1_000_000n);
    // What is executed is in no block yet.
    await db.executeTransaction(Transaction.transfer('alice', 'bob', 1, 1));
    expect(db.stateRoot()).not.toBe(stateRoot);
    expect((await db.getLatestBlock()).stateRoot).toBe(stateRoot);
  });

  it('has amounts of all 256 bits, and none that is larger', async () => {
    const most = 2n ** 256n - 1n;
    const db = await open(':memory:', { allocation: { alice: most } });
    await db.executeTransaction(Transaction.transfer('alice', 'bob', most, 1));
    expect([db.getBalance('alice'), db.getBalance('bob')]).toEqual([0n, most]);
    const dear = Transaction.transfer('bob', 'alice', most, 1, most);
    expect(await codeOf(() => db.executeTransaction(dear))).toBe('TX_COST_OVERFLOW');
    const allocation = { alice: most, bob: 1 };
    expect(await codeOf(() => StateDB.open(':memory:', { allocation }))).toBe('GENESIS_INVALID');
  });

  it('is closed once, and answers nothing then', async () => {
    const db = await open();
    await db.close();
    await db.close();
    expect(await codeOf(() => db.getBalance('alice'))).toBe('STATE_DB_CLOSED');
    expect(
      await codeOf(() => db.executeTransaction(Transaction.transfer('alice', 'bob', 1, 1))),
    ).toBe('STATE_DB_CLOSED');
  });
});

describe('the closing of a StateDB', () => {
  it('waits for as much as can be under way', async () => {
    const path = join(directory, 'closing');
    const db = await open(path);
    const transactions = Array.from({ length: sdkLimits.values.stateDbQueue }, (_, index) =>
      Transaction.transfer('alice', 'bob', 1, index + 1),
    );
    const executed = transactions.map((each) => db.executeTransaction(each));
    await db.close();
    await Promise.all(executed);
    const again = await open(path);
    expect(again.getNonce('alice')).toBe(transactions.length);
  });
});

describe('a block', () => {
  const first = (nonce = 1, amount = 10): Transaction =>
    Transaction.transfer('alice', 'bob', amount, nonce);

  it.each<[string, (db: StateDB) => Block | Promise<Block>, string]>([
    ['of another height', () => new Block(3, '', [first(2)], 'v'), 'BLOCK_HEIGHT_WRONG'],
    [
      'that is there',
      async (db) => new Block(1, (await db.getLatestBlock()).previousHash, [first()], 'v'),
      'BLOCK_HEIGHT_WRONG',
    ],
    ['on another parent', () => new Block(2, 'prev_hash', [first(2)], 'v'), 'BLOCK_PARENT_WRONG'],
    [
      'with a bad transaction behind good ones',
      async (db) => new Block(2, (await db.getLatestBlock()).hash, [first(2), first(2, 5)], 'v'),
      'BLOCK_TRANSACTION_REFUSED',
    ],
    [
      'with one that fails',
      async (db) => {
        const twice = [1, 2].map((nonce) => Transaction.nodeActivation('carol', 'full', 1, nonce));
        return new Block(2, (await db.getLatestBlock()).hash, twice, 'v');
      },
      'BLOCK_TRANSACTION_REFUSED',
    ],
    [
      'by a producer without a name',
      async (db) => new Block(2, (await db.getLatestBlock()).hash, [first(2)], '!'),
      'ACCOUNT_NAME_INVALID',
    ],
    [
      'from before its parent',
      async (db) =>
        new Block(2, (await db.getLatestBlock()).hash, [first(2)], 'v', { timestamp: 1 }),
      'BLOCK_TIMESTAMP',
    ],
    [
      'that leaves out what the rest was executed on',
      async (db) =>
        new Block(
          2,
          (await db.getLatestBlock()).hash,
          [Transaction.transfer('carol', 'bob', 1_000_000, 1)],
          'v',
        ),
      'BLOCK_CONFLICTS',
    ],
  ])('%s is refused, and nothing has changed', async (_, make, code) => {
    const db = await open();
    await db.processBlock(new Block(1, 'anything', [first()], 'validator1'));
    // What is executed and in no block stays that, too.
    await db.executeTransaction(Transaction.transfer('carol', 'dave', 5, 1));
    await db.executeTransaction(Transaction.transfer('dave', 'erin', 1_000_001, 1));
    const before = await viewOf(db);
    const block = await make(db);
    expect(await codeOf(() => db.processBlock(block))).toBe(code);
    expect(await viewOf(db)).toEqual(before);
  });

  it('of nothing is a block, and fees go to its producer', async () => {
    const db = await open();
    const { hash } = await db.processBlock(new Block(1, '', [], 'validator1'));
    const paid = Transaction.transfer('alice', 'bob', 1, 1, 2);
    await db.processBlock(new Block(2, hash, [paid], 'validator1'));
    expect(db.getBalance('validator1')).toBe(42_000n);
    expect(db.getBalance('alice')).toBe(1_000_000n - 1n - 42_000n);
  });

  it('keeps what it does not have executed on top of it', async () => {
    const db = await open();
    const [one, two, other] = [first(1), first(2), Transaction.transfer('carol', 'dave', 3, 1)];
    for (const each of [one, other, two]) await db.executeTransaction(each);
    const root = db.stateRoot();
    const { hash, stateRoot } = await db.processBlock(new Block(1, '', [one], 'validator1'));
    expect(db.stateRoot()).toBe(root);
    expect(stateRoot).not.toBe(root);
    expect(db.getBalance('dave')).toBe(1_000_003n);
    const next = await db.processBlock(new Block(2, hash, [two, other], 'validator1'));
    expect(next.stateRoot).toBe(root);
    expect(db.stateRoot()).toBe(root);
  });

  it('is there, also when it cannot be noted that its transactions are', async () => {
    const path = join(directory, 'notes');
    const db = await open(path);
    const [one, two] = [first(1), first(2)];
    for (const each of [one, two]) await db.executeTransaction(each);
    const { chain } = partsOf(db);
    const failing = vi.spyOn(chain, 'patch').mockRejectedValue(new Error('the disk is gone'));
    const { hash } = await db.processBlock(new Block(1, '', [one], 'validator1'));
    failing.mockRestore();
    expect(await db.getLatestBlock()).toMatchObject({ height: 1, hash });
    const before = await viewOf(db);
    await db.close();
    const again = await open(path);
    expect(await viewOf(again)).toEqual(before);
    expect((await again.processBlock(new Block(2, hash, [two], 'validator1'))).height).toBe(2);
  });

  it('of a thousand transfers is one block', async () => {
    const db = await open();
    const transfers = Array.from({ length: 1_000 }, (_, index) => first(index + 1, 1));
    const { gasUsed } = await db.processBlock(new Block(1, '', transfers, 'validator1'));
    expect(gasUsed).toBe(21_000_000n);
    expect(db.getBalance('bob')).toBe(1_001_000n);
  });
});

describe('a StateDB in a directory', () => {
  it('has everything again when it is opened again, also what is in no block', async () => {
    const path = join(directory, 'again');
    let db = await open(path);
    const tx = Transaction.transfer('alice', 'bob', 100, 1);
    await db.executeTransaction(tx);
    await db.executeTransaction(Transaction.transfer('bob', 'carol', 1_000_050, 1));
    await db.processBlock(new Block(1, 'prev_hash', [tx], 'validator1'));
    await db.executeTransaction(Transaction.nodeActivation('carol', 'light', 5, 1));
    const before = await viewOf(db);
    await db.close();
    db = await open(path);
    expect(await viewOf(db)).toEqual(before);
    await db.close();
    // The allocation of the first opening holds; another one is refused.
    expect(await codeOf(() => StateDB.open(path, { allocation: { alice: 1 } }))).toBe(
      'CHAIN_GENESIS_MISMATCH',
    );
    db = await open(path);
    expect(await viewOf(db)).toEqual(before);
  });

  it('is one user’s at a time, and is no dev chain', async () => {
    const path = join(directory, 'locked');
    await open(path);
    expect(await codeOf(() => StateDB.open(path))).toBe('DATA_DIRECTORY_IN_USE');
    const { createDevNode } = await import('../../src/index.ts');
    const other = join(directory, 'dev');
    const node = await createDevNode({ dataDirectory: other });
    await node.mine();
    await node.close();
    expect(await codeOf(() => StateDB.open(other))).toBe('STATE_DB_FOREIGN');
    // And is given free again.
    expect(await codeOf(() => StateDB.open(other))).toBe('STATE_DB_FOREIGN');
  });

  it('has the roots of a node that imports its blocks', async () => {
    const db = await open(join(directory, 'export'));
    const roots: string[] = [];
    let previous = 'first';
    for (let height = 1; height <= 20; height += 1) {
      const transactions = [
        Transaction.transfer('alice', `user${height}`, height, height, height % 3),
        ...(height === 7 ? [Transaction.nodeActivation('bob', 'full', 77, 1)] : []),
      ];
      const [one] = transactions;
      if (height % 2 === 0 && one !== undefined) await db.executeTransaction(one);
      const { hash, stateRoot } = await db.processBlock(
        new Block(height, previous, transactions, `validator${height % 4}`),
      );
      roots.push(stateRoot);
      previous = hash;
    }
    const archive = createMemoryFile();
    for await (const part of db.exportBlocks()) await archive.append(part);
    const node = await createNode(
      {
        clock: systemClock,
        log: SILENT_LOG,
        signatures: pureSignatureEngine,
        blockLog: createMemoryFile(),
        store: createMemoryStore(),
      },
      {
        genesis: stateDbGenesis(),
        privateKeys: [],
        sealer: devSealer({ mode: 'manual' }),
        durability: 'process',
      },
    );
    try {
      const work = { takeTurn: async () => undefined };
      expect(await importBlocks(node.chain, archive, work)).toEqual({ imported: 20, known: 0 });
      const imported = roots.map((_, index) => node.chain.header(index + 1)?.header.stateRoot);
      expect(imported.map((root) => toHex(root as Uint8Array))).toEqual(roots);
      expect(toHex(node.chain.stateRoot())).toBe(db.stateRoot());
    } finally {
      await node.close();
    }
  });
});
