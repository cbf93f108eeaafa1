import {
  commonPrefix,
  createSimHasher,
  encodeT8q64,
  encodeZoq64,
  hammingDistance,
  overlap,
  positionTokens,
} from '@lucerna/q64';
import { type Recall, recallOf, shareOf } from './ranking.ts';
import type { Subject } from './subject.ts';

/** What an encoding finds when codes alone are compared. */
export type EncodingRecall = Recall & {
  readonly encoding: 'q64' | 'shq64' | 't8q64' | 'zoq64';
  readonly variant: string;
  readonly characters: number;
};

/** What an index of tokens finds: texts that have at least so many in common with the query. */
export type TokenRecall = {
  readonly planes: number;
  readonly tokens: number;
  readonly bits: number;
  readonly least: number;
  /** Part of the texts that have them. */
  readonly candidates: number;
  /** Part of the ten truly nearest among them. */
  readonly recall: number;
};

const PLANES: readonly number[] = [64, 128, 256, 512];
const MOST_PLANES = 512;
const INDICES: readonly number[] = [8, 16, 32];
/** Planes, characters of a token (four bits each), and how many have to be equal. */
const TOKENS: readonly (readonly [planes: number, size: number, least: number])[] = [
  [128, 2, 1],
  [256, 2, 2],
  [512, 2, 3],
  [512, 2, 4],
  [512, 4, 1],
];

/** The codes of all rows and all queries, and how two of them are compared: more is nearer. */
type Codes = {
  readonly rows: readonly string[];
  readonly queries: readonly string[];
  readonly compare: (left: string, right: string) => number;
};

/** Hashes with the most planes: those with fewer are their beginnings. */
export type Hashes = Pick<Codes, 'queries' | 'rows'>;

export function hashAll({ rows, queries }: Subject): Hashes {
  const dimensions = rows[0]?.length ?? 0;
  const hasher = createSimHasher({ dimensions, planes: MOST_PLANES });
  const all = (list: readonly Uint8Array[]): string[] => list.map((bytes) => hasher.hash(bytes));
  return { rows: all(rows), queries: all(queries) };
}

export function measureRecall(subject: Subject, hashes: Hashes): readonly EncodingRecall[] {
  const measure = (
    encoding: EncodingRecall['encoding'],
    variant: string,
    codes: Codes,
  ): EncodingRecall => ({
    encoding,
    variant,
    characters: codes.rows[0]?.length ?? 0,
    ...recallOf(subject.nearest, codes.rows.length, (query, scores) => {
      const code = codes.queries[query] as string;
      for (const [row, other] of codes.rows.entries()) scores[row] = codes.compare(code, other);
    }),
  });
  return [
    measureBytes(subject),
    ...PLANES.map((planes) => measure('shq64', `${planes} planes`, beginnings(hashes, planes))),
    ...INDICES.map((k) =>
      measure(
        't8q64',
        `k = ${k}`,
        encodeAll(subject, (bytes) => encodeT8q64(bytes, { k }), overlap),
      ),
    ),
    ...(['packed', 'interleaved'] as const).map((form) =>
      measure(
        'zoq64',
        form,
        encodeAll(subject, (bytes) => encodeZoq64(bytes, { form }), commonPrefix),
      ),
    ),
  ];
}

/** q64 keeps the bytes: what is lost is what quantising has lost. */
function measureBytes({ rows, queries, nearest }: Subject): EncodingRecall {
  const values = rows.map((bytes) => Float32Array.from(bytes, (byte) => byte - 128));
  const lengths = values.map((row) => Math.hypot(...row));
  const recall = recallOf(nearest, rows.length, (query, scores) => {
    const wanted = Float32Array.from(queries[query] as Uint8Array, (byte) => byte - 128);
    for (const [row, other] of values.entries()) {
      let sum = 0;
      for (const [place, value] of wanted.entries()) sum += value * (other[place] as number);
      scores[row] = sum / (lengths[row] as number);
    }
  });
  const characters = 2 * (rows[0]?.length ?? 0);
  return { encoding: 'q64', variant: 'cosine of the bytes', characters, ...recall };
}

function beginnings(hashes: Hashes, planes: number): Codes {
  const cut = (code: string): string => code.slice(0, planes / 4);
  return {
    rows: hashes.rows.map(cut),
    queries: hashes.queries.map(cut),
    compare: (left, right) => -hammingDistance(left, right),
  };
}

function encodeAll(
  { rows, queries }: Subject,
  encode: (bytes: Uint8Array) => string,
  compare: Codes['compare'],
): Codes {
  return { rows: rows.map(encode), queries: queries.map(encode), compare };
}

/** As a search engine does it: lists of rows by token. */
export function measureTokens(subject: Subject, hashes: Hashes): readonly TokenRecall[] {
  return TOKENS.map(([planes, size, least]) => {
    const codes = beginnings(hashes, planes);
    const rowsByToken = new Map<string, number[]>();
    for (const [row, code] of codes.rows.entries()) {
      for (const token of positionTokens(code, { size })) {
        const list = rowsByToken.get(token);
        if (list === undefined) rowsByToken.set(token, [row]);
        else list.push(row);
      }
    }
    let candidates = 0;
    let recall = 0;
    for (const [query, truth] of subject.nearest.entries()) {
      const tokens = positionTokens(codes.queries[query] as string, { size });
      const counts = new Uint16Array(codes.rows.length);
      for (const token of tokens) {
        for (const row of rowsByToken.get(token) ?? []) counts[row] = (counts[row] as number) + 1;
      }
      const found = [...counts.keys()].filter((row) => (counts[row] as number) >= least);
      candidates += found.length / codes.rows.length;
      recall += shareOf(truth, found);
    }
    const queries = subject.nearest.length;
    return {
      planes,
      tokens: Math.ceil(planes / 4 / size),
      bits: 4 * size,
      least,
      candidates: candidates / queries,
      recall: recall / queries,
    };
  });
}
