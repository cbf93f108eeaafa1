import { keccak256 } from '@lucerna/crypto';
import { protocolErrors } from '../errors.ts';
import { protocolLimits } from '../limits.ts';
import { type AbiType, abiTypesText, parseAbiTypes } from './type.ts';

/** Bytes of a selector. */
export const SELECTOR_BYTES = 4;

/** A name and the types behind it: of a function, an event or an error. */
export type AbiSignature = { readonly name: string; readonly types: readonly AbiType[] };

const textEncoder = new TextEncoder();

/**
 * The name and the types of `transfer(address,uint256)`. Aliases are resolved: `f(uint)` has the type
 * `uint256`.
 *
 * @throws `ABI_SIGNATURE_INVALID`, `ABI_TYPE_INVALID`, `ABI_TYPE_LIMIT`
 */
export function parseSignature(text: string): AbiSignature {
  const open = text.indexOf('(');
  const name = text.slice(0, Math.max(0, open));
  if (!isAbiName(name)) throw protocolErrors.create('ABI_SIGNATURE_INVALID', text.slice(0, 80));
  return { name, types: parseAbiTypes(text.slice(open)) };
}

/** True for what functions, events and errors can be called: an identifier of JavaScript in ASCII. */
export function isAbiName(name: string): boolean {
  if (name.length > protocolLimits.values.abiTypeChars) return false;
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name);
}

/** The signature as it is hashed: `transfer(address,uint256)`. */
export function signatureText(name: string, types: readonly AbiType[]): string {
  return name + abiTypesText(types);
}

/** keccak-256 of a signature: the first topic of an event. */
export function signatureHash(signature: string): Uint8Array {
  return keccak256(textEncoder.encode(signature));
}

/** The first 4 bytes of a signature's hash: they begin calldata and the data of errors. */
export function selectorOfSignature(signature: string): Uint8Array {
  return signatureHash(signature).slice(0, SELECTOR_BYTES);
}
