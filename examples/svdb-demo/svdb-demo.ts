// Every call of SvDB, on a small library of books whose embeddings are made here.
import { VectorStore } from '@lucerna/sdk';

const DIMENSION = 1536;
const books = [
  { id: 'foundation', title: 'Foundation', year: 1951, words: 'empire galaxy history science' },
  { id: 'dune', title: 'Dune', year: 1965, words: 'desert empire planet prophecy' },
  { id: 'neuromancer', title: 'Neuromancer', year: 1984, words: 'hacker network machine city' },
  { id: 'walden', title: 'Walden', year: 1854, words: 'pond woods solitude nature' },
  { id: 'silent-spring', title: 'Silent Spring', year: 1962, words: 'nature birds poison science' },
];

/** In place of a model: each word points somewhere, and a text the way that its words do. */
function embed(text: string): Float32Array {
  const embedding = new Float32Array(DIMENSION);
  for (const word of text.split(' ')) {
    let state = [...word].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7);
    for (let index = 0; index < DIMENSION; index += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      embedding[index] = (embedding[index] ?? 0) + state / 2 ** 31;
    }
  }
  return embedding;
}

const path = process.argv[2] ?? './svdb-demo';
let db = await VectorStore.open(path, { model: 'words', dimension: DIMENSION });
await db.delete(db.getAllIds()); // the demo may run again and again

console.log(
  'add        ',
  await db.add(
    books.map(({ id }) => id),
    books.map(({ words }) => embed(words)),
    books.map(({ title, year }) => JSON.stringify({ title, year })),
  ),
);
console.log('count      ', db.count());
console.log('getAllIds  ', db.getAllIds().join(' '));
console.log('get        ', db.get('dune'));
console.log('getJson    ', db.getJson('dune'));

const show = (results: readonly [string, number][]) =>
  results.map(([id, score]) => `${id} ${score.toFixed(3)}`).join(', ');
console.log('search     ', show(await db.search(embed('nature science'), 2)));
const young = { where: { year: { $gte: 1960 } } };
console.log('  filtered ', show(await db.search(embed('nature science'), 2, young)));
const queries = [embed('galaxy empire'), embed('machine network')];
for (const results of await db.searchBatch(queries, 1)) console.log('searchBatch', show(results));

const refused = await db
  .add(['new', 'dune'], [embed('new'), embed('dune')])
  .catch((error) => error);
console.log('refused    ', refused.code, '- still', db.count());

console.log('delete     ', await db.delete(['walden', 'no such book']));
await db.persist();
await db.close();

db = await VectorStore.open(path);
console.log('reopened   ', String(db));
const { dimension, metric, model } = db.info();
console.log('info       ', { dimension, metric, model });
await db.close();
