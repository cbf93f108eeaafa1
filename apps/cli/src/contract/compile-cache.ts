import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { cliLimits } from '../limits.ts';

/** A source that was looked up while another was compiled; no hash when there was none. */
export type SourceDependency = {
  readonly path: string;
  /** The name of the file that asked for it. */
  readonly from: string;
  readonly hash: string | undefined;
};

/** What came of a source without errors. */
export type CachedCompilation = {
  readonly contracts: readonly { readonly name: string; readonly bytecode: string }[];
  /** What the compiler said, for people and as JSON. */
  readonly notes: readonly { readonly text: string; readonly json: string }[];
  readonly dependencies: readonly SourceDependency[];
};

/** Compiled sources by what they are made of. Nothing that goes wrong here goes any further. */
export type CompileCache = {
  /** What was written under the key; undefined when there is nothing, or nothing that is whole. */
  readonly read: (key: string) => Promise<CachedCompilation | undefined>;
  /** Keeps it, if that is possible. */
  readonly write: (key: string, compilation: CachedCompilation) => Promise<void>;
};

/** Entries are files of this ending. */
const SUFFIX = '.json';

const textEncoder = new TextEncoder();

/** The hash of text, in hex without 0x. */
export function hashOfText(text: string): string {
  return toHexKey(keccak256(textEncoder.encode(text)));
}

/**
 * Where compiled sources are kept: `LUCERNA_CACHE_DIR`, or the place of the system for what can be made
 * again. Undefined where that is unknown.
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string | undefined {
  const own = env['LUCERNA_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  const base = systemCache(env, platform, home);
  return base === undefined ? undefined : join(base, 'lucerna', 'compiled');
}

function systemCache(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): string | undefined {
  if (platform === 'win32') return env['LOCALAPPDATA'];
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  const given = env['XDG_CACHE_HOME'];
  return given === undefined || given === '' ? join(home, '.cache') : given;
}

/**
 * What tells this compiler from others of the same version: the names, sizes and times of its files. A
 * released one is always the same; one that somebody works on is another after every change.
 */
export function compilerStamp(
  folder: string = dirname(fileURLToPath(import.meta.resolve('@lucerna/zexus'))),
): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const facts = names.map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return hashOfText(facts.join('\n'));
}

/** The cache in a folder, which is made when the first entry is. */
export function openCompileCache(folder: string): CompileCache {
  return {
    read: async (key) => {
      try {
        const path = join(folder, key + SUFFIX);
        const { size } = await stat(path);
        if (size > cliLimits.values.cacheEntryBytes) return undefined;
        return parseEntry(await readFile(path, 'utf8'));
      } catch {
        return undefined;
      }
    },
    write: async (key, compilation) => {
      const text = entryText(compilation);
      if (text.length > cliLimits.values.cacheEntryBytes) return;
      const temporary = join(folder, `${key}.${randomUUID()}.tmp`);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(temporary, text, { mode: 0o600 });
        // Whoever reads meanwhile has the old entry or the new one, never a part.
        await rename(temporary, join(folder, key + SUFFIX));
        await removeOldest(folder);
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
  };
}

/** The entry, with its hash before it: what is damaged is compiled again. */
function entryText(compilation: CachedCompilation): string {
  const json = JSON.stringify(compilation);
  return `${hashOfText(json)}\n${json}`;
}

function parseEntry(text: string): CachedCompilation | undefined {
  const end = text.indexOf('\n');
  const json = text.slice(end + 1);
  return text.slice(0, end) === hashOfText(json) ? JSON.parse(json) : undefined;
}

/** Removes entries, those first that were written first, until there are as many as may be. */
async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
  const surplus = names.length - cliLimits.values.cacheEntries;
  if (surplus <= 0) return;
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, timeMs: (await stat(path)).mtimeMs };
    }),
  );
  entries.sort((left, right) => left.timeMs - right.timeMs);
  await Promise.all(entries.slice(0, surplus).map(({ path }) => rm(path, { force: true })));
}
