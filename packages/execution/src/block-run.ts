import { assert } from '@lucerna/base';
import {
  encodeReceipt,
  type Header,
  logsBloom,
  mergeBlooms,
  type Receipt,
  type RecoveredBlock,
  type RecoveredTransaction,
  type Rules,
} from '@lucerna/protocol';
import {
  confirmedState,
  listRoot,
  type StateCommitter,
  type StateDiff,
  StateJournal,
} from '@lucerna/state';
import type { KvReader, WriteBatch } from '@lucerna/storage';
import type { BlockContext } from './context.ts';
import { executeTransaction } from './transaction.ts';

/** What a block is executed on. */
export type BlockEnvironment = {
  /** The rows of the state that the block is put on. */
  readonly reader: KvReader;
  /** Root of that state: the parent's, unless somebody has changed the state since. */
  readonly stateRoot: Uint8Array;
  /** Commits the block; best the one of the blocks before it, which remembers their tries. */
  readonly committer: StateCommitter;
  readonly parent: { readonly header: Header; readonly hash: Uint8Array };
  /** As {@link BlockContext.hashAt}: of the branch that ends in `parent`. */
  readonly hashAt: (height: number) => Uint8Array | undefined;
  /** As {@link BlockContext.signatures}. */
  readonly signatures?: BlockContext['signatures'];
  readonly chainId: bigint;
  /** The rules at the height after `parent`. */
  readonly rules: Rules;
  /** Whether the batch also gets the rows with which older states are read. */
  readonly history: boolean;
};

/** A block, what it did, and the writes that make it the state. Nothing is written yet. */
export type ExecutedBlock = {
  readonly block: RecoveredBlock;
  /** Root of the state that it was executed on, which its batch changes. */
  readonly parentRoot: Uint8Array;
  /** One for each transaction. */
  readonly receipts: readonly Receipt[];
  readonly diff: StateDiff;
  /** The rows of the state after the block. */
  readonly batch: WriteBatch;
  /** Its header need not follow its parent, as `validateHeader` says: only on a development chain. */
  readonly lifted: boolean;
  /**
   * For each transaction the accounts that contracts called, created or sent wei to, also in calls
   * that failed; each once, and without its sender, its recipient and the contract that it creates.
   */
  readonly participants: readonly (readonly Uint8Array[])[];
};

/** What the roots and fields of a header are compared with, and the rest of an executed block. */
type FinishedRun = Pick<
  ExecutedBlock,
  'parentRoot' | 'receipts' | 'diff' | 'batch' | 'participants'
> & {
  readonly fields: ExecutionFields;
};

/** The fields of a header that only execution can tell. */
export type ExecutionFields = Pick<
  Header,
  'stateRoot' | 'transactionsRoot' | 'receiptsRoot' | 'logsBloom' | 'gasUsed'
>;

/** One block while it is executed, transaction by transaction: used by import and by the builder. */
export class BlockRun {
  readonly #environment: BlockEnvironment;
  readonly #context: BlockContext;
  readonly #journal: StateJournal;
  readonly #transactions: RecoveredTransaction[] = [];
  readonly #receipts: Receipt[] = [];
  readonly #participants: (readonly Uint8Array[])[] = [];
  #gasUsed = 0n;

  constructor(environment: BlockEnvironment, context: BlockContext) {
    assert(context.height === environment.parent.header.height + 1, 'a block follows its parent');
    this.#environment = environment;
    this.#context = context;
    const { reader, stateRoot } = environment;
    this.#journal = new StateJournal(confirmedState(reader, () => stateRoot));
  }

  /** Gas that the transactions so far have left of the block's limit. */
  get gasAvailable(): bigint {
    return this.#context.gasLimit - this.#gasUsed;
  }

  get transactions(): readonly RecoveredTransaction[] {
    return this.#transactions;
  }

  /** Executes the next transaction. @throws as `executeTransaction`, and then nothing has changed */
  add(transaction: RecoveredTransaction): void {
    const outcome = executeTransaction(
      this.#journal,
      this.#context,
      transaction,
      this.gasAvailable,
    );
    this.#gasUsed += outcome.gasUsed;
    assert(this.gasAvailable >= 0n, 'a block uses no more gas than its limit');
    this.#transactions.push(transaction);
    this.#participants.push(outcome.participants);
    this.#receipts.push({
      type: transaction.transaction.type,
      status: outcome.status,
      cumulativeGasUsed: this.#gasUsed,
      logsBloom: logsBloom(outcome.logs),
      logs: outcome.logs,
    });
  }

  /** Ends the block: its roots, and the writes that lead to its state. */
  finish(): FinishedRun {
    const { reader, committer, stateRoot, history } = this.#environment;
    const committed = committer.commit(reader, this.#journal.diff(), {
      parentRoot: stateRoot,
      height: this.#context.height,
      history,
    });
    const receipts = this.#receipts;
    return {
      fields: {
        stateRoot: committed.stateRoot,
        transactionsRoot: transactionsRoot(this.#transactions),
        receiptsRoot: listRoot(receipts.map((receipt) => encodeReceipt(receipt))),
        logsBloom: mergeBlooms(receipts.map((receipt) => receipt.logsBloom)),
        gasUsed: this.#gasUsed,
      },
      parentRoot: stateRoot,
      receipts,
      diff: committed.diff,
      batch: committed.batch,
      participants: this.#participants,
    };
  }
}

/** Root of the trie of a block's raw transactions. */
export function transactionsRoot(transactions: readonly RecoveredTransaction[]): Uint8Array {
  return listRoot(transactions.map(({ raw }) => raw));
}
