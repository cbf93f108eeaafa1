import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CompileOptions } from '../../src/compiler/compile.ts';
import { runCorpus } from '../support/corpus-run.ts';

const folder = fileURLToPath(new URL('./', import.meta.url));
const programs = readdirSync(folder).filter((name) => name.endsWith('.zx'));

const files: NonNullable<CompileOptions['files']> = (path, from) => {
  const name = from.name.startsWith('lib/') ? join(dirname(from.name), path) : path;
  if (!existsSync(`${folder}${name}`)) return undefined;
  return { name, text: readFileSync(`${folder}${name}`, 'utf8') };
};

// One program for each thing that contracts for upstream do. Each says which defect of upstream's it
// would show there, and in its last lines what must come of it here.
describe('the corpus', () => {
  it('has a program for each subject', () => {
    expect(programs.length).toBeGreaterThanOrEqual(50);
    for (const name of programs) {
      expect(readFileSync(`${folder}${name}`, 'utf8')).toMatch(/^# .*\n(?:#.*\n)*# Upstream: /);
    }
  });

  it.each(programs)('%s', (name) => {
    const steps = runCorpus(readFileSync(`${folder}${name}`, 'utf8'), { files });
    expect(steps.map(({ line, actual }) => [line, ...actual])).toEqual(
      steps.map(({ line, expected }) => [line, ...expected]),
    );
  });
});
