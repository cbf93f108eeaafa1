// What a power loss may undo, as POSIX has it: a sync of a file stores its bytes and not its name, a
// sync of a folder the names in it and not what is below them, and nothing else stores anything.
import { dirname, join, relative } from 'node:path';
import type { SystemCall } from './system-calls.ts';

/** A step that relies on names: each is on the disk before it, as are the names below. */
export type Reliance = {
  /** How the text of the step begins, such as `rename store.new -> store`. */
  readonly step: string;
  /** Names that were changed before and are on the disk by then. */
  readonly names: readonly string[];
};

/** What an operation has to keep; all paths are relative to `folder`. */
export type BarrierRules = {
  readonly folder: string;
  readonly relies?: readonly Reliance[];
  /** Names on which nothing relies: they and what they hold may come back or go. */
  readonly ignored?: (name: string) => boolean;
};

/**
 * What is wrong with the order of `calls`, which were made by an operation that has resolved; nothing
 * when it keeps these rules:
 *
 * - what is renamed has its content on the disk: the bytes of a file, the names in a folder;
 * - the names that a step relies on are on the disk before it;
 * - at the end all names and bytes are.
 *
 * A reliance whose step did not come, or whose names were not changed before, is a fault as well.
 */
export function barrierFaults(calls: readonly SystemCall[], rules: BarrierRules): string[] {
  const { folder, relies = [], ignored = (): boolean => false } = rules;
  const disk = new UnsyncedState();
  const faults = new Set<string>();
  const fault = (text: string, path: string): void => {
    const name = relative(folder, path);
    if (!ignored(name)) faults.add(`${text}: before ${name} is synced`);
  };
  const changed = new Set<string>();
  const open = new Set(relies.flatMap(({ step, names }) => names.map((name) => `${step}|${name}`)));
  for (const call of calls) {
    const text = textOf(call, folder);
    for (const { step, names } of relies.filter((one) => text.startsWith(one.step))) {
      for (const name of names) {
        const path = join(folder, name);
        if ([...changed].some((other) => isIn(other, path))) open.delete(`${step}|${name}`);
        for (const left of disk.names()) {
          if (isIn(left, path)) fault(text, left);
        }
      }
    }
    if (call.call === 'rename') {
      for (const left of disk.contentOf(call.path)) fault(text, left);
    }
    disk.apply(call);
    for (const path of disk.names()) changed.add(path);
  }
  for (const left of open) faults.add(`never: ${left}`);
  for (const path of [...disk.names(), ...disk.files()]) fault('end', path);
  return [...faults];
}

/** The files a database makes in its folder, whose names are not seen. */
const DATABASE_FILES = '(files of the database)';

/** What is not on the disk for certain. */
class UnsyncedState {
  #names = new Set<string>();
  #files = new Set<string>();

  /** Paths that were made, renamed or removed while their folder was not synced. */
  names(): readonly string[] {
    return [...this.#names];
  }

  files(): readonly string[] {
    return [...this.#files];
  }

  /** What a new name of `path` would lead to and is not there after a power loss. */
  contentOf(path: string): readonly string[] {
    const below = this.names().filter((name) => name !== path && isIn(name, path));
    return [...below, ...this.files().filter((file) => isIn(file, path))];
  }

  apply(call: SystemCall): void {
    const { path } = call;
    switch (call.call) {
      case 'create':
      case 'mkdir':
        this.#names.add(path);
        break;
      case 'write':
        this.#files.add(path);
        break;
      case 'sync':
        this.#files.delete(path);
        for (const name of this.#names) if (dirname(name) === path) this.#names.delete(name);
        break;
      case 'remove':
        this.#move(path, undefined);
        this.#names.add(path);
        break;
      case 'rename':
        this.#move(path, call.to);
        this.#names.add(path).add(call.to);
        break;
      case 'databaseCommit':
        // A commit at `power` hardens those before it.
        if (call.level === 'power') this.#files.delete(join(path, DATABASE_FILES));
        else this.#files.add(join(path, DATABASE_FILES));
        break;
      case 'databaseClose':
        // Until then it may have made and removed some.
        this.#names.add(join(path, DATABASE_FILES));
        break;
    }
  }

  /** What lies below goes with a folder. */
  #move(from: string, to: string | undefined): void {
    const moved = (paths: ReadonlySet<string>, path: string): Set<string> =>
      new Set(
        [...paths].flatMap((one) => {
          if (!isIn(one, path)) return [one];
          return to === undefined ? [] : [to + one.slice(path.length)];
        }),
      );
    const own = this.#names.has(from);
    this.#names = moved(this.#names, from);
    this.#files = moved(this.#files, from);
    if (own) this.#names.add(from);
  }
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function textOf(call: SystemCall, folder: string): string {
  const text = `${call.call} ${relative(folder, call.path)}`;
  return call.call === 'rename' ? `${text} -> ${relative(folder, call.to)}` : text;
}
