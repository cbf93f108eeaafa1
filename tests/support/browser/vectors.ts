// Stands in for tools/src/vectors.ts in a browser, which has no files.
import type { VectorSuite } from '../../../tools/src/vectors.ts';
import { describe, it } from './harness.ts';

export type { NamedCase, VectorSuite } from '../../../tools/src/vectors.ts';

/** Vectors by the name of their file. */
const documents = new Map<string, unknown>();
/** How many cases each file must have. */
const counts = new Map<string, number>();

/** Gives the suites their vectors; undefined: they are absent, and nothing is registered. */
export function provideVectors(
  files: readonly (readonly [file: string, document: unknown, count: number])[],
): void {
  for (const [file, document, count] of files) {
    documents.set(file, document);
    counts.set(file, count);
  }
}

/** Registers a test for every case of `file`. */
export function vectorSuite<Document, Case>(
  file: string,
  suite: VectorSuite<Document, Case>,
): void {
  if (documents.size === 0) return;
  const document = documents.get(file);
  if (document === undefined) throw new Error(`vectors ${file} were not provided`);
  const excused = suite.notApplicable ?? {};
  const cases = suite.cases(document as Document);
  describe(`vectors ${file}`, () => {
    for (const [name, value] of cases) {
      if (excused[name] === undefined) it(name, () => suite.check(value, name));
    }
    it('has all cases', () => {
      const [found, expected] = [cases.length, counts.get(file) ?? Number.POSITIVE_INFINITY];
      if (found < expected) throw new Error(`${found} cases, fewer than the committed ${expected}`);
    });
  });
}

export function vectorsNotRun(): void {}
