import { assert, concatBytes, EMPTY_BYTES, fromHex } from '@lucerna/base';
import { keccak256, type SignatureEngine } from '@lucerna/crypto';
import {
  encodeTransaction,
  INITIAL_FORKS,
  type RecoveredTransaction,
  recoverTransaction,
  rulesAt,
  signTransaction,
} from '@lucerna/protocol';
import { commitDiff, EMPTY_ACCOUNT, latestState, StateJournal } from '@lucerna/state';
import { OverlayStore } from '@lucerna/storage';
import type { CompiledContract } from '@lucerna/zexus';
import { type Abi, encodeAbiParameters } from 'viem';
import type { BlockContext } from '../../../../packages/execution/src/context.ts';
import type { TransactionOutcome } from '../../../../packages/execution/src/outcome.ts';
import { executeTransaction } from '../../../../packages/execution/src/transaction.ts';
import { addressOf, openBenchState } from '../state/fixtures.ts';
import { benchSignatures, CHAIN_ID, type Signer, signerOf } from '../state/transactions.ts';

const GWEI = 10n ** 9n;
const GAS_LIMIT = 30_000_000n;

const context: BlockContext = {
  chainId: CHAIN_ID,
  height: 1,
  timestamp: 1_700_000_000,
  coinbase: addressOf(2 ** 40),
  gasLimit: GAS_LIMIT,
  baseFeePerGas: GWEI,
  mixHash: keccak256(EMPTY_BYTES),
  rules: rulesAt(INITIAL_FORKS, 1),
  hashAt: () => undefined,
};

/** A chain's state in a database, with funded senders, on which transactions are executed in blocks. */
export class BenchLedger {
  readonly signatures: SignatureEngine;
  readonly senders: readonly Signer[];
  readonly #overlay: OverlayStore;
  readonly #close: () => Promise<void>;
  #root: Uint8Array;
  #height = 0;
  readonly #nonces = new Map<Signer, bigint>();

  private constructor(
    signatures: SignatureEngine,
    senders: readonly Signer[],
    opened: Awaited<ReturnType<typeof openBenchState>>,
  ) {
    this.signatures = signatures;
    this.senders = senders;
    this.#overlay = OverlayStore.open(opened.store);
    this.#root = opened.stateRoot;
    this.#close = opened.close;
  }

  static async open(senderCount: number, accounts: number): Promise<BenchLedger> {
    const signatures = await benchSignatures();
    const senders = Array.from({ length: senderCount }, (_, index) => signerOf(index, signatures));
    const funded = senders.map(({ address }) => ({
      address,
      before: undefined,
      after: { ...EMPTY_ACCOUNT, balance: 10n ** 22n },
      storageCleared: false,
    }));
    return new BenchLedger(signatures, senders, await openBenchState(accounts, funded));
  }

  /** The sender's next transaction, signed and recovered: neither is part of a figure. */
  transaction(
    from: Signer,
    to: Uint8Array | null,
    data: Uint8Array,
    gasLimit: bigint,
  ): RecoveredTransaction {
    const nonce = this.#nonces.get(from) ?? 0n;
    this.#nonces.set(from, nonce + 1n);
    return this.transactionAt(nonce, from, to, data, gasLimit);
  }

  /** One with a nonce that may be used again: on other journals. */
  transactionAt(
    nonce: bigint,
    from: Signer,
    to: Uint8Array | null,
    data: Uint8Array,
    gasLimit: bigint,
  ): RecoveredTransaction {
    const unsigned = {
      type: 2 as const,
      chainId: CHAIN_ID,
      nonce,
      maxPriorityFeePerGas: GWEI,
      maxFeePerGas: 30n * GWEI,
      gasLimit,
      to,
      value: 0n,
      data,
      accessList: [],
    };
    const raw = encodeTransaction(signTransaction(unsigned, from.key, this.signatures));
    return recoverTransaction(raw, this.signatures);
  }

  /** A journal of a new block, on the state as it is now. */
  begin(): StateJournal {
    return new StateJournal(latestState(this.#overlay));
  }

  execute(journal: StateJournal, transaction: RecoveredTransaction): TransactionOutcome {
    const outcome = executeTransaction(journal, context, transaction, GAS_LIMIT);
    assert(outcome.status === 1, `the transaction succeeds: ${outcome.error?.message}`);
    return outcome;
  }

  /** The block's state root, and its rows for everybody to see. */
  publish(journal: StateJournal): void {
    this.#height += 1;
    const { stateRoot, batch } = commitDiff(this.#overlay, journal.diff(), {
      parentRoot: this.#root,
      height: this.#height,
      history: true,
    });
    this.#overlay.publish(batch);
    this.#root = stateRoot;
  }

  get root(): Uint8Array {
    return this.#root;
  }

  /** A block of its own with these, and the last outcome. */
  apply(transactions: readonly RecoveredTransaction[]): TransactionOutcome | undefined {
    const journal = this.begin();
    const outcomes = transactions.map((transaction) => this.execute(journal, transaction));
    this.publish(journal);
    return outcomes.at(-1);
  }

  /** Deploys a contract by the first sender; returns its address. */
  deploy({ abi, bytecode }: CompiledContract, args: readonly unknown[]): Uint8Array {
    const inputs = (abi as Abi).find((item) => item.type === 'constructor')?.inputs ?? [];
    const data = concatBytes(bytecode, fromHex(encodeAbiParameters(inputs, args)));
    const [first] = this.senders;
    assert(first !== undefined, 'there is a sender');
    const outcome = this.apply([this.transaction(first, null, data, 20_000_000n)]);
    const address = outcome?.contractAddress;
    assert(address !== undefined, 'a deployment makes a contract');
    return address;
  }

  /** Puts what was published into the database. */
  async flush(): Promise<void> {
    await this.#overlay.flush('process');
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#close();
  }
}
