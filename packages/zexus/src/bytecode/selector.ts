import { selectorOfSignature } from '@lucerna/protocol';

/** The first four bytes of a call of a function with parameters of the ABI's `types`. */
export function functionSelector(name: string, types: readonly string[]): Uint8Array {
  return selectorOfSignature(`${name}(${types.join(',')})`);
}
