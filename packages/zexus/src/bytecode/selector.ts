import { selectorOfSignature } from '@lucerna/protocol';
import { canonicalType, type FieldType } from './abi-types.ts';

/** The first four bytes of a call of a function with these parameters, or of the data of an error. */
export function functionSelector(name: string, parameters: readonly FieldType[]): Uint8Array {
  return selectorOfSignature(signatureOf(name, parameters));
}

/** Such as `transfer(address,uint256)`. */
export function signatureOf(name: string, parameters: readonly FieldType[]): string {
  return `${name}(${parameters.map(canonicalType).join(',')})`;
}
