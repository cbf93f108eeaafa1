import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own that exists until it is removed. */
export type TemporaryDirectory = {
  readonly path: string;
  readonly remove: () => void;
};

export function makeTemporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'lucerna-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
