import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VectorStore } from '@lucerna/sdk';
import { ChromaClient } from 'chromadb';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli-process.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

const directory = makeTemporaryDirectory();
const running: CliProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) await child.kill('SIGKILL');
});
afterAll(() => directory.remove());

type Served = CliProcess & { readonly endpoint: string; readonly port: number };

async function serve(...args: readonly string[]): Promise<Served> {
  const child = startCli(['vector', 'serve', '--port', '0', '--json', ...args], {
    directory: directory.path,
  });
  running.push(child);
  const { endpoint } = JSON.parse(await child.line());
  return { ...child, endpoint, port: Number(new URL(endpoint).port) };
}

const collectionOf = (served: Served, headers: Record<string, string> = {}) =>
  new ChromaClient({ host: '127.0.0.1', port: served.port, headers }).getOrCreateCollection({
    name: 'notes',
    embeddingFunction: null,
  });

test('keeps what clients wrote through SIGTERM and kill -9, beside VectorStore', async () => {
  const first = await serve('--path', 'db');
  const notes = await collectionOf(first);
  await notes.add({ ids: ['a'], embeddings: [[1, 0]], metadatas: [{ n: 1 }], documents: ['east'] });
  expect(await first.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });

  const second = await serve('--path', 'db');
  await (await collectionOf(second)).add({ ids: ['b'], embeddings: [[0, 1]] });
  await second.kill('SIGKILL');

  await using store = await VectorStore.open(join(directory.path, 'db'), { collection: 'notes' });
  expect(store.getAllIds()).toEqual(['a', 'b']);
  expect(store.get('a')).toEqual({ n: 1 });
  await store.add(['c'], [[1, 1]], ['{"deep": {"x": 1}, "n": 3}']);
  await store.close();

  const third = await serve('--path', 'db');
  const { ids, metadatas } = await (await collectionOf(third)).get();
  expect(ids).toEqual(['a', 'b', 'c']);
  expect(metadatas).toEqual([{ n: 1 }, null, { n: 3 }]);
  const writer = startCli(['vector', 'serve', '--port', '0', '--path', 'db', '--json'], {
    directory: directory.path,
  });
  const refused = await writer.finished;
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(JSON.parse(refused.stderr).error.code).toBe('VECTOR_FOLDER_IN_USE');
});

test('serves from memory, and deletes everything only where it may', async () => {
  const kept = await serve('--in-memory');
  const client = new ChromaClient({ host: '127.0.0.1', port: kept.port });
  await collectionOf(kept);
  await expect(client.reset()).rejects.toThrow();
  expect(await client.countCollections()).toBe(1);
  const open = await serve('--in-memory', '--allow-reset');
  await collectionOf(open);
  const other = new ChromaClient({ host: '127.0.0.1', port: open.port });
  await other.reset();
  expect(await other.countCollections()).toBe(0);
});

test('asks for a token where there is one, and lets in the pages that are listed', async () => {
  const token = 'a-token-of-sixteen-characters';
  writeFileSync(join(directory.path, 'token'), `${token}\n`);
  const served = await serve(
    '--in-memory',
    '--token-file',
    'token',
    '--allow-origin',
    'http://a.example',
  );
  await expect(collectionOf(served)).rejects.toThrow();
  const notes = await collectionOf(served, { 'x-chroma-token': token });
  expect(await notes.count()).toBe(0);
  const ask = (origin: string, path = '/api/v2/heartbeat'): Promise<Response> =>
    fetch(`${served.endpoint}${path}`, {
      headers: { Origin: origin, Authorization: `Bearer ${token}` },
    });
  expect((await ask('http://a.example')).status).toBe(200);
  expect((await ask('http://b.example')).status).toBe(403);
  const elsewhere = await ask('http://b.example', '/');
  expect([elsewhere.status, elsewhere.headers.get('access-control-allow-origin')]).toEqual([
    403,
    null,
  ]);
});

test('tells people where it is', async () => {
  const child = startCli(['vector', 'serve', '--port', '0', '--path', 'people'], {
    directory: directory.path,
  });
  running.push(child);
  const last = await child.line((text) => text.startsWith('Listening on '));
  expect(last).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+$/);
  const { stdout, stderr, code } = await child.kill('SIGINT');
  expect(stdout).toContain(join(directory.path, 'people'));
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'Stopping. Ctrl-C again to stop at once.\n',
  });
});
