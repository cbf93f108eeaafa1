import { timeCpu } from '../../clock.ts';
import { recallOf } from './hnswlib.ts';

/** Neighbors asked for. */
export const K = 10;

/** Numbers of candidates that are tried; a recall between two of them is interpolated. */
const WIDTHS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400, 600, 800, 1200];
const QUICK_WIDTHS = [10, 64, 400];

/** The neighbors of every query, in their order. */
export type Found = readonly (readonly number[])[];

/** One side: finds the neighbors of every query by `width` candidates. */
export type Searcher = (width: number) => Found | Promise<Found>;

/** A searcher between two widths, where its recall is the one that is asked for. */
export type Tuned = {
  readonly below: number;
  readonly above: number;
  /** How far from `below` to `above`, 0 to 1. */
  readonly share: number;
  readonly detail: string;
};

/** The two widths around a recall; the smallest width where even that has it. */
export async function tune(
  search: Searcher,
  truth: Uint32Array,
  recall: number,
  quick: boolean,
): Promise<Tuned> {
  let below = { width: 0, recall: 0 };
  for (const width of quick ? QUICK_WIDTHS : WIDTHS) {
    const found = recallOf(await search(width), truth, K);
    if (found >= recall) {
      const first = below.width === 0;
      const share = first ? 1 : (recall - below.recall) / (found - below.recall);
      const from = first ? width : below.width;
      return {
        below: from,
        above: width,
        share,
        detail: detailOf(from, width, first ? found : recall),
      };
    }
    below = { width, recall: found };
  }
  return {
    below: below.width,
    above: below.width,
    share: 1,
    detail: detailOf(below.width, below.width, below.recall),
  };
}

function detailOf(below: number, above: number, recall: number): string {
  const width = below === above ? `${above}` : `${below}–${above}`;
  return `${recallDetail(recall)} at ef ${width}`;
}

/** How a recall stands in the conditions of a row. */
export function recallDetail(recall: number): string {
  return `recall@${K} ${recall.toFixed(3)}`;
}

/** Milliseconds of CPU time for all queries with the recall that was tuned for. */
export async function timeTuned(search: Searcher, { below, above, share }: Tuned): Promise<number> {
  const time = (width: number): Promise<number> =>
    timeCpu(async () => {
      await search(width);
    });
  const lower = await time(below);
  const upper = below === above ? lower : await time(above);
  return lower + share * (upper - lower);
}
