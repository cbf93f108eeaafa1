import { healthOf } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import { expect, it } from 'vitest';
import { createFakeNode } from './support/fake-node.ts';

it('says where the head of a node is', async () => {
  const node = await createFakeNode();
  const { header, hash } = node.head();
  expect(header.height).toBeGreaterThan(0);
  expect(healthOf(node)).toEqual({
    status: 'ok',
    chainId: '31337',
    height: header.height,
    hash: toHex(hash),
    timestamp: header.timestamp,
    syncing: false,
    peers: 0,
  });
});

it('throws what the node throws', () => {
  const head = (): never => {
    throw new Error('closed');
  };
  expect(() => healthOf({ chainId: 1n, head, syncing: () => false })).toThrow('closed');
});
