import { equalBytes, SILENT_LOG } from '@lucerna/base';
import {
  EMPTY_TRIE_ROOT,
  encodeGenesis,
  type Genesis,
  genesisHeader,
  type HeaderView,
  headerHash,
  validateGenesis,
} from '@lucerna/protocol';
import { commitDiff, genesisDiff } from '@lucerna/state';
import {
  type AppendFile,
  createMemoryStore,
  type KvReader,
  type WriteBatch,
} from '@lucerna/storage';
import { decodeOrigin } from './base-record.ts';
import { BlockLog } from './block-log.ts';
import { chainErrors } from './errors.ts';

/** Block 0 and the state that it begins with. */
export type GenesisBlock = HeaderView & {
  readonly state: WriteBatch;
};

/**
 * The block that `genesis` makes, over an empty store.
 *
 * @throws `GENESIS_INVALID`, `RULES_*`
 */
export function genesisBlock(reader: KvReader, genesis: Genesis): GenesisBlock {
  validateGenesis(genesis);
  const { stateRoot, batch } = commitDiff(reader, genesisDiff(genesis), {
    parentRoot: EMPTY_TRIE_ROOT,
    height: 0,
    // Nothing is older than the genesis.
    history: false,
  });
  const header = genesisHeader(genesis, stateRoot);
  return { header, hash: headerHash(header), state: batch };
}

/** The hash of the block that a valid genesis makes. */
export function genesisHash(genesis: Genesis): Uint8Array {
  return genesisBlock(createMemoryStore(), genesis).hash;
}

/** All coins of a genesis, in wei. */
export function genesisSupply({ alloc }: Genesis): bigint {
  return alloc.reduce((sum, { balance }) => sum + balance, 0n);
}

/**
 * The genesis in a block log; undefined when the log is empty or was never finished. Changes
 * nothing, so that options can be compared with it before a chain is opened.
 *
 * @throws `LOG_CORRUPT`, `LOG_VERSION_UNSUPPORTED`, `LOG_RECORD_INVALID`, `SNAPSHOT_INCOMPLETE`
 */
export async function readStoredGenesis(file: AppendFile): Promise<Genesis | undefined> {
  const first = await new BlockLog(file, SILENT_LOG).first();
  return first === undefined ? undefined : decodeOrigin(first).genesis;
}

/**
 * Refuses to go on with a chain that is not the one asked for.
 *
 * @throws `CHAIN_GENESIS_MISMATCH` naming the fields that differ
 */
export function checkSameGenesis(stored: Genesis, wanted: Genesis | undefined): void {
  if (wanted === undefined || equalBytes(encodeGenesis(stored), encodeGenesis(wanted))) return;
  const differences = differingFields(stored, wanted);
  throw chainErrors.create('CHAIN_GENESIS_MISMATCH', differences.join('; '), {
    storedChainId: stored.chainId,
    wantedChainId: wanted.chainId,
  });
}

/** The fields in which two genesis differ, short ones with their values. */
function differingFields(stored: Genesis, wanted: Genesis): readonly string[] {
  const differences: string[] = [];
  for (const name of ['chainId', 'timestamp', 'gasLimit', 'baseFeePerGas'] as const) {
    if (stored[name] !== wanted[name]) {
      differences.push(`${name} is ${stored[name]}, not ${wanted[name]}`);
    }
  }
  // A part differs when replacing it changes what the two encode to.
  for (const name of ['coinbase', 'forks', 'alloc'] as const) {
    const replaced: Genesis = { ...stored, [name]: wanted[name] };
    if (!equalBytes(encodeGenesis(replaced), encodeGenesis(stored))) {
      differences.push(`${name} differs`);
    }
  }
  return differences;
}
