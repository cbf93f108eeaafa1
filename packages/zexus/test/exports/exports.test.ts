import { toHex } from '@lucerna/base';
import type { AbiEvent } from '@lucerna/protocol';
import {
  type Abi,
  erc20Abi,
  erc721Abi,
  erc1155Abi,
  toFunctionSelector,
  toFunctionSignature,
} from 'viem';
import { expect, it } from 'vitest';
import type { AbiField, Container, ContainerAction } from '../../src/bytecode/container.ts';
import { exportCollisions } from '../../src/exports/collisions.ts';
import { contractAbi } from '../../src/exports/contract-abi.ts';
import { exportedName } from '../../src/exports/exported-name.ts';
import { exportedSignature, selectorOf } from '../../src/exports/selector.ts';
import { indexedFields, standardEvent } from '../../src/exports/standard-events.ts';

const action = (
  name: string,
  types: readonly string[],
  more: Partial<ContainerAction> = {},
): ContainerAction => ({
  name,
  exportedAs: exportedName(name),
  mutability: 'nonpayable',
  parameters: types.map((type, index) => ({ name: `p${index}`, type })),
  result: undefined,
  gasLimit: undefined,
  code: [],
  ...more,
});

it.each([
  ['transfer', 'transfer'],
  ['balance_of', 'balanceOf'],
  ['transfer_from', 'transferFrom'],
  ['balanceOf', 'balanceOf'],
  ['a_b_c', 'aBC'],
  ['get__twice', 'getTwice'],
  ['get_2nd', 'get2nd'],
  ['DOMAIN_SEPARATOR', 'DOMAIN_SEPARATOR'],
  ['X', 'X'],
  ['_hidden_one', '_hiddenOne'],
  ['end_', 'end_'],
  ['__', '__'],
])('exports %s as %s', (name, exported) => {
  expect(exportedName(name)).toBe(exported);
});

it("has the selectors of ERC-20's functions", () => {
  expect(exportedSignature(action('balance_of', ['address']))).toBe('balanceOf(address)');
  expect(toHex(selectorOf(action('balance_of', ['address']))!)).toBe('0x70a08231');
  expect(toHex(selectorOf(action('transfer', ['address', 'uint256']))!)).toBe('0xa9059cbb');
  expect(selectorOf(action('mint', [''], { exportedAs: undefined }))).toBeUndefined();
});

it('finds actions that callers could not tell apart', () => {
  const found = exportCollisions([
    action('balance_of', ['address']),
    action('mint', [''], { exportedAs: undefined }),
    action('balanceOf', ['uint256']),
    // A known collision: keccak begins with 0x42966c68 for both.
    action('burn', ['uint256']),
    action('collate_propagate_storage', ['bytes16'], { exportedAs: 'collate_propagate_storage' }),
  ]);
  expect(found).toEqual([
    { kind: 'name', shared: 'balanceOf', earlier: 0, later: 2 },
    { kind: 'selector', shared: '0x42966c68', earlier: 3, later: 4 },
  ]);
  expect(exportCollisions([action('a', []), action('b', [])])).toEqual([]);
});

type Entry = { readonly type: string; readonly name?: string };
type EventEntry = Pick<AbiEvent, 'inputs' | 'name'>;

it.each<[string, readonly Entry[]]>([
  ['ERC-20', erc20Abi],
  ['ERC-721', erc721Abi],
  ['ERC-1155', erc1155Abi],
])('indexes the events of %s as the standard does', (_, abi) => {
  const events = abi.filter((entry) => entry.type === 'event') as unknown as EventEntry[];
  expect(events.length).toBeGreaterThanOrEqual(2);
  for (const { inputs, name } of events) {
    const bare = inputs.map((input) => ({ name: input.name, type: input.type, indexed: false }));
    const indexed = indexedFields(name, bare).map((field) => field.indexed);
    expect([name, indexed]).toEqual([name, inputs.map((input) => input.indexed)]);
  }
});

it("tells ERC-721's Transfer by the name of its third field", () => {
  const fields = (third: string): { name: string; type: string }[] => [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: third, type: 'uint256' },
  ];
  for (const third of ['tokenId', 'token_id', '_tokenId', 'id']) {
    expect(standardEvent('Transfer', fields(third))?.standard).toBe('ERC-721');
  }
  for (const third of ['value', 'amount', 'wad']) {
    expect(standardEvent('Transfer', fields(third))?.standard).toBe('ERC-20');
  }
  expect(standardEvent('Transferred', fields('value'))).toBeUndefined();
  expect(standardEvent('Transfer', fields('value').slice(0, 2))).toBeUndefined();
});

it('leaves declared indexing and other events as they are', () => {
  const declared = [
    { name: 'from', type: 'address', indexed: false },
    { name: 'to', type: 'address', indexed: true },
    { name: 'value', type: 'uint256', indexed: false },
  ];
  expect(indexedFields('Transfer', declared)).toBe(declared);
  const other = [{ name: 'by', type: 'address', indexed: false }];
  expect(indexedFields('Seen', other)).toBe(other);
});

const container: Container = {
  name: 'Token',
  constants: [],
  schema: [{ name: 'supply', shape: { kind: 'cell', type: 'integer' } }],
  events: [
    {
      name: 'Transfer',
      fields: [
        { name: 'from', type: 'address', indexed: true },
        { name: 'value', type: 'uint256', indexed: false },
      ],
    },
  ],
  errors: [],
  actions: [
    action('init', ['uint256'], { exportedAs: undefined, mutability: 'payable' }),
    action('balance_of', ['address'], {
      mutability: 'view',
      result: { name: '', type: 'uint256' },
    }),
    action('helper', [''], { exportedAs: undefined }),
    action('deposit', [], { mutability: 'payable' }),
  ],
  init: 0,
  fallback: undefined,
  receive: undefined,
  metadata: [],
};

it('lists what a container exports', () => {
  expect(contractAbi(container)).toEqual([
    { type: 'constructor', inputs: [{ name: 'p0', type: 'uint256' }], stateMutability: 'payable' },
    {
      type: 'function',
      name: 'balanceOf',
      inputs: [{ name: 'p0', type: 'address' }],
      outputs: [{ name: '', type: 'uint256' }],
      stateMutability: 'view',
    },
    { type: 'function', name: 'deposit', inputs: [], outputs: [], stateMutability: 'payable' },
    {
      type: 'event',
      name: 'Transfer',
      inputs: container.events[0]!.fields,
      anonymous: false,
    },
  ]);
});

it('has a constructor only when something runs at deployment', () => {
  const items = contractAbi({ ...container, init: undefined });
  expect(items.map((item) => item.type)).toEqual(['function', 'function', 'event']);
});

const order: AbiField = {
  name: 'orders',
  type: 'tuple[]',
  components: [
    { name: 'to', type: 'address' },
    {
      name: 'price',
      type: 'tuple',
      components: [
        { name: 'amount', type: 'uint256' },
        { name: 'coin', type: 'string' },
      ],
    },
  ],
};

it('has the selectors that viem makes of the ABI, also of lists and tuples', () => {
  const pay = action('pay_all', [], { parameters: [order, { name: 'memo', type: 'bytes[][]' }] });
  const [item] = contractAbi({ ...container, actions: [pay], init: undefined, events: [] }) as Abi;
  const signature = 'payAll((address,(uint256,string))[],bytes[][])';
  expect(exportedSignature(pay)).toBe(signature);
  expect(toFunctionSignature(item as never)).toBe(signature);
  expect(toHex(selectorOf(pay)!)).toBe(toFunctionSelector(item as never));
});

it('lists tuples, errors, pure functions and what takes calls without a function', () => {
  const abi = contractAbi({
    ...container,
    events: [],
    errors: [{ name: 'Unpaid', fields: [order] }],
    actions: [
      action('total', [], {
        mutability: 'pure',
        parameters: [order],
        result: { name: '', type: 'uint256[]' },
        gasLimit: 1_000,
      }),
      action('fallback', ['bytes'], {
        exportedAs: undefined,
        result: { name: '', type: 'bytes' },
        mutability: 'view',
      }),
      action('receive', [], { exportedAs: undefined, mutability: 'payable' }),
    ],
    init: undefined,
    fallback: 1,
    receive: 2,
  });
  expect(abi).toEqual([
    {
      type: 'function',
      name: 'total',
      inputs: [order],
      outputs: [{ name: '', type: 'uint256[]' }],
      stateMutability: 'pure',
    },
    { type: 'error', name: 'Unpaid', inputs: [order] },
    { type: 'fallback', stateMutability: 'nonpayable' },
    { type: 'receive', stateMutability: 'payable' },
  ]);
});

it('knows a fallback that takes value', () => {
  const fallback = action('fallback', [], { exportedAs: undefined, mutability: 'payable' });
  const abi = contractAbi({ ...container, actions: [fallback], init: undefined, fallback: 0 });
  expect(abi.at(-1)).toEqual({ type: 'fallback', stateMutability: 'payable' });
});

it('of equal signatures finds the selector first', () => {
  const found = exportCollisions([action('pay', ['address']), action('pay', ['address'])]);
  expect(found).toMatchObject([{ kind: 'selector', earlier: 0, later: 1 }]);
});

it('finds overloads of lists by their name alone', () => {
  const batch = action('pay', ['address[]']);
  const found = exportCollisions([action('pay', ['address']), batch]);
  expect(found).toEqual([{ kind: 'name', shared: 'pay', earlier: 0, later: 1 }]);
});
