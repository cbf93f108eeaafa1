import { describe, expect, test } from 'vitest';
import { formatBytes, ProgressBar, type ProgressStream } from '../src/progress-bar.ts';

const CLEAR = '\r\u001b[2K';

/** A terminal of which the test sees the one line, and a clock that the test moves. */
function setUp(terminal: Pick<ProgressStream, 'isTTY' | 'columns'> = { isTTY: true }) {
  const writes: string[] = [];
  let nowMs = 5_000_000;
  const bar = new ProgressBar({
    stream: { ...terminal, write: (text) => writes.push(text) },
    nowMs: () => nowMs,
  });
  return {
    bar,
    writes,
    pass: (ms: number): void => {
      nowMs += ms;
    },
    /** What a person sees now. */
    line: (): string => writes.join('').split(CLEAR).at(-1) ?? '',
  };
}

describe('when it is drawn', () => {
  test('not before two seconds have passed, over all steps', () => {
    const { bar, writes, pass, line } = setUp();
    const first = bar.step('First', 'rows');
    pass(1_500);
    first(10, 20);
    const second = bar.step('Second', 'rows');
    pass(499);
    second(1, 20);
    expect(writes).toEqual([]);
    pass(1);
    second(2, 20);
    expect(line()).toMatch(/^Second /);
  });

  test('ten times a second at most', () => {
    const { bar, writes, pass } = setUp();
    const progress = bar.step('Work', 'rows');
    pass(2_000);
    for (let done = 0; done < 1_000; done += 1) {
      progress(done, 1_000);
      pass(1);
    }
    expect(writes).toHaveLength(10);
  });

  test.each([[{}], [{ isTTY: false }]])('never on what is no terminal: %j', (terminal) => {
    const { bar, writes, pass } = setUp(terminal);
    const progress = bar.step('Work', 'rows');
    pass(60_000);
    progress(5, 10);
    bar.clear();
    expect(writes).toEqual([]);
  });
});

describe('what it says', () => {
  test('part, rate and time left of work whose size is known', () => {
    const { bar, pass, line } = setUp();
    const progress = bar.step('Checking', 'bytes');
    pass(10_000);
    progress(25_000_000, 100_000_000);
    expect(line()).toBe('Checking  [======>                 ]   25 %  2.5 MB/s  30 s left');
    pass(30_000);
    progress(100_000_000, 100_000_000);
    expect(line()).toBe('Checking  [========================]  100 %  2.5 MB/s  0 s left');
  });

  test('the rate of its own step', () => {
    const { bar, pass, line } = setUp();
    pass(60_000);
    const progress = bar.step('Next', 'blocks');
    pass(2_000);
    progress(3_000, 6_000);
    expect(line()).toMatch(/ 50 % {2}1,500 blocks\/s {2}2 s left$/);
  });

  test('how much is done where nobody knows the whole', () => {
    const { bar, pass, line } = setUp();
    const progress = bar.step('Counting', 'rows');
    pass(4_000);
    progress(1_204_224, undefined);
    expect(line()).toBe('Counting  1,204,224 rows  301,056 rows/s');
  });

  test.each([
    [59, '59 s'],
    [90, '2 min'],
    [3_540, '59 min'],
    [3_599, '1 h 0 min'],
    [7_260, '2 h 1 min'],
  ])('%d seconds as %s', (seconds, text) => {
    const { bar, pass, line } = setUp();
    const progress = bar.step('Work', 'rows');
    pass(10_000);
    progress(10, 10 + seconds);
    expect(line().endsWith(`${text} left`)).toBe(true);
  });

  test('no more than all of it, and no time before anything is done', () => {
    const { bar, pass, line } = setUp();
    const progress = bar.step('Work', 'rows');
    pass(2_000);
    progress(0, 10);
    expect(line()).toBe('Work  [>                       ]    0 %  0 rows/s');
    pass(2_000);
    progress(12, 10);
    expect(line()).toMatch(/\] {2}100 % {2}3 rows\/s {2}0 s left$/);
    progress(0, 0);
    pass(100);
    progress(0, 0);
    expect(line()).toBe('Work  0 rows  0 rows/s');
  });

  test('no more than the terminal has columns', () => {
    const { bar, pass, line } = setUp({ isTTY: true, columns: 20 });
    const progress = bar.step('A rather long title of the work', 'rows');
    pass(2_000);
    progress(1, 2);
    expect(line()).toBe('A rather long title');
  });

  test.each([0, undefined])('80 columns where the terminal says %s', (columns) => {
    const { bar, pass, line } = setUp(
      columns === undefined ? { isTTY: true } : { isTTY: true, columns },
    );
    const progress = bar.step('x'.repeat(100), 'rows');
    pass(2_000);
    progress(1, 2);
    expect(line()).toBe('x'.repeat(79));
  });
});

describe('when it ends', () => {
  test('it clears its line, once', () => {
    const { bar, writes, pass, line } = setUp();
    const progress = bar.step('Work', 'rows');
    pass(2_000);
    progress(1, 2);
    bar.clear();
    bar.clear();
    expect(line()).toBe('');
    expect(writes).toHaveLength(2);
  });

  test('nothing is cleared that was not drawn', () => {
    const { bar, writes, pass } = setUp();
    bar.step('Work', 'rows')(1, 2);
    pass(60_000);
    bar.clear();
    expect(writes).toEqual([]);
  });

  test('after a clearing for other text it comes back', () => {
    const { bar, pass, line } = setUp();
    const progress = bar.step('Work', 'rows');
    pass(2_000);
    progress(1, 2);
    bar.clear();
    progress(1, 2);
    expect(line()).toMatch(/^Work /);
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [12_400_000, '12.4 MB'],
  [3e12, '3.0 TB'],
  [5e18, '5000.0 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
