// The first lines of SvDB's own description, in TypeScript.
import { VectorStore } from '@lucerna/sdk';

const db = await VectorStore.open(process.argv[2] ?? './svdb-snippet');
await db.add(
  ['id1', 'id2'], // ids
  [
    [0.1, 0.9, 0.2],
    [0.8, 0.1, 0.3],
  ], // embeddings
  ['{"title": "One"}', '{"title": "Two"}'], // metadatas: JSON texts
);
const results = await db.search([0.2, 1, 0.1], 10); // [[id, score], …]
console.log(results);
await db.delete(['id1', 'id2']);
await db.close();
