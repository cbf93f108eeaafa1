import { fromHex, toHex } from '@lucerna/base';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import { addToBloom, bloomContains, emptyBloom, logsBloom } from '../src/index.ts';

type ReceiptCase = {
  readonly hash: string;
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[] }[];
  readonly logsBloom: string;
};

vectorSuite<readonly ReceiptCase[], ReceiptCase>('bloom/ethers6-receipts.json', {
  cases: (document) => document.map((value) => [value.hash, value]),
  check: (value) => {
    const logs = value.logs.map(({ address, topics }) => ({
      address: fromHex(address),
      topics: topics.map(fromHex),
    }));
    const bloom = logsBloom(logs);
    expect(toHex(bloom)).toBe(value.logsBloom);
    const entries = logs.flatMap(({ address, topics }) => [address, ...topics]);
    for (const entry of entries) expect(bloomContains(bloom, entry)).toBe(true);
  },
});

type BloomCase = {
  readonly name: string;
  readonly bloom: string;
  readonly add?: readonly string[];
  readonly containsUtf8?: readonly string[];
  readonly absentUtf8?: readonly string[];
};

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

vectorSuite<readonly BloomCase[], BloomCase>('bloom/ethereumjs-bloom.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: ({ bloom, add, containsUtf8 = [], absentUtf8 = [] }) => {
    if (add === undefined) expect(containsUtf8.length + absentUtf8.length).toBeGreaterThan(0);
    else {
      const built = emptyBloom();
      for (const entry of add) addToBloom(built, fromHex(entry));
      expect(toHex(built)).toBe(bloom);
    }
    const given = fromHex(bloom);
    for (const entry of containsUtf8) expect(bloomContains(given, utf8(entry))).toBe(true);
    for (const entry of absentUtf8) expect(bloomContains(given, utf8(entry))).toBe(false);
  },
});
