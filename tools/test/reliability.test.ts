import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  appendRows,
  type CrashResult,
  churnRow,
  crashRow,
  mutationRow,
  parseResults,
  vectorCrashRow,
} from '../src/reliability.ts';
import { describeCommand, refuseArguments } from '../src/reliability-run.ts';

const result = { database: 'lmdb', cycles: 200, cyclesInFlight: 198, receiptsKept: 123_456 };
const conditions = {
  date: '2026-01-31',
  commit: 'abcdef0',
  machine: '2 × processor',
  command: 'npm run crash',
};
const row =
  '| 2026-01-31 | abcdef0 | 2 × processor | lmdb | 200 | 198 | 123,456 | `npm run crash` |';

describe('the page of reliability', () => {
  it('gets a row at the end of the table of its section', () => {
    const page =
      '# Title\n\n## One\n\n| a |\n| --- |\n\n## Kills\n\nText.\n\n| a |\n| --- |\n| 1 |\n\nEnd.\n';
    expect(appendRows(page, 'Kills', [crashRow(result, conditions)])).toBe(
      page.replace('| 1 |\n', `| 1 |\n${row}\n`),
    );
    expect(appendRows('## Kills\n| a |\n| --- |', 'Kills', [['x|y'], ['z']])).toBe(
      '## Kills\n| a |\n| --- |\n| x\\|y |\n| z |',
    );
  });

  it('must have the section, and a table in it', () => {
    expect(() => appendRows('# Kills\n\n| a |\n', 'Kills', [['b']])).toThrow('no table');
    expect(() => appendRows('## Kills\n\n## Other\n\n| a |\n', 'Kills', [['b']])).toThrow(
      'no table',
    );
  });

  it('has the section with as many columns as a row has cells', () => {
    const page = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
    const added = appendRows(page, 'Kills', [crashRow(result, conditions)]);
    expect(added).toContain(`|\n${row}\n`);
    const header = /^\| date .*$/m.exec(added)?.[0] ?? '';
    expect(header.split('|').length).toBe(row.split('|').length);
  });

  it.each([
    {
      section: 'Churn',
      cells: churnRow(
        { seconds: 3600, rounds: 5000, written: 9_000_000, files: 1, memory: 2, recall: 0.98765 },
        { ...conditions, command: 'npm run churn' },
      ),
      columns: '3,600 | 5,000 | 9,000,000 | 1 | 2 | 0.988 | `npm run churn`',
    },
    {
      section: 'Kills of a vector database',
      cells: vectorCrashRow({ cycles: 200, operations: 12_345, inFlightKept: 7 }, conditions),
      columns: '200 | 12,345 | 7 | `npm run crash`',
    },
  ])('has a table under $section', ({ section, cells, columns }) => {
    const page = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
    const line = `| 2026-01-31 | abcdef0 | 2 × processor | ${columns} |`;
    expect(appendRows(page, section, [cells])).toContain(`|\n${line}\n`);
    const [, after = ''] = page.split(`## ${section}\n`);
    const header = /^\| date .*$/m.exec(after)?.[0] ?? '';
    expect(header.split('|').length).toBe(line.split('|').length);
  });

  it('has a table of mutants as well', () => {
    const page = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
    const mutants = { inputs: 1_000_000, accepted: 12_345, rules: 70, seed: 1 };
    const cells = mutationRow(mutants, { ...conditions, command: 'npm run fuzz' });
    const mutantRow =
      '| 2026-01-31 | abcdef0 | 2 × processor | 1,000,000 | 12,345 | 70 | 1 | `npm run fuzz` |';
    const added = appendRows(page, 'Mutants', [cells]);
    expect(added).toContain(`|\n${mutantRow}\n`);
    const header = /^\| date .* seed .*$/m.exec(added)?.[0] ?? '';
    expect(header.split('|').length).toBe(mutantRow.split('|').length);
  });
});

it('says how a run is had again', () => {
  expect(describeCommand('fuzz', ['LUCERNA_SETTING_THAT_NOBODY_SETS'])).toBe('npm run fuzz');
});

it('refuses arguments', () => {
  expect(refuseArguments('fuzz', [], ['A'])).toBeUndefined();
  expect(refuseArguments('fuzz', ['--help'], ['A', 'B'])).toBe(
    'npm run fuzz takes no arguments; set A or B in the environment',
  );
});

it('reads the results that a run has recorded', () => {
  const other = { ...result, database: 'rocksdb' };
  const text = `${JSON.stringify(result)}\n${JSON.stringify(other)}\n`;
  expect(parseResults<CrashResult>(text)).toEqual([result, other]);
  expect(parseResults<CrashResult>('')).toEqual([]);
});
