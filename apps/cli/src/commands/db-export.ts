import { realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { toHex } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import type { DataDirectory } from '@lucerna/platform-node/directory';
import { type ArchiveOutput, openArchiveOutput } from '../db/archive-output.ts';
import { formatLabelled, formatSize, toJsonLine } from '../db/format.ts';
import { withChain, withDirectory } from '../db/open-chain.ts';
import { type Work, withWork } from '../db/work.ts';
import { cliErrors } from '../errors.ts';
import { writeNote, writeResult } from '../output.ts';
import type { ExportOptions, SnapshotOptions } from './db-options.ts';

/** What an archive has, and what its reader must know to trust it. */
type ArchiveReport = {
  /** `-`: standard output. */
  readonly file: string;
  readonly kind: 'blocks' | 'state';
  /** The first block of a file with blocks. */
  readonly from?: number;
  /** The last block, or the one whose state it is. */
  readonly height: number;
  readonly hash: string;
  readonly genesisHash: string;
  readonly bytes: number;
};

/** `lucerna db export`. */
export async function runExport(file: string, options: ExportOptions): Promise<void> {
  await writeArchive(file, options, async (chain, work, output) => {
    const { firstHeight, height } = chain.figures();
    // Block 0 is not executed: the genesis makes it.
    const from = Math.max(options.from ?? firstHeight + 1, 1);
    const to = options.to ?? height;
    const onProgress = work.bar.step('Writing', 'blocks');
    const parts = chain.exportBlocks(options, { takeTurn: work.takeTurn, onProgress });
    const bytes = await output.write(parts);
    const hash = toHex(chain.header(to)?.hash ?? chain.head().hash);
    return { kind: 'blocks', from, height: to, hash, bytes };
  });
}

/** `lucerna db snapshot`. */
export async function runSnapshot(file: string, options: SnapshotOptions): Promise<void> {
  await writeArchive(file, options, async (chain, work, output) => {
    // Nobody else has the directory: the head stays what it is.
    const { header, hash } = chain.head();
    const onProgress = work.bar.step('Writing', 'accounts');
    const parts = chain.exportState({ takeTurn: work.takeTurn, onProgress });
    const bytes = await output.write(parts);
    return { kind: 'state', height: header.height, hash: toHex(hash), bytes };
  });
}

async function writeArchive(
  file: string,
  { dataDir, json = false, force = false }: SnapshotOptions,
  write: (
    chain: Chain,
    work: Work,
    output: ArchiveOutput,
  ) => Promise<Omit<ArchiveReport, 'file' | 'genesisHash'>>,
): Promise<void> {
  const output = await openArchiveOutput(file, force);
  const report = await withWork({ json, endsAtTurn: true }, (work) =>
    withDirectory(dataDir, work, async (directory) => {
      if (!output.isStdout) await checkOutside(directory, file);
      return withChain(directory, work, {}, async ({ chain }): Promise<ArchiveReport> => {
        const written = await write(chain, work, output);
        return { file, ...written, genesisHash: toHex(chain.figures().genesisHash) };
      });
    }),
  );
  const text = json ? toJsonLine(report) : formatReport(report);
  // Standard output has the archive itself.
  if (output.isStdout) writeNote(text);
  else writeResult(text);
}

/**
 * What is in the data directory is not to be replaced by an archive, even by force.
 *
 * @throws `OUTPUT_UNWRITABLE`
 */
async function checkOutside({ path }: DataDirectory, file: string): Promise<void> {
  // Where there is no such folder, whoever writes there says so.
  const folder = await realpath(dirname(resolve(file))).catch(() => undefined);
  if (folder === undefined) return;
  if (!`${folder}${sep}`.startsWith(`${await realpath(path)}${sep}`)) return;
  throw cliErrors.create('OUTPUT_UNWRITABLE', 'it would be in the data directory', { path: file });
}

function formatReport(report: ArchiveReport): string {
  const { kind, from, height } = report;
  return formatLabelled([
    ['File', report.file === '-' ? 'standard output' : report.file],
    kind === 'blocks' ? ['Blocks', formatRange(from, height)] : ['State of', `block ${height}`],
    ['Block hash', report.hash],
    ['Genesis hash', report.genesisHash],
    ['Size', formatSize(report.bytes)],
  ]);
}

/** A chain without new blocks gives a file without blocks. */
function formatRange(from = 0, to: number): string {
  return from <= to ? `${from} to ${to}` : 'none';
}
