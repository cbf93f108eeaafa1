import { fromHex, isLucernaError } from '@lucerna/base';
import { ADDRESS_BYTES, parseAddress } from '@lucerna/protocol';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { HexLiteral } from './tree.ts';
import { isBytes, type ScalarType, type StaticType } from './types.ts';

/**
 * The type of a hex literal where `expected` is expected: 40 digits are an address unless bytes are
 * expected; everything else is bytes of its length.
 */
export function hexType(text: string, expected: StaticType | 'map'): ScalarType {
  const length = byteLength(text);
  if (length === ADDRESS_BYTES && !isBytes(expected)) return 'address';
  return length >= 1 && length <= 32 ? `bytes${length}` : 'bytes';
}

/** As {@link hexType}; also refuses an address whose letters have the wrong case (EIP-55). */
export function isAddressAt(
  { text, span }: HexLiteral,
  expected: StaticType | 'map',
  sink: DiagnosticSink,
): boolean {
  if (hexType(text, expected) !== 'address') return false;
  try {
    parseAddress(text);
  } catch (error) {
    if (!isLucernaError(error, 'ADDRESS_CHECKSUM')) throw error;
    sink.report('ADDRESS_CHECKSUM', span, 'the checksum in the case of the letters is wrong', {
      hint: 'copy the address again, or write all its letters in lower case',
    });
  }
  return true;
}

/** The bytes that the literal spells. */
export function hexBytes({ text }: HexLiteral): Uint8Array {
  return fromHex(`0x${text.slice(2)}`);
}

function byteLength(text: string): number {
  return (text.length - 2) >> 1;
}
