import type {
  AccessListResult,
  AccountView,
  CallResult,
  DevApi,
  HeadNotice,
  MineOptions,
  NodeApi,
  PoolTransaction,
  SimulatedBlock,
  StatePoint,
  TraceOptions,
  TransactionRequest,
} from '@lucerna/api';
import { type Cancel, EMPTY_BYTES, equalBytes, fromHex, toHex, toHexKey } from '@lucerna/base';
import {
  EMPTY_KECCAK,
  keccak256,
  pureSignatureEngine,
  type RecoverableSignature,
} from '@lucerna/crypto';
import {
  type AccountProof,
  type BlockView,
  type CallOverrides,
  type CallRequest,
  createAddress,
  genesisHeader,
  headerHash,
  intrinsicGas,
  type LogFilter,
  type LogView,
  mergeBlooms,
  nextBaseFee,
  type RecoveredTransaction,
  type SimulatedBlockRequest,
  type StepTrace,
  type TransactionPosition,
  type TransactionTrace,
  type UnsignedTransaction,
  validateTransaction,
} from '@lucerna/protocol';
import { FakeDev } from './fake-dev.ts';
import {
  ACCOUNTS,
  ALICE,
  BURNER,
  CHAIN_ID,
  CODE,
  coded,
  ECHO,
  GIANT,
  GWEI,
  genesis,
  KEYS,
  keyOf,
  LOGGER,
  REVERTER,
  receiptsOf,
  recover,
  rules,
  signed,
  simulated,
  topic,
  traceOf,
  transfer,
} from './fake-world.ts';

export {
  ACCOUNTS,
  ALICE,
  BOB,
  BURNER,
  CAROL,
  CHAIN_ID,
  CODE,
  COIN,
  coded,
  ECHO,
  GIANT,
  GWEI,
  KEYS,
  LOGGER,
  REVERTER,
  signed,
  transfer,
} from './fake-world.ts';

/** Nothing of what is called here has code. */
const NO_STEPS: StepTrace = { steps: [], isTruncated: false };

type Accounts = ReadonlyMap<string, AccountView>;

/** What a simulation was asked for beside its request. */
export type Simulation = {
  readonly at: StatePoint;
  readonly overrides?: CallOverrides | undefined;
  readonly options?: { readonly validation: boolean; readonly traceTransfers: boolean };
};

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
  /** Every simulation, the last one at the end. */
  readonly simulations: Simulation[] = [];
  /** Undefined: a network node. */
  dev: DevApi | undefined = new FakeDev(this);
  readonly #blocks: BlockView[] = [];
  readonly #states: Accounts[] = [];
  #pool: RecoveredTransaction[] = [];
  readonly #headListeners = new Set<(notice: HeadNotice) => void>();
  readonly #poolListeners = new Set<(transaction: RecoveredTransaction) => void>();

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

  poolContent(): readonly PoolTransaction[] {
    const ordered = [...this.#pool].sort(
      (left, right) =>
        toHexKey(left.sender).localeCompare(toHexKey(right.sender)) ||
        Number(left.transaction.nonce - right.transaction.nonce),
    );
    return ordered.map((transaction) => ({
      transaction,
      status: this.#isExecutable(transaction) ? 'pending' : 'queued',
    }));
  }

  poolContentOf(address: Uint8Array): readonly PoolTransaction[] {
    return this.poolContent().filter(({ transaction }) => equalBytes(transaction.sender, address));
  }

  onHead(listener: (notice: HeadNotice) => void): Cancel {
    this.#headListeners.add(listener);
    return () => this.#headListeners.delete(listener);
  }

  onPooled(listener: (transaction: RecoveredTransaction) => void): Cancel {
    this.#poolListeners.add(listener);
    return () => this.#poolListeners.delete(listener);
  }

  /** As if a transaction with this hash had become pending. */
  announcePooled(hash: Uint8Array): void {
    const [any] = this.#blocks[1]!.block.transactions;
    for (const listener of this.#poolListeners) listener({ ...any!, hash });
  }

  /** How many listen to heads and to the pool. */
  listeners(): readonly [heads: number, pooled: number] {
    return [this.#headListeners.size, this.#poolListeners.size];
  }

  *transactionsOf(
    address: Uint8Array,
    from: TransactionPosition | undefined,
    direction: 'newer' | 'older',
  ): Generator<TransactionPosition, void, undefined> {
    const all = [...this.#positions()].filter(({ height, index }) => {
      const { sender, transaction } = this.#transactionAt({ height, index });
      const to = transaction.to ?? createAddress(sender, transaction.nonce);
      return equalBytes(sender, address) || equalBytes(to, address);
    });
    if (direction === 'older') all.reverse();
    const sign = direction === 'older' ? -1 : 1;
    for (const { height, index } of all) {
      if (from !== undefined && sign * (height - from.height || index - from.index) <= 0) continue;
      yield { height, index };
    }
  }

  transactionOfNonce(sender: Uint8Array, nonce: bigint): TransactionPosition | undefined {
    return [...this.#positions()].find((position) => {
      const each = this.#transactionAt(position);
      return equalBytes(each.sender, sender) && each.transaction.nonce === nonce;
    });
  }

  creationOf(contract: Uint8Array): TransactionPosition | undefined {
    return [...this.#positions()].find((position) => {
      const { sender, transaction } = this.#transactionAt(position);
      const created = createAddress(sender, transaction.nonce);
      return transaction.to === null && equalBytes(created, contract);
    });
  }

  account(at: StatePoint, address: Uint8Array): AccountView {
    this.#fail();
    const height = this.#heightAt(at);
    if (height < this.prunedBelow) throw coded('STATE_PRUNED', 'the state is no longer kept');
    const empty = { nonce: 0n, balance: 0n, codeHash: EMPTY_KECCAK };
    const account = this.#states[height]?.get(toHexKey(address)) ?? empty;
    if (at !== 'pending') return account;
    const used = this.#executable().filter(({ sender }) => equalBytes(sender, address)).length;
    return { ...account, nonce: account.nonce + BigInt(used) };
  }

  code(at: StatePoint, address: Uint8Array): Uint8Array {
    if (equalBytes(address, GIANT)) return new Uint8Array(2 ** 20);
    return this.#heightAt(at) > 0 && equalBytes(address, ECHO) ? CODE : EMPTY_BYTES;
  }

  storage(at: StatePoint, address: Uint8Array, slot: Uint8Array): Uint8Array {
    const known = this.#heightAt(at) > 0 && equalBytes(address, ECHO);
    return known ? keccak256(slot) : new Uint8Array(32);
  }

  pendingNonce(address: Uint8Array): bigint {
    return this.account('pending', address).nonce;
  }

  call(
    { to, data = EMPTY_BYTES }: CallRequest,
    at: StatePoint,
    overrides?: CallOverrides,
  ): CallResult {
    this.#fail();
    this.simulations.push({ at, overrides });
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

  async estimateGas(
    request: CallRequest,
    at: StatePoint,
    overrides?: CallOverrides,
  ): Promise<bigint> {
    this.#fail();
    this.simulations.push({ at, overrides });
    const { to, data = EMPTY_BYTES, accessList = [] } = request;
    return intrinsicGas({ to, data, accessList }, rules);
  }

  createAccessList(
    request: CallRequest,
    at: StatePoint,
    overrides?: CallOverrides,
  ): AccessListResult {
    const { gasUsed, error } = this.call(request, at, overrides);
    const { to, accessList = [] } = request;
    const isEcho = to !== null && equalBytes(to, ECHO);
    const used = isEcho ? [{ address: ECHO, storageKeys: [topic(5)] }] : [];
    return { accessList: [...accessList, ...used], gasUsed, error };
  }

  simulateBlocks(
    blocks: readonly SimulatedBlockRequest[],
    at: StatePoint,
    options: { readonly validation: boolean; readonly traceTransfers: boolean },
  ): readonly SimulatedBlock[] {
    this.#fail();
    this.simulations.push({ at, options });
    return simulated(this.head(), blocks, (request) => this.call(request, at));
  }

  traceTransaction(hash: Uint8Array, options: TraceOptions): TransactionTrace | undefined {
    this.#fail();
    const position = this.findTransaction(hash);
    return position === undefined ? undefined : this.#trace(position, options);
  }

  traceBlock(height: number, options: TraceOptions): readonly TransactionTrace[] {
    this.#fail();
    const { block } = this.#blocks[height] as BlockView;
    return block.transactions.map((_, index) => this.#trace({ height, index }, options));
  }

  traceCall(
    request: CallRequest,
    at: StatePoint,
    overrides: CallOverrides,
    options: TraceOptions,
  ): TransactionTrace {
    const { returnData, gasUsed, error } = this.call(request, at, overrides);
    const { from = new Uint8Array(20), to, value = 0n, data = EMPTY_BYTES } = request;
    return {
      transactionHash: undefined,
      calls: {
        kind: to === null ? 'create' : 'call',
        to: to ?? createAddress(from, 0n),
        gas: request.gas ?? genesis.gasLimit,
        ...{ from, value, gasUsed, error, input: data, output: returnData },
        ...{ location: undefined, logs: [], calls: [] },
      },
      steps: options.steps === true ? NO_STEPS : undefined,
      isTruncated: false,
    };
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
    if (this.#isExecutable(recovered)) {
      for (const listener of this.#poolListeners) listener(recovered);
    }
    if (this.automine) await this.mine({});
    return recovered.hash;
  }

  async sendFromAccount(request: TransactionRequest): Promise<Uint8Array> {
    return this.sendRaw(this.signTransaction(request).raw);
  }

  fillTransaction(request: TransactionRequest): UnsignedTransaction {
    this.#fail();
    return this.#complete(request);
  }

  signTransaction(request: TransactionRequest): RecoveredTransaction {
    return signed(keyOf(request.from), this.#complete(request));
  }

  signDigest(address: Uint8Array, digest: Uint8Array): RecoverableSignature {
    return pureSignatureEngine.sign(digest, KEYS[keyOf(address)] as Uint8Array);
  }

  async mine(options: MineOptions): Promise<void> {
    this.#fail();
    this.mined.push(options);
    this.#append(this.#build(options), []);
  }

  /** Takes blocks off the chain, and puts as many others in their place. */
  reorganise(depth: number, replacements: number): void {
    const reverted = this.#blocks.splice(-depth).reverse();
    this.#states.splice(-depth);
    for (let made = 0; made < replacements; made += 1) {
      const timestamp = this.head().header.timestamp + 7;
      this.#append(this.#build({ timestamp }), made === 0 ? reverted : []);
    }
    if (replacements === 0) this.#announce({ view: this.#blocks.at(-1) as BlockView, reverted });
  }

  #append(view: BlockView, reverted: readonly BlockView[]): void {
    const accounts = new Map(this.#states.at(-1));
    for (const { transaction, sender } of view.block.transactions) {
      const from = accounts.get(toHexKey(sender)) as AccountView;
      const balance = from.balance - transaction.value;
      accounts.set(toHexKey(sender), { ...from, balance, nonce: from.nonce + 1n });
    }
    this.#pool = this.#pool.filter((each) => !view.block.transactions.includes(each));
    this.#states.push(accounts);
    this.#blocks.push(view);
    this.#announce({ view, reverted });
  }

  #announce(notice: HeadNotice): void {
    for (const listener of this.#headListeners) listener(notice);
  }

  #build({ timestamp }: MineOptions): BlockView {
    const { header: parent, hash: parentHash } = this.head();
    const transactions = this.#executable();
    const receipts = receiptsOf(transactions);
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

  /** Those of each sender up to the first gap in its nonces. */
  #executable(): readonly RecoveredTransaction[] {
    return this.#pool.filter((each) => this.#isExecutable(each));
  }

  #isExecutable({ sender, transaction }: RecoveredTransaction): boolean {
    const same = this.#pool.filter((each) => equalBytes(each.sender, sender));
    const nonces = same.map((each) => each.transaction.nonce);
    let next = this.#states.at(-1)?.get(toHexKey(sender))?.nonce ?? 0n;
    while (next < transaction.nonce && nonces.includes(next)) next += 1n;
    return transaction.nonce <= next;
  }

  *#positions(): Generator<TransactionPosition, void, undefined> {
    for (const [height, { block }] of this.#blocks.entries()) {
      for (const index of block.transactions.keys()) yield { height, index };
    }
  }

  #transactionAt({ height, index }: TransactionPosition): RecoveredTransaction {
    return this.#blocks[height]!.block.transactions[index]!;
  }

  #trace({ height, index }: TransactionPosition, { steps }: TraceOptions): TransactionTrace {
    const trace = traceOf(this.#blocks[height]!, index);
    return steps === true ? { ...trace, steps: NO_STEPS } : trace;
  }

  #heightAt(at: StatePoint): number {
    return at === 'pending' ? this.#blocks.length - 1 : at;
  }

  #fail(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
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
