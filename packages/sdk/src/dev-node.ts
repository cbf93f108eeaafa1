import { type Health, healthOf, type JsonRpc, type NodeApi } from '@lucerna/api';
import { SILENT_LOG } from '@lucerna/base';
import { devPrivateKeys, type VectorService } from '@lucerna/node';
import { systemClock } from '@lucerna/platform-node/clock';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import type { Database } from '@lucerna/platform-node/directory';
import { type DevChainOptions, startDevNode } from './dev-composition.ts';
import { directoryStorage } from './dev-storage.ts';
import { memoryStorage, type NodeStorage } from './memory-storage.ts';
import { createProvider, type Eip1193Provider } from './provider.ts';
import { openVectorPorts } from './vector-store/open-database.ts';

/** How a dev node is to be. Every option has a default. */
export type DevNodeOptions = DevChainOptions & {
  /** Directory that keeps the chain; without one it is kept in memory and ends with the node. */
  readonly dataDirectory?: string;
  /** Deletes the chain in the directory first. */
  readonly reset?: boolean;
  /** What keeps state and indexes in the directory. Default: what it has, or `lmdb`. */
  readonly database?: Database;
  /**
   * Whether there is a vector database, in the folder `vector` of the directory. It is opened when
   * somebody first asks for it, and `reset` leaves it alone. Default: true.
   */
  readonly vector?: boolean;
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
  const { log = SILENT_LOG, clock = systemClock, accounts: count, mnemonic } = options;
  const signatures = await loadSignatureEngine(log);
  const privateKeys = await devPrivateKeys({ count, mnemonic });
  const openVector = async ({ vectorLocation }: NodeStorage) => ({
    ...(await openVectorPorts(vectorLocation, { log })),
    clock,
  });
  const node = await startDevNode(
    {
      clock,
      signatures,
      openStorage: () => openStorage(options),
      ...(options.vector === false ? {} : { openVector }),
    },
    options,
    { privateKeys },
  );
  return {
    provider: createProvider(node.rpc),
    rpc: node.rpc,
    api: node.api,
    vector: node.vector,
    health: () => healthOf(node.api),
    chainId: node.api.chainId,
    accounts: node.accounts,
    mine: (blocks) => node.mine(blocks),
    close: () => node.close(),
  };
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
