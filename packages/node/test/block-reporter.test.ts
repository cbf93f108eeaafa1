import type { Fields, Log } from '@lucerna/base';
import { SILENT_LOG } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { genesisHeader, headerHash, type RecoveredBlock } from '@lucerna/protocol';
import { expect, it } from 'vitest';
import { createBlockReporter } from '../src/block-reporter.ts';
import { devGenesis } from '../src/dev-genesis.ts';
import { manualClock } from './support/manual-clock.ts';

const genesis = genesisHeader(
  devGenesis(pureSignatureEngine, { timestamp: 1 }),
  new Uint8Array(32),
);

function emptyBlock(height: number): RecoveredBlock {
  const header = { ...genesis, height, gasUsed: 10n };
  return { header, hash: headerHash(header), transactions: [] };
}

it('writes a single block at once and a burst as one line', () => {
  const lines: [string, Fields | undefined][] = [];
  const log: Log = { ...SILENT_LOG, info: (message, fields) => lines.push([message, fields]) };
  const clock = manualClock(0);
  const reporter = createBlockReporter(clock, log);

  reporter.report(emptyBlock(1));
  expect(lines).toEqual([['block', { height: 1, transactions: 0, gasUsed: 10n }]]);

  for (const height of [2, 3, 4]) reporter.report(emptyBlock(height));
  expect(lines).toHaveLength(1);
  clock.advance(250);
  expect(lines[1]).toEqual(['blocks', { from: 2, to: 4, transactions: 0, gasUsed: 30n }]);

  clock.advance(250);
  reporter.report(emptyBlock(5));
  expect(lines[2]).toEqual(['block', { height: 5, transactions: 0, gasUsed: 10n }]);

  reporter.report(emptyBlock(6));
  reporter.flush();
  expect(lines[3]).toEqual(['block', { height: 6, transactions: 0, gasUsed: 10n }]);
  expect(clock.pending()).toBe(0);
});
