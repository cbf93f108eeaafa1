import type { SignatureEngine } from '@lucerna/crypto';
import { BaseReader, type CheckedBase, keepNothing } from '../base-reader.ts';
import type { RecordFile } from '../log-record.ts';
import type { ArchiveWork, StateArchive } from './archive.ts';
import { archiveRecords, inArchive, invalidArchive } from './archive-reader.ts';
import { describeBase } from './describe-archive.ts';

/** A state archive of which everything was read. Coins are in wei. */
export type CheckedState = StateArchive & {
  readonly accounts: number;
  readonly totalBalance: bigint;
  /** Base fees of all blocks up to this one. */
  readonly burned: bigint;
};

/**
 * Reads a whole state archive and checks it before it is put in place as the log of a new chain: all
 * records are intact and all are there, the accounts give the state root of the block, they and what
 * was burned add up to the supply of the genesis, and body and receipts are those of the block. That
 * the block belongs to the chain of this genesis is for its hash to show: compare it with one from a
 * source that you trust. Progress is in bytes.
 *
 * @throws `ARCHIVE_INVALID` with the `offset`; `LOG_VERSION_UNSUPPORTED`, `FILE_*`
 */
export async function checkState(
  file: RecordFile,
  signatures: SignatureEngine,
  work: ArchiveWork,
): Promise<CheckedState> {
  let reader: BaseReader | undefined;
  let checked: CheckedBase | undefined;
  for await (const source of archiveRecords(file, work)) {
    if (checked !== undefined) {
      throw invalidArchive(source.start, 'the state has ended before', { kind: source.kind });
    }
    checked = await inArchive(source, async () => {
      if (reader !== undefined) return reader.add(source);
      reader = new BaseReader(source, signatures, keepNothing, work.takeTurn);
      return undefined;
    });
  }
  if (checked === undefined) throw invalidArchive(file.size(), 'the state is not complete');
  const { base, accounts, totalBalance } = checked;
  return { ...describeBase(base), accounts, totalBalance, burned: base.burned };
}
