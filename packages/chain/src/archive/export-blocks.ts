import { present } from '@lucerna/base';
import type { Genesis } from '@lucerna/protocol';
import type { BlockBodies } from '../block-bodies.ts';
import { blocksPruned, type CanonicalIndex } from '../canonical-index.ts';
import { chainErrors } from '../errors.ts';
import { encodeExportedPatch } from '../patch-record.ts';
import { encodeGenesisRecord } from '../record.ts';
import { RECORD_KINDS } from '../record-kinds.ts';
import type { ArchiveWork, BlockRange } from './archive.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { encodeArchivedBlock, encodeBlocksEnd } from './blocks-reader.ts';

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
  const { genesisHash, reversals } = index;
  const { from, to } = resolveRange(index, range);
  // What is patched from now on is left out, like later blocks.
  const lastOrdinal = index.ordinalAt(to);
  const checkSame = (): void => {
    if (index.reversals !== reversals) throw chainErrors.create('CHAIN_REORGANISED');
  };
  const writer = new ArchiveWriter();
  yield writer.record(RECORD_KINDS.genesis, encodeGenesisRecord({ genesis, hash: genesisHash }));
  let lastHash = genesisHash;
  const blocks = to - from + 1;
  for (let height = from - 1; height <= to; height += 1) {
    if (height >= from) {
      await takeTurn();
      checkSame();
      const indexed = present(index.block(height), 'every height has a block');
      const body = await bodies.body(indexed);
      const { kind, payload } = encodeArchivedBlock(body);
      yield writer.record(kind, payload);
      lastHash = body.block.hash;
      onProgress?.(height - from + 1, blocks);
    }
    // The first block is executed on the state that the patches of its parent have left.
    checkSame();
    for await (const patch of bodies.patches({ height, ordinal: 0 })) {
      checkSame();
      if (height === to && patch.ordinal > lastOrdinal) break;
      yield writer.record(RECORD_KINDS.exportedPatch, encodeExportedPatch(patch));
    }
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
  // Nobody could go on behind a block whose patches are only in the state of the base.
  if (from === firstHeight) index.headAt(from, 0);
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
