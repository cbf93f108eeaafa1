import { createBlockFromRLP } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { fromHex, toHex } from '@lucerna/base';
import { pureSignatureEngine as engine } from '@lucerna/crypto';
import { describe, expect, it } from 'vitest';
import {
  blockSize,
  decodeBlock,
  decodeRlp,
  encodeBlock,
  encodeRlp,
  encodeRlpList,
  encodeTransaction,
  genesisHeader,
  headerHash,
  headerToJson,
  INITIAL_FORKS,
  protocolLimits,
  type RecoveredBlock,
  type RlpItem,
  recoverBlock,
  recoverTransaction,
  signTransaction,
  type UnsignedTransaction,
} from '../src/index.ts';

const key = new Uint8Array(32).fill(3);
const common = {
  chainId: 1n,
  nonce: 0n,
  gasLimit: 50_000n,
  to: new Uint8Array(20).fill(5),
  value: 1n,
  data: Uint8Array.of(1, 2, 3),
};
const fees = { maxFeePerGas: 9n, maxPriorityFeePerGas: 1n };
const unsigned: readonly UnsignedTransaction[] = [
  { type: 0, ...common, gasPrice: 7n },
  { type: 1, ...common, gasPrice: 7n, accessList: [{ address: common.to, storageKeys: [] }] },
  { type: 2, ...common, ...fees, accessList: [], to: null },
];

const header = genesisHeader(
  {
    chainId: 1n,
    timestamp: 1,
    gasLimit: 30_000_000n,
    baseFeePerGas: 7n,
    coinbase: new Uint8Array(20).fill(1),
    forks: INITIAL_FORKS,
    alloc: [],
  },
  new Uint8Array(32),
);
const block: RecoveredBlock = {
  header,
  hash: headerHash(header),
  transactions: unsigned.map((tx) =>
    recoverTransaction(encodeTransaction(signTransaction(tx, key, engine)), engine),
  ),
};
const encoded = encodeBlock(block);

function refusal(items: readonly RlpItem[]): object {
  try {
    decodeBlock(encodeRlp(items));
  } catch (error) {
    return error as object;
  }
  throw new Error('decoded');
}

describe('a block', () => {
  it('decodes to what it was made of', () => {
    expect(recoverBlock(encoded, engine)).toEqual(block);
    expect(encodeBlock(recoverBlock(encoded, engine))).toEqual(encoded);
    expect(blockSize(block)).toBe(encoded.length);
  });

  it('has the bytes and the hash that @ethereumjs/block reads', () => {
    const rules = new Common({ chain: Mainnet, hardfork: Hardfork.Paris });
    const theirs = createBlockFromRLP(encoded, { common: rules });
    expect(toHex(theirs.hash())).toBe(toHex(block.hash));
    expect(theirs.transactions.map((tx) => toHex(tx.hash()))).toEqual(
      block.transactions.map((tx) => toHex(tx.hash)),
    );
    expect(toHex(theirs.serialize())).toBe(toHex(encoded));
  });
});

describe('decodeBlock', () => {
  const items = decodeRlp(encoded) as readonly RlpItem[];
  const [head, transactions, ommers] = items as [RlpItem, readonly RlpItem[], RlpItem];

  it('refuses other shapes, with the path', () => {
    const legacyAsString = encodeRlp(transactions[0] as RlpItem);
    const cases: readonly [items: readonly RlpItem[], code: string, path?: string][] = [
      [[head, transactions], 'RLP_FIELD_COUNT', 'block'],
      [[head, transactions, ommers, []], 'RLP_FIELD_COUNT', 'block'],
      [[new Uint8Array(1), transactions, ommers], 'RLP_TYPE', 'block.header'],
      [[head, new Uint8Array(1), ommers], 'RLP_TYPE', 'block.transactions'],
      [[head, transactions, new Uint8Array(0)], 'RLP_TYPE', 'block.ommers'],
      [[head, transactions, [head]], 'BLOCK_OMMERS'],
      [[head, [...transactions, legacyAsString], []], 'RLP_TYPE', 'block.transactions[3]'],
      [[(head as RlpItem[]).slice(1), transactions, []], 'RLP_FIELD_COUNT', 'block.header'],
    ];
    for (const [shape, code, path] of cases) {
      const expected = path === undefined ? { code } : { code, fields: { path } };
      expect(refusal(shape)).toMatchObject(expected);
    }
  });

  it('leaves what stands in a legacy transaction to its decoder', () => {
    const damaged = encodeRlpList([
      encodeRlp(head),
      encodeRlpList([fromHex('0xc28100')]),
      encodeRlp([]),
    ]);
    expect(decodeBlock(damaged).rawTransactions).toEqual([fromHex('0xc28100')]);
    const refused = expect.objectContaining({ code: 'RLP_NOT_CANONICAL' });
    expect(() => recoverBlock(damaged, engine)).toThrow(refused);
  });

  it('refuses more transactions and bytes than the limits', () => {
    const { blockTransactions, blockBytes } = protocolLimits.values;
    const tiny = Array.from({ length: blockTransactions + 1 }, () => Uint8Array.of(1));
    expect(refusal([head, tiny, []])).toMatchObject({ code: 'RLP_LIMIT' });
    expect(decodeBlock(encodeRlp([head, tiny.slice(1), []])).rawTransactions.length).toBe(
      blockTransactions,
    );
    const refused = expect.objectContaining({ code: 'BLOCK_TOO_LARGE' });
    expect(() => decodeBlock(new Uint8Array(blockBytes + 1))).toThrow(refused);
  });
});

describe('headerToJson', () => {
  it('has the field names of Ethereum', () => {
    const json = headerToJson(header, block.hash);
    expect(Object.keys(json).sort()).toEqual(
      [
        'number hash parentHash nonce mixHash sha3Uncles logsBloom transactionsRoot stateRoot',
        'receiptsRoot miner difficulty extraData gasLimit gasUsed timestamp baseFeePerGas',
      ]
        .join(' ')
        .split(' ')
        .sort(),
    );
    expect(json).toMatchObject({
      number: '0x0',
      hash: toHex(block.hash),
      nonce: '0x0000000000000000',
      difficulty: '0x0',
      extraData: '0x',
      miner: `0x${'01'.repeat(20)}`,
      baseFeePerGas: '0x7',
      logsBloom: `0x${'00'.repeat(256)}`,
    });
  });
});
