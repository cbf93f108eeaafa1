// Other people's test vectors. They stay outside the repository (their licences and origins are
// described beside them); how many cases each file has is committed in vector-counts.json, so that a
// file that shrank or a loader that lost cases fails instead of testing less.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/** A case and the name under which a report lists it. */
export type NamedCase<T> = readonly [name: string, value: T];

/** How one file of vectors is read and checked. */
export type VectorSuite<Document, Case> = {
  /** All cases of the file. */
  readonly cases: (document: Document) => readonly NamedCase<Case>[];
  /** Throws unless our code agrees with the case. */
  readonly check: (value: Case, name: string) => void | Promise<void>;
  /** Cases that cannot be asked of our code, by name, with the reason. They count all the same. */
  readonly notApplicable?: Readonly<Record<string, string>>;
};

/** Where the vectors are, and how strict we are about it. */
export type VectorEnvironment = {
  readonly LUCERNA_VECTORS?: string | undefined;
  readonly CI?: string | undefined;
};

const toolsFolder = dirname(fileURLToPath(import.meta.url));
const defaultFolder = resolve(toolsFolder, '../../../shared/vectors');
const counts = JSON.parse(
  readFileSync(join(toolsFolder, 'vector-counts.json'), 'utf8'),
) as Readonly<Record<string, number>>;

let absenceReported = false;

/**
 * The folder of the vectors; undefined when they are absent and may be. A folder that was named
 * must exist, and with CI=1 the default one must, too.
 */
export function findVectorFolder(
  environment: VectorEnvironment,
  fallback: string = defaultFolder,
): string | undefined {
  const named = environment.LUCERNA_VECTORS;
  const folder = named ?? fallback;
  if (existsSync(folder)) return folder;
  if (named !== undefined || environment.CI === '1') {
    throw new Error(`the test vectors are absent: there is no folder ${folder}`);
  }
  return undefined;
}

/** Throws when a file has fewer cases than were committed, or was never counted. */
export function checkVectorCount(
  file: string,
  found: number,
  committed: Readonly<Record<string, number>> = counts,
): void {
  const expected = committed[file];
  if (expected === undefined) {
    throw new Error(`vectors ${file}: add "${file}": ${found} to tools/src/vector-counts.json`);
  }
  if (found < expected) {
    throw new Error(`vectors ${file}: ${found} cases, fewer than the committed ${expected}`);
  }
}

/**
 * Registers a test for every case of `file`, a path below the folder of the vectors:
 *
 * ```ts
 * vectorSuite<Record<string, RlpCase>, RlpCase>('rlp/rlptest.json', {
 *   cases: (document) => Object.entries(document),
 *   check: (value) => expect(encodeRlp(parse(value.in))).toEqual(fromHex(value.out)),
 * });
 * ```
 */
export function vectorSuite<Document, Case>(
  file: string,
  suite: VectorSuite<Document, Case>,
): void {
  const folder = findVectorFolder(process.env);
  if (folder === undefined) {
    reportAbsence();
    describe.skip(`vectors ${file}: absent`, () => {
      it('needs the vectors', () => undefined);
    });
    return;
  }
  const document = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Document;
  const cases = suite.cases(document);
  checkVectorCount(file, cases.length);
  process.stdout.write(`vectors ${file}: ${cases.length} cases\n`);
  const excused = new Map(Object.entries(suite.notApplicable ?? {}));
  for (const [name, reason] of excused) {
    process.stdout.write(`vectors ${file}, ${name}: not run, ${reason}\n`);
  }
  describe(`vectors ${file}`, () => {
    for (const [name, value] of cases) {
      const reason = excused.get(name);
      if (reason !== undefined) it.skip(`${name}: ${reason}`, () => undefined);
      else it(name, () => suite.check(value, name));
    }
    it('excuses no case that does not exist', () => {
      const names = new Set(cases.map(([name]) => name));
      const unknown = [...excused.keys()].filter((name) => !names.has(name));
      if (unknown.length > 0) throw new Error(`no such case: ${unknown.join(', ')}`);
    });
  });
}

/** Says of vectors that no test runs why it is so: `not yet` or `not applicable`. Printed, and a skipped test. */
export function vectorsNotRun(what: string, reason: string): void {
  process.stdout.write(`vectors ${what}: not run, ${reason}\n`);
  it.skip(`vectors ${what}: ${reason}`, () => undefined);
}

function reportAbsence(): void {
  if (absenceReported) return;
  absenceReported = true;
  process.stdout.write(
    'vectors: absent, their tests are skipped (LUCERNA_VECTORS names their folder)\n',
  );
}
