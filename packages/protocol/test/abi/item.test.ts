import { toHex } from '@lucerna/base';
import { Interface } from 'ethers';
import { type Abi, toFunctionSelector } from 'viem';
import { expect, it } from 'vitest';
import {
  type AbiFunction,
  type AbiItem,
  type AbiParameter,
  itemEventLayout,
  itemSelector,
  itemSignature,
  parameterType,
} from '../../src/index.ts';

const code = (value: string): unknown => expect.objectContaining({ code: value });
const point: AbiParameter = {
  name: 'points',
  type: 'tuple[2][]',
  components: [
    { name: 'x', type: 'uint' },
    { name: 'tags', type: 'tuple', components: [{ name: 't', type: 'string' }] },
  ],
};
const plot: AbiFunction = {
  type: 'function',
  name: 'plot',
  inputs: [point, { name: 'fill', type: 'bool' }],
  outputs: [{ name: '', type: 'bytes32' }],
  stateMutability: 'view',
};

it('writes signatures with the components of tuples', () => {
  expect(itemSignature(plot)).toBe('plot((uint256,(string))[2][],bool)');
});

it('is the ABI that viem and ethers take', () => {
  const items: readonly AbiItem[] = [
    { type: 'constructor', inputs: [point], stateMutability: 'payable' },
    plot,
    { type: 'event', name: 'Drawn', inputs: [{ ...point, indexed: true }], anonymous: false },
    { type: 'error', name: 'Outside', inputs: [point] },
    { type: 'fallback', stateMutability: 'payable' },
    { type: 'receive', stateMutability: 'payable' },
  ];
  const abi: Abi = items;
  const ethers = new Interface(items);
  expect(ethers.fragments).toHaveLength(6);
  expect(abi).toHaveLength(6);
  expect(ethers.getFunction('plot')?.selector).toBe(toHex(itemSelector(plot)));
  expect(toFunctionSelector(itemSignature(plot))).toBe(toHex(itemSelector(plot)));
});

it('lays out events', () => {
  const layout = itemEventLayout({
    type: 'event',
    name: 'Drawn',
    inputs: [{ name: 'by', type: 'address', indexed: true }],
    anonymous: true,
  });
  expect(layout).toMatchObject({ signature: 'Drawn(address)', topic: undefined });
});

it('refuses what makes no sense', () => {
  const invalid = code('ABI_ITEM_INVALID');
  expect(() => parameterType({ name: 'a', type: 'tuple' })).toThrow(invalid);
  expect(() => parameterType({ name: 'a', type: 'tuple', components: [] })).toThrow(invalid);
  expect(() => parameterType({ name: 'a', type: 'bool', components: [] })).toThrow(invalid);
  expect(() => itemSignature({ ...plot, name: 'plot(' })).toThrow(invalid);
  expect(() => parameterType({ ...point, type: 'tuple[0]' })).toThrow(code('ABI_TYPE_INVALID'));
  let deep: AbiParameter = { name: '', type: 'bool' };
  for (let level = 0; level < 20_000; level += 1) {
    deep = { name: '', type: 'tuple', components: [deep] };
  }
  expect(() => parameterType(deep)).toThrow(code('ABI_TYPE_LIMIT'));
});
