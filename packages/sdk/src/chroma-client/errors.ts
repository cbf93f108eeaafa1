import type { ChromaFailure } from '@lucerna/api';

// Chroma's client tells its errors apart by class and name. These have the same names, and a coded
// error as their cause where there is one.

/** The request is not valid, or the database refuses it. */
export class ChromaClientError extends Error {
  override name = 'ChromaClientError';
}

/** The operation is not allowed here. */
export class ChromaForbiddenError extends Error {
  override name = 'ChromaForbiddenError';
}

/** There is no such tenant, database or collection. */
export class ChromaNotFoundError extends Error {
  override name = 'ChromaNotFoundError';
}

/** There are too many requests at a time. */
export class ChromaRateLimitError extends Error {
  override name = 'ChromaRateLimitError';
}

/** The database could not do what it was asked for. */
export class ChromaServerError extends Error {
  override name = 'ChromaServerError';
}

/** There is one of that name already. */
export class ChromaUniqueError extends Error {
  override name = 'ChromaUniqueError';
}

/** An argument is not valid: nothing was asked of the database. */
export class ChromaValueError extends Error {
  override name = 'ChromaValueError';
}

/** The error that Chroma's client throws for an answer of the server. */
export function clientError({ status, message }: ChromaFailure, cause: unknown): Error {
  switch (status) {
    case 400:
      return new ChromaClientError(`Bad request with status: ${message}`, { cause });
    case 403:
      return new ChromaForbiddenError(message, { cause });
    case 404:
      return new ChromaNotFoundError(message, { cause });
    case 409:
      return new ChromaUniqueError(message, { cause });
    case 422:
      return new ChromaClientError(message, { cause });
    case 429:
      return new ChromaRateLimitError(message, { cause });
    default:
      return new ChromaServerError(message, { cause });
  }
}
