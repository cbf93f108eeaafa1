import { defineErrors, defineLimits } from '@lucerna/base';
import { expect, test } from 'vitest';
import { diagnosticsPage, errorsPage, limitsPage } from '../src/docs/pages.ts';

test('errors are sorted by area and code, and a bar stays in its cell', () => {
  const page = errorsPage([
    defineErrors('beta', { B_TWO: { summary: 'two', remedy: 'a|b' } }),
    defineErrors('alpha', {
      Z_LAST: { summary: 'last', remedy: 'wait' },
      A_FIRST: { summary: 'first', remedy: 'go' },
    }),
  ]);
  expect(page.slice(page.indexOf('## alpha'))).toBe(
    [
      '## alpha',
      '',
      '| Code | What happened | What to do |',
      '| --- | --- | --- |',
      '| `A_FIRST` | first | go |',
      '| `Z_LAST` | last | wait |',
      '',
      '## beta',
      '',
      '| Code | What happened | What to do |',
      '| --- | --- | --- |',
      '| `B_TWO` | two | a\\|b |',
      '',
    ].join('\n'),
  );
});

test('limits show their value in groups of three digits', () => {
  const page = limitsPage([
    defineLimits('alpha', {
      gas: { value: 30_000_000, unit: 'gas', why: 'because' },
      depth: { value: 64, unit: 'calls', why: 'because' },
    }),
  ]);
  expect(page).toContain(
    '| `depth` | 64 | calls | because |\n| `gas` | 30,000,000 | gas | because |',
  );
});

test('diagnostics are one table, sorted by code', () => {
  const page = diagnosticsPage({ NAME_UNKNOWN: 'What?', BRACE_UNCLOSED: 'A `{` is open.' });
  expect(page).toContain(
    '| Code | Meaning |\n| --- | --- |\n| `BRACE_UNCLOSED` | A `{` is open. |\n| `NAME_UNKNOWN` | What? |',
  );
});
