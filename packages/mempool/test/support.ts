import { fixedBytes, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  encodeTransaction,
  INITIAL_FORKS,
  type RecoveredTransaction,
  type Rules,
  rulesAt,
  type SignedTransaction,
} from '@lucerna/protocol';
import type { SenderView } from '../src/pool-event.ts';

export const CHAIN_ID = 31_337n;
export const RULES: Rules = rulesAt(INITIAL_FORKS, 0);

/** What a test says of a transaction; the rest has defaults. `tip` undefined makes it type 0. */
export type Draft = {
  readonly sender: Uint8Array;
  readonly nonce: bigint;
  readonly fee: bigint;
  readonly tip?: bigint | undefined;
  readonly value?: bigint;
  readonly gas?: bigint;
  readonly chainId?: bigint;
  readonly data?: Uint8Array;
};

export function senderOf(index: number): Uint8Array {
  return fixedBytes(BigInt(index) + 0xa000n, 20);
}

/**
 * A transaction with a sender of the test's choice. The pool takes senders as recovered, so the
 * signature may be anything well-formed; `r` carries the sender to keep hashes apart.
 */
export function makeTransaction(draft: Draft): RecoveredTransaction {
  const common = {
    nonce: draft.nonce,
    gasLimit: draft.gas ?? 21_000n,
    to: fixedBytes(0xbeefn, 20),
    value: draft.value ?? 0n,
    data: draft.data ?? new Uint8Array(0),
    signature: { r: BigInt(`0x${toHexKey(draft.sender)}`), s: 1n, yParity: 0 },
  } as const;
  const chainId = draft.chainId ?? CHAIN_ID;
  const transaction: SignedTransaction =
    draft.tip === undefined
      ? { type: 0, chainId, gasPrice: draft.fee, ...common }
      : {
          type: 2,
          chainId,
          maxFeePerGas: draft.fee,
          maxPriorityFeePerGas: draft.tip,
          accessList: [],
          ...common,
        };
  const raw = encodeTransaction(transaction);
  return { transaction, raw, hash: keccak256(raw), sender: draft.sender };
}

export type Account = { nonce: bigint; balance: bigint };

/** Accounts in a map; strangers are empty. */
export class Accounts implements SenderView {
  readonly #accounts = new Map<string, Account>();

  readonly nonce = (address: Uint8Array): bigint => this.of(address).nonce;
  readonly balance = (address: Uint8Array): bigint => this.of(address).balance;

  of(address: Uint8Array): Account {
    return this.byKey(toHexKey(address));
  }

  byKey(senderKey: string): Account {
    return this.#accounts.get(senderKey) ?? { nonce: 0n, balance: 0n };
  }

  set(address: Uint8Array, account: Account): void {
    this.#accounts.set(toHexKey(address), account);
  }
}
