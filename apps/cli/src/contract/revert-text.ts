import { equalBytes, isLucernaError, toHex } from '@lucerna/base';
import {
  type AbiError,
  type AbiItem,
  decodeAbi,
  decodeRevert,
  PANIC_CODES,
  parameterType,
  selectorOfSignature,
  signatureText,
} from '@lucerna/protocol';
import { printable } from './printable.ts';
import { valueText } from './value-text.ts';

const PANIC_TEXTS: ReadonlyMap<bigint, string> = new Map([
  [BigInt(PANIC_CODES.assertion), 'a value of the wrong kind, or a failed assertion'],
  [BigInt(PANIC_CODES.arithmetic), 'an integer out of range'],
  [BigInt(PANIC_CODES.divisionByZero), 'division by zero'],
  [BigInt(PANIC_CODES.index), 'an index out of range'],
]);

/** What a reverted call says about why, in words; errors that `abi` declares by their names. */
export function describeRevert(data: Uint8Array, abi: readonly AbiItem[] = []): string {
  const reason = decodeRevert(data);
  switch (reason.kind) {
    case 'empty':
      return 'no reason given';
    case 'error':
      return printable(reason.message);
    case 'panic': {
      const code = `0x${reason.code.toString(16).padStart(2, '0')}`;
      return `panic ${code}, ${PANIC_TEXTS.get(reason.code) ?? 'of an unknown kind'}`;
    }
    case 'custom':
      for (const item of abi) {
        const text = item.type === 'error' ? errorText(item, reason) : undefined;
        if (text !== undefined) return text;
      }
      return printable(`custom error ${toHex(reason.selector)} with ${toHex(reason.arguments)}`);
    case 'unknown':
      return printable(`data ${toHex(reason.data)}`);
  }
}

/** The error with its values; undefined when the data are not of this one. */
function errorText(
  { name, inputs }: AbiError,
  { selector, arguments: data }: { readonly selector: Uint8Array; readonly arguments: Uint8Array },
): string | undefined {
  const types = inputs.map(parameterType);
  if (!equalBytes(selector, selectorOfSignature(signatureText(name, types)))) return undefined;
  try {
    const values = decodeAbi(types, data);
    const fields = inputs.map((input, index) => {
      const [type, value] = [types[index], values[index]];
      const text = type === undefined || value === undefined ? '' : valueText(type, value);
      return `${input.name}: ${text}`;
    });
    return printable(`${name}(${fields.join(', ')})`);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    return undefined;
  }
}
