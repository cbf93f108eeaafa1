import { fromHex, type Hex, isHex, isLucernaError, present, toHex } from '@lucerna/base';
import { Mempool as Pool, type PoolEffect, type PoolEvent, PoolJournal } from '@lucerna/mempool';
import type { RecoveredTransaction } from '@lucerna/protocol';
import { addressOf } from '../accounts/named-account.ts';
import { sdkErrors } from '../errors.ts';
import { amountFrom, type WholeNumber } from '../state-db/amounts.ts';
import { partsOf, StateDB, type StateDbParts } from '../state-db/state-db.ts';
import { STATE_DB_BLOCK_GAS, STATE_DB_CHAIN_ID } from '../state-db/state-db-genesis.ts';
import { Transaction } from '../state-db/transaction.ts';
import {
  type RawTransactionObject,
  type TransactionObject,
  transactionFromJson,
} from './transaction-json.ts';

/** What a pool is given: JSON text, the object that such text has, signed bytes, or a transaction. */
export type PoolTransaction = string | TransactionObject | RawTransactionObject | Transaction;

/** How many transactions a pool takes, and at which price at least. */
export class MempoolConfig {
  readonly maxSize: number;
  /** Units for one of gas. */
  readonly minGasPrice: bigint;

  /** @throws `AMOUNT_INVALID` for numbers that are none, and for a size of 0 */
  constructor(options: { readonly maxSize?: number; readonly minGasPrice?: WholeNumber } = {}) {
    const { maxSize = 50_000, minGasPrice = 1n } = options;
    const size = amountFrom(maxSize, 'maxSize');
    if (size < 1n || size > 2n ** 32n) throw sdkErrors.create('AMOUNT_INVALID', `maxSize: ${size}`);
    this.maxSize = Number(size);
    this.minGasPrice = amountFrom(minGasPrice, 'minGasPrice');
  }

  /** 50,000 transactions, and a price of 1. */
  static default(): MempoolConfig {
    return new MempoolConfig();
  }
}

/** Whether a pool would take a transaction, and if not, why. */
export type PoolVerdict =
  | { readonly isValid: true }
  | { readonly isValid: false; readonly code: string; readonly reason: string };

/**
 * Transactions that wait for a block, on the pool of the node: checked against the accounts of a
 * {@link StateDB}, best paid first, kept over restarts where the database is.
 *
 * ```ts
 * const pool = await Mempool.open(new MempoolConfig({ maxSize: 10_000, minGasPrice: 1 }), './state.db');
 * const hash = await pool.addTransaction('{"from": "alice", "to": "bob", "amount": 100}');
 * pool.getPendingTransactions(10);
 * ```
 */
export class Mempool {
  readonly config: MempoolConfig;
  readonly #pool: Pool;
  readonly #journal: PoolJournal;
  readonly #parts: StateDbParts;
  /** Closed with the pool: it was opened by it. */
  readonly #ownDatabase: StateDB | undefined;
  #recorded: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    config: MempoolConfig,
    parts: StateDbParts,
    pool: Pool,
    journal: PoolJournal,
    ownDatabase: StateDB | undefined,
  ) {
    this.config = config;
    this.#parts = parts;
    this.#pool = pool;
    this.#journal = journal;
    this.#ownDatabase = ownDatabase;
    parts.pool = {
      onChange: (touched) => {
        this.#stepAside({ kind: 'head', ...poolHead(parts), touched, nowMs: parts.clock.nowMs() });
      },
      close: () => this.#end(),
    };
  }

  /**
   * Opens the pool of a database, which it opens as well unless it is open. There is one pool of a
   * database at a time.
   *
   * @throws as `StateDB.open`; `POOL_OPEN` when the database has or has had one, `STATE_DB_CLOSED` when it
   *   is closed
   */
  static async open(config: MempoolConfig, state: string | StateDB): Promise<Mempool> {
    const database = typeof state === 'string' ? await StateDB.open(state) : state;
    const own = typeof state === 'string' ? database : undefined;
    const parts = partsOf(database);
    if (parts.pool !== undefined) throw sdkErrors.create('POOL_OPEN');
    // From now on, the files are the journal's, which closes them when it cannot read them.
    const opening = PoolJournal.open(parts.poolJournal, { log: parts.log });
    const missed: Uint8Array[] = [];
    parts.pool = {
      onChange: (touched) => missed.push(...touched),
      close: async () => (await opening.catch(() => undefined))?.close(),
    };
    try {
      const journal = await opening;
      const pool = createPool(config, parts);
      await journal.replay(pool, parts.clock.nowMs());
      // It may have been closed meanwhile.
      partsOf(database);
      const mempool = new Mempool(config, parts, pool, journal, own);
      parts.pool.onChange(missed);
      return mempool;
    } catch (error) {
      await own?.close();
      throw error;
    }
  }

  /** How many transactions wait. */
  get size(): number {
    return this.#pool.size;
  }

  /**
   * Takes a transaction: JSON text, an object, or a `Transaction`. Without a price it gets the lowest
   * that the pool takes, without a nonce the sender's next one.
   *
   * @returns its hash, when it is kept
   * @throws `TRANSACTION_JSON_INVALID`, `SIGNER_UNKNOWN`, and what the pool says: `POOL_*`, `TX_*`;
   *   `POOL_NOT_KEPT` when the files of the pool cannot be written: it is not in the pool then
   */
  async addTransaction(transaction: PoolTransaction): Promise<Hex> {
    this.#checkOpen();
    const recovered = this.#read(transaction).recovered(this.#parts.signatures);
    const event: PoolEvent = {
      kind: 'transaction',
      transaction: recovered,
      nowMs: this.#parts.clock.nowMs(),
      origin: 'local',
    };
    const effects = this.#pool.step(event);
    const rejected = effects.find((effect) => effect.kind === 'rejected');
    if (rejected !== undefined) throw rejected.error;
    await this.#journal.record(event, effects);
    if (this.#journal.stopped && this.#closing === undefined) {
      this.#pool.step({ kind: 'remove', hash: recovered.hash });
      throw sdkErrors.create('POOL_NOT_KEPT');
    }
    return toHex(recovered.hash);
  }

  /** A transaction that waits; undefined for any other hash. */
  getTransaction(hash: string): Transaction | undefined {
    this.#checkOpen();
    const bytes = hashOf(hash);
    const found = bytes && this.#pool.get(bytes);
    return found && Transaction.of(found);
  }

  /**
   * Transactions that the next block can have, at most `limit`: the best paid first, those of one sender in
   * the order of their nonces.
   */
  getPendingTransactions(limit: number = Number.POSITIVE_INFINITY): readonly Transaction[] {
    this.#checkOpen();
    const source = this.#pool.source();
    const found: Transaction[] = [];
    while (found.length < limit) {
      const next: RecoveredTransaction | undefined = source.next();
      if (next === undefined) break;
      found.push(Transaction.of(next));
    }
    return found;
  }

  /** Takes a transaction out; false when it was not in. */
  async removeTransaction(hash: string): Promise<boolean> {
    this.#checkOpen();
    const bytes = hashOf(hash);
    if (bytes === undefined || !this.#pool.has(bytes)) return false;
    this.#stepAside({ kind: 'remove', hash: bytes });
    await this.#recorded;
    return true;
  }

  /** Takes all of them out. */
  async clear(): Promise<void> {
    this.#checkOpen();
    this.#stepAside({ kind: 'clear' });
    await this.#recorded;
  }

  /** Whether a pool with nothing else in it would take the transaction. Never throws for what it is given. */
  validate(transaction: PoolTransaction): PoolVerdict {
    this.#checkOpen();
    try {
      const recovered = this.#read(transaction).recovered(this.#parts.signatures);
      const [effect] = createPool(this.config, this.#parts).step({
        kind: 'transaction',
        transaction: recovered,
        nowMs: this.#parts.clock.nowMs(),
        origin: 'local',
      });
      if (present(effect, 'a transaction is taken or not').kind !== 'rejected') {
        return { isValid: true };
      }
      throw (effect as Extract<PoolEffect, { kind: 'rejected' }>).error;
    } catch (error) {
      if (!isLucernaError(error)) throw error;
      return { isValid: false, code: error.code, reason: error.message };
    }
  }

  /** Ends the pool, and the database if it has opened that. What waits is kept in the directory. */
  async close(): Promise<void> {
    try {
      await this.#end();
    } finally {
      await this.#ownDatabase?.close();
    }
  }

  /** The database may live on; its files for a pool are closed, so that it can have no other one. */
  #end(): Promise<void> {
    this.#closing ??= this.#closeNow();
    return this.#closing;
  }

  async #closeNow(): Promise<void> {
    await this.#recorded;
    await this.#journal.close();
    this.#parts.pool = { onChange: () => undefined, close: async () => undefined };
  }

  #read(given: PoolTransaction): Transaction {
    if (given instanceof Transaction) return given;
    return transactionFromJson(given, {
      nonce: (from) => Number(this.#pool.pendingNonce(addressOf(from))) + 1,
      gasPrice: this.config.minGasPrice,
      signatures: this.#parts.signatures,
    });
  }

  /** A step that nobody's answer waits for: what it takes out is written down in order. */
  #stepAside(event: PoolEvent): void {
    const effects = this.#pool.step(event);
    if (effects.length === 0) return;
    const earlier = this.#recorded;
    const recording = this.#journal.record(event, effects);
    this.#recorded = earlier.then(() => recording);
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw sdkErrors.create('STATE_DB_CLOSED', 'its pool');
  }
}

function createPool({ maxSize, minGasPrice }: MempoolConfig, parts: StateDbParts): Pool {
  const pool = new Pool({
    chainId: STATE_DB_CHAIN_ID,
    // Asked each time: the state is another one after every block.
    accounts: {
      nonce: (address) => parts.state.reader.account(address)?.nonce ?? 0n,
      balance: (address) => parts.state.reader.account(address)?.balance ?? 0n,
    },
    head: poolHead(parts),
    limits: { transactions: maxSize },
  });
  pool.step({ kind: 'floor', minGasPrice });
  return pool;
}

/** What the next block is like. */
function poolHead({ chain }: StateDbParts): {
  readonly rules: ReturnType<StateDbParts['chain']['rulesAt']>;
  readonly gasLimit: bigint;
  readonly baseFeePerGas: bigint;
} {
  const rules = chain.rulesAt(chain.head().header.height + 1);
  return { rules, gasLimit: STATE_DB_BLOCK_GAS, baseFeePerGas: 0n };
}

function hashOf(text: string): Uint8Array | undefined {
  return isHex(text) && text.length === 66 ? fromHex(text) : undefined;
}
