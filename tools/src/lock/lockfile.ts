/** One installed package in package-lock.json. */
export type LockEntry = {
  readonly name?: string;
  readonly version?: string;
  /** A registry address, or the folder that a workspace link points at. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly cpu?: readonly string[];
  readonly os?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

/** package-lock.json; `packages` is keyed by install folder, the root's key is empty. */
export type Lockfile = {
  readonly packages: Readonly<Record<string, LockEntry>>;
};

/** An optional dependency that a package names and the lock does not hold. */
export type Gap = {
  readonly from: string;
  readonly name: string;
  readonly range: string;
};

/** Finds a package the way Node does: in the nearest `node_modules`, then further out. */
export function resolveInLock(lock: Lockfile, from: string, name: string): string | undefined {
  for (let folder: string | undefined = from; folder !== undefined; folder = outer(folder)) {
    const key = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[key] !== undefined) return key;
  }
  return undefined;
}

function outer(folder: string): string | undefined {
  if (folder === '') return undefined;
  const end = folder.lastIndexOf('/node_modules/');
  return end < 0 ? '' : folder.slice(0, end);
}

/** The optional dependencies that `npm ci` would miss. */
export function findGaps(lock: Lockfile): readonly Gap[] {
  return Object.entries(lock.packages).flatMap(([from, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => resolveInLock(lock, from, name) === undefined)
      .map(([name, range]) => ({ from, name, range })),
  );
}
