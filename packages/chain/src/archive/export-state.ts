import { equalBytes, toHex } from '@lucerna/base';
import type { Genesis, HeaderView } from '@lucerna/protocol';
import { exportState, StateImporter, stateErrors, stateLimits } from '@lucerna/state';
import type { KvReader, OverlayStore } from '@lucerna/storage';
import { checkSupply, keepNothing } from '../base-reader.ts';
import { encodeBaseRecord, encodeStateEnd, type PatchedBase } from '../base-record.ts';
import type { BlockBodies } from '../block-bodies.ts';
import { type CanonicalIndex, indexedBlockAt } from '../canonical-index.ts';
import { genesisSupply } from '../genesis.ts';
import { lastPatchUpTo } from '../patch-rows.ts';
import { RECORD_KINDS } from '../record-kinds.ts';
import type { ArchiveWork } from './archive.ts';
import { ArchiveWriter } from './archive-writer.ts';

/** How a state is exported. */
export type StateExportWork = ArchiveWork & {
  /** How long a chunk becomes at most; by default as long as chunks may be made. */
  readonly chunkBytes?: number | undefined;
};

type Parts = {
  readonly overlay: OverlayStore;
  readonly index: CanonicalIndex;
  readonly bodies: BlockBodies;
  readonly genesis: Genesis;
  /** Base fees of the blocks up to the first one that is there. */
  readonly burnedBefore: bigint;
};

/** What is exported. */
type Exported = {
  readonly head: HeaderView;
  /** Of the state after the head and its patches. */
  readonly stateRoot: Uint8Array;
  readonly burned: bigint;
  readonly patched: PatchedBase | undefined;
  readonly genesisHash: Uint8Array;
};

/** As `Chain.exportState`. */
export async function* exportStateArchive(
  parts: Parts,
  work: StateExportWork,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { overlay, index } = parts;
  const { head, point, stateRoot, firstHeight, genesisHash } = index;
  // Before anything is awaited: a commit must not come between head and state.
  const snapshot = overlay.snapshot();
  try {
    const sums = lastPatchUpTo(snapshot, point);
    const patched =
      sums === undefined
        ? undefined
        : { ordinal: point.ordinal, stateRoot, minted: sums.minted, destroyed: sums.destroyed };
    const burned = parts.burnedBefore + (await burnedUpTo(snapshot, firstHeight, head, work));
    yield* archiveOf(parts, snapshot, { head, stateRoot, burned, patched, genesisHash }, work);
  } finally {
    snapshot.release();
  }
}

async function* archiveOf(
  { bodies, genesis }: Parts,
  snapshot: KvReader,
  { head, stateRoot, burned, patched, genesisHash }: Exported,
  { takeTurn, onProgress, chunkBytes }: StateExportWork,
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new ArchiveWriter();
  const { height } = head.header;
  const body = await bodies.body(indexedBlockAt(snapshot, height));
  const base = { ...body, genesis, genesisHash, burned, patched };
  yield writer.record(RECORD_KINDS.base, encodeBaseRecord(base));
  // An export reads only flat rows: that they are this state is for the tries to show.
  const check = new StateImporter(keepNothing, takeTurn);
  const fillBytes = chunkBytes ?? stateLimits.values.snapshotFillBytes;
  let chunks = 0;
  for await (const chunk of exportState(snapshot, fillBytes, takeTurn, onProgress)) {
    await check.add(chunk);
    chunks += 1;
    yield writer.record(RECORD_KINDS.state, chunk);
  }
  const found = await check.finish();
  if (!equalBytes(found.stateRoot, stateRoot)) {
    throw stateErrors.create('STATE_CORRUPT', 'the accounts do not give the root of the head', {
      height,
      expected: toHex(stateRoot),
      actual: toHex(found.stateRoot),
    });
  }
  checkSupply(genesisSupply(genesis), found.totalBalance, burned, patched);
  const { accounts } = found;
  yield writer.record(RECORD_KINDS.stateEnd, encodeStateEnd({ chunks, accounts }));
}

/** Base fees of the blocks behind `first` up to the head, by their headers. */
async function burnedUpTo(
  snapshot: KvReader,
  first: number,
  head: HeaderView,
  { takeTurn }: ArchiveWork,
): Promise<bigint> {
  let burned = 0n;
  for (let height = first + 1; height <= head.header.height; height += 1) {
    await takeTurn();
    const { header } = indexedBlockAt(snapshot, height);
    burned += header.baseFeePerGas * header.gasUsed;
  }
  return burned;
}
