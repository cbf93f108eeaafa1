import {
  type Clock,
  concatBytes,
  fromHex,
  type Hex,
  isLucernaError,
  toHex,
  turnTaker,
} from '@lucerna/base';
import { chainErrors, type ImportedBlocks } from '@lucerna/chain';
import type { SignatureEngine } from '@lucerna/crypto';
import { bytecodeOf, type ContractArguments, type ContractSource } from '../contract-call.ts';
import type { StartedDevNode } from '../dev-composition.ts';
import { sdkErrors } from '../errors.ts';
import { createProvider, type Eip1193Provider } from '../provider.ts';
import {
  addressBytesOf,
  type LedgerAccount,
  type MnemonicOptions,
  openAccount,
  type Who,
} from './account.ts';
import type { ArchiveFile } from './archive.ts';
import {
  type ContractHost,
  constructorArguments,
  type EventFilter,
  type EventRange,
  eventTopic,
  LedgerContract,
} from './contract.ts';
import { ContractCodes } from './contract-codes.ts';
import { HeadFeed } from './head-feed.ts';
import { checkedHeight } from './heights.ts';
import { type HistoryOptions, historyOf } from './history.ts';
import { type LedgerProof, ledgerProof, slotBytes, verifyProof } from './proof.ts';
import { type LedgerRequest, Sending, type SendOptions } from './sending.ts';
import { type LedgerTransfer, transferSource } from './transfers.ts';
import {
  type LedgerBlock,
  type LedgerEvent,
  type LedgerReceipt,
  type LedgerTransaction,
  ledgerBlock,
  ledgerEvents,
  ledgerHeader,
} from './views.ts';
import { type LedgerWatch, type Watched, type WatchOptions, watch } from './watch.ts';

/** What goes with a deployment. */
export type LedgerDeployOptions = SendOptions & {
  /** Of the constructor: in order, or by the names of the parameters. */
  readonly args?: ContractArguments;
  /** Which contract of a source; needed when there are several. */
  readonly contract?: string;
};

/** Which transfers. */
export type TransferFilter = {
  /** Who sends or receives. Default: anybody. */
  readonly of?: Who;
};

/** Heights of the blocks of an archive, both inclusive. Default: all but the first one, block 0. */
export type ArchiveRange = { readonly from?: number; readonly to?: number };

/** What an archive that was written has. */
export type ExportedBlocks = { readonly blocks: number; readonly bytes: number };

/** How a platform keeps archives. */
export type ArchiveAccess<Source, Target> = {
  /** Gives the archive to `read`, and closes it. */
  readonly read: <T>(source: Source, read: (file: ArchiveFile) => Promise<T>) => Promise<T>;
  /** @returns bytes */
  readonly write: (parts: AsyncIterable<Uint8Array>, target: Target) => Promise<number>;
};

type Parts<Source, Target> = {
  readonly node: StartedDevNode;
  readonly signatures: SignatureEngine;
  readonly clock: Clock;
  readonly archives: ArchiveAccess<Source, Target>;
};

/** How long an export works before it lets others go first. */
const TURN_MS = 20;

/**
 * A ledger in this program: accounts, contracts, blocks, with the rules and the files of a node. Who is
 * asked for may be a name, an address with 0x or an account; amounts are wei.
 */
export class Ledger<Source, Target> {
  readonly chainId: bigint;
  /** For viem's `custom()` and ethers' `BrowserProvider`. */
  readonly provider: Eip1193Provider;
  /** What comes, as it comes. */
  readonly watch: {
    /** Blocks, also those that make way for others. */
    readonly blocks: (options?: WatchOptions) => LedgerWatch<Watched<LedgerBlock>>;
    /** What contracts announce. @throws `LEDGER_EVENT_UNKNOWN` */
    readonly events: (options?: EventFilter & WatchOptions) => LedgerWatch<Watched<LedgerEvent>>;
    /** Coins that move, those that contracts send too. */
    readonly transfers: (
      options?: TransferFilter & WatchOptions,
    ) => LedgerWatch<Watched<LedgerTransfer>>;
  };
  readonly #node: StartedDevNode;
  readonly #parts: Parts<Source, Target>;
  readonly #feed: HeadFeed;
  readonly #codes: ContractCodes;
  readonly #sending: Sending;
  readonly #host: ContractHost;

  constructor(parts: Parts<Source, Target>) {
    const { node, signatures } = parts;
    const { api } = node;
    this.#node = node;
    this.#parts = parts;
    this.#feed = new HeadFeed(api);
    this.#codes = new ContractCodes(api);
    this.#sending = new Sending({ api, feed: this.#feed, codes: this.#codes, signatures });
    this.chainId = api.chainId;
    this.provider = createProvider(node.rpc);
    this.watch = {
      blocks: (options) => this.#watchBlocks(options),
      events: (options) => this.#watchEvents(options),
      transfers: (options) => this.#watchTransfers(options),
    };
    this.#host = {
      api,
      codes: this.#codes,
      submit: (request) => this.submit(request),
      send: (request) => this.send(request),
      events: (filter) => this.events(filter),
      watchEvents: (filter) => this.#watchEvents(filter),
      proof: (who, slots) => this.proof(who, slots),
    };
  }

  /**
   * The account of a name, of a private key (32 bytes or their digits) or of a mnemonic. Whoever knows a
   * name has its key: names are for development.
   *
   * @throws `LEDGER_ACCOUNT_INVALID`, `ACCOUNT_NAME_INVALID`, `MNEMONIC_INVALID`
   */
  async account(
    secret: string | Uint8Array,
    options: MnemonicOptions = {},
  ): Promise<LedgerAccount> {
    return openAccount(secret, options, this.#parts.signatures);
  }

  /** Wei, behind the head or behind the block `at`. @throws `LEDGER_HEIGHT_INVALID`, `STATE_PRUNED`, `STATE_FUTURE`; as names are read */
  balance(who: Who, at: number = this.#height): bigint {
    return this.#node.api.account(checkedHeight(at), addressBytesOf(who)).balance;
  }

  /** How many transactions the account has sent. @throws as {@link balance} */
  nonce(who: Who, at: number = this.#height): bigint {
    return this.#node.api.account(checkedHeight(at), addressBytesOf(who)).nonce;
  }

  /** What the last block's header says. */
  head(): Omit<LedgerBlock, 'transactions'> {
    return ledgerHeader(this.#node.api.head());
  }

  /** The block of a height or a hash, if there is one. @throws `LEDGER_HEIGHT_INVALID` */
  async block(which: number | Hex): Promise<LedgerBlock | undefined> {
    const { api } = this.#node;
    const height = typeof which === 'number' ? checkedHeight(which) : api.heightOf(fromHex(which));
    const view = height === undefined ? undefined : await api.block(height);
    return view && ledgerBlock(view);
  }

  /**
   * Sends a transaction and waits for its block: with manual mining until somebody calls {@link mine}.
   *
   * @throws `LEDGER_CALL_FAILED`: it would fail, and was not sent; `LEDGER_TRANSACTION_FAILED`: it failed in
   *   its block; `TX_*`, `POOL_*`, `ACCOUNT_UNKNOWN` for an address without a key here,
   *   `TRANSACTION_DROPPED`, `NODE_CLOSED`
   */
  async send(request: LedgerRequest): Promise<LedgerReceipt> {
    return this.#sending.send(request);
  }

  /**
   * Sends a transaction. Unless mining is manual, it is in a block when this resolves.
   *
   * @returns its hash
   * @throws as {@link send}; whether it failed in its block, {@link receipt} says
   */
  async submit(request: LedgerRequest): Promise<Hex> {
    return this.#sending.submit(request);
  }

  /** What a transaction came to; undefined when it is in no block. */
  async receipt(hash: Hex): Promise<LedgerReceipt | undefined> {
    return this.#sending.receipt(hash);
  }

  /**
   * Deploys a contract: source text, bytecode, or what `compileContract` has made.
   *
   * @throws `COMPILE_FAILED`, `CONTRACT_MISSING`, `CONTRACT_AMBIGUOUS`, `ZXC_*`, `VM_ARGUMENT_INVALID`, and
   *   as {@link send}
   */
  async deploy(source: ContractSource, options: LedgerDeployOptions): Promise<LedgerContract> {
    const { args = [], contract, ...sending } = options;
    const bytecode = bytecodeOf(source, contract);
    const known = this.#codes.of({ bytecode: toHex(bytecode) });
    const data = concatBytes(bytecode, constructorArguments(known, args));
    const receipt = await this.send({ ...sending, data });
    if (receipt.contract === undefined) {
      throw sdkErrors.create('LEDGER_TRANSACTION_FAILED', receipt.hash, { hash: receipt.hash });
    }
    return new LedgerContract(this.#host, fromHex(receipt.contract), known, receipt);
  }

  /**
   * The contract at an address. Its code says what it has; `as` takes it for another one: that behind a
   * proxy.
   *
   * @throws `VM_CONTRACT_UNKNOWN`; for `as` as {@link deploy}
   */
  contract(where: Who, options: { readonly as?: ContractSource } = {}): LedgerContract {
    const address = addressBytesOf(where);
    const { as } = options;
    const own = this.#codes.require(address);
    return new LedgerContract(this.#host, address, as === undefined ? own : this.#codes.of(as));
  }

  /** Makes blocks now, one by default. @throws `BLOCK_COUNT_OUT_OF_RANGE` */
  async mine(blocks = 1): Promise<void> {
    await this.#node.mine(blocks);
  }

  /**
   * Events in blocks, in order.
   *
   * @throws `LEDGER_EVENT_UNKNOWN`; while they are read `BLOCKS_PRUNED`, `STATE_FUTURE`, `CHAIN_REORGANISED`
   */
  events(filter: EventFilter & EventRange = {}): AsyncIterable<LedgerEvent> {
    const { api } = this.#node;
    const wanted = this.#eventsWanted(filter);
    const head = this.#height;
    const { from = api.firstHeight(), to = head } = filter;
    checkedHeight(from);
    checkedHeight(to);
    if (to > head) throw chainErrors.create('STATE_FUTURE', `block ${to}`, { height: to, head });
    return this.#eventsBetween(from, to, wanted);
  }

  /**
   * Transactions in which the account took part: as sender, recipient or new contract, or because a
   * contract has called it or sent it coins. One may leave the loop at any time.
   *
   * @throws `CHAIN_REORGANISED` when blocks make way for others meanwhile
   */
  history(who: Who, options: HistoryOptions = {}): AsyncIterable<LedgerTransaction> {
    return historyOf(this.#node.api, addressBytesOf(who), options);
  }

  /**
   * Proves an account, or that there is none, and slots of it (32 bytes) behind a block, the head by
   * default; `verifyProof` checks it without a ledger.
   *
   * @throws `PROOF_PRUNED`, `BLOCKS_PRUNED`, `STATE_FUTURE`, `LEDGER_SLOT_INVALID`; `LEDGER_STATE_PATCHED` where the state was
   *   changed without a block
   */
  async proof(
    who: Who,
    slots: readonly (Hex | Uint8Array)[] = [],
    at: number = this.#height,
  ): Promise<LedgerProof> {
    const { api } = this.#node;
    const header = api.header(checkedHeight(at));
    const bytes = slots.map(slotBytes);
    const proof = await api.prove(at, addressBytesOf(who), bytes);
    if (header === undefined) throw chainErrors.create('CHAIN_REORGANISED');
    const proved = ledgerProof(header, proof);
    try {
      verifyProof(proved, { blockHash: proved.blockHash });
    } catch (error) {
      if (!isLucernaError(error, 'PROOF_INVALID')) throw error;
      throw sdkErrors.create('LEDGER_STATE_PATCHED', `block ${at}`, { height: at }, error);
    }
    return proved;
  }

  /**
   * Writes blocks for another ledger to take in. A file is there when it is whole; a stream is closed.
   *
   * @throws `STATE_FUTURE`, `BLOCKS_PRUNED`, `ARCHIVE_RANGE_INVALID`, `CHAIN_REORGANISED`, `FILE_*`, and what a
   *   stream throws
   */
  async exportBlocks(target: Target, range: ArchiveRange = {}): Promise<ExportedBlocks> {
    const { clock, archives } = this.#parts;
    for (const height of [range.from, range.to]) if (height !== undefined) checkedHeight(height);
    let blocks = 0;
    const onProgress = (done: number): void => {
      blocks = done;
    };
    const work = { takeTurn: turnTaker(clock, TURN_MS), onProgress };
    const bytes = await archives.write(this.#node.chain.exportBlocks(range, work), target);
    return { blocks, bytes };
  }

  /**
   * Takes in blocks that follow the head; each is executed and checked. Those that are known are passed
   * over. What waits in the pool goes on waiting.
   *
   * @throws `ARCHIVE_INVALID`, `CHAIN_GENESIS_MISMATCH` for another ledger's, `CHAIN_NOT_ON_HEAD`; the blocks
   *   before stay
   */
  async importBlocks(source: Source): Promise<ImportedBlocks> {
    return this.#parts.archives.read(source, (file) => this.importFrom(file));
  }

  /** The same from an open file. */
  async importFrom(file: ArchiveFile): Promise<ImportedBlocks> {
    return this.#node.importBlocks(file);
  }

  /** Ends what is watched and what waits, writes out what is pending, and gives the folder free. */
  async close(): Promise<void> {
    this.#feed.close();
    await this.#node.close();
  }

  /** For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #height(): number {
    return this.#node.api.head().header.height;
  }

  get #watching(): { readonly api: StartedDevNode['api']; readonly feed: HeadFeed } {
    return { api: this.#node.api, feed: this.#feed };
  }

  #watchBlocks(options: WatchOptions = {}): LedgerWatch<Watched<LedgerBlock>> {
    return watch(this.#watching, options, {
      added: (view) => [ledgerBlock(view)],
      removed: (view) => [ledgerBlock(view)],
    });
  }

  #watchEvents(options: EventFilter & WatchOptions = {}): LedgerWatch<Watched<LedgerEvent>> {
    const { decode, isWanted } = this.#eventsWanted(options);
    const wanted = (view: Parameters<typeof ledgerEvents>[0]): readonly LedgerEvent[] =>
      ledgerEvents(view, decode).filter(isWanted);
    return watch(this.#watching, options, { added: wanted, removed: wanted });
  }

  #watchTransfers(
    options: TransferFilter & WatchOptions = {},
  ): LedgerWatch<Watched<LedgerTransfer>> {
    const { chain, api } = this.#node;
    const { of } = options;
    const wanted = of === undefined ? undefined : toHex(addressBytesOf(of));
    const isOf = (address: Hex): boolean => address.toLowerCase() === wanted;
    const source = transferSource(
      { api, rulesAt: (height) => chain.rulesAt(height) },
      ({ from, to }) => wanted === undefined || isOf(from) || isOf(to),
    );
    return watch(this.#watching, options, source);
  }

  #eventsWanted({ contract, event }: EventFilter): WantedEvents {
    const isHandle = contract instanceof LedgerContract;
    const address = contract === undefined ? undefined : addressBytesOf(contract);
    const known = isHandle ? contract.known : address && this.#codes.at(address);
    const topic = known === undefined || event === undefined ? undefined : eventTopic(known, event);
    const text = address === undefined ? undefined : toHex(address);
    return {
      addresses: address === undefined ? [] : [address],
      topics: topic === undefined ? [] : [[topic]],
      decode: known === undefined ? this.#codes.decode : (log) => this.#codes.decodeAs(log, known),
      isWanted: (each) =>
        (text === undefined || each.address.toLowerCase() === text) &&
        (event === undefined || each.name === event),
    };
  }

  async *#eventsBetween(
    fromHeight: number,
    toHeight: number,
    { addresses, topics, decode, isWanted }: WantedEvents,
  ): AsyncGenerator<LedgerEvent, void, undefined> {
    const found = this.#node.api.logs({ fromHeight, toHeight, addresses, topics });
    for await (const { log, blockHash, transactionHash, height, timestamp, logIndex } of found) {
      const event: LedgerEvent = {
        ...decode(log),
        height,
        blockHash: toHex(blockHash),
        timestamp,
        transactionHash: toHex(transactionHash),
        logIndex,
      };
      if (isWanted(event)) yield event;
    }
  }
}

type WantedEvents = {
  readonly addresses: readonly Uint8Array[];
  readonly topics: readonly (readonly Uint8Array[])[];
  readonly decode: ContractCodes['decode'];
  readonly isWanted: (event: LedgerEvent) => boolean;
};
