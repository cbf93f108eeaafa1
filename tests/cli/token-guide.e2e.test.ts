import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// The guide from its first line to its last: its files are written, its commands are run in their order on one
// chain, and what it says that they print is what they print.

const guideFile = fileURLToPath(new URL('../../docs/guides/tokens.md', import.meta.url));
const entryFile = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const directory = makeTemporaryDirectory();
const chain = makeTemporaryDirectory();
let node: NodeProcess;

beforeAll(async () => {
  node = await startNode(chain.path);
});
afterAll(async () => {
  await node.kill('SIGTERM');
  directory.remove();
  chain.remove();
});

type Block = {
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
};

function blocksOf(guide: string): readonly Block[] {
  return [...guide.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map(
    ([, language = '', words = '', text = '']) => ({
      language,
      words: words.trim().split(' '),
      text,
    }),
  );
}

/** A whole file, its first lines up to the contract's brace, or members that are added to its contract. */
function writeSource([name = '', part]: readonly string[], text: string): void {
  const path = join(directory.path, name);
  if (part === undefined) {
    writeFileSync(path, text);
    return;
  }
  const old = readFileSync(path, 'utf8');
  const changed =
    part === 'head'
      ? old.replace(/^contract \w+ \{\n/, text)
      : old.replace(/^(contract \w+ \{\n)/m, `$1${text}\n`);
  expect(changed).not.toBe(old);
  writeFileSync(path, changed);
}

/** @returns what the command prints, to stdout when it succeeds and to stderr when it is to fail */
async function run(line: string): Promise<string> {
  const fails = line.endsWith('# fails');
  const command = `
    run() { '${process.execPath}' '${entryFile}' "$@"; }
    lucerna() {
      case "$2" in
        deploy|call|query) run "$@" --rpc ${node.endpoint} ;;
        *) run "$@" ;;
      esac
    }
    ${line}`;
  const options = { cwd: directory.path, env: { ...process.env, LUCERNA_CACHE_DIR: chain.path } };
  const ended = await promisify(execFile)('sh', ['-e', '-c', command], options).then(
    ({ stdout }) => ({ failed: false, text: stdout }),
    ({ stderr }: { readonly stderr: string }) => ({ failed: true, text: stderr }),
  );
  expect({ line, ...ended }).toMatchObject({ line, failed: fails });
  return ended.text;
}

/** The text with `…` for what is not told. */
function pattern(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}`);
}

test('the guide', async () => {
  const blocks = blocksOf(readFileSync(guideFile, 'utf8'));
  let printed = '';
  const counts = { sh: 0, text: 0, zexus: 0 };
  for (const { language, words, text } of blocks) {
    if (language === 'zexus') writeSource(words, text);
    if (language === 'text') expect(printed).toMatch(pattern(text.trimEnd()));
    if (language === 'sh') {
      for (const line of text.trim().split('\n')) {
        if (!line.startsWith('lucerna dev')) printed = await run(line);
      }
    }
    if (language in counts) counts[language as keyof typeof counts] += 1;
  }
  expect(counts.sh).toBeGreaterThan(14);
  expect(counts.text).toBeGreaterThan(9);
  expect(counts.zexus).toBeGreaterThan(7);
}, 180_000);
