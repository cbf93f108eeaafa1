import { type Progress, toHex } from '@lucerna/base';
import type { VerifyWork } from '@lucerna/chain';
import { formatCoins, formatCount, formatLabelled, toJsonLine } from '../db/format.ts';
import { withChain, withDirectory } from '../db/open-chain.ts';
import { type Work, withWork } from '../db/work.ts';
import { writeResult } from '../output.ts';
import type { DbOptions } from './db-options.ts';

/** What `db verify` has found intact. Coins are in wei. */
type VerifyReport = {
  readonly dataDirectory: string;
  /** The first block: 0, unless the chain began with a snapshot. */
  readonly firstHeight: number;
  readonly height: number;
  readonly hash: string;
  readonly stateRoot: string;
  readonly blocks: number;
  readonly transactions: number;
  readonly accounts: number;
  readonly genesisSupply: bigint;
  readonly totalBalance: bigint;
  readonly burned: bigint;
  /** What cheats of a dev chain have put into accounts and taken out of them. */
  readonly minted: bigint;
  readonly destroyed: bigint;
};

/** `lucerna db verify`. */
export async function runVerify({ dataDir, json = false }: DbOptions): Promise<void> {
  const report = await withWork({ json, endsAtTurn: false }, (work) =>
    withDirectory(dataDir, work, async (directory): Promise<VerifyReport> => {
      return withChain(directory, work, { checkFiles: true }, async ({ chain }) => {
        const { logBytes: _, ...figures } = await chain.verify(verifyWork(work));
        const { hash } = chain.head();
        return {
          dataDirectory: directory.path,
          ...figures,
          hash: toHex(hash),
          stateRoot: toHex(chain.stateRoot()),
          blocks: figures.height - figures.firstHeight + 1,
        };
      });
    }),
  );
  writeResult(json ? toJsonLine(report) : formatReport(report));
}

/** The state is read first, then the log. */
function verifyWork({ bar, takeTurn }: Work): VerifyWork {
  let drawLog: Progress | undefined;
  return {
    takeTurn,
    onState: bar.step('Checking the state', 'rows'),
    onLog: (done, total): void => {
      drawLog ??= bar.step('Checking the log', 'bytes');
      drawLog(done, total);
    },
  };
}

function formatReport(report: VerifyReport): string {
  const { firstHeight, height, blocks, genesisSupply, totalBalance, burned } = report;
  const { minted, destroyed } = report;
  const isPatched = minted > 0n || destroyed > 0n;
  return [
    formatLabelled([
      ['Data directory', report.dataDirectory],
      ['Head', report.hash],
      ['State root', report.stateRoot],
      ['Blocks', `${formatCount(blocks)}, from ${firstHeight} to ${height}`],
      ['Transactions', formatCount(report.transactions)],
      ['Accounts', formatCount(report.accounts)],
      ['Supply', formatCoins(genesisSupply)],
      ['  in accounts', formatCoins(totalBalance)],
      ['  burned as fees', formatCoins(burned)],
      ...(isPatched
        ? ([
            ['  set by hand', formatCoins(minted)],
            ['  and taken by hand', formatCoins(destroyed)],
          ] as const)
        : []),
    ]),
    '',
    'Intact: every record of the log, every row of the indexes and the whole state were read and agree.',
  ].join('\n');
}
