import { compareBytes, seededRandom, toHex, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { decodeRlp, logsBloom, mergeBlooms, type RlpItem } from '@lucerna/protocol';
import { expect } from 'vitest';
import { vectorSuite } from '../../../../tools/src/vectors.ts';
import { listRoot } from '../../src/trie/list-root.ts';
import { decodeHexPrefix } from '../../src/trie/nibbles.ts';
import { Trie } from '../../src/trie/trie.ts';
import { vectorBytes } from '../support/hex.ts';
import { encodeHexPrefix } from '../support/hex-prefix.ts';
import { entriesOf, NodeRows } from '../support/node-rows.ts';

type Change = readonly [key: string, value: string | null];
type TrieCase<In> = { readonly in: In; readonly root: string };
type Document<Case> = Readonly<Record<string, Case>>;
type KeyOf = (key: string) => Uint8Array;

const plain: KeyOf = vectorBytes;
const secure: KeyOf = (key) => keccak256(vectorBytes(key));

function apply(trie: Trie, keyOf: KeyOf, [key, value]: Change): void {
  if (value === null) trie.delete(keyOf(key));
  else trie.put(keyOf(key), vectorBytes(value));
}

/** The root after `changes`, once in one go and once with a commit and a reload after each. */
function checkRoot(changes: readonly Change[], keyOf: KeyOf, root: string): void {
  const rows = new NodeRows();
  const together = new Trie();
  let reloaded = new Trie(rows);
  let last = '';
  for (const change of changes) {
    apply(together, keyOf, change);
    apply(reloaded, keyOf, change);
    const commit = reloaded.commit();
    rows.apply(commit.writes);
    reloaded = new Trie(rows, commit.root);
    last = toHex(commit.root);
  }
  expect(toHex(together.commit().root)).toBe(root);
  expect(last).toBe(root);
}

function checkAnyOrder({ in: entries, root }: TrieCase<Document<string>>, keyOf: KeyOf): void {
  const changes: Change[] = Object.entries(entries);
  const random = seededRandom(changes.length);
  for (let round = 0; round < 20; round += 1) {
    const extra: Change[] = [1, 2, 3].map((n) => [`extra${round}-${n}`, 'a value that goes again']);
    const shuffled = shuffle([...changes, ...extra], random.below);
    checkRoot([...shuffled, ...extra.map(([key]): Change => [key, null])], keyOf, root);
  }
  checkRoot(changes, keyOf, root);
}

function shuffle<T>(items: T[], below: (bound: number) => number): T[] {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = below(index + 1);
    [items[index], items[other]] = [items[other]!, items[index]!];
  }
  return items;
}

for (const [file, keyOf] of [
  ['trie/trietest.json', plain],
  ['trie/trietest_secureTrie.json', secure],
] as const) {
  vectorSuite<Document<TrieCase<readonly Change[]>>, TrieCase<readonly Change[]>>(file, {
    cases: (document) => Object.entries(document),
    check: (value) => checkRoot(value.in, keyOf, value.root),
  });
}

for (const [file, keyOf] of [
  ['trie/trieanyorder.json', plain],
  ['trie/trieanyorder_secureTrie.json', secure],
  ['trie/hex_encoded_securetrie_test.json', secure],
] as const) {
  vectorSuite<Document<TrieCase<Document<string>>>, TrieCase<Document<string>>>(file, {
    cases: (document) => Object.entries(document),
    check: (value) => checkAnyOrder(value, keyOf),
  });
}

type Neighbours = {
  readonly in: readonly string[];
  readonly test: readonly [key: string, previous: string, next: string];
};

vectorSuite<
  Document<{ readonly in: readonly string[]; readonly tests: readonly Neighbours['test'][] }>,
  Neighbours
>('trie/trietestnextprev.json', {
  cases: (document) =>
    Object.entries(document).flatMap(([name, value]) =>
      value.tests.map((test) => [`${name} "${test[0]}"`, { in: value.in, test }] as const),
    ),
  check: ({ in: keys, test: [key, previous, next] }) => {
    const trie = new Trie();
    for (const [index, held] of keys.entries())
      trie.put(vectorBytes(held), Uint8Array.of(index + 1));
    let before = '';
    let after = '';
    for (const [held] of entriesOf(trie)) {
      const order = compareBytes(held, vectorBytes(key));
      const text = new TextDecoder().decode(held);
      if (order < 0) before = text;
      if (order > 0 && after === '') after = text;
    }
    expect([before, after]).toEqual([previous, next]);
  },
});

type HexPrefixCase = { readonly seq: number[]; readonly term: boolean; readonly out: string };

vectorSuite<Document<HexPrefixCase>, HexPrefixCase>('trie/hexencodetest.json', {
  cases: (document) => Object.entries(document),
  check: ({ seq, term, out }) => {
    const encoded = encodeHexPrefix(Uint8Array.from(seq), term);
    expect(toHexKey(encoded)).toBe(out);
    const decoded = decodeHexPrefix(encoded);
    expect(Array.from(decoded?.nibbles ?? [])).toEqual(seq);
    expect(decoded?.terminal).toBe(term);
  },
});

type TransactionsCase = {
  readonly name: string;
  readonly transactions: readonly string[];
  readonly transactionsRoot: string;
};

vectorSuite<readonly TransactionsCase[], TransactionsCase>('trie/transactions-root.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: ({ transactions, transactionsRoot }) => {
    expect(toHex(listRoot(transactions.map(vectorBytes)))).toBe(transactionsRoot);
  },
});

type ReceiptsCase = {
  readonly name: string;
  readonly header: string;
  readonly hash: string;
  readonly rawReceipts: readonly string[];
  readonly receiptsRoot: string;
  readonly logsBloom: string;
};

/** The bloom of a receipt's logs. These receipts are from before EIP-658: a root instead of a status. */
function receiptBloom(raw: Uint8Array): Uint8Array {
  const [, , , logs] = decodeRlp(raw) as [RlpItem, RlpItem, RlpItem, RlpItem[]];
  const parsed = logs.map((log) => {
    const [address, topics] = log as [Uint8Array, Uint8Array[]];
    return { address, topics, data: new Uint8Array(0) };
  });
  return logsBloom(parsed);
}

vectorSuite<readonly ReceiptsCase[], ReceiptsCase>('trie/receipts-root.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    const raw = value.rawReceipts.map(vectorBytes);
    expect(toHex(listRoot(raw))).toBe(value.receiptsRoot);
    expect(toHex(mergeBlooms(raw.map(receiptBloom)))).toBe(value.logsBloom);
    // A header from before London, so only its hash and its sixth item are ours to check.
    const header = vectorBytes(value.header);
    expect(toHex(keccak256(header))).toBe(value.hash);
    expect(decodeRlp(header)[5]).toEqual(vectorBytes(value.receiptsRoot));
  },
});
