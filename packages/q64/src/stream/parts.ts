import { q64Errors } from '../errors.ts';

/** Parts of a whole, one after the other. */
export type Parts<T> = AsyncIterable<T> | Iterable<T>;

/** Whether parts have to be waited for. @throws `Q64_ARGUMENT_INVALID` for what has none at all */
export function areAsync<T>(parts: Parts<T>): parts is AsyncIterable<T> {
  // Of `undefined`, too.
  const object: object = Object(parts);
  if (Symbol.asyncIterator in object) return true;
  if (Symbol.iterator in object) return false;
  const detail = 'a list, or anything else that can be iterated, was expected';
  throw q64Errors.create('Q64_ARGUMENT_INVALID', detail);
}
