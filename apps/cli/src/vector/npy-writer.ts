import { checkPage, type ExportSource } from './export-records.ts';
import { npyHeader, npyValues } from './npy.ts';

/** The embeddings as an array of NumPy; what else the records have is not in it. */
export async function* writeNpy({
  count,
  dimension,
  pages,
}: ExportSource): AsyncGenerator<Uint8Array, void, undefined> {
  yield npyHeader(count, dimension);
  for await (const page of pages()) {
    checkPage(page, dimension);
    const values = new Float32Array(page.length * dimension);
    for (const [row, { embedding }] of page.entries()) values.set(embedding, row * dimension);
    yield npyValues(values);
  }
}
