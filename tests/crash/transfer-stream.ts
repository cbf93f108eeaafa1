import { setTimeout as delay } from 'node:timers/promises';
import { type Hex, keccak256, toHex } from 'viem';
import { devAccount } from '../support/dev-accounts.ts';
import { type RpcClient, resultOf } from '../support/json-rpc.ts';
import type { RpcReceipt } from '../support/rpc-types.ts';

/** What is known about the transfers of a stream. Transactions go by their hash. */
export type StreamRecord = {
  /** In the order in which they were sent. */
  readonly sent: ReadonlySet<Hex>;
  /** Those whose hash the node has answered. */
  readonly acknowledged: ReadonlySet<Hex>;
  /** Those whose receipt was read, with the receipt. */
  readonly receipts: ReadonlyMap<Hex, RpcReceipt>;
};

/** How a stream is to be. */
export type StreamOptions = {
  readonly rpc: RpcClient;
  /** How many dev accounts send at the same time, one transaction each. */
  readonly senders: number;
  /** What the dev account `sender` does with its nonce. */
  readonly draft: (nonce: number, sender: number) => StreamDraft;
};

/** The part of a transaction that makes a difference. */
export type StreamDraft = {
  readonly to: Hex;
  readonly value: bigint;
  readonly gas: bigint;
  readonly data?: Hex;
};

/** Where transfers go to. */
export const STREAM_RECIPIENTS: readonly Hex[] = [1, 2, 3, 4].map((index) =>
  toHex(0xbeef_0000 + index, { size: 20 }),
);

const RECEIPTS_PER_BATCH = 500;
const WATCH_INTERVAL_MS = 20;

/** Plain transfers; `value` makes those of one stream different from those of another one. */
export function plainTransfers(value: bigint): StreamOptions['draft'] {
  return (nonce) => ({
    to: STREAM_RECIPIENTS[nonce % STREAM_RECIPIENTS.length] as Hex,
    value,
    gas: 21_000n,
  });
}

/** Sends transfers as fast as they are answered until it is stopped or the node is gone. */
export class TransferStream {
  readonly #options: StreamOptions;
  readonly #sent = new Set<Hex>();
  readonly #acknowledged = new Set<Hex>();
  readonly #receipts = new Map<Hex, RpcReceipt>();
  readonly #finished: Promise<unknown>;
  #stopped = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    const loops = Array.from({ length: options.senders }, (_, index) => this.#send(index));
    this.#finished = Promise.all([...loops, this.#watch()]);
    // Whoever stops the stream gets to see what went wrong.
    this.#finished.catch(() => undefined);
  }

  /** From now on nothing is sent; what was sent may still be answered. */
  stop(): void {
    this.#stopped = true;
  }

  /** Everything there is to know, once the stream is stopped and nothing more can be answered. */
  async record(): Promise<StreamRecord> {
    await this.#finished;
    return { sent: this.#sent, acknowledged: this.#acknowledged, receipts: this.#receipts };
  }

  async #send(index: number): Promise<void> {
    const { rpc, draft } = this.#options;
    const account = devAccount(index);
    // What the pool has taken outlives the process, answered or not.
    const count = await untilGone(rpc.ask('eth_getTransactionCount', account.address, 'pending'));
    if (count === undefined) return;
    let nonce = Number(resultOf<string>(count, 'nonce'));
    while (!this.#stopped) {
      const raw = await account.signTransaction({
        type: 'eip1559',
        chainId: 31_337,
        nonce,
        ...draft(nonce, index),
        maxFeePerGas: 1_000_000_000_000n,
        maxPriorityFeePerGas: 1_000_000_000n,
      });
      const hash = keccak256(raw);
      this.#sent.add(hash);
      const answer = await untilGone(rpc.ask('eth_sendRawTransaction', raw));
      if (answer === undefined) return;
      resultOf(answer, `transfer ${nonce} of sender ${index}`);
      this.#acknowledged.add(hash);
      nonce += 1;
    }
  }

  /** Reads the receipts of what was acknowledged whenever there is a new block. */
  async #watch(): Promise<void> {
    let last: unknown;
    while (!this.#stopped) {
      const answer = await untilGone(this.#options.rpc.ask('eth_blockNumber'));
      if (answer === undefined) return;
      if (answer.result !== last) {
        last = answer.result;
        await this.#readReceipts(
          [...this.#acknowledged].filter((hash) => !this.#receipts.has(hash)),
        );
      }
      await delay(WATCH_INTERVAL_MS);
    }
  }

  async #readReceipts(hashes: readonly Hex[]): Promise<void> {
    const found = await untilGone(readReceipts(this.#options.rpc, hashes));
    for (const [hash, receipt] of found ?? []) this.#receipts.set(hash, receipt);
  }
}

/** The receipts that the node has of these transactions. */
export async function readReceipts(
  rpc: RpcClient,
  hashes: Iterable<Hex>,
): Promise<ReadonlyMap<Hex, RpcReceipt>> {
  const wanted = [...hashes];
  const found = new Map<Hex, RpcReceipt>();
  for (let start = 0; start < wanted.length; start += RECEIPTS_PER_BATCH) {
    const part = wanted.slice(start, start + RECEIPTS_PER_BATCH);
    const method = 'eth_getTransactionReceipt';
    const answers = await rpc.batch(part.map((hash) => ({ method, params: [hash] })));
    for (const [index, hash] of part.entries()) {
      const receipt = resultOf<RpcReceipt | null>(answers[index] ?? {}, hash);
      if (receipt !== null) found.set(hash, receipt);
    }
  }
  return found;
}

/** The answer, or undefined when the connection broke: that is what a killed node looks like. */
async function untilGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    // fetch fails with a TypeError; an answer that was cut in the middle is no JSON.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
