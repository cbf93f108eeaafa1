import { assert, equalBytes, isErrorOf, toHexKey } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import { EMPTY_KECCAK, keccak256, type SignatureEngine } from '@lucerna/crypto';
import {
  type BlockAttributes,
  type BlockContext,
  type ExecutedBlock,
  executeTransaction,
  executionErrors,
  type TransactionOutcome,
  type TxSource,
} from '@lucerna/execution';
import { carriedGasLimit, protocolErrors, type RecoveredTransaction } from '@lucerna/protocol';
import { StateJournal, type StateReader } from '@lucerna/state';
import { sdkErrors } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import type { ExecutedTransaction } from './executed-notes.ts';
import { NODE_REGISTRY_ADDRESS } from './node-registry.ts';
import { STATE_DB_BLOCK_GAS } from './state-db-genesis.ts';

/**
 * The state that programs see: that of the head, and on it what was executed since and is in no block yet.
 */
export class LedgerState {
  readonly #chain: Chain;
  readonly #signatures: SignatureEngine;
  readonly #nowSeconds: () => number;
  #executed: ExecutedTransaction[] = [];
  #hashes = new Set<string>();
  #journal: StateJournal;
  /** Of what was executed: a block has to have room for all of it. */
  #gasUsed = 0n;
  #root: Uint8Array | undefined;
  #nextBlock: BlockContext | undefined;

  constructor(chain: Chain, signatures: SignatureEngine, nowSeconds: () => number) {
    this.#chain = chain;
    this.#signatures = signatures;
    this.#nowSeconds = nowSeconds;
    this.#journal = new StateJournal(chain.state());
  }

  /** What was executed and is in no block yet, in order. */
  get executed(): readonly ExecutedTransaction[] {
    return this.#executed;
  }

  get reader(): StateReader {
    return this.#journal;
  }

  has(hash: Uint8Array): boolean {
    return this.#hashes.has(toHexKey(hash));
  }

  /** Root of the state that is seen. With executed transactions it is that of a block of them. */
  root(): Uint8Array {
    if (this.#executed.length === 0) return this.#chain.stateRoot();
    this.#root ??= this.#draftOf(
      this.#executed.map(({ transaction }) => transaction),
    ).block.header.stateRoot;
    return this.#root;
  }

  /**
   * What executing the transaction would come to; nothing changes.
   *
   * @throws `TX_*` when it cannot be executed, `EXECUTION_FAILED` when its contract refuses it,
   *   `EXECUTED_FULL` when no block would have room for it and what was executed before,
   *   `CONTRACT_NEEDS_BLOCK` for what another block could make something else of
   */
  check(transaction: RecoveredTransaction): void {
    checkNoContract(this.#journal, transaction);
    const { gasUsed } = this.#run(new StateJournal(this.#journal), transaction);
    const { executedTransactions: most } = sdkLimits.values;
    if (this.#executed.length < most && this.#gasUsed + gasUsed <= STATE_DB_BLOCK_GAS) return;
    throw sdkErrors.create('EXECUTED_FULL', `${this.#executed.length} transactions`);
  }

  /** Executes what was checked. */
  add(executed: ExecutedTransaction): void {
    this.#gasUsed += this.#run(this.#journal, executed.transaction).gasUsed;
    this.#executed.push(executed);
    this.#hashes.add(toHexKey(executed.transaction.hash));
    this.#root = undefined;
  }

  /** Begins again at the head, with these executed on it. */
  reset(executed: readonly ExecutedTransaction[]): void {
    this.#journal = new StateJournal(this.#chain.state());
    this.#nextBlock = undefined;
    this.#executed = [];
    this.#hashes = new Set();
    this.#gasUsed = 0n;
    this.#root = undefined;
    for (const each of executed) this.add(each);
  }

  /**
   * The block of exactly these transactions on the head.
   *
   * @throws `BLOCK_TRANSACTION_REFUSED` with the `index` of the first that cannot be in it, or fails;
   *   `BLOCK_TIMESTAMP`
   */
  build(
    transactions: readonly RecoveredTransaction[],
    attributes: Pick<BlockAttributes, 'coinbase'> & { readonly timestamp: number | undefined },
  ): ExecutedBlock {
    const source = inOrder(transactions);
    const { executed, skipped } = this.#chain.build(this.#attributes(attributes), source);
    const { receipts } = executed;
    const failed = receipts.findIndex(({ status }) => status === 0);
    if (failed >= 0) throw refused(failed, 'it fails');
    if (receipts.length < transactions.length) {
      throw refused(
        receipts.length,
        skipped[0]?.error.message ?? 'no room is left',
        skipped[0]?.error,
      );
    }
    if (executed.block.header.gasUsed > STATE_DB_BLOCK_GAS) {
      throw refused(receipts.length - 1, `more than ${STATE_DB_BLOCK_GAS} gas`);
    }
    return executed;
  }

  /**
   * Whether what waits can be executed behind these transactions on the head. It cannot where a recipient
   * has become a contract: what that does could be something else in a later block.
   */
  canExecuteBehind(
    transactions: readonly RecoveredTransaction[],
    waiting: readonly ExecutedTransaction[],
  ): boolean {
    const journal = new StateJournal(this.#chain.state());
    try {
      for (const transaction of transactions) this.#run(journal, transaction);
      for (const { transaction } of waiting) {
        checkNoContract(journal, transaction);
        this.#run(journal, transaction);
      }
      return true;
    } catch (error) {
      if (isErrorOf(error, sdkErrors, executionErrors, protocolErrors)) return false;
      throw error;
    }
  }

  #draftOf(transactions: readonly RecoveredTransaction[]): ExecutedBlock {
    const { coinbase } = this.#chain.genesis;
    const attributes = this.#attributes({ coinbase, timestamp: undefined });
    const draft = this.#chain.draft(attributes, inOrder(transactions));
    assert(draft.receipts.length === transactions.length, 'what was executed fits into a block');
    return draft;
  }

  #attributes({
    coinbase,
    timestamp,
  }: Pick<BlockAttributes, 'coinbase'> & { timestamp: number | undefined }): BlockAttributes {
    const { header, hash } = this.#chain.head();
    const rules = this.#chain.rulesAt(header.height + 1);
    return {
      // The clock may have been set back; time in a chain never goes back.
      timestamp: timestamp ?? Math.max(this.#nowSeconds(), header.timestamp),
      coinbase,
      gasLimit: carriedGasLimit(header.gasLimit, rules),
      mixHash: keccak256(hash),
    };
  }

  #run(journal: StateJournal, transaction: RecoveredTransaction): TransactionOutcome {
    const context = this.#context();
    const outcome = executeTransaction(journal, context, transaction, context.gasLimit);
    if (outcome.status === 1) return outcome;
    const reason = outcome.error?.message ?? 'no reason was given';
    throw sdkErrors.create('EXECUTION_FAILED', reason, {}, outcome.error);
  }

  /** Of the block that comes next: the same until then, but for its time. */
  #context(): BlockContext {
    this.#nextBlock ??= this.#contextOnHead();
    const { timestamp } = this.#nextBlock;
    const now = this.#nowSeconds();
    if (now > timestamp) this.#nextBlock = { ...this.#nextBlock, timestamp: now };
    return this.#nextBlock;
  }

  #contextOnHead(): BlockContext {
    const { header } = this.#chain.head();
    const { chainId, coinbase } = this.#chain.genesis;
    const height = header.height + 1;
    const attributes = this.#attributes({ coinbase, timestamp: undefined });
    return {
      chainId,
      height,
      timestamp: attributes.timestamp,
      coinbase,
      gasLimit: STATE_DB_BLOCK_GAS,
      baseFeePerGas: 0n,
      mixHash: attributes.mixHash,
      rules: this.#chain.rulesAt(height),
      hashAt: (at) => this.#chain.header(at)?.hash,
      signatures: this.#signatures,
    };
  }
}

/** @throws `CONTRACT_NEEDS_BLOCK` for what runs code, other than that of the registry of nodes */
function checkNoContract(
  state: Pick<StateJournal, 'codeHash'>,
  { transaction: { to } }: RecoveredTransaction,
): void {
  if (to !== null) {
    if (equalBytes(to, NODE_REGISTRY_ADDRESS)) return;
    if (equalBytes(state.codeHash(to), EMPTY_KECCAK)) return;
  }
  throw sdkErrors.create('CONTRACT_NEEDS_BLOCK');
}

/** Offers transactions in their order, and none behind one that was refused. */
function inOrder(transactions: readonly RecoveredTransaction[]): TxSource {
  let next = 0;
  return {
    next: () => {
      next += 1;
      return transactions[next - 1];
    },
    skipSender: () => {
      next = transactions.length;
    },
  };
}

function refused(index: number, reason: string, cause?: unknown): Error {
  const detail = `number ${index}: ${reason}`;
  return sdkErrors.create('BLOCK_TRANSACTION_REFUSED', detail, { index }, cause);
}
