// A thread that searches a segment of another one: a query comes in, what it finds goes out.
import { parentPort, workerData } from 'node:worker_threads';
import { Segment } from '../../src/kernel/segment.ts';
import type { SharedSegment } from '../../src/kernel/segment-memory.ts';

const { shared, lane } = workerData as { readonly shared: SharedSegment; readonly lane: number };
const segment = Segment.attach(shared);

function found(): { slots: number[]; distances: number[] } {
  return { slots: [...segment.slots(lane)], distances: [...segment.distances(lane)] };
}

parentPort?.on('message', (query: Float32Array) => {
  segment.setQuery(lane, query, 0);
  segment.scan(lane, 10, 0, segment.rows);
  const exact = found();
  segment.walk(lane, 10, 40, 'int8');
  parentPort?.postMessage({ rows: segment.rows, exact, walked: found() });
});
