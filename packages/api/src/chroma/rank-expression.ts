import { apiLimits } from '../limits.ts';
import { EMBEDDING_KEY } from './collection-schema.ts';
import { readEmbedding } from './embeddings.ts';
import { invalid } from './errors.ts';
import {
  count,
  flag,
  float,
  isObject,
  list,
  misfit,
  mistyped,
  object,
  optional,
  type Shape,
  text,
  withDefault,
} from './shape.ts';

/** One search for near records inside a ranking. */
export type Knn = {
  readonly kind: 'knn';
  readonly query: KnnQuery;
  /** How many records it finds, at most. */
  readonly limit: number;
  /** Score of the records that it does not find; undefined: those are left out of the ranking. */
  readonly fallback: number | undefined;
  /** True: the score is the place in the list, from 0 on, and not the distance. */
  readonly isByPlace: boolean;
};

/** What is looked for: an embedding, or a sparse one that records have as a value of metadata. */
export type KnnQuery =
  | { readonly kind: 'dense'; readonly embedding: Float32Array }
  | { readonly kind: 'sparse'; readonly key: string; readonly values: ReadonlyMap<number, number> };

/** How records are scored; smaller scores come first. */
export type RankExpression =
  | Knn
  | { readonly kind: 'value'; readonly value: number }
  | {
      readonly kind: 'apply';
      readonly operator: RankOperator;
      readonly operands: readonly RankExpression[];
    };

export type RankOperator = 'abs' | 'div' | 'exp' | 'log' | 'max' | 'min' | 'mul' | 'sub' | 'sum';

const DEFAULT_KNN_LIMIT = 16;

const knnMembers = object({
  query: { read: (value) => value, schema: {} } as Shape<unknown>,
  key: withDefault(text, EMBEDDING_KEY),
  limit: withDefault(count, DEFAULT_KNN_LIMIT),
  default: optional(float),
  return_rank: withDefault(flag, false),
});

/** The member of a ranking that has an operator's name, and what stands behind it. */
const UNARY: ReadonlySet<string> = new Set<RankOperator>(['abs', 'exp', 'log']);
const PAIRED: ReadonlySet<string> = new Set<RankOperator>(['div', 'sub']);
const LISTED: ReadonlySet<string> = new Set<RankOperator>(['max', 'min', 'mul', 'sum']);

/** A ranking as Chroma writes it: `{"$sum": [{"$knn": …}, {"$val": 1}]}`. */
export const rankExpression: Shape<RankExpression> = {
  read: (value, path) => readRank(value, path, { nodes: 0 }),
  schema: {
    type: 'object',
    description: 'one of $abs, $div, $exp, $knn, $log, $max, $min, $mul, $sub, $sum, $val',
    minProperties: 1,
    maxProperties: 1,
  },
};

function readRank(value: unknown, path: string, size: { nodes: number }): RankExpression {
  size.nodes += 1;
  checkNodes(size.nodes);
  if (!isObject(value)) throw mistyped(path, value, 'a map');
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) throw misfit(path, 'expected exactly one operator');
  const [name, operand] = entry;
  const inner = `${path}.${name.slice(0, 64)}`;
  if (name === '$knn') return readKnn(operand, inner);
  if (name === '$val') return { kind: 'value', value: float.read(operand, inner) };
  const operator = name.slice(1) as RankOperator;
  const operands = name.startsWith('$') ? operandsOf(operator, operand, inner) : undefined;
  if (operands === undefined) {
    throw misfit(
      path,
      `unknown variant \`${name.slice(0, 64)}\`, expected one of \`$abs\`, \`$div\`, \`$exp\`, \`$knn\`, \`$log\`, \`$max\`, \`$min\`, \`$mul\`, \`$sub\`, \`$sum\`, \`$val\``,
    );
  }
  return {
    kind: 'apply',
    operator,
    operands: operands.map(([step, child]) => readRank(child, `${inner}${step}`, size)),
  };
}

function checkNodes(nodes: number): void {
  const { chromaRankNodes } = apiLimits.values;
  if (nodes > chromaRankNodes) throw invalid(`One ranking has at most ${chromaRankNodes} parts`);
}

/** The operands with the steps of the path to them; undefined where there is no such operator. */
function operandsOf(
  operator: RankOperator,
  operand: unknown,
  path: string,
): readonly (readonly [string, unknown])[] | undefined {
  if (UNARY.has(operator)) return [['', operand]];
  if (PAIRED.has(operator)) {
    if (!isObject(operand)) throw mistyped(path, operand, 'a map');
    return [
      ['.left', operand['left']],
      ['.right', operand['right']],
    ];
  }
  if (!LISTED.has(operator)) return undefined;
  if (!Array.isArray(operand)) throw mistyped(path, operand, 'a sequence');
  if (operand.length === 0) throw misfit(path, 'expected at least one operand');
  checkNodes(operand.length);
  return operand.map((child, index) => [`[${index}]`, child] as const);
}

function readKnn(value: unknown, path: string): Knn {
  const {
    query,
    key,
    limit,
    default: fallback,
    return_rank: isByPlace,
  } = knnMembers.read(value, path);
  return {
    kind: 'knn',
    query: readQuery(query, key, `${path}.query`),
    limit,
    fallback,
    isByPlace,
  };
}

const sparseQuery = object({ indices: list(count), values: list(float) });

function readQuery(query: unknown, key: string, path: string): KnnQuery {
  if (isObject(query)) {
    const { indices, values } = sparseQuery.read(query, path);
    if (indices.length !== values.length) {
      throw misfit(path, 'a sparse vector has as many values as indices');
    }
    const pairs = indices.map((index, place) => [index, values[place] as number] as const);
    return { kind: 'sparse', key, values: new Map(pairs) };
  }
  if (typeof query === 'string') throw mistyped(path, query, 'an embedded vector');
  if (key !== EMBEDDING_KEY) {
    throw invalid(`Vector index can only be searched on ${EMBEDDING_KEY}: ${key.slice(0, 64)}`);
  }
  return { kind: 'dense', embedding: readEmbedding(query, path) };
}

/** The searches of a ranking, in the order in which they stand there. */
export function knnsOf(rank: RankExpression): readonly Knn[] {
  if (rank.kind === 'knn') return [rank];
  return rank.kind === 'apply' ? rank.operands.flatMap(knnsOf) : [];
}
