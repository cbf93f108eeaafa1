import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
const entryFile = join(repositoryRoot, 'apps/cli/src/main.ts');
const run = promisify(execFile);

/** What is done otherwise than by itself. */
export type GuideSteps = {
  /** The program that is run in place of one of the guide. */
  readonly program?: (text: string) => string;
  /** Runs a line of the shell; false: leaves it to the shell. */
  readonly command?: (line: string) => Promise<boolean>;
};

/**
 * Does what a guide says, from its first line to its last: runs its programs (`ts`) and commands (`sh`)
 * in `directory`, and compares what they print with what the guide says is printed (`text`, behind them).
 *
 * @param guide name of a file in docs/guides
 * @returns how many blocks of each language there were
 */
export async function followGuide(
  guide: string,
  directory: string,
  { program = (text) => text, command = async () => false }: GuideSteps = {},
): Promise<Readonly<Record<string, number>>> {
  const modules = join(repositoryRoot, 'node_modules');
  symlinkSync(modules, join(directory, 'node_modules'), 'junction');
  const counts: Record<string, number> = { ts: 0, sh: 0, text: 0 };
  let printed = '';
  for (const { language, text } of blocksOf(guide)) {
    counts[language] = (counts[language] ?? 0) + 1;
    if (language === 'text') {
      expect(printed).toBe(text);
    } else if (language === 'ts') {
      printed = await runProgram(program(text), join(directory, `program-${counts['ts']}.ts`));
    } else {
      printed = '';
      for (const line of text.trim().split('\n')) {
        if (!(await command(line))) printed += await runCommand(line, directory);
      }
    }
  }
  return counts;
}

/** Runs a line of the shell in which `lucerna` is a command. @returns stdout */
export async function runCommand(line: string, directory: string): Promise<string> {
  const script = `lucerna() { "$NODE" "$ENTRY" "$@"; }; ${line}`;
  const env = { ...process.env, NODE: process.execPath, ENTRY: entryFile };
  const { stdout } = await run('sh', ['-e', '-c', script], { cwd: directory, env });
  return stdout;
}

function blocksOf(guide: string): readonly { readonly language: string; readonly text: string }[] {
  const text = readFileSync(join(repositoryRoot, 'docs/guides', guide), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }));
}

async function runProgram(text: string, path: string): Promise<string> {
  writeFileSync(path, text);
  const { stdout, stderr } = await run(process.execPath, [path], { cwd: join(path, '..') });
  expect(stderr).toBe('');
  return stdout;
}
