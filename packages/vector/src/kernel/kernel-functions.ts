/**
 * What computes in the memory of a segment: the exports of `assembly/segment.ts`, where they are
 * described, or the same functions in TypeScript (`twin/`), with the same results and the same bytes.
 * Lanes, rows and counts are natural numbers; 0 or 1 where something is or is not so.
 */
export type SegmentKernel = {
  readonly encode: (from: number, to: number) => void;
  readonly prepareQuery: (lane: number) => void;
  readonly scan: (lane: number, k: number, from: number, to: number) => number;
  readonly scanFiltered: (lane: number, k: number, words: number) => number;
  /** `words` of the filter; −1: all live rows. */
  readonly scanBinary: (lane: number, k: number, rerank: number, words: number) => number;
  /** `steps`: how many rows' links may be followed; 0: any number. */
  readonly walk: (
    lane: number,
    k: number,
    ef: number,
    isInt8: number,
    isFiltered: number,
    steps: number,
  ) => number;
  readonly insert: (slot: number, level: number) => void;
  readonly repair: (from: number, to: number) => void;
  readonly electEntry: () => void;
  readonly giveLinks: (slot: number, level: number) => number;
  readonly takeLinks: (slot: number) => void;
};
