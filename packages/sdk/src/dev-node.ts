import { type Health, healthOf, type JsonRpc, type NodeApi } from '@lucerna/api';
import { type Clock, type Durability, type Log, present, SILENT_LOG } from '@lucerna/base';
import {
  createNode,
  devPrivateKeys,
  devSealer,
  type Mining,
  type VectorService,
} from '@lucerna/node';
import { systemClock } from '@lucerna/platform-node/clock';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import type { Database } from '@lucerna/platform-node/directory';
import { directoryStorage, memoryStorage, type NodeStorage } from './dev-storage.ts';
import { createProvider, type Eip1193Provider } from './provider.ts';
import { openVectorPorts } from './vector-store/open-database.ts';

/** How a dev node is to be. Every option has a default. */
export type DevNodeOptions = {
  /** Directory that keeps the chain; without one it is kept in memory and ends with the node. */
  readonly dataDirectory?: string;
  /** Deletes the chain in the directory first. */
  readonly reset?: boolean;
  /** What keeps state and indexes in the directory. Default: what it has, or `lmdb`. */
  readonly database?: Database;
  /** Default: the directory's chain, or 31337. */
  readonly chainId?: bigint;
  /** How many unlocked accounts. Default: 10. */
  readonly accounts?: number;
  /** From whose words their keys come (BIP-39, English). Default: the one that all tools know. */
  readonly mnemonic?: string | undefined;
  /** Wei of each of them on a new chain. Default: 10,000 coins. */
  readonly balance?: bigint;
  /**
   * Seconds since the Unix epoch at which a new chain begins; its clock goes on from there. Default:
   * now.
   */
  readonly timestamp?: number;
  /**
   * When blocks are made. Default: as the directory's chain was last told to, or at once for every
   * transaction.
   */
  readonly mining?: Mining;
  /** What an answered transaction outlives. Default: `process`. */
  readonly durability?: Durability;
  /** For how many blocks behind the head older states are kept, 0 for none. Default: for all. */
  readonly history?: number;
  /**
   * Whether there is a vector database, in the folder `vector` of the directory. It is opened when
   * somebody first asks for it, and `reset` leaves it alone. Default: true.
   */
  readonly vector?: boolean;
  readonly clock?: Clock;
  readonly log?: Log;
};

/** A development account. Its key is public knowledge: never use it for anything of value. */
export type DevAccount = {
  /** With the EIP-55 checksum. */
  readonly address: string;
  /** 0x-prefixed. */
  readonly privateKey: string;
};

/** A development chain in this process. */
export type DevNode = {
  readonly provider: Eip1193Provider;
  /** The JSON-RPC engine itself, for whoever serves it over a transport. */
  readonly rpc: JsonRpc;
  /** What answers it: everything a node can be asked, without JSON. */
  readonly api: NodeApi;
  /** The vector database, and what answers Chroma's clients; undefined where there is none. */
  readonly vector: VectorService | undefined;
  /** How it is, as `/healthz` says it. */
  readonly health: () => Health;
  readonly chainId: bigint;
  /** Unlocked accounts: the node signs for them. */
  readonly accounts: readonly DevAccount[];
  /** Makes `blocks` blocks now, one by default. */
  readonly mine: (blocks?: number) => Promise<void>;
  /** Ends the node and writes out what is pending. The provider answers no more. */
  readonly close: () => Promise<void>;
};

/**
 * Starts a development chain in this process, without a port.
 *
 * ```ts
 * const node = await createDevNode();
 * const client = createPublicClient({ transport: custom(node.provider) });
 * ```
 *
 * @throws `DATA_DIRECTORY_IN_USE`, `DATA_DIRECTORY_DATABASE`, `CHAIN_ID_DIFFERS`, `GENESIS_TIME_DIFFERS`,
 *   `STORE_UNAVAILABLE`, `MNEMONIC_INVALID`, `ACCOUNT_COUNT_OUT_OF_RANGE`, `GENESIS_INVALID`,
 *   `BLOCK_INTERVAL_OUT_OF_RANGE` and the codes of a damaged directory
 */
export async function createDevNode(options: DevNodeOptions = {}): Promise<DevNode> {
  const log = options.log ?? SILENT_LOG;
  const signatures = await loadSignatureEngine(log);
  const { accounts: count, mnemonic } = options;
  const privateKeys = await devPrivateKeys({ count, mnemonic });
  // Before there is anything that would have to be closed.
  const sealer = devSealer(options.mining, options.timestamp);
  const storage = await openStorage(options);
  const clock = options.clock ?? systemClock;
  try {
    const node = await createNode(
      {
        clock,
        log,
        signatures,
        blockLog: storage.blockLog,
        store: storage.store,
        poolJournal: storage.poolJournal,
        vector:
          options.vector === false
            ? undefined
            : async () => ({ ...(await openVectorPorts(storage.vectorLocation, { log })), clock }),
      },
      {
        ...(options.chainId === undefined ? {} : { chainId: options.chainId }),
        ...(options.history === undefined ? {} : { history: options.history }),
        ...(options.timestamp === undefined ? {} : { timestamp: options.timestamp }),
        ...(options.balance === undefined ? {} : { balance: options.balance }),
        privateKeys,
        sealer,
        durability: options.durability ?? 'process',
        // Tests of Chroma's clients begin with it; whoever reaches this port can do as much otherwise.
        vector: { allowReset: true },
      },
    );
    return {
      provider: createProvider(node.rpc),
      rpc: node.rpc,
      api: node.api,
      vector: node.vector,
      health: () => healthOf(node.api),
      chainId: node.api.chainId,
      accounts: node.accounts,
      mine: (blocks = 1) => present(node.api.dev, 'the sealer is a dev one').mine({ blocks }),
      close: async (): Promise<void> => {
        try {
          await node.close();
        } finally {
          await storage.release();
        }
      },
    };
  } catch (error) {
    await storage.release();
    throw error;
  }
}

async function openStorage(options: DevNodeOptions): Promise<NodeStorage> {
  const { dataDirectory, reset = false, database } = options;
  if (dataDirectory === undefined) return memoryStorage();
  return directoryStorage(dataDirectory, {
    reset,
    log: options.log ?? SILENT_LOG,
    ...(database === undefined ? {} : { database }),
  });
}
