import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli-process.ts';
import { followGuide, runCommand } from '../support/follow-guide.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

// A `lucerna vector serve` of a guide goes on beside what follows it.

let directory: TemporaryDirectory;
let server: CliProcess | undefined;
/** Where the guide says 8000. */
let port = '8000';

beforeEach(() => {
  directory = makeTemporaryDirectory();
});

afterEach(async () => {
  if (server !== undefined) expect(await server.kill('SIGINT')).toMatchObject({ code: 0 });
  server = undefined;
  directory.remove();
});

/** Starts a server for a line that asks for one. */
async function serve(line: string): Promise<boolean> {
  if (!line.startsWith('lucerna vector serve')) return false;
  const [, ...args] = line.split(' ');
  server = startCli([...args, '--port', '0'], { directory: directory.path });
  const last = await server.line((text) => text.startsWith('Listening on '));
  port = new URL(last.replace('Listening on ', '')).port;
  return true;
}

function follow(guide: string): Promise<Readonly<Record<string, number>>> {
  return followGuide(guide, directory.path, {
    program: (text) => text.replaceAll('8000', port),
    command: serve,
  });
}

test('docs/guides/vector.md', async () => {
  expect(await follow('vector.md')).toEqual({ ts: 1, text: 1, sh: 3 });
  await runCommand('lucerna vector query --id b -c copy -k 1 --json > copy.json', directory.path);
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
