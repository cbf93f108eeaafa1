import { findGaps, type Gap, type LockEntry, type Lockfile } from './lockfile.ts';

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'sunos',
  'win32',
];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];
const otherNames: Readonly<Record<string, string>> = { amd64: 'x64', gnu: 'glibc' };

/**
 * Adds the platform packages that npm leaves out of the lock when the registry in use lacks them,
 * so that `npm ci` accepts the lock everywhere and fetches them where they exist.
 */
export function completeLock<L extends Lockfile>(
  lock: L,
): { readonly lock: L; readonly added: readonly string[] } {
  const additions = findGaps(lock).map((gap): readonly [string, LockEntry] => [
    `node_modules/${gap.name}`,
    platformEntry(gap, lock.packages[gap.from]?.dev === true),
  ]);
  const packages = Object.fromEntries(
    [...Object.entries(lock.packages), ...additions].sort(([a], [b]) => a.localeCompare(b, 'en')),
  );
  return { lock: { ...lock, packages }, added: additions.map(([path]) => path) };
}

/** Reads the platform off the package's name, as in `@biomejs/cli-linux-arm64-musl`. */
function platformEntry({ name, range }: Gap, dev: boolean): LockEntry {
  const words = name.split(/[-/]/).map((word) => otherNames[word] ?? word);
  const libc = words.filter((word) => word === 'musl' || word === 'glibc');
  return {
    version: range.replace(/^[\^~=]/, ''),
    cpu: words.filter((word) => processors.includes(word)),
    ...(dev ? { dev } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    os: words.filter((word) => systems.includes(word)),
  };
}
