import {
  assert,
  type Clock,
  type Durability,
  type Hex,
  type Log,
  SerialQueue,
  SILENT_LOG,
  toHex,
  toHexKey,
} from '@lucerna/base';
import { type Chain, openChain, readStoredGenesis } from '@lucerna/chain';
import type { SignatureEngine } from '@lucerna/crypto';
import { systemClock } from '@lucerna/platform-node/clock';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import type { AccountProof, Genesis, RecoveredTransaction } from '@lucerna/protocol';
import { addressText } from '../accounts/address-text.ts';
import { addressOf } from '../accounts/named-account.ts';
import { preferSigningEngine } from '../accounts/signing-engine.ts';
import { directoryStorage } from '../dev-storage.ts';
import { sdkErrors } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { memoryStorage, type NodeStorage } from '../memory-storage.ts';
import { type Block, type StoredBlock, storedBlock } from './block.ts';
import {
  type ExecutedTransaction,
  noteOf,
  noteWithout,
  storedTransactions,
} from './executed-notes.ts';
import { LedgerState } from './ledger-state.ts';
import {
  NODE_REGISTRY_ADDRESS,
  type NodeType,
  nodeRegistryCode,
  nodeStatusOf,
} from './node-registry.ts';
import { type Allocation, stateDbGenesis } from './state-db-genesis.ts';
import type { Transaction } from './transaction.ts';

/** How a StateDB is to be. Every option has a default. */
export type StateDBOptions = {
  /** Who has how much in a new one. Default: {@link DEV_NAMES}, a million units each. */
  readonly allocation?: Allocation;
  /** For how many blocks behind the latest one older states are kept. Default: for all. */
  readonly history?: number;
  /** What an answered change outlives. Default: `process`. */
  readonly durability?: Durability;
  readonly clock?: Clock;
  readonly log?: Log;
};

/** An account of a StateDB. */
export type Account = {
  /** With its checksum. */
  readonly address: Hex;
  /** Units. */
  readonly balance: bigint;
  /** How many transactions it has sent: the next one has this nonce plus 1. */
  readonly nonce: number;
  readonly isNode: boolean;
  readonly nodeType: NodeType | undefined;
  /** Units that it gave when it became a node. */
  readonly stake: bigint;
  /** 0 for what is no node, 100 for a new one. */
  readonly reputation: number;
};

/** Told the addresses whose balance or nonce may be another now. */
type ChangeListener = (touched: readonly Uint8Array[]) => void;

/** What a pool beside the database works with. */
export type StateDbParts = {
  readonly chain: Chain;
  readonly state: LedgerState;
  readonly signatures: SignatureEngine;
  readonly poolJournal: NodeStorage['poolJournal'];
  readonly clock: Clock;
  readonly log: Log;
  /** There is one pool of a database at most: its files are closed by it. */
  pool: { readonly onChange: ChangeListener; readonly close: () => Promise<void> } | undefined;
};

const partsByDatabase = new WeakMap<StateDB, StateDbParts>();

/** The parts of an open database, for what is built beside it. @throws `STATE_DB_CLOSED` */
export function partsOf(database: StateDB): StateDbParts {
  const parts = partsByDatabase.get(database);
  if (parts === undefined) throw sdkErrors.create('STATE_DB_CLOSED');
  return parts;
}

/**
 * A ledger as an object that a program opens like a file: accounts, transactions, blocks, on the engine of
 * the node. Accounts are named by an address, or by a name, whose key follows from it (`namedAccount`).
 *
 * What is executed is seen at once; it becomes part of the chain with the block that has it. Both outlive
 * the process.
 *
 * ```ts
 * const db = await StateDB.open(':memory:');
 * const tx = Transaction.transfer('alice', 'bob', 100, 1);
 * await db.executeTransaction(tx);
 * await db.processBlock(new Block(1, 'prev_hash', [tx], 'validator1'));
 * ```
 */
export class StateDB {
  readonly #chain: Chain;
  readonly #state: LedgerState;
  readonly #signatures: SignatureEngine;
  readonly #changes = new SerialQueue(sdkLimits.values.stateDbQueue);
  readonly #parts: StateDbParts;
  readonly #storage: NodeStorage;
  #nextOrdinal: number;
  #closing: Promise<void> | undefined;

  private constructor(parts: StateDbParts, storage: NodeStorage) {
    this.#chain = parts.chain;
    this.#state = parts.state;
    this.#signatures = parts.signatures;
    this.#parts = parts;
    this.#storage = storage;
    this.#nextOrdinal = (parts.state.executed.at(-1)?.ordinal ?? -1) + 1;
    partsByDatabase.set(this, parts);
  }

  /**
   * Opens the database in a directory, or makes it; `:memory:` ends with the process.
   *
   * @throws `STATE_DB_FOREIGN`, `CHAIN_GENESIS_MISMATCH` when it has another allocation than the one given,
   *   `DATA_DIRECTORY_*`, `STORE_UNAVAILABLE`, `ACCOUNT_NAME_INVALID`, `AMOUNT_INVALID`, and the codes of a
   *   damaged directory
   */
  static async open(path: string, options: StateDBOptions = {}): Promise<StateDB> {
    const { log = SILENT_LOG, clock = systemClock } = options;
    const wanted = stateDbGenesis(options.allocation);
    const signatures = await loadSignatureEngine(log);
    preferSigningEngine(signatures);
    const storage =
      path === ':memory:' ? memoryStorage() : await directoryStorage(path, { reset: false, log });
    let chain: Chain | undefined;
    try {
      chain = await openLedgerChain(storage, signatures, options, wanted);
      const nowSeconds = (): number => Math.floor(clock.nowMs() / 1_000);
      const state = new LedgerState(chain, signatures, nowSeconds);
      const { poolJournal } = storage;
      const parts = { chain, state, signatures, poolJournal, clock, log, pool: undefined };
      await resume(parts);
      return new StateDB(parts, storage);
    } catch (error) {
      await chain?.close();
      await closePoolFiles(storage);
      await storage.release();
      throw error;
    }
  }

  /** An account, undefined where there is none. @throws `ACCOUNT_NAME_INVALID`, `ADDRESS_*` */
  getAccount(account: string): Account | undefined {
    this.#checkOpen();
    const address = addressOf(account);
    const { reader } = this.#state;
    const found = reader.account(address);
    if (found === undefined) return undefined;
    const status = nodeStatusOf(reader, address);
    return {
      address: addressText(address),
      balance: found.balance,
      nonce: Number(found.nonce),
      isNode: status.nodeType !== undefined,
      ...status,
    };
  }

  /** Units of an account; 0 where there is none. @throws as `getAccount` */
  getBalance(account: string): bigint {
    this.#checkOpen();
    return this.#state.reader.account(addressOf(account))?.balance ?? 0n;
  }

  /** How many transactions an account has sent. @throws as `getAccount` */
  getNonce(account: string): number {
    this.#checkOpen();
    return Number(this.#state.reader.account(addressOf(account))?.nonce ?? 0n);
  }

  /**
   * Executes a transaction. Its effects are seen from now on, and are part of the chain with the block that
   * has it; a block that has it does not execute it twice.
   *
   * @returns its hash
   * @throws `TRANSACTION_KNOWN`, `TX_NONCE_TOO_LOW`, `TX_NONCE_TOO_HIGH`, `TX_INSUFFICIENT_FUNDS`,
   *   `TX_INTRINSIC_GAS`, `EXECUTION_FAILED`, `SIGNER_UNKNOWN`, `CONTRACT_NEEDS_BLOCK`, `EXECUTED_FULL`,
   *   `QUEUE_FULL`, `FILE_*`.
   *   Nothing has changed then
   */
  executeTransaction(transaction: Transaction): Promise<Hex> {
    this.#checkOpen();
    return this.#changes.run(async () => {
      const recovered = transaction.recovered(this.#signatures);
      this.#checkNew(recovered);
      this.#state.check(recovered);
      const executed = { transaction: recovered, ordinal: this.#nextOrdinal };
      await this.#chain.patch(undefined, [noteOf(executed)]);
      this.#nextOrdinal += 1;
      this.#state.add(executed);
      const { to } = recovered.transaction;
      this.#tell(to === null ? [recovered.sender] : [recovered.sender, to]);
      return toHex(recovered.hash);
    });
  }

  /**
   * Makes a block of exactly these transactions the latest one, all of it or nothing. Those that were
   * executed before count once; executed ones that it does not have are executed on it.
   *
   * @throws `BLOCK_HEIGHT_WRONG`, `BLOCK_PARENT_WRONG`, `BLOCK_TRANSACTION_REFUSED` with the index and the
   *   cause, `BLOCK_CONFLICTS`, `BLOCK_TIMESTAMP`, `SIGNER_UNKNOWN`, `ACCOUNT_NAME_INVALID`, `QUEUE_FULL`,
   *   `FILE_*`. Nothing has changed then
   */
  processBlock(block: Block): Promise<StoredBlock> {
    this.#checkOpen();
    return this.#changes.run(async () => {
      this.#checkPlace(block);
      const transactions = block.transactions.map((each) => each.recovered(this.#signatures));
      const coinbase = addressOf(block.producer);
      const { timestamp } = block;
      const executed = this.#state.build(transactions, { coinbase, timestamp });
      const included = new Set(transactions.map(({ hash }) => toHexKey(hash)));
      const isIncluded = ({ transaction }: ExecutedTransaction): boolean =>
        included.has(toHexKey(transaction.hash));
      const remaining = this.#state.executed.filter((each) => !isIncluded(each));
      if (remaining.length > 0 && !this.#state.canExecuteBehind(transactions, remaining)) {
        throw sdkErrors.create('BLOCK_CONFLICTS', `of ${remaining.length} that it does not have`);
      }
      const done = this.#state.executed.filter(isIncluded);
      await this.#chain.commit(executed);
      this.#state.reset(remaining);
      this.#tell(executed.diff.accounts.map(({ address }) => address));
      await this.#forget(done);
      return storedBlock({ block: executed.block });
    });
  }

  /** A block by its height; undefined where there is none. 0 is the beginning. */
  async getBlock(height: number): Promise<StoredBlock | undefined> {
    this.#checkOpen();
    if (!Number.isSafeInteger(height) || height < 0) return undefined;
    const view = await this.#chain.block(height);
    if (view === undefined) return undefined;
    // The header of block 0 is older than the registry of nodes, which counts as a part of the block.
    const root = height === 0 ? this.#chain.patchedRoot({ height, ordinal: 1 }) : undefined;
    return { ...storedBlock(view), ...(root === undefined ? {} : { stateRoot: toHex(root) }) };
  }

  /** The latest block; at the beginning block 0, which has no transactions. */
  async getLatestBlock(): Promise<StoredBlock> {
    const latest = await this.getBlock(this.#chain.head().header.height);
    assert(latest !== undefined, 'a chain has its head');
    return latest;
  }

  /**
   * Root of the state: of the latest block, or of the block that would be made of what was executed since,
   * without a producer.
   */
  stateRoot(): Hex {
    this.#checkOpen();
    return toHex(this.#state.root());
  }

  /**
   * What proves an account against the state root of the latest block: `verifyAccountProof` checks it, as
   * does every client that knows `eth_getProof`.
   */
  proof(account: string): Promise<AccountProof> {
    this.#checkOpen();
    const { height } = this.#chain.head().header;
    return this.#chain.prove(height, addressOf(account), [], noTurn);
  }

  /**
   * The bytes of a file with all blocks, for another StateDB or a node to execute (docs/spec/block-log.md).
   */
  exportBlocks(): AsyncIterable<Uint8Array> {
    this.#checkOpen();
    return this.#chain.exportBlocks({}, { takeTurn: noTurn });
  }

  /** Ends what is under way and the pool, writes out what is pending and gives the directory free. */
  async close(): Promise<void> {
    this.#closing ??= this.#closeNow();
    await this.#closing;
  }

  async #closeNow(): Promise<void> {
    partsByDatabase.delete(this);
    // What was asked for before is done.
    await this.#changes.idle();
    try {
      await (this.#parts.pool?.close() ?? closePoolFiles(this.#storage));
    } finally {
      try {
        await this.#chain.close();
      } finally {
        await this.#storage.release();
      }
    }
  }

  /** The block that has them is there, whatever comes of this: the next opening takes away what stays. */
  async #forget(done: readonly ExecutedTransaction[]): Promise<void> {
    if (done.length === 0) return;
    try {
      await this.#chain.patch(undefined, done.map(noteWithout));
    } catch (error) {
      const reason = String(error);
      this.#parts.log.error('executed transactions of a block are still noted', { reason });
    }
  }

  #checkNew({ hash }: RecoveredTransaction): void {
    if (!this.#state.has(hash) && this.#chain.findTransaction(hash) === undefined) return;
    throw sdkErrors.create('TRANSACTION_KNOWN', toHex(hash), { hash: toHex(hash) });
  }

  #checkPlace({ height, previousHash }: Block): void {
    const { header, hash } = this.#chain.head();
    const next = header.height + 1;
    if (height !== next) {
      const detail = `${height}, and the next one is ${next}`;
      throw sdkErrors.create('BLOCK_HEIGHT_WRONG', detail, { height, next });
    }
    if (next === 1 || previousHash === toHex(hash)) return;
    const detail = `the latest block is ${toHex(hash)}`;
    throw sdkErrors.create('BLOCK_PARENT_WRONG', detail, { latest: toHex(hash) });
  }

  #tell(touched: readonly Uint8Array[]): void {
    this.#parts.pool?.onChange(touched);
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw sdkErrors.create('STATE_DB_CLOSED');
  }
}

async function openLedgerChain(
  storage: NodeStorage,
  signatures: SignatureEngine,
  { allocation, history = Number.POSITIVE_INFINITY, durability = 'process', log }: StateDBOptions,
  wanted: Genesis,
): Promise<Chain> {
  const { blockLog, store } = storage;
  let stored: Genesis | undefined;
  try {
    stored = await readStoredGenesis(blockLog);
  } catch (error) {
    await store.close();
    await blockLog.close();
    throw error;
  }
  // Who names no allocation takes the one that there is.
  const genesis = stored === undefined || allocation !== undefined ? wanted : undefined;
  const ports = {
    log: storage.blockLog,
    store: storage.store,
    signatures,
    sink: log ?? SILENT_LOG,
  };
  return openChain(ports, { genesis, durability, history, cheats: 'allowed' });
}

/** Completes what a crash has interrupted, and executes again what is in no block yet. */
async function resume({ chain, state, signatures }: StateDbParts): Promise<void> {
  await ensureRegistry(chain);
  const stored = storedTransactions(chain, signatures);
  const isDone = ({ transaction }: ExecutedTransaction): boolean =>
    chain.findTransaction(transaction.hash) !== undefined;
  const done = stored.filter(isDone);
  if (done.length > 0) await chain.patch(undefined, done.map(noteWithout));
  state.reset(stored.filter((each) => !isDone(each)));
}

/** The registry of nodes is put into the state of block 0 before anything is built on that. */
async function ensureRegistry(chain: Chain): Promise<void> {
  const { codeHash } = chain.state().account(NODE_REGISTRY_ADDRESS) ?? {};
  if (codeHash !== undefined) return;
  const { genesis } = chain;
  const { height } = chain.head().header;
  if (height > 0 || genesis.baseFeePerGas !== 0n || chain.point().ordinal > 0) {
    throw sdkErrors.create('STATE_DB_FOREIGN');
  }
  await chain.patch((journal) => {
    journal.setNonce(NODE_REGISTRY_ADDRESS, 1n);
    journal.setCode(NODE_REGISTRY_ADDRESS, nodeRegistryCode());
  }, []);
}

async function closePoolFiles({ poolJournal }: NodeStorage): Promise<void> {
  for (const file of poolJournal) await file.close();
}

async function noTurn(): Promise<void> {}
