import { assert } from '@lucerna/base';

/** What the files of one store are called by: up to 40 characters of `a-z 0-9 -`. */
const STORE_NAME = /^[a-z0-9-]{1,40}$/;
const LOG_NAME = /^([a-z0-9-]{1,40})\.([1-9][0-9]{0,14})\.log$/;
const SNAPSHOT_NAME = /^([a-z0-9-]{1,40})\.([1-9][0-9]{0,14})\.snap$/;

/** Which files a store has, in ascending order of their generations. */
export type Generations = {
  readonly logs: readonly number[];
  readonly snapshots: readonly number[];
};

/** The files of a store that has none. */
export const NO_GENERATIONS: Generations = { logs: [], snapshots: [] };

/** The check that everything with a store's name makes first. */
export function assertStoreName(name: string): void {
  assert(STORE_NAME.test(name), 'a store is named by 1 to 40 characters of a-z, 0-9 and "-"');
}

/** Name of the log of that generation. */
export function logFileName(name: string, generation: number): string {
  return `${name}.${generation}.log`;
}

/** Name of the snapshot that was taken where the log of that generation begins. */
export function snapshotName(name: string, generation: number): string {
  return `${name}.${generation}.snap`;
}

/** Files by the name of their store. Names that no store gives are left out. */
export function groupFiles(
  logNames: readonly string[],
  blobNames: readonly string[],
): Map<string, Generations> {
  const groups = new Map<string, { logs: number[]; snapshots: number[] }>();
  const groupOf = (name: string): { logs: number[]; snapshots: number[] } => {
    const group = groups.get(name) ?? { logs: [], snapshots: [] };
    groups.set(name, group);
    return group;
  };
  for (const fileName of logNames) {
    const match = LOG_NAME.exec(fileName);
    if (match !== null) groupOf(match[1] as string).logs.push(Number(match[2]));
  }
  for (const blobName of blobNames) {
    const match = SNAPSHOT_NAME.exec(blobName);
    if (match !== null) groupOf(match[1] as string).snapshots.push(Number(match[2]));
  }
  for (const { logs, snapshots } of groups.values()) {
    logs.sort((left, right) => left - right);
    snapshots.sort((left, right) => left - right);
  }
  return groups;
}
