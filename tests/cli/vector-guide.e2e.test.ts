import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli-process.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

// The guides from their first line to their last: programs are run, commands too, and what the guides say
// that is printed is what is printed. A `lucerna vector serve` goes on beside what follows it.

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
const entryFile = join(repositoryRoot, 'apps/cli/src/main.ts');
const run = promisify(execFile);

let directory: TemporaryDirectory;
let server: CliProcess | undefined;
/** Where the guide says 8000. */
let port = '8000';

afterEach(async () => {
  if (server !== undefined) expect(await server.kill('SIGINT')).toMatchObject({ code: 0 });
  server = undefined;
  directory.remove();
});

type Block = { readonly language: string; readonly text: string };

function blocksOf(guide: string): readonly Block[] {
  const text = readFileSync(join(repositoryRoot, 'docs/guides', guide), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }));
}

async function runProgram(text: string, name: string): Promise<string> {
  const path = join(directory.path, `${name}.ts`);
  writeFileSync(path, text.replaceAll('8000', port));
  const { stdout, stderr } = await run(process.execPath, [path], { cwd: directory.path });
  expect(stderr).toBe('');
  return stdout;
}

async function runCommand(line: string): Promise<void> {
  if (!line.startsWith('lucerna vector serve')) {
    const script = `lucerna() { "$NODE" "$ENTRY" "$@"; }; ${line}`;
    const env = { ...process.env, NODE: process.execPath, ENTRY: entryFile };
    await run('sh', ['-e', '-c', script], { cwd: directory.path, env });
    return;
  }
  const [, ...args] = line.split(' ');
  server = startCli([...args, '--port', '0'], { directory: directory.path });
  const last = await server.line((text) => text.startsWith('Listening on '));
  port = new URL(last.replace('Listening on ', '')).port;
}

/** @returns how many of each language there were */
async function follow(guide: string): Promise<Readonly<Record<string, number>>> {
  directory = makeTemporaryDirectory();
  symlinkSync(
    join(repositoryRoot, 'node_modules'),
    join(directory.path, 'node_modules'),
    'junction',
  );
  const counts: Record<string, number> = { ts: 0, sh: 0, text: 0 };
  let printed = '';
  for (const { language, text } of blocksOf(guide)) {
    counts[language] = (counts[language] ?? 0) + 1;
    if (language === 'ts') printed = await runProgram(text, `program-${counts['ts']}`);
    else if (language === 'text') expect(printed).toBe(text);
    else for (const line of text.trim().split('\n')) await runCommand(line);
  }
  return counts;
}

test('docs/guides/vector.md', async () => {
  expect(await follow('vector.md')).toEqual({ ts: 1, text: 1, sh: 3 });
  const copy = 'lucerna vector query --id b -c copy -k 1 --json > copy.json';
  await runCommand(copy);
  expect(JSON.parse(readFileSync(join(directory.path, 'copy.json'), 'utf8'))).toMatchObject({
    results: [{ id: 'b', document: 'north', metadata: { lang: 'en' } }],
  });
});

test('docs/guides/langchain.md', async () => {
  expect(await follow('langchain.md')).toEqual({ ts: 1, text: 1, sh: 0 });
});

test('docs/guides/coming-from-chroma.md', async () => {
  expect(await follow('coming-from-chroma.md')).toEqual({ ts: 3, text: 2, sh: 2 });
});
