import { bytesToBigInt, EMPTY_BYTES, minimalBytes } from '@lucerna/base';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { utf8Bytes } from '../vm/text.ts';
import { Address, integer, type Scalar } from '../vm/value.ts';
import { VALUE_TAGS } from './value-tags.ts';

const ADDRESS_BYTES = 20;
const INTEGER_BYTES = 32;

/** The tag of a scalar and its fewest bytes: false, 0, null and the empty text have none. */
export function valuePayload(value: Scalar): [tag: number, payload: Uint8Array] {
  if (value === null) return [VALUE_TAGS.null, EMPTY_BYTES];
  if (typeof value === 'string') return [VALUE_TAGS.string, encodeUtf8(value)];
  if (value instanceof Uint8Array) return [VALUE_TAGS.bytes, value];
  if (value instanceof Address) return [VALUE_TAGS.address, value.bytes];
  if (typeof value === 'boolean') {
    return [VALUE_TAGS.boolean, value ? Uint8Array.of(1) : EMPTY_BYTES];
  }
  const exact = BigInt(value);
  if (exact < 0n) return [VALUE_TAGS.negative, minimalBytes(-exact)];
  return [VALUE_TAGS.natural, minimalBytes(exact)];
}

/** How many bytes {@link valuePayload} has, without making them where they may be many. */
export function payloadBytes(value: Scalar): number {
  if (typeof value === 'string') return utf8Bytes(value);
  if (value instanceof Uint8Array) return value.length;
  return valuePayload(value)[1].length;
}

/** The scalar of a tag and its bytes, which are copied; undefined unless they are the bytes of one. */
export function scalarOfPayload(tag: number, payload: Uint8Array): Scalar | undefined {
  const isMinimal = payload[0] !== 0;
  switch (tag) {
    case VALUE_TAGS.null:
      return payload.length === 0 ? null : undefined;
    case VALUE_TAGS.boolean:
      if (payload.length === 0) return false;
      return payload.length === 1 && payload[0] === 1 ? true : undefined;
    case VALUE_TAGS.string:
      return decodeUtf8(payload);
    case VALUE_TAGS.natural:
      return isMinimal && payload.length <= INTEGER_BYTES
        ? integer(bytesToBigInt(payload))
        : undefined;
    case VALUE_TAGS.negative:
      return isMinimal && payload.length >= 1 && payload.length <= INTEGER_BYTES
        ? integer(-bytesToBigInt(payload))
        : undefined;
    case VALUE_TAGS.bytes:
      return payload.slice();
    case VALUE_TAGS.address:
      return payload.length === ADDRESS_BYTES ? new Address(payload.slice()) : undefined;
    default:
      return undefined;
  }
}
