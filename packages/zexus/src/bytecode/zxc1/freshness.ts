import type { Zxc1Module } from './module.ts';

/** What stands before the hash in the constant that says which source a module is of. */
const SOURCE_PREFIX = 'zx.source:';

/**
 * What is known about a source and the file that is compiled from it: the hash of the source's text and
 * the one that the file records, or when both files were last changed. `undefined` stands for a file
 * that is not there or records nothing.
 */
export type ZxcFreshness =
  | { readonly sourceHash: string; readonly recordedHash: string | undefined }
  | { readonly sourceTimeMs: number; readonly compiledTimeMs: number | undefined };

/**
 * Whether a compiled file may be used in place of its source. By hashes whenever they are known: times
 * lie after a checkout, a copy, or two changes within the clock's step. By times as upstream does it: a
 * compiled file that is as old as its source is fresh.
 */
export function isZxcFresh(facts: ZxcFreshness): boolean {
  if ('sourceHash' in facts) return facts.recordedHash === facts.sourceHash;
  const { sourceTimeMs, compiledTimeMs } = facts;
  return compiledTimeMs !== undefined && compiledTimeMs >= sourceTimeMs;
}

/**
 * The path of the compiled file of a source, beside it: `a/token.zx` → `a/token.zxc`. What is behind the
 * last dot of the file's own name is replaced, but not when the name begins with it.
 */
export function zxcPathFor(sourcePath: string): string {
  const name = sourcePath.slice(
    Math.max(sourcePath.lastIndexOf('/'), sourcePath.lastIndexOf('\\')) + 1,
  );
  const folder = sourcePath.slice(0, sourcePath.length - name.length);
  const leadingDots = /^\.*/.exec(name)?.[0].length ?? 0;
  const dot = name.lastIndexOf('.');
  return `${folder}${dot > leadingDots ? name.slice(0, dot) : name}.zxc`;
}

/**
 * The module with a last constant that records the hash of its source. Version 1 has no place for
 * metadata; a constant that no instruction loads changes nothing for whoever runs it.
 */
export function withSourceHash(module: Zxc1Module, sourceHash: string): Zxc1Module {
  // Only the last constant can be left out without moving those that instructions refer to.
  const isRecorded = recordedSourceHash(module) !== undefined;
  const kept = isRecorded ? module.constants.slice(0, -1) : module.constants;
  const recorded = { kind: 'string', value: `${SOURCE_PREFIX}${sourceHash}` } as const;
  return { ...module, constants: [...kept, recorded] };
}

/** The hash of the source that the module's last constant records. */
export function recordedSourceHash(module: Zxc1Module): string | undefined {
  return hashIn(module.constants.at(-1));
}

function hashIn(constant: Zxc1Module['constants'][number] | undefined): string | undefined {
  const isRecord = constant?.kind === 'string' && constant.value.startsWith(SOURCE_PREFIX);
  return isRecord ? constant.value.slice(SOURCE_PREFIX.length) : undefined;
}
