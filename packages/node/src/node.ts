import { createJsonRpc, type JsonRpc, type NodeApi } from '@lucerna/api';
import { type Clock, type Durability, type Log, toHex } from '@lucerna/base';
import { type Chain, openChain, readStoredGenesis } from '@lucerna/chain';
import type { SignatureEngine } from '@lucerna/crypto';
import { Mempool, type PoolHead } from '@lucerna/mempool';
import { carriedGasLimit, checksumAddress, type Genesis, nextBaseFee } from '@lucerna/protocol';
import type { AppendFile, KvStore } from '@lucerna/storage';
import { devGenesis } from './dev-genesis.ts';
import { nodeErrors } from './errors.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { createLocalApi } from './local-api.ts';
import type { SealerFactory } from './sealer.ts';

/**
 * What a node needs from the platform that it runs on. It closes the log and the store, also when it
 * cannot be made.
 */
export type NodePorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly signatures: SignatureEngine;
  readonly blockLog: AppendFile;
  readonly store: KvStore;
};

/** How a node is to be. */
export type NodeOptions = {
  /** Genesis of a new chain. Default: {@link devGenesis} at the clock's time. */
  readonly genesis?: Genesis;
  /** Refuses a stored chain with another id. */
  readonly chainId?: bigint;
  /** Keys of the accounts that the node signs for, 32 bytes each. */
  readonly privateKeys: readonly Uint8Array[];
  /** Decides when blocks are made, such as `devSealer({ mode: 'automine' })`. */
  readonly sealer: SealerFactory;
  /** What an answered transaction outlives. */
  readonly durability: Durability;
  /** For how many blocks behind the head older states are kept. Default: for all of them. */
  readonly history?: number;
};

/** A running node. */
export type Node = {
  readonly api: NodeApi;
  readonly rpc: JsonRpc;
  readonly chain: Chain;
  /** The accounts that the node signs for. */
  readonly accounts: readonly { readonly address: string; readonly privateKey: string }[];
  /** Ends block making, writes out what is pending and closes the storage. */
  readonly close: () => Promise<void>;
};

/**
 * Boots a node: the one composition that the command line, the tests and the library share.
 *
 * @throws `CHAIN_ID_DIFFERS`, and what opening a damaged or foreign chain throws
 */
export async function createNode(ports: NodePorts, options: NodeOptions): Promise<Node> {
  const { clock, log, signatures } = ports;
  const { durability, history = Number.POSITIVE_INFINITY } = options;
  const { genesis, keyring } = await prepare(ports, options);
  const chain = await openChain(
    { log: ports.blockLog, store: ports.store, signatures, sink: log },
    { genesis, durability, history },
  );
  const pool = createPool(chain);
  chain.onHead(({ touched }) => {
    pool.step({ kind: 'head', touched, ...poolHead(chain) });
  });
  const sealer = options.sealer({ chain, pool, clock, log });
  const api = createLocalApi({ chain, pool, sealer, keyring, signatures, clock });
  sealer.start();
  return {
    api,
    rpc: createJsonRpc(api, { log, clock }),
    chain,
    accounts: options.privateKeys.map((privateKey, index) => ({
      address: checksumAddress(keyring.addresses[index] as Uint8Array),
      privateKey: toHex(privateKey),
    })),
    close: async (): Promise<void> => {
      await sealer.stop();
      const transactions = pool.size;
      if (transactions > 0) log.warn('waiting transactions are not kept', { transactions });
      await chain.close();
    },
  };
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
    await ports.blockLog.close();
    throw error;
  }
}

/** The stored chain's genesis, or that of a new chain. */
async function chooseGenesis(ports: NodePorts, options: NodeOptions): Promise<Genesis> {
  const stored = await readStoredGenesis(ports.blockLog);
  const { chainId } = options;
  if (stored === undefined) {
    const timestamp = Math.floor(ports.clock.nowMs() / 1_000);
    const choice = chainId === undefined ? { timestamp } : { timestamp, chainId };
    return options.genesis ?? devGenesis(ports.signatures, choice);
  }
  if (chainId !== undefined && chainId !== stored.chainId) {
    throw nodeErrors.create(
      'CHAIN_ID_DIFFERS',
      `the directory has ${stored.chainId}, asked for was ${chainId}`,
      { stored: stored.chainId, requested: chainId },
    );
  }
  return options.genesis ?? stored;
}

function createPool(chain: Chain): Mempool {
  const account = (address: Uint8Array) => chain.state().account(address);
  return new Mempool({
    chainId: chain.genesis.chainId,
    accounts: {
      nonce: (address) => account(address)?.nonce ?? 0n,
      balance: (address) => account(address)?.balance ?? 0n,
    },
    head: poolHead(chain),
  });
}

/** What the pool must know of the block after the head. */
function poolHead(chain: Chain): PoolHead {
  const { header } = chain.head();
  const rules = chain.rulesAt(header.height + 1);
  const gasLimit = carriedGasLimit(header.gasLimit, rules);
  return { rules, gasLimit, baseFeePerGas: nextBaseFee(header, rules) };
}
