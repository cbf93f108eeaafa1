import { isLucernaError, type Log, LucernaError } from '@lucerna/base';
import { apiErrors } from '../errors.ts';

/** An error as Chroma's clients know it. */
export type ChromaFailure = {
  /** HTTP status. */
  readonly status: number;
  /** Name, which Python's client looks up. */
  readonly error: string;
  readonly message: string;
};

type FailureRule = {
  readonly status: number;
  readonly error: string;
  /** Default: the text of {@link refusal}, or the message of the coded error. */
  readonly message?: (error: LucernaError) => string;
};

type RefusalCode =
  | 'CHROMA_ARGUMENT_INVALID'
  | 'CHROMA_EXISTS'
  | 'CHROMA_FORBIDDEN'
  | 'CHROMA_NOT_FOUND'
  | 'CHROMA_UNSUPPORTED';

/** A coded error whose message on the wire is `text`, in the words of Chroma's server. */
export function refusal(code: RefusalCode, text: string): LucernaError {
  return apiErrors.create(code, text, { text });
}

/** The error for an argument that is not valid. */
export function invalid(text: string): LucernaError {
  return refusal('CHROMA_ARGUMENT_INVALID', text);
}

const argument: FailureRule = { status: 400, error: 'InvalidArgumentError' };
const exists: FailureRule = { status: 409, error: 'ChromaError' };
const missing: FailureRule = { status: 404, error: 'NotFoundError' };
const forbidden: FailureRule = { status: 403, error: 'ChromaError' };
const unavailable: FailureRule = { status: 503, error: 'ChromaError' };

/**
 * The one table from coded errors to Chroma's. What is not in it is nobody's input but our own failure,
 * and is answered 500 without its words.
 */
const RULES: Readonly<Record<string, FailureRule>> = {
  CHROMA_ANSWER_TOO_LARGE: argument,
  CHROMA_ARGUMENT_INVALID: argument,
  CHROMA_BODY_INVALID: { status: 422, error: 'ChromaError' },
  CHROMA_BODY_MALFORMED: argument,
  CHROMA_BODY_TOO_LARGE: { status: 413, error: 'ChromaError' },
  CHROMA_CONTENT_TYPE: { status: 415, error: 'ChromaError' },
  CHROMA_EXISTS: exists,
  CHROMA_FORBIDDEN: forbidden,
  CHROMA_METHOD_REFUSED: { status: 405, error: 'InvalidArgumentError' },
  CHROMA_NOT_FOUND: missing,
  CHROMA_ROUTE_UNKNOWN: missing,
  CHROMA_TRANSACTIONS_UNSUPPORTED: { status: 501, error: 'TransactionsNotSupported' },
  CHROMA_UNSUPPORTED: { status: 501, error: 'ChromaError' },
  CHROMA_VERSION_OLD: { status: 410, error: 'Unimplemented' },

  RPC_HOST_REFUSED: forbidden,
  RPC_ORIGIN_REFUSED: forbidden,
  RPC_SERVER_BUSY: { status: 429, error: 'RateLimitError' },
  RPC_SERVER_CLOSING: unavailable,
  RPC_TOKEN_REFUSED: { status: 401, error: 'AuthError' },

  BATCH_TOO_LARGE: { status: 400, error: 'BatchSizeExceededError' },
  COLLECTION_EXISTS: exists,
  COLLECTION_FULL: argument,
  COLLECTION_UNKNOWN: missing,
  COLUMN_LENGTH_MISMATCH: argument,
  DATABASE_CLOSED: unavailable,
  DATABASE_EXISTS: exists,
  DATABASE_READ_ONLY: forbidden,
  DATABASE_UNKNOWN: missing,
  DIMENSION_MISMATCH: argument,
  EMBEDDING_MODEL_MISMATCH: argument,
  EMBEDDING_NOT_FINITE: {
    ...argument,
    message: () =>
      'Validation error: embeddings: Embeddings must not contain NaN or Infinity values',
  },
  EMBEDDING_NOT_NORMALISED: argument,
  FILTER_INVALID: { ...argument, message: filterMessage },
  FILTER_TOO_COSTLY: argument,
  ID_DUPLICATE: argument,
  ID_EXISTS: exists,
  ID_INVALID: argument,
  JSON_INVALID: {
    ...argument,
    message: (error) => `Failed to parse the request body as JSON: ${detailOf(error)}`,
  },
  METADATA_INVALID: {
    ...argument,
    message: (error) => `Validation error: metadatas: Invalid metadata: ${detailOf(error)}`,
  },
  NODE_CLOSED: unavailable,
  REGEX_INVALID: { ...argument, message: (error) => `Regex syntax error: ${detailOf(error)}` },
  TENANT_EXISTS: exists,
  TENANT_UNKNOWN: missing,
  VECTOR_ARGUMENT_INVALID: argument,
  VECTOR_MEMORY_EXHAUSTED: unavailable,
  VECTOR_WRITES_STOPPED: unavailable,
};

/** What a client is told of `error`; what is our own failure goes to `log`. */
export function toChromaFailure(error: unknown, log: Log): ChromaFailure {
  const rule = error instanceof LucernaError ? RULES[error.code] : undefined;
  if (rule === undefined || !(error instanceof LucernaError)) {
    const code = isLucernaError(error) ? error.code : undefined;
    log.error('chroma request failed', { code, reason: String(error) });
    const message = code === undefined ? 'internal error' : `internal error (${code})`;
    return { status: 500, error: 'InternalError', message };
  }
  const text = error.fields['text'];
  const message = rule.message?.(error) ?? (typeof text === 'string' ? text : error.message);
  return { status: rule.status, error: rule.error, message };
}

/** Begins as Chroma's message does, and goes on with where the fault is. */
function filterMessage(error: LucernaError): string {
  const isDocument = String(error.fields['path']).startsWith('where_document');
  return `Invalid where ${isDocument ? 'document ' : ''}clause: ${detailOf(error)}`;
}

/** What a coded error says after its summary, which Chroma's words take the place of. */
function detailOf({ message }: LucernaError): string {
  const colon = message.indexOf(': ');
  return colon < 0 ? message : message.slice(colon + 2);
}
