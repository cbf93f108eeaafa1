import { MAX_LEVEL } from './layout.ts';

/**
 * The layer of the graph that a row reaches up to: layer l with probability maxNeighbors ^ −l, as in
 * "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World
 * graphs" (Malkov, Yashunin, 2016, §4.1). Instead of chance a mix of the row's number among all that
 * were ever added decides, so that the same additions give the same graph.
 */
export function levelOf(sequence: number, maxNeighbors: number): number {
  const value = mix((sequence >>> 0) ^ Math.imul(Math.floor(sequence / 2 ** 32), 0x9e3779b9));
  let level = 0;
  let threshold = 2 ** 32 / maxNeighbors;
  while (level < MAX_LEVEL && value < threshold) {
    level += 1;
    threshold /= maxNeighbors;
  }
  return level;
}

/** The finalizer of MurmurHash3: every bit of the result depends on every bit of the word. */
function mix(word: number): number {
  let value = word ^ 0x5bd1e995;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
