import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { createDevNode } from '@lucerna/sdk';
import { afterAll, expect, test } from 'vitest';
import { databasesHere } from '../support/databases.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// Every command of the guide works, in the order in which it stands there.

const guideFile = fileURLToPath(new URL('../../docs/guides/database.md', import.meta.url));
const entryFile = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const run = promisify(execFile);

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

/** The commands of all shell blocks. */
function commandsOf(guide: string): readonly string[] {
  return [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
}

/** Runs a line of the guide where its reader would: beside the data directory. @returns stdout */
async function shell(line: string): Promise<string> {
  const script = `lucerna() { "$NODE" "$ENTRY" "$@"; }; ${line}`;
  const { stdout } = await run('sh', ['-e', '-c', script], {
    cwd: directory.path,
    env: { ...process.env, NODE: process.execPath, ENTRY: entryFile },
  });
  return stdout;
}

async function makeChain(path: string): Promise<void> {
  const node = await createDevNode({ dataDirectory: path });
  for (let value = 1; value <= 30; value += 1) {
    const [from, to] = [devAccount(0).address, devAccount(value % 9).address];
    const transaction = { from, to, value: `0x${value.toString(16)}` };
    await node.rpc.request('eth_sendTransaction', [transaction]);
  }
  await node.close();
}

/** The hash of the head, as the guide says where to get it. */
async function headOf(data: string): Promise<string> {
  return JSON.parse(await shell(`lucerna db verify --json --data-dir ${data}`)).hash;
}

test('the commands of the guide', async () => {
  await makeChain(join(directory.path, '.lucerna'));
  const head = await headOf('.lucerna');
  const commands = commandsOf(readFileSync(guideFile, 'utf8'));
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) {
    expect(command).toMatch(/^lucerna db /);
    if (command.includes('rocksdb') && !databasesHere().includes('rocksdb')) continue;
    await shell(command.replace('0xHASH', head));
  }
  const copies = readdirSync(directory.path, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const names = copies.map(({ name }) => name).sort();
  expect(names).toEqual(['.lucerna', 'partly', 'quick', 'restored']);
  for (const name of names) expect(await headOf(name)).toBe(head);
  const file = (name: string): Buffer => readFileSync(join(directory.path, name));
  expect(gunzipSync(file('chain.blocks.gz'))).toEqual(file('chain.blocks'));
});

test('standard output has the archive and nothing else; the report is on stderr', async () => {
  const path = join(directory.path, 'piped');
  mkdirSync(path);
  await makeChain(join(path, 'data'));
  await shell('lucerna db snapshot - --data-dir piped/data --json > piped/state 2> piped/report');
  expect(JSON.parse(readFileSync(join(path, 'report'), 'utf8'))).toMatchObject({
    file: '-',
    kind: 'state',
    bytes: readFileSync(join(path, 'state')).length,
  });
  await shell('lucerna db import piped/state --data-dir piped/copy');
  expect(await headOf('piped/copy')).toBe(await headOf('piped/data'));
});
