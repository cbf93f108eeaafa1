import { bytesToBigInt, minimalBytes } from '@lucerna/base';
import {
  bytes,
  type Codec,
  listItems,
  protocolErrors,
  protocolLimits,
  safeUint,
} from '@lucerna/protocol';
import { chainLimits } from './limits.ts';

/** A part of a record that is encoded by itself. */
export const part: Codec<Uint8Array> = bytes(chainLimits.values.recordBytes);

/**
 * A list that may have one element more than it once had: `head` is the codec of the first `fields`
 * of them. Without the last one `rest` is undefined.
 */
export function withRest<T extends object, Rest>(
  head: Codec<T>,
  fields: number,
  rest: Codec<Rest>,
): Codec<T & { readonly rest: Rest | undefined }> {
  return {
    toRlp: (value) => {
      const items = listItems(head.toRlp(value), 'record');
      return value.rest === undefined ? items : [...items, rest.toRlp(value.rest)];
    },
    fromRlp: (item, path) => {
      const items = listItems(item, path);
      const last = items[fields];
      if (items.length !== fields + 1 || last === undefined) {
        return { ...head.fromRlp(item, path), rest: undefined };
      }
      return {
        ...head.fromRlp(items.slice(0, fields), path),
        rest: rest.fromRlp(last, `${path}.rest`),
      };
    },
    toJson: head.toJson,
  };
}

const sumBytes = bytes(chainLimits.values.sumBytes);

/** A sum of balances: more than 256 bits when cheats have made some of them large. */
export const sum: Codec<bigint> = {
  toRlp: (value) => sumBytes.toRlp(minimalBytes(value)),
  fromRlp: (item, path) => {
    const digits = sumBytes.fromRlp(item, path);
    if (digits[0] === 0) throw protocolErrors.create('RLP_LEADING_ZERO', path, { path });
    return bytesToBigInt(digits);
  },
  toJson: (value) => value.toString(),
};

/** Positions in a block, each above the one before it. */
export const positions: Codec<readonly number[]> = {
  toRlp: (value) => value.map(safeUint.toRlp),
  fromRlp: (item, path) => {
    const items = listItems(item, path);
    const max = protocolLimits.values.blockTransactions;
    if (items.length > max) {
      throw protocolErrors.create('RLP_LIMIT', path, { path, length: items.length, max });
    }
    let last = -1;
    return items.map((child, index) => {
      const value = safeUint.fromRlp(child, `${path}[${index}]`);
      if (value <= last) throw protocolErrors.create('RLP_RANGE', path, { path });
      last = value;
      return value;
    });
  },
  toJson: (value) => value.map(safeUint.toJson),
};
