import type { ChromaWhere } from './types.ts';

/**
 * One search by a ranking: as Chroma's `Search` and its expressions, which are taken as they are, or
 * written as JSON: `{ rank: { $knn: { query: [1, 0] } }, limit: 10, select: ['#score'] }`.
 */
export type ChromaSearchInput =
  | { readonly toPayload: () => unknown }
  | {
      readonly where?: Expression | ChromaWhere | undefined;
      readonly rank?: Expression | object | number | undefined;
      readonly groupBy?: Expression | object | undefined;
      readonly limit?:
        | Expression
        | number
        | { readonly limit?: number; readonly offset?: number }
        | undefined;
      readonly select?: Expression | Iterable<string> | undefined;
    };

type Expression = { readonly toJSON: () => unknown };

/** A search as the protocol has it. */
export function searchPayload(search: ChromaSearchInput): Record<string, unknown> {
  if ('toPayload' in search) return search.toPayload() as Record<string, unknown>;
  const { where, rank, groupBy, limit, select } = search;
  return {
    filter: written(where),
    rank: typeof rank === 'number' ? { $val: rank } : written(rank),
    group_by: written(groupBy),
    limit: typeof limit === 'number' ? { limit, offset: 0 } : written(limit),
    select: isExpression(select)
      ? select.toJSON()
      : { keys: [...((select as Iterable<string> | undefined) ?? [])] },
  };
}

function written(value: unknown): unknown {
  return isExpression(value) ? value.toJSON() : value;
}

function isExpression(value: unknown): value is Expression {
  return typeof (value as Partial<Expression> | undefined)?.toJSON === 'function';
}

/**
 * A ranking in which `embed` has taken the place of every query that is a text.
 *
 * @param embed gets the text and the key that is searched
 */
export async function embeddedRank(
  rank: unknown,
  embed: (text: string, key: string) => Promise<readonly number[]>,
): Promise<unknown> {
  if (Array.isArray(rank)) return Promise.all(rank.map((item) => embeddedRank(item, embed)));
  if (typeof rank !== 'object' || rank === null || ArrayBuffer.isView(rank)) return rank;
  const entries = await Promise.all(
    Object.entries(rank).map(async ([name, value]) => {
      const { query, key = '#embedding' } = (name === '$knn' ? value : {}) as {
        readonly query?: unknown;
        readonly key?: string;
      };
      if (typeof query !== 'string') return [name, await embeddedRank(value, embed)];
      return [name, { ...(value as object), query: await embed(query, key) }];
    }),
  );
  return Object.fromEntries(entries);
}
