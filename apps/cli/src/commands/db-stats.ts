import { toHex } from '@lucerna/base';
import { DATA_SCHEMA, type DirectoryUsage, directoryUsage } from '@lucerna/platform-node/directory';
import { storeStats } from '@lucerna/storage';
import { formatCount, formatLabelled, formatSize, formatTable, toJsonLine } from '../db/format.ts';
import { withChain, withDirectory } from '../db/open-chain.ts';
import { withWork } from '../db/work.ts';
import { writeResult } from '../output.ts';
import { formatBytes } from '../progress-bar.ts';
import type { DbOptions } from './db-options.ts';

/** What `db stats` has counted. */
type StatsReport = {
  readonly dataDirectory: string;
  readonly schema: number;
  readonly database: string;
  readonly chainId: bigint;
  readonly genesisHash: string;
  /** The first block: 0, unless the chain began with a snapshot. */
  readonly firstHeight: number;
  readonly height: number;
  readonly hash: string;
  /** The lowest height whose state can be read. */
  readonly historyFrom: number;
  /** Bytes of files. */
  readonly usage: DirectoryUsage;
  readonly keyspaces: readonly {
    readonly name: string;
    readonly rows: number;
    readonly keyBytes: number;
    readonly valueBytes: number;
  }[];
};

/** `lucerna db stats`. */
export async function runStats({ dataDir, json = false }: DbOptions): Promise<void> {
  const report = await withWork({ json, endsAtTurn: false }, (work) =>
    withDirectory(dataDir, work, (directory) =>
      withChain(directory, work, {}, async ({ chain, store }): Promise<StatsReport> => {
        // What a crash has kept from the store is in it now.
        await chain.flush();
        const onProgress = work.bar.step('Counting', 'rows');
        const stats = await storeStats(store, work.takeTurn, onProgress);
        const { genesisHash, firstHeight, height, historyFrom } = chain.figures();
        return {
          dataDirectory: directory.path,
          schema: DATA_SCHEMA,
          database: directory.database,
          chainId: chain.genesis.chainId,
          genesisHash: toHex(genesisHash),
          firstHeight,
          height,
          hash: toHex(chain.head().hash),
          historyFrom,
          usage: await directoryUsage(directory),
          keyspaces: stats.map(({ keyspace, ...counted }) => ({ name: keyspace.name, ...counted })),
        };
      }),
    ),
  );
  writeResult(json ? toJsonLine(report) : formatReport(report));
}

function formatReport(report: StatsReport): string {
  const { usage, keyspaces } = report;
  const sum = (of: (keyspace: (typeof keyspaces)[number]) => number): number =>
    keyspaces.reduce((total, keyspace) => total + of(keyspace), 0);
  return [
    formatLabelled([
      ['Data directory', report.dataDirectory],
      ['Schema', String(report.schema)],
      ['Chain id', String(report.chainId)],
      ['Genesis hash', report.genesisHash],
      ['Blocks', `from ${report.firstHeight} to ${report.height}`],
      ['Head', report.hash],
      ['Older states', `from block ${report.historyFrom} on`],
      ['Block log', formatSize(usage.blockLogBytes)],
      ['State and indexes', `${formatSize(usage.storeBytes)} in ${report.database}`],
      ['Other files', formatSize(usage.otherBytes)],
    ]),
    '',
    formatTable([
      ['keyspace', 'rows', 'keys', 'values'],
      ...keyspaces.map(({ name, rows, keyBytes, valueBytes }) => [
        name,
        formatCount(rows),
        formatBytes(keyBytes),
        formatBytes(valueBytes),
      ]),
      [
        'all',
        formatCount(sum(({ rows }) => rows)),
        formatBytes(sum(({ keyBytes }) => keyBytes)),
        formatBytes(sum(({ valueBytes }) => valueBytes)),
      ],
    ]),
  ].join('\n');
}
