import { readFileSync } from 'node:fs';
import { compileStandardContract } from '@lucerna/sdk';
import { type Abi, type Address, parseAbi, toEventSelector, toFunctionSelector } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { INFINITE } from './erc20-standard.ts';
import {
  alice,
  bob,
  NOBODY,
  refused,
  type StandardContract,
  said,
  TokenStage,
} from './standard-tokens.ts';

// ZX-1155 by the text of EIP-1155, and what it has besides.

const EIP1155: Abi = parseAbi([
  'function safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes data)',
  'function safeBatchTransferFrom(address from, address to, uint256[] ids, uint256[] values, bytes data)',
  'function balanceOf(address owner, uint256 id) view returns (uint256)',
  'function balanceOfBatch(address[] owners, uint256[] ids) view returns (uint256[])',
  'function setApprovalForAll(address operator, bool approved)',
  'function isApprovedForAll(address owner, address operator) view returns (bool)',
  'function supportsInterface(bytes4 interfaceID) view returns (bool)',
  'function uri(uint256 id) view returns (string)',
  'event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value)',
  'event TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values)',
  'event ApprovalForAll(address indexed owner, address indexed operator, bool approved)',
]);
const ABI: Abi = [
  ...EIP1155,
  ...parseAbi([
    'function initialize(string uri, address owner)',
    'function mint(address to, uint256 id, uint256 value, bytes data)',
    'function mintBatch(address to, uint256[] ids, uint256[] values, bytes data)',
    'function burn(address from, uint256 id, uint256 value)',
    'function burnBatch(address from, uint256[] ids, uint256[] values)',
    'function setUri(string uri)',
    'event Told(address token, address operator, address from, uint256[] ids, uint256[] values, bytes data)',
    'error NotToday(uint256 day)',
  ]),
];
const SINGLE = 'safeTransferFrom';
const BATCH = 'safeBatchTransferFrom';
const RECEIVERS = readFileSync(new URL('receivers.zx', import.meta.url), 'utf8');

let stage: TokenStage;
let token: StandardContract;

beforeAll(async () => {
  stage = await TokenStage.open();
});
afterAll(() => stage.node.close());

/** Alice has 100 of kind 1 and 200 of kind 2. */
beforeEach(async () => {
  token = stage.at(await stage.standard('zx1155', ['ipfs://{id}.json']), ABI);
  await token.send(alice, 'mintBatch', alice.address, [1n, 2n], [100n, 200n], '0x');
});

const balances = (account: Address): Promise<unknown> =>
  token.read('balanceOfBatch', [account, account, account], [1n, 2n, 3n]);
const receiver = (name: string, args: readonly unknown[] = []): Promise<Address> =>
  stage.source(RECEIVERS, args, name);

test('its ABI has the functions and events of the standard', () => {
  const { abi } = compileStandardContract('zx1155');
  const selectors = (items: Abi): readonly string[] =>
    items.flatMap((item) => {
      if (item.type === 'function') return [`${toFunctionSelector(item)} ${item.name}`];
      return item.type === 'event' ? [`${toEventSelector(item)} ${item.name}`] : [];
    });
  expect(selectors(abi as Abi)).toEqual(expect.arrayContaining(selectors(EIP1155) as string[]));
});

test('says what it is, and who has what', async () => {
  expect(await token.read('uri', 7n)).toBe('ipfs://{id}.json');
  expect(await token.read('balanceOf', alice.address, 2n)).toBe(200n);
  expect(await token.read('balanceOf', NOBODY, 2n)).toBe(0n);
  expect(await balances(alice.address)).toEqual([100n, 200n, 0n]);
  expect(await token.read('balanceOfBatch', [], [])).toEqual([]);
  expect(await token.refusal(alice, 'balanceOfBatch', [NOBODY], [1n, 2n])).toEqual(
    refused('ERC1155InvalidArrayLength', 2n, 1n),
  );
  const supported = { '0x01ffc9a7': true, '0xd9b67a26': true, '0x0e89341c': true };
  const interfaces = { ...supported, '0xffffffff': false, '0x80ac58cd': false };
  for (const [id, expected] of Object.entries(interfaces)) {
    expect(await token.read('supportsInterface', id), id).toBe(expected);
  }
});

describe('a transfer', () => {
  test('of one kind, of nothing and to oneself too', async () => {
    const [operator, from, to] = [alice.address, alice.address, bob.address];
    expect(await token.write(alice, SINGLE, from, to, 1n, 30n, '0x')).toEqual([
      said('TransferSingle', { operator, from, to, id: 1n, value: 30n }),
    ]);
    await token.send(alice, SINGLE, from, from, 1n, 70n, '0x');
    await token.send(alice, SINGLE, from, to, 3n, 0n, '0x');
    expect(await balances(from)).toEqual([70n, 200n, 0n]);
    expect(await balances(to)).toEqual([30n, 0n, 0n]);
  });

  test('of several kinds, one of them twice, and of none', async () => {
    const [operator, from, to] = [alice.address, alice.address, bob.address];
    const [ids, values] = [
      [1n, 2n, 1n],
      [60n, 5n, 40n],
    ];
    expect(await token.write(alice, BATCH, from, to, ids, values, '0x')).toEqual([
      said('TransferBatch', { operator, from, to, ids, values }),
    ]);
    expect(await balances(from)).toEqual([0n, 195n, 0n]);
    expect(await balances(to)).toEqual([100n, 5n, 0n]);
    expect(await token.write(alice, BATCH, from, to, [], [], '0x')).toEqual([
      said('TransferBatch', { operator, from, to, ids: [], values: [] }),
    ]);
  });

  test('is refused when there is too little, to nobody, and with unequal lists', async () => {
    const [from, to] = [alice.address, bob.address];
    expect(await token.refusal(alice, SINGLE, from, to, 1n, 101n, '0x')).toEqual(
      refused('ERC1155InsufficientBalance', from, 100n, 101n, 1n),
    );
    expect(await token.refusal(alice, BATCH, from, to, [1n, 1n], [60n, 41n], '0x')).toEqual(
      refused('ERC1155InsufficientBalance', from, 40n, 41n, 1n),
    );
    expect(await token.refusal(alice, SINGLE, from, NOBODY, 1n, 1n, '0x')).toEqual(
      refused('ERC1155InvalidReceiver', NOBODY),
    );
    expect(await token.refusal(alice, BATCH, from, NOBODY, [1n], [1n], '0x')).toEqual(
      refused('ERC1155InvalidReceiver', NOBODY),
    );
    expect(await token.refusal(alice, BATCH, from, to, [1n, 2n], [1n], '0x')).toEqual(
      refused('ERC1155InvalidArrayLength', 2n, 1n),
    );
    expect(await balances(from)).toEqual([100n, 200n, 0n]);
  });

  test('is for the owner and for operators', async () => {
    const [account, operator] = [alice.address, bob.address];
    const missing = refused('ERC1155MissingApprovalForAll', operator, account);
    const calls = [
      [SINGLE, account, operator, 1n, 1n, '0x'],
      [BATCH, account, operator, [1n], [1n], '0x'],
      ['burn', account, 1n, 1n],
      ['burnBatch', account, [1n], [1n]],
    ] as const;
    for (const [name, ...args] of calls) {
      expect(await token.refusal(bob, name, ...args), name).toEqual(missing);
    }
    expect(await token.write(alice, 'setApprovalForAll', operator, true)).toEqual([
      said('ApprovalForAll', { owner: account, operator, approved: true }),
    ]);
    expect(await token.read('isApprovedForAll', account, operator)).toBe(true);
    for (const [name, ...args] of calls) await token.send(bob, name, ...args);
    expect(await token.read('balanceOf', account, 1n)).toBe(96n);
    await token.send(alice, 'setApprovalForAll', operator, false);
    expect(await token.refusal(bob, ...calls[0])).toEqual(missing);
    expect(await token.refusal(alice, 'setApprovalForAll', NOBODY, true)).toEqual(
      refused('ERC1155InvalidOperator', NOBODY),
    );
  });
});

test('the owner mints, whoever has tokens burns them', async () => {
  const operator = alice.address;
  const to = bob.address;
  expect(await token.write(alice, 'mint', to, 3n, 9n, '0x')).toEqual([
    said('TransferSingle', { operator, from: NOBODY, to, id: 3n, value: 9n }),
  ]);
  expect(await token.write(alice, 'mintBatch', to, [3n], [1n], '0x')).toEqual([
    said('TransferBatch', { operator, from: NOBODY, to, ids: [3n], values: [1n] }),
  ]);
  expect(await token.write(bob, 'burn', to, 3n, 4n)).toEqual([
    said('TransferSingle', { operator: to, from: to, to: NOBODY, id: 3n, value: 4n }),
  ]);
  expect(await token.write(bob, 'burnBatch', to, [3n, 3n], [1n, 2n])).toEqual([
    said('TransferBatch', { operator: to, from: to, to: NOBODY, ids: [3n, 3n], values: [1n, 2n] }),
  ]);
  expect(await balances(to)).toEqual([0n, 0n, 3n]);
  expect(await token.refusal(bob, 'burn', to, 3n, 4n)).toEqual(
    refused('ERC1155InsufficientBalance', to, 3n, 4n, 3n),
  );
  expect(await token.refusal(alice, 'mint', to, 3n, INFINITE, '0x')).toEqual(
    refused('Panic', 0x11n),
  );
  expect(await token.refusal(alice, 'mint', NOBODY, 3n, 1n, '0x')).toEqual(
    refused('ERC1155InvalidReceiver', NOBODY),
  );
  expect(await token.refusal(alice, 'mintBatch', to, [1n], [], '0x')).toEqual(
    refused('ERC1155InvalidArrayLength', 1n, 0n),
  );
  for (const [name, ...args] of [
    ['mint', to, 3n, 1n, '0x'],
    ['mintBatch', to, [3n], [1n], '0x'],
    ['setUri', 'x'],
  ] as const) {
    expect(await token.refusal(bob, name, ...args), name).toEqual(
      refused('OwnableUnauthorizedAccount', to),
    );
  }
  await token.send(alice, 'setUri', 'other');
  expect(await token.read('uri', 1n)).toBe('other');
});

describe('a contract that is sent tokens', () => {
  test('is told what it gets', async () => {
    const keeper = await receiver('Keeper');
    const events = async (...call: readonly unknown[]): Promise<unknown> => {
      const [name, ...args] = call as [string, ...unknown[]];
      return stage.at(keeper, ABI).events(await token.send(alice, name, ...args));
    };
    const [operator, from] = [alice.address, alice.address];
    const told = (args: object) => [said('Told', { token: token.address, operator, ...args })];
    expect(await events(SINGLE, from, keeper, 1n, 5n, '0xab')).toEqual(
      told({ from, ids: [1n], values: [5n], data: '0xab' }),
    );
    expect(await events(BATCH, from, keeper, [2n, 1n], [6n, 7n], '0x')).toEqual(
      told({ from, ids: [2n, 1n], values: [6n, 7n], data: '0x' }),
    );
    expect(await events('mint', keeper, 3n, 1n, '0x')).toEqual(
      told({ from: NOBODY, ids: [3n], values: [1n], data: '0x' }),
    );
    expect(await events('mintBatch', keeper, [3n], [1n], '0x')).toEqual(
      told({ from: NOBODY, ids: [3n], values: [1n], data: '0x' }),
    );
    expect(await balances(keeper)).toEqual([12n, 6n, 2n]);
  });

  test('can refuse, in every way', async () => {
    const from = alice.address;
    const invalid = (to: Address) => refused('ERC1155InvalidReceiver', to);
    const cases = [
      ['Stone', [], invalid],
      ['Wallet', [true], invalid],
      ['Refuser', [0n], invalid],
      ['Refuser', [1n], () => refused('Error', 'no, thank you')],
      ['Refuser', [2n], () => refused('NotToday', 7n)],
      ['Refuser', [3n], invalid],
      ['Refuser', [4n], () => refused('Error', 'reentrant call')],
      ['Echo', [], () => refused('Error', 'call: malformed result')],
    ] as const;
    for (const [name, args, expected] of cases) {
      const to = await receiver(name, args);
      const calls = [
        [SINGLE, from, to, 1n, 1n, '0x'],
        [BATCH, from, to, [1n], [1n], '0x'],
        ['mint', to, 1n, 1n, '0x'],
        ['mintBatch', to, [1n], [1n], '0x'],
      ] as const;
      for (const [call, ...values] of calls) {
        expect(await token.refusal(alice, call, ...values), `${name} ${call}`).toEqual(
          expected(to),
        );
      }
    }
    expect(await balances(from)).toEqual([100n, 200n, 0n]);
  });
});
