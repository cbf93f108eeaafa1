import { toHexKey } from '@lucerna/base';
import { bloomBits, bloomHasBits } from './bloom.ts';
import type { Log } from './receipt.ts';
import type { BlockView, LogFilter, LogView } from './views.ts';

/** What a filter asks of a log, prepared for being asked of many blocks. */
export class LogMatcher {
  readonly #addresses: ReadonlySet<string>;
  readonly #topics: readonly ReadonlySet<string>[];
  /** For the addresses and for each position with topics the bits of what would do. */
  readonly #bits: readonly (readonly (readonly number[])[])[];

  constructor({ addresses, topics }: Pick<LogFilter, 'addresses' | 'topics'>) {
    this.#addresses = keysOf(addresses);
    this.#topics = topics.map(keysOf);
    this.#bits = [addresses, ...topics]
      .filter((entries) => entries.length > 0)
      .map((entries) => entries.map(bloomBits));
  }

  /** False when no log of a block with this bloom matches. */
  mayMatch(bloom: Uint8Array): boolean {
    // Every log has an address, so a filter that contains nothing belongs to a block without logs.
    if (this.#bits.length === 0) return bloom.some((byte) => byte !== 0);
    return this.#bits.every((entries) => entries.some((bits) => bloomHasBits(bloom, bits)));
  }

  /** The logs of a block that match, in order. */
  *matchesOf({ block, receipts }: BlockView): Generator<LogView, void, undefined> {
    const { header, hash: blockHash, transactions } = block;
    let logIndex = 0;
    for (const [transactionIndex, { hash: transactionHash }] of transactions.entries()) {
      for (const log of receipts[transactionIndex]?.logs ?? []) {
        if (this.matches(log)) {
          const { height, timestamp } = header;
          const place = { blockHash, height, timestamp, transactionHash, transactionIndex };
          yield { log, ...place, logIndex };
        }
        logIndex += 1;
      }
    }
  }

  /** Whether this is a log that is asked for. */
  matches({ address, topics }: Log): boolean {
    if (this.#topics.length > topics.length) return false;
    if (!includes(this.#addresses, address)) return false;
    return this.#topics.every((wanted, position) =>
      includes(wanted, topics[position] as Uint8Array),
    );
  }
}

function keysOf(entries: readonly Uint8Array[]): ReadonlySet<string> {
  return new Set(entries.map(toHexKey));
}

/** An empty set stands for everything. */
function includes(wanted: ReadonlySet<string>, entry: Uint8Array): boolean {
  return wanted.size === 0 || wanted.has(toHexKey(entry));
}
