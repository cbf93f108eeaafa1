import { isLucernaError } from '@lucerna/base';
import { type BlocksArchive, importBlocks } from '@lucerna/chain';
import { decodeBlock } from '@lucerna/protocol';
import { cliErrors } from '../errors.ts';
import type { ArchiveInput } from './archive-input.ts';

/** Kinds of records that only the log of a node has: see docs/spec/block-log.md. */
const LOG_RECORD_KINDS: readonly unknown[] = [2, 3, 9, 10];

/**
 * The height of the first block of an archive; undefined when it has none. What comes after that block
 * is not looked at.
 *
 * @throws `ARCHIVE_INVALID`; `INPUT_IS_LOG` for the block log of a node, which begins in the same way
 */
export async function firstHeightOf(
  input: ArchiveInput,
  { genesis }: BlocksArchive,
): Promise<number | undefined> {
  let height: number | undefined;
  const enough = new Error('the first block was read');
  const reader = {
    genesis,
    firstHeight: (): number => 0,
    heightOf: (): undefined => undefined,
    // Patches of block 0 may come before the first block.
    patchedRoot: (): undefined => undefined,
    importPatch: async (): Promise<void> => undefined,
    import: async (encoded: Uint8Array): Promise<never> => {
      height = decodeBlock(encoded).header.height;
      throw enough;
    },
  };
  try {
    await importBlocks(reader, input, { takeTurn: async () => undefined });
  } catch (error) {
    if (error !== enough) throw asBlockLog(error);
  }
  return height;
}

/** The block log of a node was taken for an archive; other errors as they are. */
export function asBlockLog(error: unknown): unknown {
  const isLog =
    isLucernaError(error, 'ARCHIVE_INVALID') && LOG_RECORD_KINDS.includes(error.fields['kind']);
  return isLog ? cliErrors.create('INPUT_IS_LOG', undefined, {}, error) : error;
}

/**
 * Refuses blocks that begin above the next one of a chain.
 *
 * @param head height of the chain's last block; undefined where there is no chain, which then begins
 *   with block 0
 * @throws `BLOCKS_MISSING`
 */
export function checkNoGap(first: number, head: number | undefined): void {
  const next = (head ?? 0) + 1;
  if (first <= next) return;
  const end = head === undefined ? 'there is no chain yet' : `the chain ends at block ${head}`;
  const fields = { height: first, head: head ?? null };
  throw cliErrors.create('BLOCKS_MISSING', `the file goes on at block ${first}, ${end}`, fields);
}

/** What `CHAIN_NOT_ON_HEAD` means for whoever imports a file; other errors as they are. */
export function asImportError(error: unknown): unknown {
  if (!isLucernaError(error, 'CHAIN_NOT_ON_HEAD')) return error;
  const { height, headHeight } = error.fields;
  if (typeof height !== 'number' || typeof headHeight !== 'number') return error;
  try {
    checkNoGap(height, headHeight);
  } catch (gap) {
    return gap;
  }
  const detail = `block ${height} of the file follows none of the chain's blocks`;
  return cliErrors.create('BLOCKS_DIVERGE', detail, { height, head: headHeight }, error);
}
