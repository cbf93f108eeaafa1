import { storageErrors } from '@lucerna/storage';
import { afterEach, expect, test, vi } from 'vitest';
import { cliLimits } from '../src/limits.ts';
import { writeFailure } from '../src/output.ts';

afterEach(() => vi.restoreAllMocks());

/** What is said about a damaged row with this key. */
function said(key: string, json: boolean): string {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  writeFailure(storageErrors.create('STORE_CORRUPT', 'its row', { keyspace: 'code', key }), json);
  return written.join('');
}

test('a key is named in full', () => {
  const key = `0x${'5a'.repeat(100)}`;
  expect(said(key, false)).toContain(`keyspace: code\n       key: ${key}\n`);
});

test('a key that only damage can have made does not fill the screen', () => {
  const key = `0x${'5a'.repeat(2_000)}`;
  const most = cliLimits.values.placeCharacters;
  expect(said(key, false)).toContain(`key: ${key.slice(0, most)}…\n`);
  expect(JSON.parse(said(key, true)).error.fields.key).toBe(key);
});
