import type { NodeApi, TransactionRequest } from '@lucerna/api';
import { fromHex, type Hex, isLucernaError, SerialQueue, toHex } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import { nodeErrors } from '@lucerna/node';
import type { BlockView, CallTrace } from '@lucerna/protocol';
import { reasonOf } from '../contract-receipt.ts';
import { sdkErrors } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { accountOfName, addressBytesOf, type LedgerAccount, type Who } from './account.ts';
import type { ContractCodes } from './contract-codes.ts';
import type { HeadFeed } from './head-feed.ts';
import { type LedgerReceipt, ledgerReceipt } from './views.ts';

/** What goes with a transaction. */
export type SendOptions = {
  /**
   * Who sends: a name, an account with its key, or the address of an account that the ledger was opened
   * with.
   */
  readonly from: string | LedgerAccount;
  /** Wei. Default: none. */
  readonly value?: bigint;
  /** Gas limit. Default: the least with which it succeeds; one that fails is not sent then. */
  readonly gas?: bigint;
  /** Default: the next one, behind what waits. */
  readonly nonce?: bigint;
  /** Wei per gas, at most. Default: enough for some blocks. */
  readonly maxFeePerGas?: bigint;
  /** Wei per gas, for whoever makes the block. */
  readonly maxPriorityFeePerGas?: bigint;
};

/** A transaction to be sent. */
export type LedgerRequest = SendOptions & {
  /** Undefined: `data` is a contract that is deployed. */
  readonly to?: Who;
  readonly data?: Hex | Uint8Array;
};

type Parts = {
  readonly api: NodeApi;
  readonly feed: HeadFeed;
  readonly signatures: SignatureEngine;
  readonly codes: ContractCodes;
};

/** Sends transactions, and waits for their blocks. */
export class Sending {
  readonly #parts: Parts;
  readonly #turns = new SerialQueue(sdkLimits.values.ledgerSubmissions);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** As `Ledger.submit`. */
  async submit(request: LedgerRequest): Promise<Hex> {
    const wanted = transactionRequest(request);
    const { api } = this.#parts;
    // One after the other, up to where the pool has them: two must not get the same nonce.
    const { sent } = await this.#turns.run(async () => {
      const raw = await this.#sign(request.from, wanted);
      const sent = api.sendRaw(raw);
      // It is looked at below.
      sent.catch(() => undefined);
      return { sent };
    });
    return toHex(await sent);
  }

  /** As `Ledger.send`. */
  async send(request: LedgerRequest): Promise<LedgerReceipt> {
    const receipt = await this.#included(await this.submit(request));
    if (receipt.success) return receipt;
    throw await this.#failure(receipt);
  }

  /** As `Ledger.receipt`. */
  async receipt(hash: Hex): Promise<LedgerReceipt | undefined> {
    const { api, codes } = this.#parts;
    const bytes = fromHex(hash);
    const position = api.findTransaction(bytes);
    const view: BlockView | undefined = position && (await api.block(position.height));
    const index = view?.block.transactions.findIndex((each) => toHex(each.hash) === toHex(bytes));
    if (view === undefined || index === undefined || index < 0) return undefined;
    return ledgerReceipt(view, index, codes.decode);
  }

  async #sign(from: SendOptions['from'], request: TransactionRequest): Promise<Uint8Array> {
    const { api, signatures, codes } = this.#parts;
    try {
      if (typeof from === 'string' && from.startsWith('0x')) {
        return (await api.signTransaction(request)).raw;
      }
      const account = typeof from === 'string' ? accountOfName(from, signatures) : from;
      return account.signTransaction(await api.fillTransaction(request));
    } catch (error) {
      throw codes.callFailure(error, request.to);
    }
  }

  /** @throws `TRANSACTION_DROPPED`, `NODE_CLOSED` */
  async #included(hash: Hex): Promise<LedgerReceipt> {
    const { api, feed } = this.#parts;
    const bytes = fromHex(hash);
    if (api.findTransaction(bytes) === undefined) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const cancel = feed.add({
        head: () => {
          if (api.findTransaction(bytes) !== undefined) resolve();
          else if (api.pooledTransaction(bytes) === undefined) {
            reject(nodeErrors.create('TRANSACTION_DROPPED', hash));
          }
        },
        closed: () => reject(nodeErrors.create('NODE_CLOSED')),
      });
      try {
        await promise;
      } finally {
        cancel();
      }
    }
    const receipt = await this.receipt(hash);
    if (receipt === undefined) throw nodeErrors.create('TRANSACTION_DROPPED', hash);
    return receipt;
  }

  /** Why it has failed, as far as that can be seen: it is executed once more. */
  async #failure({ hash, to, gasUsed }: LedgerReceipt): Promise<Error> {
    const { api, codes } = this.#parts;
    let frame: CallTrace | undefined;
    try {
      frame = (await api.traceTransaction(fromHex(hash), {}))?.calls;
    } catch (error) {
      // The state before the block is not kept.
      if (!isLucernaError(error)) throw error;
    }
    const abi = to === undefined ? [] : (codes.at(addressBytesOf(to))?.abi ?? []);
    const reason = frame && (reasonOf(frame.output, abi) ?? frame.error?.message);
    return sdkErrors.create(
      'LEDGER_TRANSACTION_FAILED',
      reason === undefined ? hash : `${hash}: ${reason}`,
      { hash, reason, gasUsed, cause: frame?.error?.code },
      frame?.error,
    );
  }
}

function transactionRequest(request: LedgerRequest): TransactionRequest {
  const { from, to, value = 0n, data, gas, nonce } = request;
  const { maxFeePerGas, maxPriorityFeePerGas } = request;
  checkNumbers({ value, maxFeePerGas, maxPriorityFeePerGas }, 256n);
  checkNumbers({ gas, nonce }, 64n);
  return {
    from: addressBytesOf(from),
    to: to === undefined ? null : addressBytesOf(to),
    value,
    data: typeof data === 'string' ? fromHex(data) : (data ?? new Uint8Array(0)),
    accessList: [],
    ...(gas === undefined ? {} : { gas }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(maxFeePerGas === undefined ? {} : { maxFeePerGas }),
    ...(maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas }),
  };
}

/** @throws `AMOUNT_INVALID` for one that does not fit into so many bits */
export function checkNumbers(
  numbers: Readonly<Record<string, bigint | undefined>>,
  bits: bigint,
): void {
  for (const [name, number] of Object.entries(numbers)) {
    if (number === undefined) continue;
    if (typeof number === 'bigint' && number >= 0n && number >> bits === 0n) continue;
    throw sdkErrors.create('AMOUNT_INVALID', `${name}: ${number}`, { name });
  }
}
