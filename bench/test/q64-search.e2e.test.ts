import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { matchFragments } from '../src/demonstrations/q64-search/fragments.ts';
import { formatTable, replaceBlock } from '../src/demonstrations/q64-search/guide.ts';
import { drawPlot } from '../src/demonstrations/q64-search/plot.ts';
import { bestRows, recallOf } from '../src/demonstrations/q64-search/ranking.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const guideFile = join(root, 'docs/guides/q64-search.md');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucerna-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The guide without what the demonstration has put into it. */
function withoutFigures(guide: string): string {
  return guide.replaceAll(/(<!-- (\w+) -->\n).*?(\n<!-- end of \2 -->)/gs, '$1$3');
}

test('the demonstration puts its tables and plots into the guide', async () => {
  const args = ['bench/src/demonstrations/q64-search/main.ts', '--quick', '--to', folder];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  const made = readFileSync(join(folder, 'q64-search.md'), 'utf8');
  const guide = readFileSync(guideFile, 'utf8');
  expect(withoutFigures(made)).toBe(withoutFigures(guide));
  expect(withoutFigures(guide)).not.toBe(guide);

  const rows = stdout.split('\n').filter((line) => line.startsWith('| '));
  const rowsIn = (text: string): number =>
    text.split('\n').filter((line) => /^\| /.test(line)).length;
  expect(rowsIn(made)).toBe(rowsIn(guide));
  const bytes = rows.find((row) => row.startsWith('| q64, cosine of the bytes'));
  expect(bytes).toMatch(/\| 200 \| 0\.9\d\d \| 1\.000 \| 1\.000 \|$/);
  // Whatever the data: at another alignment a piece of q64 matches nothing.
  const pieces = rows.filter((row) => /^\| \d+, from /.test(row));
  expect(pieces).toHaveLength(10);
  for (const row of pieces) expect(row).toMatch(/^\| \d+, from [a-z 4]+ \| 0 \|/);

  for (const name of ['q64-search-recall.svg', 'q64-search-pieces.svg']) {
    const drawn = readFileSync(join(folder, name), 'utf8');
    expect(drawn).toMatch(/^<svg [^>]*>.*<\/svg>\n$/s);
    expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
    expect(existsSync(join(root, 'docs/guides', name))).toBe(true);
    expect(guide).toContain(`](${name})`);
  }
});

test('other texts with a piece are counted by where it is', () => {
  // One piece of eight characters at 0, and three texts that have it there, at 4, and at 1.
  const writing = {
    name: 'base64',
    texts: ['abcdefghijk', 'abcdefghxxx', 'xxxxabcdefg', 'xabcdefghxx'],
  } as const;
  const options = { characters: 8, aligned: true, pieces: 300 };
  const matches = matchFragments(writing, options);
  expect(matches.samePlace).toBeGreaterThan(0);
  expect(matches.otherAlignment).toBeGreaterThan(0);
  expect(matches.sameAlignment).toBe(0);
  const seven = matchFragments(writing, { ...options, characters: 7 });
  expect(seven.sameAlignment).toBeGreaterThan(0);
  const none = matchFragments({ name: 'q64', texts: ['abcdefghijk', 'ABCDEFGHIJK'] }, options);
  expect(none).toMatchObject({ samePlace: 0, sameAlignment: 0, otherAlignment: 0 });
});

test('the best rows come first, equal ones in their order', () => {
  expect(bestRows(Float32Array.of(1, 3, 2, 3, 0, 2), 3)).toEqual([1, 3, 2]);
  expect(bestRows(Float32Array.of(5, 5, 5), 2)).toEqual([0, 1]);
  expect(bestRows(Float32Array.of(1, 2), 9)).toEqual([1, 0]);
  const truth = new Set(Array.from({ length: 10 }, (_, row) => row));
  const recall = recallOf([truth], 2_000, (_, scores) => {
    for (const row of scores.keys()) scores[row] = row < 5 ? 2 : row >= 100 && row < 190 ? 1 : 0;
  });
  // Five come first, five others before what is equal to the rest of the truth.
  expect(recall).toEqual({ alone: 0.5, among: [1, 1] });
});

test('tables, blocks and plots', () => {
  expect(
    formatTable([
      ['a', 'b'],
      ['1', '2'],
    ]),
  ).toBe('| a | b |\n| --- | --: |\n| 1 | 2 |');
  const guide = 'one\n<!-- x -->\nold\n<!-- end of x -->\ntwo';
  expect(replaceBlock(guide, 'x', 'new')).toBe('one\n<!-- x -->\nnew\n<!-- end of x -->\ntwo');
  expect(() => replaceBlock(guide, 'y', 'new')).toThrow(/no block "y"/);
  const axis = { title: '<a & b>', from: 1, to: 100, ticks: [1, 10, 100] } as const;
  const drawn = drawPlot({
    title: 'plot',
    x: { ...axis, scale: 'log' },
    y: { ...axis, scale: 'linear' },
    series: [
      {
        name: 's',
        colour: '#000',
        line: true,
        points: [
          [1, 1],
          [10, 50],
          [100, 0],
        ],
      },
    ],
  });
  expect(drawn).toContain('&lt;a &amp; b>');
  // Ten is half-way to a hundred on the one axis, and nothing is no point of a line.
  expect(drawn).toContain('<polyline points="70,366 295,206.6"');
  expect(drawn).toContain(
    'cx="520" cy="366" r="4" stroke="#000" stroke-width="1.5" fill="#ffffff"',
  );
});
