import {
  createFilters,
  createJsonRpc,
  type Filters,
  type JsonRpc,
  type NodeApi,
} from '@lucerna/api';
import {
  type Cancel,
  type Clock,
  type Durability,
  type Log,
  type Progress,
  toHex,
} from '@lucerna/base';
import {
  type Chain,
  type ImportedBlocks,
  importBlocks,
  openChain,
  readStoredGenesis,
} from '@lucerna/chain';
import type { SignatureEngine } from '@lucerna/crypto';
import { type JournalFiles, type PoolHead, PoolJournal } from '@lucerna/mempool';
import { carriedGasLimit, checksumAddress, type Genesis, nextBaseFee } from '@lucerna/protocol';
import type { AppendFile, KvStore } from '@lucerna/storage';
import type { VectorPorts } from '@lucerna/vector';
import { devGenesis } from './dev-genesis.ts';
import { nodeErrors } from './errors.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { nodeLimits } from './limits.ts';
import { createLocalApi } from './local-api.ts';
import { ObservedPool } from './observed-pool.ts';
import type { Sealer, SealerFactory } from './sealer.ts';
import { createVectorNode, type VectorNode, type VectorNodeOptions } from './vector-node.ts';
import {
  createVectorService,
  type OpenVectorPorts,
  type VectorOptions,
  type VectorService,
} from './vector-service.ts';

/**
 * What a node needs from the platform that it runs on. It closes the files and the store, also when it
 * cannot be made.
 */
export type NodePorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly signatures: SignatureEngine;
  readonly blockLog: AppendFile;
  readonly store: KvStore;
  /** Keep what waits in the pool. Without them it ends with the node. */
  readonly poolJournal?: JournalFiles;
  /** Opens what a vector database needs, when somebody first asks for it. Without it there is none. */
  readonly vector?: OpenVectorPorts | undefined;
};

/** How a node is to be. */
export type NodeOptions = {
  /** Genesis of a new chain. Default: {@link devGenesis} at the clock's time. */
  readonly genesis?: Genesis;
  /** Refuses a stored chain with another id. */
  readonly chainId?: bigint;
  /** Seconds since the Unix epoch, of the genesis of a new dev chain. Default: the clock's time. */
  readonly timestamp?: number;
  /** Wei of each account of a new dev chain. Default: 10,000 coins. */
  readonly balance?: bigint;
  /** Keys of the accounts that the node signs for, 32 bytes each. A new dev chain has these accounts. */
  readonly privateKeys: readonly Uint8Array[];
  /** Decides when blocks are made, such as `devSealer({ mode: 'automine' })`. */
  readonly sealer: SealerFactory;
  /** What an answered transaction outlives. */
  readonly durability: Durability;
  /** For how many blocks behind the head older states are kept. Default: for all of them. */
  readonly history?: number;
  /** A node without a ledger takes other ports and options: {@link VectorNodeOptions}. */
  readonly ledger?: true;
  /** How the vector database is to be, where there is one. Its durability is the node's. */
  readonly vector?: Omit<VectorOptions, 'durability'>;
};

/** A running node. */
export type Node = {
  readonly api: NodeApi;
  readonly rpc: JsonRpc;
  readonly chain: Chain;
  /** The accounts that the node signs for. */
  readonly accounts: readonly { readonly address: string; readonly privateKey: string }[];
  /** The vector database, where the ports have one. */
  readonly vector: VectorService | undefined;
  /**
   * Takes in the blocks of an archive of `Chain.exportBlocks`, while the node makes none. Progress is in
   * bytes.
   *
   * @throws as `importBlocks` of the chain; `NODE_CLOSED` when the node is closed meanwhile
   */
  readonly importBlocks: (
    archive: Pick<AppendFile, 'size' | 'read'>,
    onProgress?: Progress,
  ) => Promise<ImportedBlocks>;
  /** Ends block making, writes out what is pending and closes the storage. */
  readonly close: () => Promise<void>;
};

/**
 * Boots a node: the one composition that the command line, the tests and the library share. With
 * `ledger: false` it is a vector database and nothing else, which needs no ports of a ledger.
 *
 * @throws `CHAIN_ID_DIFFERS`, `GENESIS_TIME_DIFFERS`, and what opening a damaged or foreign chain or
 *   vector database throws
 */
export function createNode(ports: VectorPorts, options: VectorNodeOptions): Promise<VectorNode>;
export function createNode(ports: NodePorts, options: NodeOptions): Promise<Node>;
export function createNode(
  ports: NodePorts | VectorPorts,
  options: NodeOptions | VectorNodeOptions,
): Promise<Node | VectorNode> {
  // The signatures above leave no other combination.
  return options.ledger === false
    ? createVectorNode(ports as VectorPorts, options)
    : createLedgerNode(ports as NodePorts, options);
}

async function createLedgerNode(ports: NodePorts, options: NodeOptions): Promise<Node> {
  const { clock, log } = ports;
  const { genesis, keyring } = await prepare(ports, options);
  const chain = await open(ports, options, genesis);
  let journal: PoolJournal | undefined;
  try {
    if (ports.poolJournal !== undefined) {
      journal = await PoolJournal.open(ports.poolJournal, { log });
    }
    const { pool, sealer, api, filters } = compose(ports, options, chain, keyring);
    await sealer.start(async () => {
      // What waited when the node was last closed or killed; and what waits from now on is kept.
      await journal?.replay(pool, clock.nowMs());
      if (journal !== undefined) pool.keepIn(journal);
    });
    const stopTicks = tickPool(pool, clock);
    const vector = vectorService(ports, options);
    return {
      api,
      rpc: createJsonRpc(api, { log, clock, filters }),
      chain,
      accounts: options.privateKeys.map((privateKey, index) => ({
        address: checksumAddress(keyring.addresses[index] as Uint8Array),
        privateKey: toHex(privateKey),
      })),
      vector,
      importBlocks: (archive, onProgress) =>
        sealer.exclusive((takeTurn) => importBlocks(chain, archive, { takeTurn, onProgress })),
      close: async (): Promise<void> => {
        stopTicks();
        await sealer.stop();
        const transactions = pool.size;
        if (journal === undefined && transactions > 0) {
          log.warn('waiting transactions are not kept', { transactions });
        }
        await journal?.close();
        await chain.close();
        await vector?.close();
      },
    };
  } catch (error) {
    await journal?.close();
    await chain.close();
    throw error;
  }
}

function vectorService(ports: NodePorts, options: NodeOptions): VectorService | undefined {
  const { vector: open } = ports;
  const { durability, vector } = options;
  return open && createVectorService(open, ports, { durability, ...vector });
}

type Composed = {
  readonly pool: ObservedPool;
  readonly sealer: Sealer;
  readonly api: NodeApi;
  readonly filters: Filters;
};

/** The parts over a chain, each of which knows of the others what it needs. */
function compose(
  { clock, log, signatures }: NodePorts,
  options: NodeOptions,
  chain: Chain,
  keyring: Keyring,
): Composed {
  const pool = createPool(chain);
  const followHead = (touched: readonly Uint8Array[]): void => {
    pool.step({ kind: 'head', touched, nowMs: clock.nowMs(), ...poolHead(chain, sealer) });
  };
  const sealer = options.sealer.create({
    chain,
    pool,
    signatures,
    clock,
    log,
    // They are made later: filters need the API, and the API needs the sealer.
    filters: { dump: () => filters.dump(), restore: (dump) => filters.restore(dump) },
    attributesChanged: () => followHead([]),
  });
  chain.onHead(({ touched }) => followHead(touched));
  chain.onPatch(({ touched }) => followHead(touched));
  const api = createLocalApi({ chain, pool, sealer, keyring, signatures, clock });
  const filters = createFilters({ node: api, clock });
  return { pool, sealer, api, filters };
}

/** @throws what opening a damaged or foreign chain throws; the files are closed then */
async function open(ports: NodePorts, options: NodeOptions, genesis: Genesis): Promise<Chain> {
  const { durability, history = Number.POSITIVE_INFINITY, sealer } = options;
  const { blockLog: log, store, signatures, log: sink } = ports;
  try {
    const { cheats } = sealer;
    return await openChain(
      { log, store, signatures, sink },
      { genesis, durability, history, cheats },
    );
  } catch (error) {
    for (const file of ports.poolJournal ?? []) await file.close();
    throw error;
  }
}

/** Lets time pass for the pool. */
function tickPool(pool: ObservedPool, clock: Clock): Cancel {
  let cancel: Cancel;
  const schedule = (): void => {
    cancel = clock.schedule(nodeLimits.values.poolTickMs, () => {
      pool.step({ kind: 'tick', nowMs: clock.nowMs() });
      schedule();
    });
  };
  schedule();
  return () => cancel();
}

/** What can fail before there is a chain that closes the ports. */
async function prepare(
  ports: NodePorts,
  options: NodeOptions,
): Promise<{ readonly genesis: Genesis; readonly keyring: Keyring }> {
  try {
    const keyring = createKeyring(options.privateKeys, ports.signatures);
    return { genesis: await chooseGenesis(ports, options), keyring };
  } catch (error) {
    await ports.store.close();
    for (const file of [ports.blockLog, ...(ports.poolJournal ?? [])]) await file.close();
    throw error;
  }
}

/** The stored chain's genesis, or that of a new chain. */
async function chooseGenesis(ports: NodePorts, options: NodeOptions): Promise<Genesis> {
  const stored = await readStoredGenesis(ports.blockLog);
  const { chainId, timestamp } = options;
  if (stored === undefined) {
    const { privateKeys, balance } = options;
    return (
      options.genesis ??
      devGenesis(ports.signatures, {
        timestamp: timestamp ?? Math.floor(ports.clock.nowMs() / 1_000),
        privateKeys,
        ...(chainId === undefined ? {} : { chainId }),
        ...(balance === undefined ? {} : { balance }),
      })
    );
  }
  if (chainId !== undefined && chainId !== stored.chainId) {
    throw nodeErrors.create(
      'CHAIN_ID_DIFFERS',
      `the directory has ${stored.chainId}, asked for was ${chainId}`,
      { stored: stored.chainId, requested: chainId },
    );
  }
  if (timestamp !== undefined && timestamp !== stored.timestamp) {
    throw nodeErrors.create(
      'GENESIS_TIME_DIFFERS',
      `the directory's is ${stored.timestamp}, asked for was ${timestamp}`,
      { stored: stored.timestamp, requested: timestamp },
    );
  }
  return options.genesis ?? stored;
}

function createPool(chain: Chain): ObservedPool {
  const account = (address: Uint8Array) => chain.state().account(address);
  const { header } = chain.head();
  const rules = chain.rulesAt(header.height + 1);
  return new ObservedPool({
    chainId: chain.genesis.chainId,
    accounts: {
      nonce: (address) => account(address)?.nonce ?? 0n,
      balance: (address) => account(address)?.balance ?? 0n,
    },
    // Until the sealer, which needs the pool, says more.
    head: {
      rules,
      gasLimit: carriedGasLimit(header.gasLimit, rules),
      baseFeePerGas: nextBaseFee(header, rules),
    },
  });
}

/** What the pool must know of the block after the head. */
function poolHead(chain: Chain, sealer: Sealer): PoolHead {
  return {
    rules: chain.rulesAt(chain.head().header.height + 1),
    gasLimit: sealer.attributes().gasLimit,
    baseFeePerGas: sealer.nextBaseFee(),
  };
}
