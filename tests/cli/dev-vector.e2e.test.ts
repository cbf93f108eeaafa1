import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ChromaClient } from 'chromadb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = makeTemporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function clientOf({ endpoint }: NodeProcess): ChromaClient {
  return new ChromaClient({ host: '127.0.0.1', port: Number(new URL(endpoint).port) });
}

describe('lucerna dev', () => {
  it('has a vector database, which a killed process leaves whole', async () => {
    const first = await startNode(directory.path);
    expect(existsSync(join(directory.path, 'vector'))).toBe(false);
    const notes = await clientOf(first).createCollection({
      name: 'notes',
      embeddingFunction: null,
    });
    for (let round = 0; round < 20; round += 1) {
      await notes.add({ ids: [`id-${round}`], embeddings: [[round, 1]] });
    }
    expect(existsSync(join(directory.path, 'vector'))).toBe(true);
    expect((await first.kill('SIGKILL')).signal).toBe('SIGKILL');

    const second = await startNode(directory.path);
    const found = await clientOf(second).getCollection({ name: 'notes' });
    expect(await found.count()).toBe(20);
    const { ids } = await found.query({ queryEmbeddings: [[7, 1]], nResults: 1 });
    expect(ids).toEqual([['id-7']]);
    expect((await second.kill('SIGTERM')).code).toBe(0);

    // The chain begins anew; what is remembered stays.
    const third = await startNode(directory.path, ['--reset']);
    expect(await clientOf(third).countCollections()).toBe(1);
    await clientOf(third).reset();
    expect(await clientOf(third).countCollections()).toBe(0);
    expect((await third.kill('SIGTERM')).code).toBe(0);
  });

  it('has none when it is told so', async () => {
    const node = await startNode(directory.path, ['--no-vector']);
    const answer = await fetch(`${node.endpoint}/api/v2/heartbeat`);
    expect(answer.status).toBe(404);
    expect((await node.kill('SIGTERM')).code).toBe(0);
    expect(existsSync(join(directory.path, 'vector'))).toBe(false);
  });
});
