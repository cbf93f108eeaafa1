import { toHex } from '@lucerna/base';
import {
  effectiveGasPrice,
  maxFeePerGas,
  maxPriorityFeePerGas,
  protocolErrors,
  type RecoveredTransaction,
} from '@lucerna/protocol';
import { mempoolErrors } from './errors.ts';
import type { PoolLimits } from './limits.ts';
import type { PoolStatus } from './pool-event.ts';
import type { PoolEntry, SenderQueue } from './sender-queue.ts';
import { outranks, priceOf, type Tail, type Tails } from './tails.ts';

/** A transaction that could enter the pool if there is room. */
export type Offer = {
  readonly entry: PoolEntry;
  readonly queue: SenderQueue;
  /** How far its nonce is from the account's. */
  readonly offset: number;
  /** What it will be. */
  readonly status: PoolStatus;
  /** The one of the same sender and nonce that it replaces. */
  readonly incumbent: PoolEntry | undefined;
};

/**
 * How far `nonce` is from the account's.
 *
 * @throws `TX_NONCE_TOO_LOW`, `TX_NONCE_TOO_HIGH` outside the window of nonces that the pool takes
 */
export function checkNonce(nonce: bigint, stateNonce: bigint, window: number): number {
  const offset = Number(nonce - stateNonce);
  if (offset >= 0 && offset < window) return offset;
  throw protocolErrors.create(
    nonce < stateNonce ? 'TX_NONCE_TOO_LOW' : 'TX_NONCE_TOO_HIGH',
    `next nonce ${stateNonce}, tx nonce ${nonce}`,
    { nonce, stateNonce },
  );
}

/** @throws `POOL_UNDERPRICED` below the least fee cap that the pool takes */
export function checkFloor(feeCap: bigint, minGasPrice: bigint): void {
  if (feeCap >= minGasPrice) return;
  throw mempoolErrors.create(
    'POOL_UNDERPRICED',
    `gas fee cap ${feeCap}, minimum needed ${minGasPrice}`,
    { maxFeePerGas: feeCap, minGasPrice },
  );
}

/**
 * A transaction must be paid for together with all that its sender lets run before it, and a
 * replacement leaves paid for what is behind it.
 *
 * @throws `TX_INSUFFICIENT_FUNDS`
 */
export function checkFunds(entry: PoolEntry, queue: SenderQueue, offset: number): void {
  const required = queue.requiredFor(offset, entry.cost);
  if (required <= queue.balance) return;
  throw protocolErrors.create(
    'TX_INSUFFICIENT_FUNDS',
    `address ${toHex(entry.transaction.sender)} have ${queue.balance} want ${required}`,
    { balance: queue.balance, required, cost: entry.cost },
  );
}

/**
 * Both caps must rise, or a replacement would be free for whoever only lifts the other one.
 *
 * @throws `REPLACEMENT_UNDERPRICED`
 */
export function checkBump(
  offered: RecoveredTransaction,
  incumbent: RecoveredTransaction,
  bumpPercent: number,
): void {
  const percent = 100n + BigInt(bumpPercent);
  const rises = (next: bigint, last: bigint): boolean =>
    next > last && next * 100n >= last * percent;
  const next = offered.transaction;
  const last = incumbent.transaction;
  if (
    rises(maxFeePerGas(next), maxFeePerGas(last)) &&
    rises(maxPriorityFeePerGas(next), maxPriorityFeePerGas(last))
  ) {
    return;
  }
  throw mempoolErrors.create('REPLACEMENT_UNDERPRICED', undefined, {
    incumbent: toHex(incumbent.hash),
    incumbentMaxFeePerGas: maxFeePerGas(last),
    incumbentMaxPriorityFeePerGas: maxPriorityFeePerGas(last),
    bumpPercent,
  });
}

/** @throws `POOL_SENDER_FULL` for one more queued transaction of a sender that has enough of them */
export function checkQueued({ queue, status, incumbent }: Offer, limit: number): void {
  const { queued } = queue;
  if (status !== 'queued' || incumbent !== undefined || queued < limit) return;
  throw mempoolErrors.create('POOL_SENDER_FULL', undefined, { queued, limit });
}

/** How full the pool is. */
export type Usage = { readonly transactions: number; readonly bytes: number };

/**
 * The transactions that make room for `offer` in a pool that is full; changes nothing. Only tails go,
 * the least worth first, and each must be worth less than the offer: of a lower status, or of the
 * same at a lower price. What is lost of the executable fees (gas limit times price) is not more than
 * what comes in, so that nobody empties a pool of transactions that pay with some that pay less.
 *
 * @param tails gives the tails when they are needed
 * @throws `POOL_UNDERPRICED`, `POOL_FUTURE_REPLACES_PENDING`, `POOL_FULL`
 */
export function findRoom(
  offer: Offer,
  usage: Usage,
  tails: () => Tails,
  context: { readonly limits: PoolLimits; readonly baseFeePerGas: bigint },
): readonly Tail[] {
  const { entry, incumbent, queue } = offer;
  const { limits, baseFeePerGas } = context;
  let transactions = usage.transactions + (incumbent === undefined ? 1 : 0) - limits.transactions;
  let bytes = usage.bytes + sizeOf(entry) - limits.bytes;
  if (incumbent !== undefined) bytes -= sizeOf(incumbent);
  if (transactions <= 0 && bytes <= 0) return [];

  const victims: Tail[] = [];
  const cursor = tails().cursor();
  let gain = offer.status === 'pending' ? feeOf(entry, baseFeePerGas) : 0n;
  if (incumbent?.pending === true) gain -= feeOf(incumbent, baseFeePerGas);
  while (transactions > 0 || bytes > 0) {
    const tail = victims.length < limits.evictions ? cursor.next() : undefined;
    if (tail === undefined) throw mempoolErrors.create('POOL_FULL', undefined, { ...usage });
    // Before the offer in its sender's queue: without it the offer could not run.
    if (tail.queue === queue && nonceOf(tail.entry) <= nonceOf(entry)) continue;
    if (tail.status === 'pending') gain -= feeOf(tail.entry, baseFeePerGas);
    checkWorth(offer, tail, { gain, baseFeePerGas });
    victims.push(tail);
    transactions -= 1;
    bytes -= sizeOf(tail.entry);
    cursor.take();
  }
  return victims;
}

function checkWorth(
  offer: Offer,
  tail: Tail,
  { gain, baseFeePerGas }: { readonly gain: bigint; readonly baseFeePerGas: bigint },
): void {
  const price = priceOf(offer.entry, offer.status, baseFeePerGas);
  if (outranks(tail.status, offer.status) && offer.status === 'queued') {
    throw mempoolErrors.create('POOL_FUTURE_REPLACES_PENDING');
  }
  const outbids =
    outranks(offer.status, tail.status) || (offer.status === tail.status && price > tail.price);
  if (outbids && gain >= 0n) return;
  throw mempoolErrors.create('POOL_UNDERPRICED', 'the pool is full of others that pay as much', {
    price,
    cheapest: tail.price,
  });
}

/** Most wei that a transaction brings in in a block of this base fee. */
function feeOf({ transaction: { transaction } }: PoolEntry, baseFeePerGas: bigint): bigint {
  return transaction.gasLimit * effectiveGasPrice(transaction, baseFeePerGas);
}

function nonceOf(entry: PoolEntry): bigint {
  return entry.transaction.transaction.nonce;
}

function sizeOf(entry: PoolEntry): number {
  return entry.transaction.raw.length;
}
