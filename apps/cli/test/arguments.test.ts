import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { parseHistory } from '../src/arguments.ts';

describe('a history', () => {
  test.each([
    ['0', 0],
    ['128', 128],
    ['all', Number.POSITIVE_INFINITY],
  ])('%s is %d blocks', (text, blocks) => {
    expect(parseHistory(text)).toBe(blocks);
  });

  test.each(['', 'some', '-1', '1.5', '0x10', '1e3', 'ALL', '9'.repeat(16)])(
    '%s is refused',
    (text) => {
      expect(() => parseHistory(text)).toThrow(InvalidArgumentError);
    },
  );
});
