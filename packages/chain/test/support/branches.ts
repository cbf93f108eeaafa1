import { fixedBytes, type SeededRandom, seededRandom, toHexKey } from '@lucerna/base';
import { decodeRlp, encodeBlock, encodeRlp, type RecoveredTransaction } from '@lucerna/protocol';
import {
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type Keyspace,
  type KvStore,
} from '@lucerna/storage';
import type { Chain } from '../../src/chain.ts';
import type { ChainOptions } from '../../src/open-chain.ts';
import { contractAddress, deployment, pay, put } from './contract.ts';
import { ADDRESSES, attributesOn, memoryDisk, openOn, sourceOf, testGenesis } from './ledger.ts';

/** A chain that has only ever seen these blocks, and its store. */
export type Follower = { readonly chain: Chain; readonly store: KvStore };

export async function follow(
  blocks: readonly Uint8Array[],
  options: Partial<ChainOptions> = {},
): Promise<Follower> {
  const store = createMemoryStore();
  const disk = memoryDisk(createMemoryFile(), store);
  const chain = await openOn(disk, { genesis: testGenesis(), ...options });
  for (const block of blocks) await chain.import(block);
  return { chain, store };
}

/** Transfers, deployments and calls of contracts of whoever has coins. */
function randomTransactions(chain: Chain, random: SeededRandom): readonly RecoveredTransaction[] {
  const state = chain.state();
  const nonces = ADDRESSES.map((address) => state.account(address)?.nonce ?? 0n);
  return Array.from({ length: random.below(4) }, () => {
    const sender = random.below(ADDRESSES.length);
    const nonce = nonces[sender] as bigint;
    nonces[sender] = nonce + 1n;
    // The first transaction of everybody deploys, so that branches deploy at the same addresses.
    if (nonce === 0n) return deployment(sender, nonce);
    const kind = random.below(3);
    if (kind === 0) {
      const to = fixedBytes(BigInt(0x1000 + random.below(6)), 20);
      return pay(sender, nonce, to, BigInt(random.below(1_000)));
    }
    const contract = contractAddress(random.below(ADDRESSES.length), 0n);
    const word = random.below(3) === 0 ? 0n : BigInt(1 + random.below(1_000));
    return put(sender, nonce, contract, BigInt(random.below(4)), word);
  });
}

/** Blocks that somebody else has built on the last of `parents`, which begin behind the genesis. */
export async function branchOn(
  parents: readonly Uint8Array[],
  count: number,
  seed: number,
): Promise<readonly Uint8Array[]> {
  const { chain } = await follow(parents);
  const random = seededRandom(seed);
  const blocks: Uint8Array[] = [];
  for (let made = 0; made < count; made += 1) {
    const mixHash = fixedBytes(BigInt(random.below(1_000_000)), 32);
    const attributes = { ...attributesOn(chain), mixHash };
    const { executed, skipped } = chain.build(
      attributes,
      sourceOf(randomTransactions(chain, random)),
    );
    if (skipped.length > 0) throw skipped[0]!.error;
    await chain.commit(executed);
    blocks.push(encodeBlock(executed.block));
  }
  await chain.close();
  return blocks;
}

/** All rows as text by keyspace, without what depends on the log: positions, and the row of the log. */
export function rowsWithoutLog(store: KvStore): ReadonlyMap<string, readonly string[]> {
  const rows = new Map<string, readonly string[]>();
  for (const keyspace of Object.values(KEYSPACES)) {
    if (keyspace === KEYSPACES.meta) continue;
    const texts: string[] = [];
    for (const [key, value] of store.range(keyspace)) {
      texts.push(`${toHexKey(key)} ${textOf(keyspace, value)}`);
    }
    rows.set(keyspace.name, texts);
  }
  return rows;
}

function textOf(keyspace: Keyspace, value: Uint8Array): string {
  if (keyspace === KEYSPACES.blocks) return unplaced(value);
  return toHexKey(keyspace === KEYSPACES.patches ? unplacedPatch(value) : value);
}

/** The row of a patch without the offset of its record. */
function unplacedPatch(row: Uint8Array): Uint8Array {
  const [, ...others] = decodeRlp(row) as readonly Uint8Array[];
  return encodeRlp(others);
}

/** The row of a block without the offset of its record. */
function unplaced(row: Uint8Array): string {
  const [, hash, header] = decodeRlp(row) as readonly [unknown, Uint8Array, readonly Uint8Array[]];
  return [hash, ...header].map(toHexKey).join(' ');
}
