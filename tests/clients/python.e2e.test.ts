import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli-process.ts';
import { runCommand } from '../support/follow-guide.ts';
import { findPython, pythonLack, runPython } from '../support/python.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { conformanceFindings, noticeFindings } from '../support/rpc-conformance.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// The guide from its first line to its last: one node, which it starts itself; its programs and commands in
// their order, section by section; and what they print is what it says that they print. A section whose
// packages are not there is left out.

const guideFile = fileURLToPath(new URL('../../docs/guides/python.md', import.meta.url));
const STANDARD_LIBRARY = new Set(['asyncio', 'json']);

type Block = { readonly language: string; readonly name: string; readonly text: string };
type Section = {
  readonly title: string;
  readonly blocks: readonly Block[];
  /** What its programs import. */
  readonly packages: readonly string[];
};

const [introduction, ...sections] = readFileSync(guideFile, 'utf8').split(/^## /m).map(readSection);
const python = findPython();
const directory = makeTemporaryDirectory();
let node: CliProcess;
let proxy: RecordingProxy;
let port: string;
let programs = 0;

function readSection(text: string): Section {
  const blocks = [...text.matchAll(/^```(\w+) ?([^\n]*)\n(.*?)^```$/gms)].map(
    ([, language = '', name = '', block = '']) => ({ language, name, text: block }),
  );
  const code = blocks.filter(({ language }) => language === 'python').map((block) => block.text);
  const imports = [...code.join('\n').matchAll(/^(?:import|from) (\w+)/gm)].map(
    ([, name = '']) => name,
  );
  const packages = [...new Set(imports)].filter((name) => !STANDARD_LIBRARY.has(name));
  return { title: text.slice(0, text.indexOf('\n')), blocks, packages };
}

/** Does what a block says. @returns what it prints */
async function follow({ language, name, text }: Block): Promise<string> {
  if (language === 'python') return runProgram(text);
  if (language === 'zexus') {
    writeFileSync(join(directory.path, name), text);
    return '';
  }
  let printed = '';
  for (const line of text.trim().split('\n')) printed += await runCommand(line, directory.path);
  return printed;
}

async function runProgram(text: string): Promise<string> {
  if (python === undefined) throw new Error('sections with programs are left out without Python');
  // Chroma's requests are no JSON-RPC, and go past the proxy.
  const here = text
    .replaceAll('http://127.0.0.1:8545', proxy.url)
    .replaceAll('ws://127.0.0.1:8545', proxy.webSocketUrl)
    .replaceAll('8545', port);
  programs += 1;
  const file = join(directory.path, `program_${programs}.py`);
  writeFileSync(file, here);
  return runPython(python, directory.path, [file]);
}

beforeAll(async () => {
  const [start] = introduction?.blocks ?? [];
  const [command, ...args] = start?.text.trim().split(' ') ?? [];
  expect(command).toBe('lucerna');
  node = startCli([...args, '--port', '0'], { directory: directory.path });
  const last = await node.line((line) => line.startsWith('Listening on '));
  const endpoint = last.replace('Listening on ', '');
  ({ port } = new URL(endpoint));
  proxy = await startRecordingProxy(endpoint);
});

afterAll(async () => {
  await proxy.close();
  expect(await node.kill('SIGINT')).toMatchObject({ code: 0 });
  directory.remove();
});

test('every block is in a section, and the guide starts its node', () => {
  expect(introduction?.blocks.map(({ language }) => language)).toEqual(['sh']);
  const counts: Record<string, number> = {};
  for (const { language } of sections.flatMap(({ blocks }) => blocks)) {
    counts[language] = (counts[language] ?? 0) + 1;
  }
  expect(counts).toEqual({ python: 6, sh: 1, text: 6, zexus: 1 });
});

describe('the guide for Python', () => {
  for (const { title, blocks, packages } of sections) {
    if (blocks.length === 0) continue;
    const lack = pythonLack(python, packages);
    if (lack !== undefined) process.stdout.write(`python, ${title}: ${lack}, left out\n`);
    test.skipIf(lack !== undefined)(title, async () => {
      let printed = '';
      for (const block of blocks) {
        if (block.language === 'text') expect(printed).toBe(block.text);
        else printed = await follow(block);
      }
      expect(conformanceFindings(proxy.exchanges())).toEqual([]);
      expect(noticeFindings(proxy.notices())).toEqual([]);
    });
  }
});
