import { equalBytes } from '@lucerna/base';
import type { Chain } from '../chain.ts';
import { checkSameGenesis } from '../genesis.ts';
import type { RecordFile } from '../log-record.ts';
import type { Patch } from '../patch-record.ts';
import type { ArchiveWork } from './archive.ts';
import { archiveRecords, inArchive, invalidArchive } from './archive-reader.ts';
import { type ArchivedBlock, BlocksReader } from './blocks-reader.ts';

/** What blocks are taken into. */
export type ImportingChain = Pick<
  Chain,
  'genesis' | 'firstHeight' | 'heightOf' | 'import' | 'patchedRoot' | 'importPatch'
>;

/** What became of the blocks of an archive. */
export type ImportedBlocks = {
  /** Executed, checked, and now part of the chain. */
  readonly imported: number;
  /** Passed over: the chain has them, or begins above them. */
  readonly known: number;
};

/**
 * Takes in the blocks of an archive, on the head of the chain. Every block is executed and checked.
 * Progress is in bytes.
 *
 * @throws `ARCHIVE_INVALID` with the `offset` where the archive is damaged or ends too early; the
 *   blocks before stay. `CHAIN_GENESIS_MISMATCH`; `CHAIN_NOT_ON_HEAD` for another branch or a gap;
 *   `CHAIN_CHEATS_REFUSED` where the state was changed by hand, or a block breaks the rules, and the
 *   chain allows neither; and as `Chain.import`
 */
export async function importBlocks(
  chain: ImportingChain,
  file: RecordFile,
  work: ArchiveWork,
): Promise<ImportedBlocks> {
  let imported = 0;
  let known = 0;
  const reader = new BlocksReader((first) => checkSameGenesis(chain.genesis, first));
  for await (const source of archiveRecords(file, work)) {
    const step = await inArchive(source, () => reader.read(source));
    if (step?.kind === 'patch') {
      await takePatch(chain, step.patch);
    } else if (step?.kind === 'block') {
      if (await takeBlock(chain, step.block)) imported += 1;
      else known += 1;
    }
  }
  if (!reader.isComplete) throw invalidArchive(file.size(), 'the archive is not complete');
  return { imported, known };
}

/** False for one that is known. */
async function takeBlock(
  chain: ImportingChain,
  { height, hash, encoded, dev }: ArchivedBlock,
): Promise<boolean> {
  if (height < chain.firstHeight() || chain.heightOf(hash) !== undefined) return false;
  await chain.import(encoded, dev);
  return true;
}

async function takePatch(chain: ImportingChain, patch: Patch): Promise<void> {
  const known = chain.patchedRoot(patch);
  // Below the first block nothing is known, and nothing can be taken in.
  const isKnown = known !== undefined && equalBytes(known, patch.stateRoot);
  if (isKnown || patch.height < chain.firstHeight()) return;
  await chain.importPatch(patch);
}
