import { equalBytes } from '@lucerna/base';
import { type BaseRecord, decodeBaseRecord, stateRootOf } from '../base-record.ts';
import { genesisHash } from '../genesis.ts';
import { LOG_START, type LogRecord, type RecordFile } from '../log-record.ts';
import { noTurn } from '../no-turn.ts';
import { decodeGenesisRecord } from '../record.ts';
import { RECORD_KINDS } from '../record-kinds.ts';
import type { ArchiveInfo, BlocksArchive, StateArchive } from './archive.ts';
import { archiveRecords, inArchive, invalidArchive } from './archive-reader.ts';

/**
 * What kind of archive a file is, and of which chain, by its first record: the rest is not looked at.
 *
 * @throws `ARCHIVE_INVALID` when it does not begin as one; `LOG_VERSION_UNSUPPORTED`, `FILE_*`
 */
export async function describeArchive(file: RecordFile): Promise<ArchiveInfo> {
  for await (const first of archiveRecords(file, { takeTurn: noTurn })) {
    return inArchive(first, () => describeFirst(first));
  }
  throw invalidArchive(LOG_START.offset, 'there is no record');
}

function describeFirst(first: LogRecord): ArchiveInfo {
  const isBase = first.kind === RECORD_KINDS.base;
  const info = isBase ? describeBase(decodeBaseRecord(first)) : describeBlocks(first);
  if (!equalBytes(genesisHash(info.genesis), info.genesisHash)) {
    throw invalidArchive(first.start, 'the genesis has another hash than it says');
  }
  return info;
}

function describeBlocks(first: LogRecord): BlocksArchive {
  const { genesis, hash } = decodeGenesisRecord(first);
  return { kind: 'blocks', genesis, genesisHash: hash };
}

/** The archive that begins with `base`. */
export function describeBase(base: BaseRecord): StateArchive {
  const { genesis, genesisHash: ofGenesis, block, patched } = base;
  return {
    kind: 'state',
    genesis,
    genesisHash: ofGenesis,
    height: block.header.height,
    hash: block.hash,
    ordinal: patched?.ordinal ?? 0,
    stateRoot: stateRootOf(base),
  };
}
