import type { Chain } from '../chain.ts';
import { checkSameGenesis } from '../genesis.ts';
import type { RecordFile } from '../log-record.ts';
import type { ArchiveWork } from './archive.ts';
import { archiveRecords, inArchive, invalidArchive } from './archive-reader.ts';
import { BlocksReader } from './blocks-reader.ts';

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
 *   blocks before stay. `CHAIN_GENESIS_MISMATCH`; `CHAIN_NOT_ON_HEAD` for another branch or a gap; and
 *   as `Chain.import`
 */
export async function importBlocks(
  chain: Pick<Chain, 'genesis' | 'firstHeight' | 'heightOf' | 'import'>,
  file: RecordFile,
  work: ArchiveWork,
): Promise<ImportedBlocks> {
  let imported = 0;
  let known = 0;
  const reader = new BlocksReader((first) => checkSameGenesis(chain.genesis, first));
  for await (const source of archiveRecords(file, work)) {
    const block = await inArchive(source, () => reader.read(source));
    if (block === undefined) continue;
    const isKnown = block.height < chain.firstHeight() || chain.heightOf(block.hash) !== undefined;
    if (isKnown) {
      known += 1;
    } else {
      await chain.import(block.encoded);
      imported += 1;
    }
  }
  if (!reader.isComplete) throw invalidArchive(file.size(), 'the archive is not complete');
  return { imported, known };
}
