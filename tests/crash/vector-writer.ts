// Writes to a collection until it is killed: FOLDER SEED FIRST. Prints the number of every operation
// once it is acknowledged, at once, so that whoever kills it knows what must be there.
import { writeSync } from 'node:fs';
import { seededRandom } from '@lucerna/base';
import { DEFAULT_DATABASE } from '@lucerna/vector';
import { COLLECTION, openDatabaseAt } from './vector-database.ts';
import { operationOf, runOperation } from './vector-operations.ts';

const [path = '', seed = '', first = ''] = process.argv.slice(2);

const database = await openDatabaseAt(path);
const collection =
  database.findCollection(DEFAULT_DATABASE, COLLECTION.name) ??
  (await database.createCollection(DEFAULT_DATABASE, COLLECTION));
writeSync(1, 'ready\n');
const random = seededRandom(Number(seed) + Number(first));
for (let index = Number(first); ; index += 1) {
  await runOperation(collection, operationOf(Number(seed), index));
  writeSync(1, `${index}\n`);
  // Also while one is under way: the second waits, or joins it.
  if (random.below(25) === 0) void collection.compact();
}
