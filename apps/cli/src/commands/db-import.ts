import { resolve } from 'node:path';
import { equalBytes, toHex } from '@lucerna/base';
import {
  type ArchiveInfo,
  type BlocksArchive,
  type Chain,
  checkState,
  describeArchive,
  importBlocks,
  type StateArchive,
} from '@lucerna/chain';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import {
  type DataDirectory,
  deleteChain,
  hasChain,
  placeBlockLog,
} from '@lucerna/platform-node/directory';
import { type ArchiveInput, openArchiveInput } from '../db/archive-input.ts';
import { asBlockLog, asImportError, checkNoGap, firstHeightOf } from '../db/blocks-archive.ts';
import { formatCount, formatLabelled, toJsonLine } from '../db/format.ts';
import { withChain, withDirectory } from '../db/open-chain.ts';
import { type Work, withWork } from '../db/work.ts';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { writeResult } from '../output.ts';
import type { ImportOptions } from './db-options.ts';

/** What `db import` has taken in. */
type ImportReport = {
  readonly dataDirectory: string;
  readonly kind: 'blocks' | 'state';
  /** Blocks that the chain did not have, and those that it had. */
  readonly imported?: number;
  readonly known?: number;
  /** The directory had the chain that a state begins: the file was not read again. */
  readonly wasThere?: true;
  /** The head now. */
  readonly height: number;
  readonly hash: string;
  readonly genesisHash: string;
  /** Of the state that the chain is at. */
  readonly stateRoot: string;
  /** How often that was set by hand behind the last block: its hash says nothing of it. */
  readonly patches: number;
  /** Whether the hash of a block was asked for; it is part of the chain then. */
  readonly hashChecked: boolean;
};

/** `lucerna db import`. */
export async function runImport(file: string, options: ImportOptions): Promise<void> {
  const json = options.json ?? false;
  const input = await openArchiveInput(file);
  try {
    const info = await describeArchive(input);
    const report = await withWork({ json, endsAtTurn: true }, (work) =>
      takeIn(input, info, options, work),
    );
    writeResult(json ? toJsonLine(report) : formatReport(report));
  } finally {
    await input.close();
  }
}

async function takeIn(
  input: ArchiveInput,
  info: ArchiveInfo,
  options: ImportOptions,
  work: Work,
): Promise<ImportReport> {
  const { dataDir, db, expectHash } = options;
  if (info.kind === 'state' && expectHash !== undefined && !equalBytes(info.hash, expectHash)) {
    throw unexpected(`it has the state of block ${info.height}, ${toHex(info.hash)}`, expectHash);
  }
  if (info.kind === 'blocks') await checkBeginning(input, info, dataDir);
  const create = { create: true, ...(db === undefined ? {} : { database: db }) };
  return withDirectory(
    dataDir,
    work,
    (directory) =>
      info.kind === 'state'
        ? takeState(directory, input, info, options, work)
        : takeBlocks(directory, input, info, options, work),
    create,
  );
}

/** Before anything is made: blocks that cannot be executed must not leave a chain with none. */
async function checkBeginning(
  input: ArchiveInput,
  info: BlocksArchive,
  dataDir: string,
): Promise<void> {
  const first = await firstHeightOf(input, info);
  if (first === undefined || (await hasChain(resolve(dataDir)))) return;
  checkNoGap(first, undefined);
}

/** The file, once it was checked, becomes the chain's block log. */
async function takeState(
  directory: DataDirectory,
  input: ArchiveInput,
  info: StateArchive,
  options: ImportOptions,
  work: Work,
): Promise<ImportReport> {
  if (await hasChain(directory.path)) return alreadyTaken(directory, info, options, work);
  const signatures = await loadSignatureEngine(work.log);
  const onProgress = work.bar.step('Checking the file', 'bytes');
  await checkState(input, signatures, { takeTurn: work.takeTurn, onProgress }).catch(
    (error: unknown) => {
      throw asBlockLog(error);
    },
  );
  await placeBlockLog(directory, partsOf(input, work));
  try {
    return await withChain(directory, work, historyOf(options), async ({ chain }) => {
      // Somebody may have written to the file since it was described.
      const { header, hash } = chain.head();
      if (!equalBytes(hash, info.hash) || !equalBytes(chain.stateRoot(), info.stateRoot)) {
        throw unexpected(`it has the state of block ${header.height}, ${toHex(hash)}`, info.hash);
      }
      await chain.flush();
      return reportOn(directory, 'state', chain, options, {});
    });
  } catch (error) {
    // There was no chain, and there is none now.
    await deleteChain(directory);
    throw error;
  }
}

/**
 * One that was killed when all of its chain was there need not be done again.
 *
 * @throws `CHAIN_EXISTS` when the directory has another chain
 */
async function alreadyTaken(
  directory: DataDirectory,
  info: StateArchive,
  options: ImportOptions,
  work: Work,
): Promise<ImportReport> {
  const { path } = directory;
  // What is kept of another chain is not for this command to change.
  const isTaken = await withChain(directory, work, {}, async ({ chain }) => {
    const first = chain.header(chain.firstHeight());
    if (first === undefined || !equalBytes(first.hash, info.hash)) return false;
    // The same block may have other patches.
    const stateRoot = chain.patchedRoot(info) ?? first.header.stateRoot;
    return equalBytes(stateRoot, info.stateRoot);
  });
  if (!isTaken) throw cliErrors.create('CHAIN_EXISTS', path, { path });
  return withChain(directory, work, historyOf(options), async ({ chain }) => {
    await chain.flush();
    return reportOn(directory, 'state', chain, options, { wasThere: true });
  });
}

async function* partsOf(
  input: ArchiveInput,
  work: Work,
): AsyncGenerator<Uint8Array, void, undefined> {
  const onProgress = work.bar.step('Copying', 'bytes');
  const size = input.size();
  const partBytes = cliLimits.values.archivePartBytes;
  for (let offset = 0; offset < size; offset += partBytes) {
    await work.takeTurn();
    yield await input.read(offset, Math.min(partBytes, size - offset));
    onProgress(Math.min(offset + partBytes, size), size);
  }
}

/** Every block that the chain does not have is executed on its head. */
async function takeBlocks(
  directory: DataDirectory,
  input: ArchiveInput,
  { genesis }: ArchiveInfo,
  options: ImportOptions,
  work: Work,
): Promise<ImportReport> {
  const open = { genesis, ...historyOf(options) };
  return withChain(directory, work, open, async ({ chain }) => {
    const onProgress = work.bar.step('Executing', 'bytes');
    const counted = await importBlocks(chain, input, {
      takeTurn: work.takeTurn,
      onProgress,
    }).catch((error: unknown) => {
      throw asImportError(error);
    });
    // The log is synced before the database gets what is in it.
    await chain.flush();
    const { expectHash } = options;
    if (expectHash !== undefined && chain.heightOf(expectHash) === undefined) {
      const { header, hash } = chain.head();
      throw unexpected(`the chain ends with block ${header.height}, ${toHex(hash)}`, expectHash);
    }
    return reportOn(directory, 'blocks', chain, options, counted);
  });
}

function historyOf({ history }: ImportOptions): { readonly history?: number } {
  return history === undefined ? {} : { history };
}

function unexpected(detail: string, expectHash: Uint8Array): Error {
  const expected = toHex(expectHash);
  return cliErrors.create('HASH_UNEXPECTED', `${detail}; expected was ${expected}`, { expected });
}

function reportOn(
  directory: DataDirectory,
  kind: ImportReport['kind'],
  chain: Chain,
  { expectHash }: ImportOptions,
  counted: Pick<ImportReport, 'imported' | 'known' | 'wasThere'>,
): ImportReport {
  const { header, hash } = chain.head();
  return {
    dataDirectory: directory.path,
    kind,
    ...counted,
    height: header.height,
    hash: toHex(hash),
    genesisHash: toHex(chain.figures().genesisHash),
    stateRoot: toHex(chain.stateRoot()),
    patches: chain.point().ordinal,
    hashChecked: expectHash !== undefined,
  };
}

function formatReport(report: ImportReport): string {
  const { kind, imported, known, height, hash, genesisHash, hashChecked, patches } = report;
  const lines: (readonly [string, string])[] = [['Data directory', report.dataDirectory]];
  if (imported !== undefined) lines.push(['New blocks', formatCount(imported)]);
  if (known !== undefined) lines.push(['Known blocks', formatCount(known)]);
  lines.push(['Head', `block ${height}, ${hash}`], ['Genesis hash', genesisHash]);
  lines.push(['Checked', checkedBy(report)]);
  if (hashChecked) lines.push(['', 'the chain has the block that --expect-hash names']);
  else if (kind === 'blocks')
    lines.push(['Trusted', 'the genesis: compare its hash with one you know']);
  else lines.push(['Trusted', `block ${height}: compare its hash with one you know`]);
  if (kind === 'state' && patches > 0) {
    lines.push(['', `and the state, which was set by hand: its root is ${report.stateRoot}`]);
  }
  return formatLabelled(lines);
}

function checkedBy({ kind, wasThere, height, patches }: ImportReport): string {
  if (kind === 'blocks') return 'every new block was executed and gives what its header says';
  if (wasThere === true) return 'the chain has begun with the block of this file before';
  if (patches > 0) return 'the file is whole, and its state has the root that it names';
  return `the file is whole, and its state has the root that block ${height} names`;
}
