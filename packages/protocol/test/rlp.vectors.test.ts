import { fromHex, minimalBytes, toHex } from '@lucerna/base';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import { decodeRlp, encodeRlp, type RlpItem } from '../src/index.ts';

type JsonItem = string | number | readonly JsonItem[];
type RlpCase = { readonly in: JsonItem; readonly out: string };

/** A string is its characters; one that starts with `#` is a decimal number, as a number is. */
function fromTestJson(item: JsonItem): RlpItem {
  if (typeof item === 'number') return minimalBytes(BigInt(item));
  if (typeof item !== 'string') return item.map(fromTestJson);
  if (item.startsWith('#')) return minimalBytes(BigInt(item.slice(1)));
  return Uint8Array.from(item, (character) => character.charCodeAt(0));
}

vectorSuite<Record<string, RlpCase>, RlpCase>('rlp/rlptest.json', {
  cases: (document) => Object.entries(document),
  check: (value) => {
    const item = fromTestJson(value.in);
    expect(toHex(encodeRlp(item))).toBe(value.out);
    expect(decodeRlp(fromHex(value.out))).toEqual(item);
  },
});

vectorSuite<Record<string, RlpCase>, RlpCase>('rlp/invalidRLPTest.json', {
  cases: (document) => Object.entries(document),
  check: (value) => {
    // Half of the file spells its bytes without 0x.
    const bytes = fromHex(value.out.startsWith('0x') ? value.out : `0x${value.out}`);
    const refused = expect.objectContaining({ code: expect.stringMatching(/^RLP_/) });
    expect(() => decodeRlp(bytes)).toThrow(refused);
  },
});

vectorSuite<Record<string, RlpCase>, RlpCase>('rlp/RandomRLPTests-example.json', {
  cases: (document) => Object.entries(document),
  check: (value) => {
    expect(toHex(encodeRlp(decodeRlp(fromHex(value.out))))).toBe(value.out);
  },
});

type EthersItem = string | readonly EthersItem[];
type EthersCase = { readonly name: string; readonly decoded: EthersItem; readonly encoded: string };

function fromEthersJson(item: EthersItem): RlpItem {
  return typeof item === 'string' ? fromHex(item) : item.map(fromEthersJson);
}

vectorSuite<readonly EthersCase[], EthersCase>('rlp/ethers-rlp-coder.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    const item = fromEthersJson(value.decoded);
    expect(toHex(encodeRlp(item))).toBe(value.encoded);
    expect(decodeRlp(fromHex(value.encoded))).toEqual(item);
  },
});
