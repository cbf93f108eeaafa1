import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CachedCompilation,
  cacheFolder,
  compilerStamp,
  hashOfText,
  openCompileCache,
} from '../src/contract/compile-cache.ts';
import { cliLimits } from '../src/limits.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucerna-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const compilation: CachedCompilation = {
  contracts: [{ name: 'Token', bytecode: '0xef5a58' }],
  notes: [{ text: 'a warning', json: '{}' }],
  dependencies: [{ path: './lib.zx', from: 'token.zx', hash: hashOfText('lib') }],
};
const key = hashOfText('key');

describe('the cache of compiled sources', () => {
  it('gives back what was written, in a folder that it makes', async () => {
    const cache = openCompileCache(join(folder, 'a', 'b'));
    expect(await cache.read(key)).toBeUndefined();
    await cache.write(key, compilation);
    expect(await cache.read(key)).toEqual(compilation);
    expect(await cache.read(hashOfText('other'))).toBeUndefined();
    // Nothing half-written stays.
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual([`${key}.json`]);
  });

  it('takes no entry that is damaged', async () => {
    const cache = openCompileCache(folder);
    await cache.write(key, compilation);
    const path = join(folder, `${key}.json`);
    const text = readFileSync(path, 'utf8');
    const damages = [
      text.replace('ef5a58', 'ef5a59'),
      text.slice(0, -1),
      text.slice(1),
      `${text} `,
      '',
      '{}',
      'x'.repeat(cliLimits.values.cacheEntryBytes + 1),
    ];
    for (const damage of damages) {
      writeFileSync(path, damage);
      expect(await cache.read(key)).toBeUndefined();
    }
    await cache.write(key, compilation);
    expect(await cache.read(key)).toEqual(compilation);
  });

  it('keeps the newest entries', async () => {
    const cache = openCompileCache(folder);
    const max = cliLimits.values.cacheEntries;
    for (let index = 0; index < max; index += 1) {
      const path = join(folder, `${hashOfText(String(index))}.json`);
      writeFileSync(path, '');
      utimesSync(path, 1_000 + index, 1_000 + index);
    }
    await cache.write(key, compilation);
    const names = readdirSync(folder);
    expect(names).toHaveLength(max);
    expect(names).toContain(`${key}.json`);
    expect(names).not.toContain(`${hashOfText('0')}.json`);
    expect(names).toContain(`${hashOfText('1')}.json`);
  });

  it('gets in nobody’s way when it cannot be used', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const cache = openCompileCache(join(file, 'inside'));
    await cache.write(key, compilation);
    expect(await cache.read(key)).toBeUndefined();
    const huge = { ...compilation, notes: [{ text: 'x'.repeat(5_000_000), json: '' }] };
    await openCompileCache(folder).write(key, huge);
    expect(await openCompileCache(folder).read(key)).toBeUndefined();
  });
});

describe('its folder', () => {
  it('is where the system keeps what can be made again', () => {
    const none = {};
    expect(cacheFolder(none, 'linux', '/h')).toBe(join('/h', '.cache', 'lucerna', 'compiled'));
    expect(cacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux', '/h')).toBe(
      join('/c', 'lucerna', 'compiled'),
    );
    expect(cacheFolder(none, 'darwin', '/h')).toBe(
      join('/h', 'Library', 'Caches', 'lucerna', 'compiled'),
    );
    expect(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32', '/h')).toBe(
      join('/l', 'lucerna', 'compiled'),
    );
    expect(cacheFolder(none, 'win32', '/h')).toBeUndefined();
    expect(cacheFolder({ LUCERNA_CACHE_DIR: '/own' }, 'linux', '/h')).toBe('/own');
  });
});

it('tells a compiler whose files were changed from what it was', () => {
  const path = join(folder, 'a.ts');
  writeFileSync(path, 'a');
  const before = compilerStamp(folder);
  expect(compilerStamp(folder)).toBe(before);
  writeFileSync(path, 'ab');
  expect(compilerStamp(folder)).not.toBe(before);
});
