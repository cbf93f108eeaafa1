import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  parseAccounts,
  parseCoins,
  parseHistory,
  parseNumber,
  parseTimestamp,
} from '../src/arguments.ts';

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

describe('an amount of coins', () => {
  test.each([
    ['0', 0n],
    ['10000', 10_000n * 10n ** 18n],
    ['2.5', 25n * 10n ** 17n],
    ['0.000000000000000001', 1n],
    ['007.10', 71n * 10n ** 17n],
  ])('%s is %d wei', (text, wei) => {
    expect(parseCoins(text)).toBe(wei);
  });

  test.each(['', '.5', '5.', '-1', '1e3', '1,000', '0x10', ' 1', '0.0000000000000000001'])(
    '%s is refused',
    (text) => {
      expect(() => parseCoins(text)).toThrow(InvalidArgumentError);
    },
  );
});

describe('a number of accounts and a time', () => {
  test('are whole numbers', () => {
    expect(parseAccounts('0')).toBe(0);
    expect(parseAccounts('128')).toBe(128);
    expect(parseTimestamp('1700000000')).toBe(1_700_000_000);
    expect(parseTimestamp('8640000000000')).toBe(8_640_000_000_000);
  });

  test.each(['', '-1', '1.5', 'ten', '1e3', '8640000000001'])('%s is refused', (text) => {
    expect(() => parseAccounts(text)).toThrow(InvalidArgumentError);
    expect(() => parseTimestamp(text)).toThrow(InvalidArgumentError);
  });
});

describe('a number', () => {
  test.each([
    ['0', 0],
    ['10', 10],
    ['999999999', 999_999_999],
  ])('%s is %d', (text, number) => {
    expect(parseNumber(text)).toBe(number);
  });

  test.each(['', '-1', '1.5', '0x10', '1e3', ' 1', '9'.repeat(10)])('%s is refused', (text) => {
    expect(() => parseNumber(text)).toThrow(InvalidArgumentError);
  });
});
