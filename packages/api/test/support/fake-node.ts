import type {
  AccountView,
  CallResult,
  MineOptions,
  NodeApi,
  TransactionRequest,
} from '@lucerna/api';
import { EMPTY_BYTES, equalBytes, fromHex, LucernaError, toHex, toHexKey } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256, pureSignatureEngine } from '@lucerna/crypto';
import {
  type AccountProof,
  type BlockView,
  type CallRequest,
  createAddress,
  encodeTransaction,
  type Genesis,
  genesisHeader,
  headerHash,
  INITIAL_FORKS,
  intrinsicGas,
  type Log,
  type LogFilter,
  type LogView,
  logsBloom,
  mergeBlooms,
  nextBaseFee,
  publicKeyToAddress,
  type Receipt,
  type RecoveredTransaction,
  recoverTransaction,
  rulesAt,
  signTransaction,
  type UnsignedTransaction,
  validateTransaction,
} from '@lucerna/protocol';

export const CHAIN_ID = 31_337n;
export const GWEI: bigint = 10n ** 9n;
export const COIN: bigint = 10n ** 18n;

const rules = rulesAt(INITIAL_FORKS, 0);

/** Three accounts whose keys are 32 equal bytes. */
export const KEYS: readonly Uint8Array[] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
export const ACCOUNTS: readonly Uint8Array[] = KEYS.map((key) =>
  publicKeyToAddress(pureSignatureEngine.publicKey(key)),
);
export const ALICE: Uint8Array = ACCOUNTS[0]!;
export const BOB: Uint8Array = ACCOUNTS[1]!;
export const CAROL: Uint8Array = ACCOUNTS[2]!;

/** Callees with a fixed behaviour. */
export const ECHO: Uint8Array = new Uint8Array(20).fill(0xec);
export const REVERTER: Uint8Array = new Uint8Array(20).fill(0xee);
export const BURNER: Uint8Array = new Uint8Array(20).fill(0xbb);
/** A call to it makes two logs. */
export const LOGGER: Uint8Array = new Uint8Array(20).fill(0x10);
/** An account with a megabyte of code. */
export const GIANT: Uint8Array = new Uint8Array(20).fill(0x99);
export const CODE: Uint8Array = fromHex('0xef5a5801');

const genesis: Genesis = {
  chainId: CHAIN_ID,
  timestamp: 1_700_000_000,
  gasLimit: 30_000_000n,
  baseFeePerGas: GWEI,
  coinbase: new Uint8Array(20).fill(0xcb),
  forks: INITIAL_FORKS,
  alloc: ACCOUNTS.map((address) => ({ address, balance: 10_000n * COIN, nonce: 0n })),
};

type Accounts = ReadonlyMap<string, AccountView>;

/** A transaction of `key`, signed and recovered. */
export function signed(key: number, transaction: UnsignedTransaction): RecoveredTransaction {
  const secret = KEYS[key] as Uint8Array;
  const raw = encodeTransaction(signTransaction(transaction, secret, pureSignatureEngine));
  return recover(raw);
}

// Nearly all of the time of a test would go into the same signatures.
const recovered = new Map<string, RecoveredTransaction>();

function recover(raw: Uint8Array): RecoveredTransaction {
  const key = toHexKey(raw);
  const known = recovered.get(key) ?? recoverTransaction(raw, pureSignatureEngine);
  recovered.set(key, known);
  return known;
}

/** A fee-market transfer of 1 wei to Bob, changed by `fields`. */
export function transfer(
  fields: Partial<UnsignedTransaction & { type: 2 }> = {},
): UnsignedTransaction {
  return {
    type: 2,
    chainId: CHAIN_ID,
    nonce: 0n,
    maxPriorityFeePerGas: GWEI,
    maxFeePerGas: 10n * GWEI,
    gasLimit: 21_000n,
    to: BOB,
    value: 1n,
    data: EMPTY_BYTES,
    accessList: [],
    ...fields,
  };
}

/**
 * A node in memory with real transactions, headers, receipts and hashes, but without execution: a
 * transaction uses its intrinsic gas, moves its value and pays nothing. Transactions wait in the pool
 * until `mine`, unless `automine` is set.
 */
export class FakeNode implements NodeApi {
  readonly chainId: bigint = CHAIN_ID;
  readonly clientVersion = 'lucerna/v0.0.0-test';
  automine = false;
  /** Thrown by the next call of what can fail. */
  failure: unknown;
  /** Heights below it have no block. */
  first = 0;
  /** Heights below it have no state. */
  prunedBelow = 0;
  readonly mined: MineOptions[] = [];
  /** What logs were asked for. Every log of the blocks is given, whatever the filter says of it. */
  readonly logFilters: LogFilter[] = [];
  readonly #blocks: BlockView[] = [];
  readonly #states: Accounts[] = [];
  readonly #pool: RecoveredTransaction[] = [];

  constructor() {
    const header = genesisHeader(genesis, keccak256(fromHex('0x00')));
    this.#blocks.push({
      block: { header, hash: headerHash(header), transactions: [] },
      receipts: [],
    });
    this.#states.push(
      new Map(
        genesis.alloc.map(({ address, balance, nonce }) => [
          toHexKey(address),
          { balance, nonce, codeHash: EMPTY_KECCAK },
        ]),
      ),
    );
  }

  accounts(): readonly Uint8Array[] {
    return ACCOUNTS;
  }

  syncing(): false {
    return false;
  }

  head(): BlockView['block'] {
    this.#fail();
    return (this.#blocks.at(-1) as BlockView).block;
  }

  firstHeight(): number {
    return this.first;
  }

  header(height: number): BlockView['block'] | undefined {
    return height < this.first ? undefined : this.#blocks[height]?.block;
  }

  heightOf(blockHash: Uint8Array): number | undefined {
    const height = this.#blocks.findIndex(({ block }) => equalBytes(block.hash, blockHash));
    return height === -1 ? undefined : height;
  }

  async block(height: number): Promise<BlockView | undefined> {
    return height < this.first ? undefined : this.#blocks[height];
  }

  pendingBlock(): BlockView {
    return this.#build({});
  }

  async *logs(filter: LogFilter): AsyncGenerator<LogView, void, undefined> {
    this.#fail();
    this.logFilters.push(filter);
    for (const { block, receipts } of this.#blocks.slice(filter.fromHeight, filter.toHeight + 1)) {
      const { header, hash: blockHash, transactions } = block;
      let logIndex = 0;
      for (const [transactionIndex, { logs }] of receipts.entries()) {
        const transactionHash = transactions[transactionIndex]!.hash;
        const { height, timestamp } = header;
        for (const log of logs) {
          const place = { blockHash, height, timestamp, transactionHash, transactionIndex };
          yield { log, ...place, logIndex };
          logIndex += 1;
        }
      }
    }
  }

  prove(height: number, address: Uint8Array, slots: readonly Uint8Array[]): AccountProof {
    this.#fail();
    if (height < this.prunedBelow) throw coded('PROOF_PRUNED', 'proofs are no longer kept');
    const { nonce, balance, codeHash } = this.account(height, address);
    return {
      address,
      nonce,
      balance,
      codeHash,
      storageRoot: keccak256(address),
      accountProof: [Uint8Array.of(1, 2)],
      storageProofs: slots.map((slot) => ({
        slot,
        word: this.storage(height, address, slot),
        proof: [Uint8Array.of(3)],
      })),
    };
  }

  findTransaction(hash: Uint8Array): { height: number; index: number } | undefined {
    for (const [height, { block }] of this.#blocks.entries()) {
      const index = block.transactions.findIndex((each) => equalBytes(each.hash, hash));
      if (index !== -1) return { height, index };
    }
    return undefined;
  }

  pooledTransaction(hash: Uint8Array): RecoveredTransaction | undefined {
    return this.#pool.find((each) => equalBytes(each.hash, hash));
  }

  account(height: number, address: Uint8Array): AccountView {
    this.#fail();
    if (height < this.prunedBelow) throw coded('STATE_PRUNED', 'the state is no longer kept');
    const accounts = this.#states[height] as Accounts;
    return accounts.get(toHexKey(address)) ?? { nonce: 0n, balance: 0n, codeHash: EMPTY_KECCAK };
  }

  code(height: number, address: Uint8Array): Uint8Array {
    if (equalBytes(address, GIANT)) return new Uint8Array(2 ** 20);
    return height > 0 && equalBytes(address, ECHO) ? CODE : EMPTY_BYTES;
  }

  storage(height: number, address: Uint8Array, slot: Uint8Array): Uint8Array {
    return height > 0 && equalBytes(address, ECHO) ? keccak256(slot) : new Uint8Array(32);
  }

  pendingNonce(address: Uint8Array): bigint {
    const waiting = this.#pool.filter(({ sender }) => equalBytes(sender, address)).length;
    return this.account(this.#blocks.length - 1, address).nonce + BigInt(waiting);
  }

  call({ to, data = EMPTY_BYTES }: CallRequest): CallResult {
    this.#fail();
    if (to !== null && equalBytes(to, REVERTER)) {
      const error = coded('CALL_REVERTED', 'execution reverted', { data: toHex(data) });
      return { status: 0, returnData: data, gasUsed: 30_000n, error };
    }
    if (to !== null && equalBytes(to, BURNER)) {
      const error = coded('OUT_OF_GAS', 'out of gas');
      return { status: 0, returnData: EMPTY_BYTES, gasUsed: 30_000n, error };
    }
    const echo = to !== null && equalBytes(to, ECHO);
    return { status: 1, returnData: echo ? data : EMPTY_BYTES, gasUsed: 21_000n };
  }

  async estimateGas(request: CallRequest): Promise<bigint> {
    this.#fail();
    const { to, data = EMPTY_BYTES, accessList = [] } = request;
    return intrinsicGas({ to, data, accessList }, rules);
  }

  nextBaseFee(): bigint {
    return nextBaseFee(this.head().header, rules);
  }

  priorityFee(): bigint {
    return GWEI;
  }

  async sendRaw(raw: Uint8Array): Promise<Uint8Array> {
    this.#fail();
    const recovered = recover(raw);
    const blockGasLimit = genesis.gasLimit;
    validateTransaction(recovered.transaction, { chainId: CHAIN_ID, rules, blockGasLimit });
    this.#pool.push(recovered);
    if (this.automine) await this.mine({});
    return recovered.hash;
  }

  async sendFromAccount(request: TransactionRequest): Promise<Uint8Array> {
    const key = ACCOUNTS.findIndex((account) => equalBytes(account, request.from));
    if (key === -1) throw coded('ACCOUNT_UNKNOWN', 'unknown account');
    return this.sendRaw(signed(key, this.#complete(request)).raw);
  }

  async mine(options: MineOptions): Promise<void> {
    this.#fail();
    this.mined.push(options);
    const view = this.#build(options);
    const accounts = new Map(this.#states.at(-1));
    for (const { transaction, sender } of view.block.transactions) {
      const from = accounts.get(toHexKey(sender)) as AccountView;
      const balance = from.balance - transaction.value;
      accounts.set(toHexKey(sender), { ...from, balance, nonce: from.nonce + 1n });
    }
    this.#pool.length = 0;
    this.#states.push(accounts);
    this.#blocks.push(view);
  }

  #build({ timestamp }: MineOptions): BlockView {
    const { header: parent, hash: parentHash } = this.head();
    const receipts = receiptsOf(this.#pool);
    const header = {
      ...parent,
      parentHash,
      height: parent.height + 1,
      timestamp: timestamp ?? parent.timestamp + 1,
      baseFeePerGas: this.nextBaseFee(),
      gasUsed: receipts.at(-1)?.cumulativeGasUsed ?? 0n,
      logsBloom: mergeBlooms(receipts.map((receipt) => receipt.logsBloom)),
      stateRoot: keccak256(parentHash),
      mixHash: keccak256(parentHash),
    };
    const transactions = [...this.#pool];
    return { block: { header, hash: headerHash(header), transactions }, receipts };
  }

  #complete(request: TransactionRequest): UnsignedTransaction {
    const { from, to, value, data, accessList } = request;
    return transfer({
      nonce: request.nonce ?? this.pendingNonce(from),
      gasLimit: request.gas ?? intrinsicGas(request, rules),
      ...{ to, value, data, accessList },
    });
  }

  #fail(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

function receiptsOf(transactions: readonly RecoveredTransaction[]): readonly Receipt[] {
  let cumulativeGasUsed = 0n;
  return transactions.map(({ transaction }) => {
    cumulativeGasUsed += intrinsicGas(transaction, rules);
    const { type, to } = transaction;
    const logs = to !== null && equalBytes(to, LOGGER) ? LOGS : [];
    const status = to === null ? 0 : 1;
    return { type, status, cumulativeGasUsed, logs, logsBloom: logsBloom(logs) };
  });
}

const topic = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

const LOGS: readonly Log[] = [
  { address: LOGGER, topics: [topic(1), topic(2)], data: fromHex('0x0102') },
  { address: LOGGER, topics: [], data: EMPTY_BYTES },
];

/** An error of another package, as far as the API can tell. */
export function coded(code: string, message: string, fields = {}): LucernaError {
  return new LucernaError(code, message, 'Do something else.', fields);
}

/**
 * A node with four blocks: the genesis; one with a transaction of each type, of three senders with
 * different tips; one with a contract creation and two logs; an empty one. A fifth transaction waits
 * in the pool.
 */
export async function createFakeNode(): Promise<FakeNode> {
  const node = new FakeNode();
  scenario ??= signScenario();
  for (const block of scenario.mined) {
    for (const { raw } of block) await node.sendRaw(raw);
    await node.mine({});
  }
  await node.sendRaw(scenario.waiting.raw);
  return node;
}

type Scenario = {
  readonly mined: readonly (readonly RecoveredTransaction[])[];
  readonly waiting: RecoveredTransaction;
};

let scenario: Scenario | undefined;

function signScenario(): Scenario {
  const { to, value, data, gasLimit } = transfer();
  const plain = { chainId: CHAIN_ID, nonce: 0n, to, value, data, gasLimit };
  const accessList = [{ address: ECHO, storageKeys: [topic(7)] }];
  const listed = { ...plain, gasLimit: 50_000n, accessList, gasPrice: 2n * GWEI };
  const init = { nonce: 1n, to: null, data: CODE, gasLimit: 100_000n, value: 0n };
  return {
    mined: [
      [
        signed(0, { type: 0, ...plain, gasPrice: 3n * GWEI }),
        signed(1, { type: 1, ...listed }),
        signed(2, transfer()),
      ],
      [
        signed(0, transfer(init)),
        signed(1, transfer({ nonce: 1n, to: LOGGER })),
        signed(2, transfer({ nonce: 1n, to: LOGGER })),
      ],
      [],
    ],
    waiting: signed(0, transfer({ nonce: 2n })),
  };
}

/** Address of the contract that the second block of {@link createFakeNode} (tries to) create. */
export const CREATED: Uint8Array = createAddress(ALICE, 1n);
