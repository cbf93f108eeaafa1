// The lines that uubed's notes on its Python package show, in TypeScript, in their order.
import { q64 } from '@lucerna/sdk';

/** In place of a model: embeddings that are the same each time. */
function randomBytes(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/** Results are characters in ASCII, to be written as they are. */
const show = (characters: Uint8Array): string =>
  new TextDecoder().decode(characters.subarray(0, 16));

const datasetChunks = Array.from({ length: 30 }, (_, index) => randomBytes(1_000 + index, index));

// encoder = Q64StreamEncoder(chunk_size=65536)
// result = encoder.encode_chunk(data_chunk)
const encoder = new q64.Q64StreamEncoder({ chunkSize: 65_536 });
const result = encoder.encodeChunk(randomBytes(65_536, 1));
console.log('stream    ', result.length, show(result));

// stats = Q64Stats()
// metrics = stats.get_stats()
const stats = new q64.Q64Stats(); // for everything below, which is given it
let metrics = stats.snapshot();
console.log('stats     ', metrics.operations, metrics.bytesEncoded, metrics.allocations);

// pool = BufferPool(max_pool_size=100)
// buffer = pool.get_buffer(size)
// pool.return_buffer(buffer)
const pool = new q64.BufferPool({ maxBuffers: 100 });
const buffer = pool.acquire(3_000);
pool.release(buffer);
const again = pool.acquire(2_500); // of the same size class
const { allocations, reuses } = pool.stats();
console.log('pool      ', again.buffer === buffer.buffer, { allocations, reuses });
pool.release(again);

// processor = SimpleBatchProcessor(chunk_size=10000)
// results = processor.process_batch(embeddings)
const many = Array.from({ length: 25_000 }, (_, index) => randomBytes(16, index));
const processor = new q64.BatchProcessor({ chunkSize: 10_000, reuseBuffers: true, stats });
for await (const batch of processor.process(many)) {
  console.log('processor ', batch.length, batch.text(0));
}

// data = np.array([1, 2, 3, 4], dtype=np.uint8)
// encoded = uubed_native.q64_encode_buffer_native(data)
const data = Uint8Array.of(1, 2, 3, 4); // or a part of another array, a Buffer, an ArrayBuffer …
const encoded = q64.encodeBuffer(data, { stats });
console.log('buffer    ', show(encoded), q64.encodeQ64(data), q64.decodeQ64(encoded));

// embeddings = [np.random.randint(0, 256, 1000, dtype=np.uint8) for _ in range(1000)]
// results = uubed_native.q64_encode_batch_native(embeddings, reuse_buffers=True)
const embeddings = Array.from({ length: 1_000 }, (_, index) => randomBytes(1_000, index));
const results = q64.encodeBatch(embeddings, { reuseBuffers: true, stats });
console.log('batch     ', results.length, results.at(999).length, show(results.at(999)));
results.release(); // the next batch gets its memory

// encoder = uubed_native.Q64StreamEncoder(chunk_size=8192)
// for chunk in large_dataset_chunks:
//     encoded_chunk = encoder.encode_chunk(chunk)
const streamEncoder = new q64.Q64StreamEncoder({ chunkSize: 8_192, reuseBuffers: true, stats });
let written = 0;
for (const chunk of datasetChunks) written += streamEncoder.encodeChunk(chunk).length;
written += streamEncoder.finish().length; // what was less than a chunk
const read = datasetChunks.reduce((sum, chunk) => sum + chunk.length, 0);
console.log('stream    ', read, '→', written);

metrics = stats.snapshot();
console.log('stats     ', metrics.operations, metrics.bytesEncoded, metrics.allocations);
