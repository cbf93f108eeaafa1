import { RLP } from '@ethereumjs/rlp';
import { isLucernaError, toHex } from '@lucerna/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { decodeRlp, encodeRlp, encodeRlpList, type RlpItem, splitRlpList } from '../src/index.ts';
import { mutationOf, rlpItem } from './support.ts';

/** The item, or undefined when it was refused with a code; anything else is a failure. */
function decodeOrRefuse(bytes: Uint8Array): RlpItem | undefined {
  try {
    return decodeRlp(bytes);
  } catch (error) {
    if (isLucernaError(error) && error.code.startsWith('RLP_')) return undefined;
    throw error;
  }
}

function checkCanonical(bytes: Uint8Array): void {
  const item = decodeOrRefuse(bytes);
  if (item !== undefined) expect(toHex(encodeRlp(item))).toBe(toHex(bytes));
}

it('decodes what it encoded, to the same bytes as @ethereumjs/rlp', () => {
  fc.assert(
    fc.property(rlpItem, (item) => {
      const encoded = encodeRlp(item);
      expect(decodeRlp(encoded)).toEqual(item);
      expect(toHex(encoded)).toBe(toHex(RLP.encode(item as Parameters<typeof RLP.encode>[0])));
    }),
    runs(300),
  );
});

it('decodes a mutation only to what encodes to it again', () => {
  const mutated = rlpItem.map(encodeRlp).chain(mutationOf);
  fc.assert(fc.property(mutated, checkCanonical), runs(2_000));
});

it('splits a list into the encodings that it is joined from', () => {
  fc.assert(
    fc.property(fc.array(rlpItem, { maxLength: 20 }), (items) => {
      const parts = items.map(encodeRlp);
      expect(encodeRlpList(parts)).toEqual(encodeRlp(items));
      expect(splitRlpList(encodeRlp(items), items.length, 'list')).toEqual(parts);
    }),
    runs(300),
  );
});

it('decodes arbitrary bytes only to what encodes to them again', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), checkCanonical), runs(2_000));
});

it('refuses whatever @ethereumjs/rlp refuses', () => {
  const mutated = rlpItem.map(encodeRlp).chain(mutationOf);
  fc.assert(
    fc.property(mutated, (bytes) => {
      if (decodeOrRefuse(bytes) !== undefined) RLP.decode(bytes);
    }),
    runs(500),
  );
});
