import type { ImportedMemory } from '@lucerna/wasm';
import type { SegmentKernel } from '../kernel-functions.ts';
import { scanBinary } from './binary.ts';
import { encode, prepareQuery } from './encode.ts';
import { electEntry, insert, repair } from './graph.ts';
import { Twin } from './header.ts';
import { giveLinks, takeLinks } from './links.ts';
import { scan, scanFiltered } from './scan.ts';
import { walk } from './walk.ts';

/**
 * Starts the twin of the kernel in a memory whose header is written: what `assembly/segment.ts` exports,
 * with the same results and the same bytes.
 */
export function startTwin(memory: ImportedMemory): SegmentKernel {
  const known = new Twin(memory);
  const twin = (): Twin => {
    known.refresh();
    return known;
  };
  return {
    encode: (from, to) => encode(twin(), from, to),
    prepareQuery: (lane) => prepareQuery(twin(), lane),
    scan: (lane, k, from, to) => scan(twin(), lane, k, from, to),
    scanFiltered: (lane, k, words) => scanFiltered(twin(), lane, k, words),
    scanBinary: (lane, k, rerank, words) => scanBinary(twin(), lane, k, rerank, words),
    walk: (lane, k, ef, isInt8, isFiltered, steps) =>
      walk(twin(), lane, k, ef, isInt8 !== 0, isFiltered !== 0, steps),
    insert: (slot, level) => insert(twin(), slot, level),
    repair: (from, to) => repair(twin(), from, to),
    electEntry: () => electEntry(twin()),
    giveLinks: (slot, level) => giveLinks(twin(), slot, level),
    takeLinks: (slot) => takeLinks(twin(), slot),
  };
}
