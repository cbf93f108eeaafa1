import { type Clock, type Durability, type Log, present, SILENT_LOG } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import { createNode, devSealer, type Mining, type Node, type OpenVectorPorts } from '@lucerna/node';
import type { Genesis } from '@lucerna/protocol';
import type { NodeStorage } from './memory-storage.ts';

/** How a development chain is to be, wherever it runs. Every option has a default. */
export type DevChainOptions = {
  /** Default: that of the chain that is there, or 31337. */
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
   * When blocks are made. Default: as the chain was last told to, or at once for every transaction.
   */
  readonly mining?: Mining;
  /** What an answered transaction outlives. Default: `process`. */
  readonly durability?: Durability;
  /** For how many blocks behind the head older states are kept, 0 for none. Default: for all. */
  readonly history?: number;
  readonly clock?: Clock;
  readonly log?: Log;
};

/** What a development chain needs of the platform. */
export type DevPlatform = {
  readonly clock: Clock;
  readonly signatures: SignatureEngine;
  readonly openStorage: () => Promise<NodeStorage>;
  /** Opens the vector database of a storage; absent: there is none. */
  readonly openVector?: (storage: NodeStorage) => ReturnType<OpenVectorPorts>;
};

/** What the options leave open. */
export type DevChainParts = {
  /** Of the unlocked accounts, 32 bytes each. */
  readonly privateKeys: readonly Uint8Array[];
  /** Of a new chain. Default: what the options say. */
  readonly genesis?: Genesis | undefined;
};

/** A node with the dev sealer that runs. */
export type StartedDevNode = Node & {
  /** Makes `blocks` blocks now, one by default. */
  readonly mine: (blocks?: number) => Promise<void>;
};

/**
 * Starts a node with the dev sealer on this platform: the one way in which the library does that. Closing
 * it gives the storage free.
 *
 * @throws as `createDevNode`; the storage is free then
 */
export async function startDevNode(
  platform: DevPlatform,
  options: DevChainOptions,
  { privateKeys, genesis }: DevChainParts,
): Promise<StartedDevNode> {
  const { chainId, history, timestamp, balance, mining } = options;
  const { clock, signatures, openVector } = platform;
  // Before there is anything that would have to be closed.
  const sealer = devSealer(mining, timestamp);
  const storage = await platform.openStorage();
  const { blockLog, store, poolJournal } = storage;
  try {
    const node = await createNode(
      {
        clock,
        log: options.log ?? SILENT_LOG,
        signatures,
        blockLog,
        store,
        poolJournal,
        vector: openVector && (() => openVector(storage)),
      },
      {
        ...(chainId === undefined ? {} : { chainId }),
        ...(history === undefined ? {} : { history }),
        ...(timestamp === undefined ? {} : { timestamp }),
        ...(balance === undefined ? {} : { balance }),
        ...(genesis === undefined ? {} : { genesis }),
        privateKeys,
        sealer,
        durability: options.durability ?? 'process',
        // Tests of Chroma's clients begin with it; whoever reaches this port can do as much otherwise.
        vector: { allowReset: true },
      },
    );
    return {
      ...node,
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
