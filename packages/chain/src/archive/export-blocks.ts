import { present } from '@lucerna/base';
import { encodeBlock, type Genesis } from '@lucerna/protocol';
import type { BlockBodies } from '../block-bodies.ts';
import { blocksPruned, type CanonicalIndex } from '../canonical-index.ts';
import { chainErrors } from '../errors.ts';
import { encodeGenesisRecord, RECORD_KINDS } from '../record.ts';
import type { ArchiveWork, BlockRange } from './archive.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { encodeBlocksEnd } from './blocks-reader.ts';

type Parts = {
  readonly index: CanonicalIndex;
  readonly bodies: BlockBodies;
  readonly genesis: Genesis;
};

/** As `Chain.exportBlocks`. */
export async function* exportBlocksArchive(
  { index, bodies, genesis }: Parts,
  range: BlockRange,
  { takeTurn, onProgress }: ArchiveWork,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { genesisHash, reorganisations } = index;
  const { from, to } = resolveRange(index, range);
  const writer = new ArchiveWriter();
  yield writer.record(RECORD_KINDS.genesis, encodeGenesisRecord({ genesis, hash: genesisHash }));
  let lastHash = genesisHash;
  const blocks = to - from + 1;
  for (let height = from; height <= to; height += 1) {
    await takeTurn();
    if (index.reorganisations !== reorganisations) throw chainErrors.create('CHAIN_REORGANISED');
    const indexed = present(index.block(height), 'every height has a block');
    const { block } = await bodies.read(indexed);
    yield writer.record(RECORD_KINDS.exportedBlock, encodeBlock(block));
    lastHash = block.hash;
    onProgress?.(height - from + 1, blocks);
  }
  yield writer.record(RECORD_KINDS.blocksEnd, encodeBlocksEnd({ blocks, hash: lastHash }));
}

/** @throws `BLOCKS_PRUNED`, `STATE_FUTURE`, `ARCHIVE_RANGE_INVALID` */
function resolveRange(index: CanonicalIndex, range: BlockRange): { from: number; to: number } {
  const { firstHeight, head } = index;
  const last = head.header.height;
  // Nobody executes the first block: it is there already, in whatever takes the archive in.
  const from = range.from === undefined ? firstHeight + 1 : Math.max(range.from, 1);
  const to = range.to ?? last;
  if (from < firstHeight) throw blocksPruned(index, from);
  if (to > last) {
    const detail = `block ${to}, the head is ${last}`;
    throw chainErrors.create('STATE_FUTURE', detail, { height: to, head: last });
  }
  // The range that is empty because there is nothing new is one to be asked for.
  if (from > to + 1) {
    throw chainErrors.create('ARCHIVE_RANGE_INVALID', `from ${from} to ${to}`, { from, to });
  }
  return { from, to };
}
