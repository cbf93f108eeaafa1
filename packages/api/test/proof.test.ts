import { toHex } from '@lucerna/base';
import { beforeEach, describe, expect, it } from 'vitest';
import { apiLimits } from '../src/limits.ts';
import { type Answer, type Client, createClient } from './support/client.ts';
import { ALICE, createFakeNode, ECHO, type FakeNode } from './support/fake-node.ts';

let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const alice = toHex(ALICE);
const echo = toHex(ECHO);

describe('eth_getProof', () => {
  it('has quantities where they are numbers, and bytes elsewhere', async () => {
    const slot = `0x${'00'.repeat(31)}07`;
    const proof = await client.result('eth_getProof', echo, [slot], '0x1');
    const word = await client.result('eth_getStorageAt', echo, slot, '0x1');
    expect(proof).toEqual({
      address: echo,
      balance: '0x0',
      nonce: '0x0',
      codeHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      storageHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      accountProof: ['0x0102'],
      storageProof: [{ key: slot, value: `0x${BigInt(word).toString(16)}`, proof: ['0x03'] }],
    });
    const [{ key, value }] = (await client.result('eth_getProof', alice, [slot])).storageProof;
    expect([key, value]).toEqual([slot, '0x0']);
  });

  it('repeats a slot as it was written: 32 bytes, or else a quantity', async () => {
    const slots = ['0x0', '0x00', '0x07', '0x0a0b', `0x${'00'.repeat(32)}`];
    const { storageProof } = await client.result('eth_getProof', echo, slots);
    expect(storageProof.map(({ key }: Answer) => key)).toEqual([
      ...['0x0', '0x0', '0x7', '0xa0b'],
      `0x${'00'.repeat(32)}`,
    ]);
  });

  it('takes 1,024 slots and no more', async () => {
    const limit = apiLimits.values.proofSlots;
    expect(limit).toBe(1_024);
    const slots = Array.from({ length: limit }, (_, index) => `0x${index.toString(16)}`);
    const { storageProof } = await client.result('eth_getProof', echo, slots);
    expect(storageProof).toHaveLength(limit);
    const error = await client.error('eth_getProof', echo, [...slots, '0x0']);
    expect(error.code).toBe(-32602);
  });

  it.each([
    ['no address', []],
    ['no slots', [alice]],
    ['one slot without a list', [alice, '0x0']],
    ['a slot of 33 bytes', [alice, [`0x${'00'.repeat(33)}`]]],
  ])('refuses %s', async (_name, params) => {
    expect((await client.error('eth_getProof', ...params)).code).toBe(-32602);
  });

  it('is 4444 where the tries are no longer kept, and "header not found" above the head', async () => {
    node.prunedBelow = 2;
    expect(await client.error('eth_getProof', alice, [], '0x1')).toEqual({
      code: 4444,
      message: 'proofs are no longer kept',
    });
    expect(await client.error('eth_getProof', alice, [], '0x9')).toEqual({
      code: -32000,
      message: 'header not found',
    });
  });
});
