import { defineErrors, defineLimits } from '@lucerna/base';
import { expect, test } from 'vitest';
import { diagnosticsPage, errorsPage, limitsPage, rpcPage } from '../src/docs/pages.ts';

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

test('diagnostics are one table, sorted by code, with examples as they are or in words', () => {
  const page = diagnosticsPage(
    { NAME_UNKNOWN: 'What?', BRACE_UNCLOSED: 'A `{` is open.' },
    {
      NAME_UNKNOWN: { place: 'statements', wrong: 'a = b', right: 'a = 1' },
      BRACE_UNCLOSED: { place: 'file', wrong: '{', right: '{}', words: ['open', 'close it'] },
    },
  );
  expect(page).toContain(
    [
      '| Code | Meaning | Like this | Mended |',
      '| --- | --- | --- | --- |',
      '| `BRACE_UNCLOSED` | A `{` is open. | open | close it |',
      '| `NAME_UNKNOWN` | What? | `a = b` | `a = 1` |',
    ].join('\n'),
  );
});

test('methods stand under their first word, with their other names and arguments', () => {
  const form = { expected: 'a number', schema: {}, parse: (): unknown => undefined };
  const param = { name: 'count', summary: 'How many.', form, fallback: undefined };
  const result = { name: 'nothing', summary: 'Null.' };
  const method = { aliases: [], summary: 'Does it.', params: [], result, restricted: false };
  const page = rpcPage(
    [
      { ...method, name: 'evm_mine', restricted: true, params: [{ ...param, required: false }] },
      { ...method, name: 'eth_wait', aliases: ['eth_rest'] },
      {
        ...method,
        name: 'eth_call',
        params: [
          { ...param, required: true },
          { ...param, required: false },
        ],
      },
    ],
    { eth_never: 'it cannot be' },
  );
  expect(page.slice(page.indexOf('## eth'))).toBe(
    [
      '## eth',
      '',
      '| Method | What it does | Arguments | Result | Restricted |',
      '| --- | --- | --- | --- | --- |',
      '| `eth_call` | Does it. | `count`: How many. (a number)<br>`count?`: How many. (a number) | `nothing`: Null. |  |',
      '| `eth_wait`<br>`eth_rest` | Does it. |  | `nothing`: Null. |  |',
      '',
      '## evm',
      '',
      '| Method | What it does | Arguments | Result | Restricted |',
      '| --- | --- | --- | --- | --- |',
      '| `evm_mine` | Does it. | `count?`: How many. (a number) | `nothing`: Null. | yes |',
      '',
      '## Not available',
      '',
      '| Method | Why |',
      '| --- | --- |',
      '| `eth_never` | it cannot be |',
      '',
    ].join('\n'),
  );
});
