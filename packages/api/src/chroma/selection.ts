import { type Collection, parseWhere, parseWhereDocument, type Selection } from '@lucerna/vector';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import type { ChromaCall } from './context.ts';
import { invalid } from './errors.ts';

/**
 * Which records a request means.
 *
 * @throws `FILTER_INVALID`, `REGEX_INVALID`
 */
export function readSelection(payload: {
  readonly ids?: readonly string[] | undefined;
  readonly where: unknown;
  readonly where_document: unknown;
}): Selection {
  return {
    ids: payload.ids,
    where: parseWhere(payload.where),
    whereDocument: parseWhereDocument(payload.where_document),
  };
}

/** Refuses embeddings of another dimension than the collection's, in Chroma's words. */
export function checkDimension({ identity }: Collection, dimension: number): void {
  if (identity.dimension === undefined || identity.dimension === dimension) return;
  throw invalid(
    `Collection expecting embedding with dimension of ${identity.dimension}, got ${dimension}`,
  );
}

/** The fewest characters of a value in an answer: `0.0,`. */
const VALUE_CHARS = 4;
/** So many values of embeddings take as much memory as a result. */
const RESULT_VALUES = 32;

/**
 * The embeddings of these records, as they are at this moment; null where there is none.
 *
 * @throws `CHROMA_ANSWER_TOO_LARGE`, `RPC_SERVER_BUSY`
 */
export function embeddingsOf(
  collection: Collection,
  ids: readonly string[],
  { reserve }: Pick<ChromaCall, 'reserve'>,
): readonly (Float32Array | null)[] {
  const values = ids.length * (collection.identity.dimension ?? 0);
  const chars = values * VALUE_CHARS;
  if (chars > apiLimits.values.chromaAnswerChars) throw apiErrors.create('CHROMA_ANSWER_TOO_LARGE');
  reserve(Math.ceil(values / RESULT_VALUES));
  return ids.map((id) => collection.embedding(id) ?? null);
}
