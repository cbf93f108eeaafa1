import { EMPTY_BYTES } from '@lucerna/base';
import {
  type BlockOverrides,
  type BlockView,
  type CallRequest,
  EMPTY_OMMERS_HASH,
  EMPTY_TRIE_ROOT,
  emptyBloom,
  encodeReceipt,
  type Header,
  type HeaderView,
  headerHash,
  type Log,
  logsBloom,
  mergeBlooms,
  nextBaseFee,
  protocolErrors,
  protocolLimits,
  type Receipt,
  type RecoveredTransaction,
  type Rules,
  type SimulatedBlockRequest,
  type UnsignedTransaction,
  unsignedTransaction,
  ZERO_BLOCK_NONCE,
} from '@lucerna/protocol';
import { listRoot, type StateDiff, StateJournal, type StateReader } from '@lucerna/state';
import { transactionsRoot } from './block-run.ts';
import { applyCall, asTransaction, type CallOutcome, freeOfBaseFee, ZERO_ADDRESS } from './call.ts';
import type { BlockContext } from './context.ts';
import { executionErrors } from './errors.ts';
import { executionLimits } from './limits.ts';
import { applyOverrides } from './overrides.ts';
import { checkNonce } from './transaction.ts';
import { LogRecorder } from './transfer-logs.ts';

/** What the simulated blocks are put on. */
export type SimulationBase = {
  /** The state after `parent`, and then after each block that was committed. */
  readonly state: StateReader;
  /** Takes the changes of a block into `state`; its root. Undefined where no trie of `state` is left. */
  readonly commit: ((diff: StateDiff) => Uint8Array) | undefined;
  readonly parent: HeaderView;
  readonly chainId: bigint;
  readonly rulesAt: (height: number) => Rules;
  /** Hash of a block before `parent`. */
  readonly hashAt: BlockContext['hashAt'];
  readonly signatures?: BlockContext['signatures'];
};

/** How the calls are looked at. */
export type SimulationOptions = {
  /**
   * Nonces, base fee and funds must be right, as in a real block. Without it a call has the nonce that
   * it names for show only, and needs a price only if it names one.
   */
  readonly validation: boolean;
  /** Every transfer of wei is also in the logs of the calls (not of the receipts), as ERC-7528 says. */
  readonly traceTransfers: boolean;
};

type SimulatedCallOutcome = CallOutcome & { readonly logs: readonly Log[] };

/** What became of a block of calls. */
export type SimulatedBlockOutcome = {
  /** Its transactions are not signed. */
  readonly view: BlockView;
  readonly calls: readonly SimulatedCallOutcome[];
};

/** A block to simulate whose place in the chain is settled. */
type PlannedBlock = Pick<SimulatedBlockRequest, 'state' | 'calls'> & {
  readonly block: BlockOverrides & { readonly height: number; readonly timestamp: number };
};

/**
 * Runs blocks of calls on `base`, each on the one before it, as eth_simulateV1 of execution-apis says
 * (and go-ethereum where that leaves a choice). Gaps between the heights are filled with empty blocks.
 * Nothing is written but to `base`. All calls together get no more gas than one call of `simulateCall`.
 * Without a trie, the headers have 32 zero bytes for the root of the state.
 *
 * @throws `SIMULATION_BLOCK_NUMBER`, `SIMULATION_TIMESTAMP`, `SIMULATION_BLOCKS`,
 *   `SIMULATION_BLOCK_GAS`, `SIMULATION_GAS`, `SIMULATION_RESULT`; for a call that cannot be in a block `TX_NONCE_TOO_LOW`,
 *   `TX_NONCE_TOO_HIGH`, `TX_TOO_LARGE`, and as `simulateCall`
 */
export function simulateBlocks(
  base: SimulationBase,
  requests: readonly SimulatedBlockRequest[],
  options: SimulationOptions,
): readonly SimulatedBlockOutcome[] {
  const planned = planBlocks(base.parent.header, requests);
  const simulation = new Simulation(base, options);
  return planned.map((plan) => simulation.run(plan));
}

/** A second is the least that the time has to move on; this chain has no fixed time between blocks. */
const TIMESTAMP_STEP_SECONDS = 1;

/** Settles heights and times and puts empty blocks into the gaps. */
function planBlocks(
  base: Header,
  requests: readonly SimulatedBlockRequest[],
): readonly PlannedBlock[] {
  const planned: PlannedBlock[] = [];
  let { height: lastHeight, timestamp: lastTimestamp } = base;
  const plan = (request: SimulatedBlockRequest): void => {
    lastHeight += 1;
    const timestamp = request.block.timestamp ?? lastTimestamp + TIMESTAMP_STEP_SECONDS;
    checkTimestamp(timestamp, lastTimestamp);
    lastTimestamp = timestamp;
    planned.push({ ...request, block: { ...request.block, height: lastHeight, timestamp } });
  };
  for (const request of requests) {
    const height = request.block.height ?? lastHeight + 1;
    if (height <= lastHeight) {
      throw executionErrors.create('SIMULATION_BLOCK_NUMBER', `${height} <= ${lastHeight}`, {
        height,
        previous: lastHeight,
      });
    }
    const limit = executionLimits.values.simulatedBlocks;
    if (height - base.height > limit) {
      const blocks = height - base.height;
      throw executionErrors.create('SIMULATION_BLOCKS', `${blocks} of ${limit}`, { blocks, limit });
    }
    while (lastHeight + 1 < height) plan({ block: {}, state: [], calls: [] });
    plan(request);
  }
  return planned;
}

function checkTimestamp(timestamp: number, previous: number): void {
  if (timestamp > previous && Number.isSafeInteger(timestamp)) return;
  throw executionErrors.create('SIMULATION_TIMESTAMP', `${timestamp} <= ${previous}`, {
    timestamp,
    previous,
  });
}

/** The blocks so far, and what their calls have done. */
class Simulation {
  readonly #base: SimulationBase;
  readonly #options: SimulationOptions;
  #journal: StateJournal;
  /** Of the base and of the blocks so far, by height. */
  readonly #hashes: Map<number, Uint8Array>;
  #parent: HeaderView;
  #gasLeft = BigInt(executionLimits.values.callGas);
  #resultBytesLeft: number = executionLimits.values.simulatedResultBytes;

  constructor(base: SimulationBase, options: SimulationOptions) {
    this.#base = base;
    this.#options = options;
    this.#journal = new StateJournal(base.state);
    this.#parent = base.parent;
    this.#hashes = new Map([[base.parent.header.height, base.parent.hash]]);
  }

  /** Runs the next block. */
  run({ block, state, calls }: PlannedBlock): SimulatedBlockOutcome {
    const draft = this.#draft(block);
    const context = this.#context(draft);
    applyOverrides(this.#journal, state);
    const run = new SimulatedRun(this.#journal, context, this.#options);
    for (const call of calls) {
      const { gasUsed, returnData, logs } = run.add(call, this.#gasLeft);
      this.#gasLeft -= gasUsed;
      this.#resultBytesLeft -= returnData.length;
      for (const { data } of logs) this.#resultBytesLeft -= data.length;
      if (this.#resultBytesLeft < 0) throw executionErrors.create('SIMULATION_RESULT');
    }
    const { transactions, receipts } = run;
    const header: Header = {
      ...draft,
      stateRoot: this.#commit(),
      transactionsRoot: transactionsRoot(transactions),
      receiptsRoot: listRoot(receipts.map((receipt) => encodeReceipt(receipt))),
      logsBloom: mergeBlooms(receipts.map((receipt) => receipt.logsBloom)),
      gasUsed: run.gasUsed,
    };
    const hash = headerHash(header);
    this.#hashes.set(header.height, hash);
    this.#parent = { header, hash };
    return { view: { block: { header, hash, transactions }, receipts }, calls: run.outcomes };
  }

  /** The root of the state after the block. */
  #commit(): Uint8Array {
    const { commit, state } = this.#base;
    if (commit === undefined) return new Uint8Array(32);
    const root = commit(this.#journal.diff());
    this.#journal = new StateJournal(state);
    return root;
  }

  /** The header as far as it is known before the calls. */
  #draft(block: PlannedBlock['block']): Header {
    const { header: parent, hash: parentHash } = this.#parent;
    const { height, timestamp } = block;
    const rules = this.#base.rulesAt(height);
    const baseFee = this.#options.validation ? nextBaseFee(parent, rules) : 0n;
    return {
      parentHash,
      ommersHash: EMPTY_OMMERS_HASH,
      coinbase: block.coinbase ?? parent.coinbase,
      stateRoot: parent.stateRoot,
      transactionsRoot: EMPTY_TRIE_ROOT,
      receiptsRoot: EMPTY_TRIE_ROOT,
      logsBloom: emptyBloom(),
      difficulty: 0n,
      height,
      gasLimit: block.gasLimit ?? parent.gasLimit,
      gasUsed: 0n,
      timestamp,
      extraData: EMPTY_BYTES,
      mixHash: block.mixHash ?? new Uint8Array(32),
      nonce: ZERO_BLOCK_NONCE,
      baseFeePerGas: block.baseFeePerGas ?? baseFee,
    };
  }

  #context(header: Header): BlockContext {
    const { height, timestamp, coinbase, gasLimit, baseFeePerGas, mixHash } = header;
    return {
      chainId: this.#base.chainId,
      height,
      timestamp,
      coinbase,
      gasLimit,
      baseFeePerGas,
      mixHash,
      rules: this.#base.rulesAt(height),
      hashAt: (earlier) => this.#hashes.get(earlier) ?? this.#base.hashAt(earlier),
      signatures: this.#base.signatures,
    };
  }
}

/** One block while its calls are run. */
class SimulatedRun {
  readonly transactions: RecoveredTransaction[] = [];
  readonly receipts: Receipt[] = [];
  readonly outcomes: SimulatedCallOutcome[] = [];
  gasUsed = 0n;
  readonly #journal: StateJournal;
  readonly #context: BlockContext;
  readonly #options: SimulationOptions;

  constructor(journal: StateJournal, context: BlockContext, options: SimulationOptions) {
    this.#journal = journal;
    this.#context = context;
    this.#options = options;
  }

  /** Runs the next call with at most `allowance` of gas. */
  add(request: SimulatedBlockRequest['calls'][number], allowance: bigint): SimulatedCallOutcome {
    const journal = this.#journal;
    const sender = request.from ?? ZERO_ADDRESS;
    const stateNonce = journal.nonce(sender);
    const gas = this.#gasFor(request, allowance);
    const tx = asTransaction({ ...request, gas }, this.#context.chainId, stateNonce);
    checkSize(tx);
    const { validation, traceTransfers } = this.#options;
    const nonce = request.nonce ?? stateNonce;
    if (validation) checkNonce(stateNonce, nonce);
    const context = validation ? this.#context : freeOfBaseFee(this.#context, tx);
    const recorder = traceTransfers ? new LogRecorder() : undefined;
    const { status, gasUsed, returnData, error, logs } = applyCall(journal, context, sender, tx, {
      tracer: recorder,
    });
    this.gasUsed += gasUsed;
    const shown = asShown(request, { ...tx, nonce });
    this.transactions.push(unsignedTransaction(shown, sender));
    this.receipts.push({
      type: shown.type,
      status,
      cumulativeGasUsed: this.gasUsed,
      logsBloom: logsBloom(logs),
      logs,
    });
    const outcome = { status, gasUsed, returnData, error, logs: recorder?.logs ?? logs };
    this.outcomes.push(outcome);
    return outcome;
  }

  /** What the request names, or all that is left in the block; never more than `allowance`. */
  #gasFor(request: CallRequest, allowance: bigint): bigint {
    const { gasLimit, rules } = this.#context;
    const left = gasLimit - this.gasUsed;
    const wanted = request.gas ?? left;
    if (wanted > left) {
      const fields = { gas: wanted, gasLeft: left, gasLimit };
      throw executionErrors.create('SIMULATION_BLOCK_GAS', `${wanted} of ${left}`, fields);
    }
    if (allowance < rules.gasTransaction) throw executionErrors.create('SIMULATION_GAS');
    return wanted < allowance ? wanted : allowance;
  }
}

/** The transaction that the block shows: a request that names a gas price is of one of the older types. */
function asShown(request: CallRequest, tx: ReturnType<typeof asTransaction>): UnsignedTransaction {
  const { gasPrice } = request;
  if (gasPrice === undefined) return tx;
  const { chainId, nonce, gasLimit, to, value, data, accessList } = tx;
  const common = { chainId, nonce, gasPrice, gasLimit, to, value, data };
  return accessList.length > 0 ? { type: 1, ...common, accessList } : { type: 0, ...common };
}

/** What is larger has no encoding, and so no hash. */
function checkSize({ data, accessList }: ReturnType<typeof asTransaction>): void {
  const { transactionBytes, accessListEntries, accessListStorageKeys } = protocolLimits.values;
  const fits =
    data.length <= transactionBytes &&
    accessList.length <= accessListEntries &&
    accessList.every(({ storageKeys }) => storageKeys.length <= accessListStorageKeys);
  if (!fits) throw protocolErrors.create('TX_TOO_LARGE', undefined, { length: data.length });
}
