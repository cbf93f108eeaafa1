import { toHexKey } from '@lucerna/base';
import type { BlockView } from '@lucerna/protocol';
import type { Note } from '../../src/patch-record.ts';

/** What a naive chain knows of an account. */
export type NaiveAccount = {
  nonce: bigint;
  balance: bigint;
  /** Words by number of the slot. */
  readonly slots: Map<number, bigint>;
};

type NaiveState = Map<string, NaiveAccount>;

/** A transaction of a naive chain, with its place. */
export type NaiveTransaction = {
  readonly height: number;
  readonly index: number;
  readonly hash: string;
  readonly sender: string;
  readonly nonce: bigint;
  readonly recipient: string;
};

/** One thing that has happened to it, and everything as it was afterwards. */
type Moment = {
  readonly height: number;
  readonly ordinal: number;
  readonly state: NaiveState;
  readonly transactions: readonly NaiveTransaction[];
  /** Of the block, the first of its height. */
  readonly hash: string;
};

/**
 * A chain of transfers and patches as a list of full copies: what it was at any point is looked up,
 * and going back is cutting the list off.
 */
export class NaiveChain {
  #moments: readonly Moment[];
  readonly notes: Map<string, string> = new Map();

  constructor(genesis: NaiveState, hash: string) {
    this.#moments = [{ height: 0, ordinal: 0, state: genesis, transactions: [], hash }];
  }

  get head(): Moment {
    return this.#moments.at(-1) as Moment;
  }

  /** Every point there was, in order. */
  get points(): readonly Pick<Moment, 'height' | 'ordinal'>[] {
    return this.#moments;
  }

  /** All transactions of all blocks, in order. */
  get transactions(): readonly NaiveTransaction[] {
    return this.#moments.flatMap(({ ordinal, transactions }) =>
      ordinal === 0 ? transactions : [],
    );
  }

  /** The last moment of a height. */
  at(height: number): Moment {
    return this.#moments.findLast((moment) => moment.height === height) as Moment;
  }

  /** A block of plain transfers, as its header and its receipts say. */
  addBlock({ block, receipts }: BlockView): void {
    const { header, transactions } = block;
    const state = copied(this.head.state);
    let gasBefore = 0n;
    const listed: NaiveTransaction[] = [];
    for (const [index, { transaction, sender, hash }] of transactions.entries()) {
      const to = transaction.to as Uint8Array;
      const gas = (receipts[index]?.cumulativeGasUsed ?? 0n) - gasBefore;
      gasBefore += gas;
      const price = transaction.type === 2 ? transaction.maxFeePerGas : transaction.gasPrice;
      const from = accountOf(state, toHexKey(sender));
      from.nonce = transaction.nonce + 1n;
      from.balance -= transaction.value + gas * price;
      accountOf(state, toHexKey(to)).balance += transaction.value;
      accountOf(state, toHexKey(header.coinbase)).balance += gas * (price - header.baseFeePerGas);
      listed.push({
        height: header.height,
        index,
        hash: toHexKey(hash),
        sender: toHexKey(sender),
        nonce: transaction.nonce,
        recipient: toHexKey(to),
      });
    }
    const hash = toHexKey(block.hash);
    const point = { height: header.height, ordinal: 0 };
    this.#moments = [...this.#moments, { ...point, state, transactions: listed, hash }];
  }

  /** A patch. */
  change(edit: (account: (address: string) => NaiveAccount) => void): void {
    const state = copied(this.head.state);
    edit((address) => accountOf(state, address));
    // An account with nothing but storage does not outlive a transaction that touches it (EIP-161).
    for (const { nonce, balance, slots } of state.values()) {
      if (nonce === 0n && balance === 0n) slots.clear();
    }
    const { height, ordinal, hash } = this.head;
    const patched = { height, ordinal: ordinal + 1, state, transactions: [], hash };
    this.#moments = [...this.#moments, patched];
  }

  note(notes: readonly Note[]): void {
    for (const { key, value } of notes) {
      if (value === undefined) this.notes.delete(key);
      else this.notes.set(key, toHexKey(value));
    }
  }

  /** So many of its points are left. */
  cut(points: number): void {
    this.#moments = this.#moments.slice(0, points);
  }
}

function copied(state: NaiveState): NaiveState {
  return new Map(
    [...state].map(([key, account]) => [key, { ...account, slots: new Map(account.slots) }]),
  );
}

function accountOf(state: NaiveState, address: string): NaiveAccount {
  const known = state.get(address) ?? { nonce: 0n, balance: 0n, slots: new Map() };
  state.set(address, known);
  return known;
}
