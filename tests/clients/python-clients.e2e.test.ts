import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TOKEN } from '../contracts/artifacts.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { findPython, pythonLack, runPython } from '../support/python.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// The clients for Python do what their users do with them; what is wrong, their own checks say.

type CheckLine = { readonly name: string; readonly failure: string | null };

const python = findPython();
const directory = makeTemporaryDirectory();
let stage: ClientStage;

beforeAll(async () => {
  stage = await openClientStage();
});
afterAll(async () => {
  await stage.close();
  directory.remove();
});

/** Runs the checks of a program beside this file. @returns the names of those that passed */
async function check(program: string, args: readonly string[]): Promise<readonly string[]> {
  if (python === undefined) throw new Error('tests of clients are left out without Python');
  const file = fileURLToPath(new URL(program, import.meta.url));
  const printed = await runPython(python, directory.path, ['-B', file, ...args]);
  const lines = printed
    .trim()
    .split('\n')
    .map((line): CheckLine => JSON.parse(line));
  expect(lines.filter(({ failure }) => failure !== null)).toEqual([]);
  return lines.map(({ name }) => name);
}

function testWith(packages: readonly string[], title: string, run: () => Promise<void>): void {
  const lack = pythonLack(python, packages);
  if (lack !== undefined) process.stdout.write(`${title}: ${lack}, left out\n`);
  test.skipIf(lack !== undefined)(title, run);
}

testWith(['web3'], 'web3.py', async () => {
  const artifact = join(directory.path, 'token.json');
  writeFileSync(artifact, JSON.stringify(TOKEN));
  expect(await check('python_web3.py', [stage.url, stage.webSocketUrl, artifact])).toHaveLength(11);
  expect(stage.exchanges().length).toBeGreaterThan(100);
  expect(stage.findings()).toEqual([]);
});

testWith(['chromadb', 'numpy'], 'the chromadb client for Python', async () => {
  const { port } = new URL(stage.node.endpoint);
  expect(await check('python_chroma.py', [port])).toHaveLength(9);
});
