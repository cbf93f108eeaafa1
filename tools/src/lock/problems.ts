import { findGaps, type LockEntry, type Lockfile } from './lockfile.ts';

const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** The fields of a package.json that say what to install. */
export type Manifest = Pick<LockEntry, (typeof dependencyFields)[number]>;

/** What would make an install differ between two machines, one sentence each. */
export function lockProblems(
  lock: Lockfile,
  manifests: ReadonlyMap<string, Manifest>,
): readonly string[] {
  return [
    ...findGaps(lock).map(
      ({ from, name }) =>
        `package-lock.json: ${name}, optional in ${from}, is missing: run tools/lock-complete.ts`,
    ),
    ...registryAddresses(lock),
    ...[...manifests].flatMap(([folder, manifest]) => [
      ...inexactVersions(folder, manifest),
      ...staleFields(folder, manifest, lock.packages[folder]),
    ]),
  ];
}

/** The lock works through any registry, so it may name none. */
function registryAddresses(lock: Lockfile): readonly string[] {
  return Object.entries(lock.packages)
    .filter(([, { resolved }]) => /^\w+:/.test(resolved ?? ''))
    .map(([path, { resolved }]) => `package-lock.json: ${path} is tied to ${resolved}`);
}

function inexactVersions(folder: string, manifest: Manifest): readonly string[] {
  return dependencyFields.flatMap((field) =>
    Object.entries(manifest[field] ?? {})
      .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(
        ([name, version]) => `${manifestPath(folder)}: ${name} ${version} is not an exact version`,
      ),
  );
}

function staleFields(
  folder: string,
  manifest: Manifest,
  entry: LockEntry | undefined,
): readonly string[] {
  if (entry === undefined) return [`package-lock.json: ${folder} is missing: run npm install`];
  return dependencyFields
    .filter((field) => !sameEntries(manifest[field] ?? {}, entry[field] ?? {}))
    .map((field) => `${manifestPath(folder)}: ${field} differ from the lock: run npm install`);
}

function sameEntries(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  const sorted = (record: Readonly<Record<string, string>>): string =>
    JSON.stringify(Object.entries(record).sort(([x], [y]) => (x < y ? -1 : 1)));
  return sorted(a) === sorted(b);
}

function manifestPath(folder: string): string {
  return folder === '' ? 'package.json' : `${folder}/package.json`;
}
