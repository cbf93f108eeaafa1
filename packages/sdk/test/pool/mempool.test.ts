import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, toHex } from '@lucerna/base';
import { keccak256, pureSignatureEngine } from '@lucerna/crypto';
import {
  checksumAddress,
  createAddress,
  encodeTransaction,
  signTransaction,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import { crc32c } from '@lucerna/storage';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import {
  Block,
  compileContract,
  Mempool,
  MempoolConfig,
  namedAccount,
  STATE_DB_CHAIN_ID,
  StateDB,
  Transaction,
} from '../../src/index.ts';
import { partsOf } from '../../src/state-db/state-db.ts';
import { codeOf } from '../support/code-of.ts';

const directory = mkdtempSync(join(tmpdir(), 'lucerna-pool-'));
const opened = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
  // What was opened last is closed first: a pool before its database.
  for (const each of [...opened].reverse()) await each.close();
  opened.clear();
});
afterAll(() => rmSync(directory, { recursive: true }));

async function openBoth(
  config: ConstructorParameters<typeof MempoolConfig>[0] = {},
): Promise<{ db: StateDB; pool: Mempool }> {
  const db = await StateDB.open(':memory:');
  opened.add(db);
  const pool = await Mempool.open(new MempoolConfig(config), db);
  opened.add(pool);
  return { db, pool };
}

/** Of a record of the pool's files: length, kind, checksum. */
const HEADER_BYTES = 9;
const hasBytes = (file: string): boolean => statSync(file).size > 0;

const json = (fields: object): string => JSON.stringify({ from: 'alice', to: 'bob', ...fields });

describe('a Mempool', () => {
  it('runs the example of its predecessor', async () => {
    const config = new MempoolConfig({ maxSize: 10_000, minGasPrice: 1 });
    const pool = await Mempool.open(config, join(directory, 'state.db'));
    opened.add(pool);
    const hash = await pool.addTransaction('{"from": "alice", "to": "bob", "amount": 100}');
    const [transaction] = pool.getPendingTransactions(10);
    expect(transaction?.hash()).toBe(hash);
    expect(transaction).toMatchObject({ amount: 100n, nonce: 1, gasPrice: 1n });
    expect(pool.getTransaction(hash)?.hash()).toBe(hash);
  });

  it('has a configuration that can be read', () => {
    expect(new MempoolConfig({ maxSize: 5, minGasPrice: '7' })).toMatchObject({
      maxSize: 5,
      minGasPrice: 7n,
    });
    expect(MempoolConfig.default()).toMatchObject({ maxSize: 50_000, minGasPrice: 1n });
  });

  it.each([{ maxSize: 0 }, { maxSize: 1.5 }, { minGasPrice: -1 }])(
    'refuses the configuration %j',
    async (config) => {
      expect(await codeOf(() => new MempoolConfig(config))).toBe('AMOUNT_INVALID');
    },
  );

  it('takes the same transaction once, in whatever order its fields stand', async () => {
    const { pool } = await openBoth();
    const hash = await pool.addTransaction('{"from":"alice","to":"bob","amount":1,"nonce":1}');
    for (const same of [
      '{"nonce":1,"amount":"1","to":"bob","from":"alice"}',
      Transaction.transfer('alice', 'bob', 1, 1, 1),
    ]) {
      expect(await codeOf(() => pool.addTransaction(same))).toBe('POOL_ALREADY_KNOWN');
    }
    expect(pool.size).toBe(1);
    expect(pool.getTransaction(hash.toUpperCase())).toBeUndefined();
  });

  it('gives each the next nonce of its sender, and orders by price', async () => {
    const { pool } = await openBoth();
    await pool.addTransaction(json({ amount: 1, gas_price: 1 }));
    await pool.addTransaction(json({ amount: 2, gas_price: 9 }));
    await pool.addTransaction(json({ from: 'carol', amount: 3, gas_price: 5 }));
    await pool.addTransaction(json({ from: 'dave', amount: 4 }));
    const pending = pool.getPendingTransactions();
    // The second one of alice pays most, and comes behind her first one all the same.
    expect(pending.map(({ amount }) => amount)).toEqual([3n, 1n, 2n, 4n]);
    expect(pool.getPendingTransactions(2)).toHaveLength(2);
    expect(pool.getPendingTransactions(0)).toEqual([]);
  });

  it.each<[string, string | object, string]>([
    ['text that is no JSON', '{', 'TRANSACTION_JSON_INVALID'],
    ['a list', '[]', 'TRANSACTION_JSON_INVALID'],
    ['a number', '1', 'TRANSACTION_JSON_INVALID'],
    ['null', 'null', 'TRANSACTION_JSON_INVALID'],
    ['no sender', '{"to":"bob","amount":1}', 'TRANSACTION_JSON_INVALID'],
    ['a field that means nothing', json({ amount: 1, gasprice: 3 }), 'TRANSACTION_JSON_INVALID'],
    ['another type', json({ amount: 1, type: 'mint' }), 'TRANSACTION_JSON_INVALID'],
    ['raw bytes that are none', '{"raw":"0x1"}', 'TRANSACTION_JSON_INVALID'],
    ['raw bytes of nothing', '{"raw":"0x00"}', 'TX_TYPE_UNSUPPORTED'],
    ['no amount', json({}), 'AMOUNT_INVALID'],
    ['an amount that JSON has rounded', json({ amount: 2 ** 60 }), 'AMOUNT_INVALID'],
    [
      'more gas than there are numbers for',
      json({ amount: 1, gas_limit: '18446744073709551616' }),
      'AMOUNT_INVALID',
    ],
    ['raw bytes and more', '{"raw":"0x00","amount":1}', 'TRANSACTION_JSON_INVALID'],
    ['nonce 0', json({ amount: 1, nonce: 0 }), 'NONCE_INVALID'],
    ['a nonce far ahead', json({ amount: 1, nonce: 100_000 }), 'TX_NONCE_TOO_HIGH'],
    ['a price below the lowest', json({ amount: 1, gas_price: 1 }), 'POOL_UNDERPRICED'],
    ['more than the sender has', json({ amount: 2_000_000 }), 'TX_INSUFFICIENT_FUNDS'],
    ['a sender without anything', json({ from: 'zed', amount: 1 }), 'TX_INSUFFICIENT_FUNDS'],
    [
      'an address without a signature',
      json({ from: `0x${'11'.repeat(20)}`, amount: 1 }),
      'SIGNER_UNKNOWN',
    ],
    ['gas that is not enough', json({ amount: 1, gas_limit: 5 }), 'TX_INTRINSIC_GAS'],
  ])('refuses %s, and says why beforehand', async (_, given, code) => {
    const { pool } = await openBoth({ minGasPrice: 2 });
    expect(await codeOf(() => pool.addTransaction(given as string))).toBe(code);
    expect(pool.validate(given as string)).toMatchObject({ isValid: false, code });
    expect(pool.size).toBe(0);
  });

  it('says yes to what it then takes', async () => {
    const { pool } = await openBoth();
    const signed = Transaction.transfer('carol', 'bob', 1, 1, 5);
    for (const each of [json({ amount: 1 }), { raw: signed.raw() }]) {
      expect(pool.validate(each)).toEqual({ isValid: true });
      await pool.addTransaction(each);
    }
    expect(pool.getTransaction(signed.hash())?.amount).toBe(1n);
  });

  it('is full at its size, unless somebody pays more', async () => {
    const { pool } = await openBoth({ maxSize: 2 });
    for (const from of ['alice', 'carol'])
      await pool.addTransaction(json({ from, amount: 1, gas_price: 3 }));
    expect(await codeOf(() => pool.addTransaction(json({ from: 'dave', amount: 1 })))).toBe(
      'POOL_UNDERPRICED',
    );
    await pool.addTransaction(json({ from: 'erin', amount: 1, gas_price: 30 }));
    expect(pool.size).toBe(2);
    expect(pool.getPendingTransactions(1)[0]?.gasPrice).toBe(30n);
  });

  it('lets go of what is removed, and of all', async () => {
    const { pool } = await openBoth();
    const hash = await pool.addTransaction(json({ amount: 1 }));
    expect(await pool.removeTransaction(hash)).toBe(true);
    expect(await pool.removeTransaction(hash)).toBe(false);
    expect(await pool.removeTransaction('alice')).toBe(false);
    expect(pool.getTransaction(hash)).toBeUndefined();
    await pool.addTransaction(json({ amount: 1 }));
    await pool.clear();
    expect(pool.size).toBe(0);
  });

  it('keeps one that is ahead until those before it come', async () => {
    const { pool } = await openBoth();
    await pool.addTransaction(json({ amount: 2, nonce: 2 }));
    expect(pool.size).toBe(1);
    expect(pool.getPendingTransactions()).toEqual([]);
    await pool.addTransaction(json({ amount: 1, nonce: 1 }));
    expect(pool.getPendingTransactions().map(({ nonce }) => nonce)).toEqual([1, 2]);
  });

  it('fills blocks of its database, and follows it', async () => {
    const { db, pool } = await openBoth();
    for (const amount of [1, 2, 3]) await pool.addTransaction(json({ amount }));
    const block = new Block(1, '', pool.getPendingTransactions(2), 'validator1');
    await db.processBlock(block);
    expect(pool.getPendingTransactions().map(({ amount }) => amount)).toEqual([3n]);
    expect(db.getBalance('validator1')).toBe(42_000n);
    // An executed one counts as well.
    await db.executeTransaction(Transaction.transfer('alice', 'bob', 3, 3));
    expect(pool.size).toBe(0);
  });

  it('has what waited when it is opened again', async () => {
    const path = join(directory, 'kept');
    const config = new MempoolConfig();
    let pool = await Mempool.open(config, path);
    opened.add(pool);
    const hashes = [
      await pool.addTransaction(json({ amount: 1 })),
      await pool.addTransaction(json({ amount: 2 })),
    ];
    await pool.removeTransaction(hashes[1] as string);
    await pool.close();
    pool = await Mempool.open(config, path);
    opened.add(pool);
    expect(pool.getPendingTransactions().map((each) => each.hash())).toEqual([hashes[0]]);
    await pool.close();
    expect(await codeOf(() => pool.addTransaction(json({ amount: 1 })))).toBe('STATE_DB_CLOSED');
  });

  it('is the only one of its database', async () => {
    const { db, pool } = await openBoth();
    expect(await codeOf(() => Mempool.open(new MempoolConfig(), db))).toBe('POOL_OPEN');
    await pool.close();
    expect(await codeOf(() => Mempool.open(new MempoolConfig(), db))).toBe('POOL_OPEN');
    await db.executeTransaction(Transaction.transfer('alice', 'bob', 1, 1));
  });

  it('is the only one, also when two are opened at once', async () => {
    const db = await StateDB.open(':memory:');
    opened.add(db);
    const attempts = [1, 2].map(() => Mempool.open(new MempoolConfig(), db));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await codeOf(() => attempts[1])).toBe('POOL_OPEN');
  });

  it('sees what its database does while it opens', async () => {
    const path = join(directory, 'meanwhile');
    const first = await Mempool.open(new MempoolConfig(), path);
    const hash = await first.addTransaction(json({ amount: 1 }));
    await first.close();
    const db = await StateDB.open(path);
    opened.add(db);
    const [pool] = await Promise.all([
      Mempool.open(new MempoolConfig(), db),
      db.executeTransaction(Transaction.transfer('alice', 'bob', 1, 1, 1)),
    ]);
    expect(db.getNonce('alice')).toBe(1);
    expect(pool.getTransaction(hash)).toBeUndefined();
    expect(pool.size).toBe(0);
  });

  it('ends with its database, and what it has answered is kept', async () => {
    const path = join(directory, 'ends');
    const db = await StateDB.open(path);
    const pool = await Mempool.open(new MempoolConfig(), db);
    const hash = await pool.addTransaction(json({ amount: 1 }));
    await db.close();
    for (const call of [
      () => pool.addTransaction(json({ amount: 1 })),
      () => pool.getPendingTransactions(),
      () => pool.validate(json({ amount: 1 })),
    ]) {
      expect(await codeOf(call)).toBe('STATE_DB_CLOSED');
    }
    await pool.close();
    const again = await Mempool.open(new MempoolConfig(), path);
    opened.add(again);
    expect(again.getPendingTransactions().map((each) => each.hash())).toEqual([hash]);
  });

  it('gives the directory free when its files cannot be read', async () => {
    const path = join(directory, 'newer');
    const pool = await Mempool.open(new MempoolConfig(), path);
    await pool.addTransaction(json({ amount: 1 }));
    await pool.close();
    const file = [0, 1].map((index) => join(path, `pool.${index}.log`)).find(hasBytes) as string;
    const bytes = readFileSync(file);
    bytes[HEADER_BYTES + 4] = 99; // behind the magic: the version
    bytes.writeUInt32BE(crc32c(bytes.subarray(HEADER_BYTES, 18), crc32c(bytes.subarray(0, 5))), 5);
    writeFileSync(file, bytes);
    for (const _ of ['first', 'second']) {
      expect(await codeOf(() => Mempool.open(new MempoolConfig(), path))).toBe(
        'POOL_JOURNAL_VERSION',
      );
    }
    const db = await StateDB.open(path);
    opened.add(db);
    expect(await codeOf(() => Mempool.open(new MempoolConfig(), db))).toBe('POOL_JOURNAL_VERSION');
    await db.executeTransaction(Transaction.transfer('alice', 'bob', 1, 1));
  });

  it('is opened for an open database alone', async () => {
    const db = await StateDB.open(':memory:');
    const opening = Mempool.open(new MempoolConfig(), db);
    await db.close();
    expect(await codeOf(() => opening)).toBe('STATE_DB_CLOSED');
    expect(await codeOf(() => Mempool.open(new MempoolConfig(), db))).toBe('STATE_DB_CLOSED');
  });

  it('answers only what is kept', async () => {
    const { db, pool } = await openBoth();
    const hash = await pool.addTransaction(json({ amount: 1 }));
    for (const file of partsOf(db).poolJournal) {
      vi.spyOn(file, 'append').mockRejectedValue(new Error('no room is left'));
    }
    for (const from of ['alice', 'carol']) {
      expect(await codeOf(() => pool.addTransaction(json({ from, amount: 2 })))).toBe(
        'POOL_NOT_KEPT',
      );
    }
    expect(pool.getPendingTransactions().map((each) => each.hash())).toEqual([hash]);
  });

  it('gives the directory free when a file cannot be closed', async () => {
    const path = join(directory, 'unclosed');
    const db = await StateDB.open(path);
    const pool = await Mempool.open(new MempoolConfig(), db);
    const { chain, poolJournal } = partsOf(db);
    const [file, other] = poolJournal;
    const closeFile = file.close.bind(file);
    vi.spyOn(file, 'close').mockImplementation(async () => {
      await closeFile();
      throw new Error('the disk is gone');
    });
    await expect(pool.close()).rejects.toThrow('the disk is gone');
    await expect(db.close()).rejects.toThrow('the disk is gone');
    await other.close();
    expect(await codeOf(() => chain.block(0))).toBe('CHAIN_CLOSED');
    opened.add(await StateDB.open(path));
  });

  const raw = (nonce: bigint, to: Uint8Array | null, data: Uint8Array, from = 'alice'): string => {
    const { privateKey } = namedAccount(from);
    const unsigned: UnsignedTransaction = {
      type: 0,
      chainId: STATE_DB_CHAIN_ID,
      nonce,
      gasPrice: 0n,
      gasLimit: 2_000_000n,
      to,
      value: 0n,
      data,
    };
    return toHex(encodeTransaction(signTransaction(unsigned, privateKey, pureSignatureEngine)));
  };

  it('lets no block make a contract of who was paid before', async () => {
    const { db, pool } = await openBoth({ minGasPrice: 0 });
    const { bytecode } = compileContract(`
      contract Early {
        data calls: integer = 0
        action call() { require(TX.block_number < 2, "late"); calls += 1 }
      }`);
    const address = createAddress(namedAccount('bob').address, 0n);
    const selector = keccak256(new TextEncoder().encode('call()')).subarray(0, 4);
    await pool.addTransaction({ raw: raw(0n, address, selector) });
    await pool.addTransaction({ raw: raw(0n, null, fromHex(bytecode), 'bob') });
    const pending = pool.getPendingTransactions();
    const call = pending.find(({ type }) => type === 'contract_call') as Transaction;
    const deployment = pending.find(({ type }) => type === 'contract_deploy') as Transaction;
    await db.executeTransaction(call);
    const root = db.stateRoot();
    const early = new Block(1, '', [deployment], 'validator1');
    expect(await codeOf(() => db.processBlock(early))).toBe('BLOCK_CONFLICTS');
    expect(db.stateRoot()).toBe(root);
    await db.processBlock(new Block(1, '', [call, deployment], 'validator1'));
    expect([db.getNonce('alice'), db.getNonce('bob')]).toEqual([1, 1]);
  });

  it('brings signed transactions of contracts, which are executed by blocks', async () => {
    const { db, pool } = await openBoth({ minGasPrice: 0 });
    const { bytecode } = compileContract(`
      contract Clock {
        data at: integer = 0
        action tick() { at = TX.timestamp }
      }`);
    await pool.addTransaction({ raw: raw(0n, null, fromHex(bytecode)) });
    const [deployment] = pool.getPendingTransactions() as [Transaction];
    const address = createAddress(namedAccount('alice').address, 0n);
    expect(deployment).toMatchObject({ type: 'contract_deploy', to: checksumAddress(address) });
    expect(await codeOf(() => db.executeTransaction(deployment))).toBe('CONTRACT_NEEDS_BLOCK');
    const { hash } = await db.processBlock(new Block(1, '', [deployment], 'validator1'));
    const tick = keccak256(new TextEncoder().encode('tick()')).subarray(0, 4);
    await pool.addTransaction({ raw: raw(1n, address, tick) });
    const [call] = pool.getPendingTransactions() as [Transaction];
    expect(call).toMatchObject({ type: 'contract_call', nonce: 2 });
    expect(await codeOf(() => db.executeTransaction(call))).toBe('CONTRACT_NEEDS_BLOCK');
    const { transactions } = await db.processBlock(new Block(2, hash, [call], 'validator1'));
    expect(transactions.map(({ type }) => type)).toEqual(['contract_call']);
    expect(pool.size).toBe(0);
    expect(call.signed(namedAccount('alice').privateKey).hash()).toBe(call.hash());
  });

  it('never throws anything but codes, and validate nothing at all', async () => {
    const { pool } = await openBoth();
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('alice', 'bob', 1, '5', -1, null));
    const object = fc.record(
      Object.fromEntries(
        [
          'from',
          'to',
          'amount',
          'nonce',
          'gas_price',
          'gas_limit',
          'type',
          'node_type',
          'raw',
          'x',
        ].map((field) => [field, value]),
      ),
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          object.map((each) => JSON.stringify(each)),
        ),
        async (text) => {
          const verdict = pool.validate(text);
          if (!verdict.isValid)
            expect(await codeOf(() => pool.addTransaction(text))).toBe(verdict.code);
        },
      ),
      runs(300),
    );
  });
});
