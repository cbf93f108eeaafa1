import { fixedBytes, type Log, SILENT_LOG, seededRandom, toHexKey } from '@lucerna/base';
import { pureSignatureEngine, type SignatureEngine } from '@lucerna/crypto';
import type { BlockAttributes, ExecutedBlock, TxSource } from '@lucerna/execution';
import {
  encodeTransaction,
  type Fork,
  type Genesis,
  INITIAL_FORKS,
  publicKeyToAddress,
  type RecoveredTransaction,
  recoverTransaction,
  signTransaction,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import {
  type AppendFile,
  createMemoryFile,
  createMemoryStore,
  type KvStore,
} from '@lucerna/storage';
import type { FaultyDisk } from '@lucerna/storage/faulty';
import type { Chain } from '../../src/chain.ts';
import { type ChainOptions, openChain } from '../../src/open-chain.ts';

const WEI_PER_COIN = 10n ** 18n;

/** Accounts with coins. */
export const KEYS: readonly Uint8Array[] = [1n, 2n, 3n].map((number) => fixedBytes(number, 32));
export const ADDRESSES: readonly Uint8Array[] = KEYS.map((key) =>
  publicKeyToAddress(pureSignatureEngine.publicKey(key)),
);
export const COINBASE: Uint8Array = new Uint8Array(20).fill(0xcb);

export function testGenesis(changes: Partial<Genesis> = {}): Genesis {
  return {
    chainId: 31_337n,
    timestamp: 1_700_000_000,
    gasLimit: 30_000_000n,
    baseFeePerGas: 1_000_000_000n,
    coinbase: COINBASE,
    forks: INITIAL_FORKS,
    alloc: ADDRESSES.map((address) => ({ address, balance: 1000n * WEI_PER_COIN, nonce: 0n })),
    ...changes,
  };
}

/** Three sets of rules: the numbers change at heights 3 and 5. */
export const FORKS: readonly Fork[] = [
  ...INITIAL_FORKS,
  { height: 3, name: 'dearer', parameters: { gasTransaction: 23_000n, baseFeeElasticity: 4n } },
  { height: 5, name: 'steeper', parameters: { baseFeeChangeDenominator: 2n } },
];

export function signed(sender: number, transaction: UnsignedTransaction): RecoveredTransaction {
  const key = KEYS[sender] as Uint8Array;
  const raw = encodeTransaction(signTransaction(transaction, key, pureSignatureEngine));
  return recoverTransaction(raw, pureSignatureEngine);
}

export function transfer(
  sender: number,
  nonce: number,
  to: Uint8Array,
  value: bigint,
): RecoveredTransaction {
  const common = { nonce: BigInt(nonce), gasLimit: 60_000n, to, value, data: new Uint8Array(0) };
  const chainId = 31_337n;
  const kind = nonce % 3;
  if (kind === 0) return signed(sender, { ...common, type: 0, chainId, gasPrice: 9_000_000_000n });
  if (kind === 1) {
    const accessList = [{ address: to, storageKeys: [new Uint8Array(32)] }];
    return signed(sender, { ...common, type: 1, chainId, gasPrice: 9_000_000_000n, accessList });
  }
  const fees = { maxPriorityFeePerGas: 2_000_000_000n, maxFeePerGas: 9_000_000_000n };
  return signed(sender, { ...common, type: 2, chainId, ...fees, accessList: [] });
}

export function sourceOf(transactions: readonly RecoveredTransaction[]): TxSource {
  let next = 0;
  return {
    next: () => {
      next += 1;
      return transactions[next - 1];
    },
    skipSender: () => undefined,
  };
}

export function attributesOn(chain: Chain): BlockAttributes {
  const { header } = chain.head();
  return {
    timestamp: header.timestamp + 1,
    coinbase: COINBASE,
    gasLimit: header.gasLimit,
    mixHash: new Uint8Array(32).fill(header.height + 1),
  };
}

/** Builds one block on the head of the chain, and commits it. */
export async function grow(
  chain: Chain,
  transactions: readonly RecoveredTransaction[],
): Promise<ExecutedBlock> {
  const { executed, skipped } = chain.build(attributesOn(chain), sourceOf(transactions));
  if (skipped.length > 0) throw skipped[0]!.error;
  await chain.commit(executed);
  return executed;
}

/** Transactions of some blocks: transfers between the rich and to new accounts, one empty block. */
export function workload(blocks: number, seed = 1): RecoveredTransaction[][] {
  const random = seededRandom(seed);
  const nonces = KEYS.map(() => 0);
  return Array.from({ length: blocks }, (_, block) => {
    if (block === 2) return [];
    return Array.from({ length: 1 + random.below(3) }, () => {
      const sender = random.below(KEYS.length);
      const nonce = nonces[sender] as number;
      nonces[sender] = nonce + 1;
      const to =
        random.below(2) === 0
          ? (ADDRESSES[random.below(KEYS.length)] as Uint8Array)
          : fixedBytes(BigInt(0x1000 + random.below(20)), 20);
      return transfer(sender, nonce, to, BigInt(random.below(1_000_000)));
    });
  });
}

/** A genesis and blocks on it, made once and committed by many chains. */
export type Script = { readonly genesis: Genesis; readonly blocks: readonly ExecutedBlock[] };

export async function makeScript(
  blocks: number,
  genesis: Genesis = testGenesis(),
  seed = 1,
): Promise<Script> {
  const chain = await openMemoryChain({ genesis });
  const made: ExecutedBlock[] = [];
  for (const transactions of workload(blocks, seed)) made.push(await grow(chain, transactions));
  await chain.close();
  return { genesis, blocks: made };
}

/** Storage in memory that outlives the chain which uses it. */
export type Disk = { readonly log: () => AppendFile; readonly store: () => KvStore };

export function memoryDisk(
  file: AppendFile = createMemoryFile(),
  store: KvStore = createMemoryStore(),
): Disk {
  const stay = async (): Promise<void> => undefined;
  return { log: () => ({ ...file, close: stay }), store: () => ({ ...store, close: stay }) };
}

export function faultyDisk(disk: FaultyDisk): Disk {
  return { log: () => disk.openFile('log'), store: () => disk.openStore('store') };
}

/** The pure engine, which remembers signers: the same few transactions are met thousands of times. */
const signers = new Map<string, Uint8Array>();
const signatures: SignatureEngine = {
  ...pureSignatureEngine,
  recover: (digest, signature) => {
    const key = `${toHexKey(digest)}${toHexKey(signature.bytes)}${signature.recovery}`;
    const known = signers.get(key) ?? pureSignatureEngine.recover(digest, signature);
    signers.set(key, known);
    return known;
  },
};

export async function openOn(
  disk: Disk,
  options: Partial<ChainOptions> = {},
  sink: Log = SILENT_LOG,
): Promise<Chain> {
  return openChain(
    { log: disk.log(), store: disk.store(), signatures, sink },
    { durability: 'process', history: Number.POSITIVE_INFINITY, ...options },
  );
}

export async function openMemoryChain(options: Partial<ChainOptions> = {}): Promise<Chain> {
  return openOn(memoryDisk(), { genesis: testGenesis(), ...options });
}
