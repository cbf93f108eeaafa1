import { apiErrors } from '../errors.ts';
import { type ChromaCall, collectionOf } from './context.ts';
import { refusal } from './errors.ts';
import { anything, object, optional, type Shape, text } from './shape.ts';

// What clusters of Chroma do and a single server does not: it is answered as Chroma's own single
// server does, so that clients see the error that they know.

export const forkPayload: Shape<{ readonly new_name: string }> = object({ new_name: text });

export function forkCollection(call: ChromaCall): never {
  forkPayload.read(call.body, '');
  collectionOf(call);
  throw refusal('CHROMA_UNSUPPORTED', 'Collection forking is unsupported for local chroma');
}

export function forkCount(call: ChromaCall): never {
  collectionOf(call);
  throw refusal('CHROMA_UNSUPPORTED', 'Count forks is unsupported for local chroma');
}

/** Reading and writing under the condition that nothing changed meanwhile. */
export function refuseTransaction(): never {
  throw apiErrors.create('CHROMA_TRANSACTIONS_UNSUPPORTED');
}

export const attachPayload: Shape<{ readonly name: string; readonly function_id: string }> = object(
  {
    name: text,
    function_id: text,
    output_collection: text,
    params: optional(anything),
  },
);

export function attachFunction(call: ChromaCall): never {
  attachPayload.read(call.body, '');
  return refuseFunction();
}

/** Functions that a cluster runs on every write. */
export function refuseFunction(): never {
  throw refusal('CHROMA_UNSUPPORTED', 'Attached functions are unsupported for local chroma');
}

export function getFunction(): never {
  throw refusal('CHROMA_NOT_FOUND', 'Attached function not found');
}
