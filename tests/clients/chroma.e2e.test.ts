import { SILENT_LOG } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import { systemRandom } from '@lucerna/platform-node/random';
import { createChromaAdmin, createChromaClient } from '@lucerna/sdk';
import { createMemoryVectorFolder, openVectorDatabase } from '@lucerna/vector';
import { AdminClient, ChromaClient } from 'chromadb';
import { expect, it } from 'vitest';
import { startVectorServer } from '../support/vector-server.ts';
import { describeChroma } from './chroma-script.ts';

describeChroma('the chromadb client over HTTP', async () => {
  const { port, close } = await startVectorServer();
  const address = { host: '127.0.0.1', port, ssl: false };
  return { client: new ChromaClient(address), admin: new AdminClient(address), close };
});

describeChroma('the client in the same process', async () => {
  const ports = { clock: systemClock, random: systemRandom, log: SILENT_LOG };
  const database = await openVectorDatabase({ ...ports, folder: createMemoryVectorFolder() });
  return {
    client: createChromaClient(database) as unknown as ChromaClient,
    admin: createChromaAdmin(database) as unknown as AdminClient,
    close: () => database.close(),
  };
});

it('integers of 64 bits come back over HTTP as they went', async () => {
  const { endpoint, close } = await startVectorServer();
  const path = `${endpoint}/api/v2/tenants/default_tenant/databases/default_database/collections`;
  const post = async (url: string, body: string): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body })).text();
  };
  const metadata = '{"max":9223372036854775807,"min":-9223372036854775808,"one":1,"float":1.0}';
  const made = await post(path, `{"name":"notes","metadata":${metadata}}`);
  expect(made).toContain(`"metadata":${metadata}`);
  const notes = `${path}/${JSON.parse(made).id}`;
  await post(`${notes}/add`, `{"ids":["a"],"embeddings":[[1]],"metadatas":[${metadata}]}`);
  expect(await post(`${notes}/get`, '{}')).toContain(`"metadatas":[${metadata}]`);
  const query = '{"query_embeddings":[[1]],"where":{"max":{"$gte":9223372036854775807}}}';
  expect(await post(`${notes}/query`, query)).toContain(`"metadatas":[[${metadata}]]`);
  await close();
});
