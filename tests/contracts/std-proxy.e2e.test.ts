import { readFileSync } from 'node:fs';
import {
  type Abi,
  type Address,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  parseAbi,
  parseEther,
} from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  alice,
  bob,
  carol,
  NOBODY,
  refused,
  type StandardContract,
  said,
  TokenStage,
} from './standard-tokens.ts';

// The proxy by the events of EIP-1967, with contracts behind it that are changed for others.

const PROXY: Abi = parseAbi([
  'struct Version { address implementation; uint256 height; }',
  'function proxyImplementation() view returns (address)',
  'function proxyAdmin() view returns (address)',
  'function proxyHistory() view returns (Version[])',
  'function upgradeToAndCall(address implementation, bytes data) payable',
  'function proxyRollback()',
  'function proxyChangeAdmin(address admin)',
  'event Upgraded(address indexed implementation)',
  'event AdminChanged(address previousAdmin, address newAdmin)',
]);
const SHOP: Abi = parseAbi([
  'function initialize(address owner, string what, uint256 price)',
  'function migrate(uint256 discount)',
  'function version() view returns (uint256)',
  'function sold() view returns (uint256)',
  'function bought(address buyer) view returns (uint256)',
  'function price(string what) view returns (uint256)',
  'function balance() view returns (uint256)',
  'function me() view returns (address)',
  'function caller() view returns (address)',
  'function setPrice(string what, uint256 price)',
  'function buy(string what) payable',
  'event Sold(address indexed buyer, string what, uint256 paid)',
  'error TooLittle(uint256 paid, uint256 price)',
]);
const TOKEN: Abi = [
  ...erc20Abi,
  ...parseAbi([
    'function initialize(string name, string symbol, uint8 decimals, uint256 supply, address owner)',
  ]),
];
const VERSIONS = readFileSync(new URL('versions.zx', import.meta.url), 'utf8');
const UPGRADE = 'upgradeToAndCall';

let stage: TokenStage;
let shop1: Address;
let shop2: Address;
let proxy: StandardContract;
let shop: StandardContract;

beforeAll(async () => {
  stage = await TokenStage.open();
  shop1 = await stage.source(VERSIONS, [], 'Shop1');
  shop2 = await stage.source(VERSIONS, [], 'Shop2');
});
afterAll(() => stage.node.close());

const call = (functionName: string, ...args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: SHOP, functionName, args });

/** Alice's proxy with the first version behind it, which is Bob's shop and sells tea for 5 wei. */
beforeEach(async () => {
  const address = await stage.standard('proxy', [
    shop1,
    call('initialize', bob.address, 'tea', 5n),
  ]);
  proxy = stage.at(address, PROXY);
  shop = stage.at(address, SHOP);
});

async function buy(from = carol, value = 5n): Promise<readonly unknown[]> {
  const { address } = shop;
  const request = { address, abi: SHOP, functionName: 'buy', args: ['tea'] };
  return shop.events(await stage.send(request, from, value));
}

describe('what is behind a proxy', () => {
  test('runs as the proxy, on its state and its wei', async () => {
    expect(await shop.read('me')).toBe(proxy.address);
    expect(await shop.read('owner')).toBe(bob.address);
    expect(await buy()).toEqual([said('Sold', { buyer: carol.address, what: 'tea', paid: 5n })]);
    expect(await shop.read('sold')).toBe(1n);
    expect(await shop.read('balance')).toBe(5n);
    expect(await stage.reader.getBalance({ address: proxy.address })).toBe(5n);
    const behind = stage.at(shop1, SHOP);
    expect(await behind.read('sold')).toBe(0n);
    expect(await behind.read('owner')).toBe(NOBODY);
    const caller = { address: proxy.address, abi: SHOP, functionName: 'caller', args: [] };
    expect(await stage.reader.readContract({ ...caller, account: carol } as never)).toBe(
      carol.address,
    );
  });

  test('says itself why it refuses', async () => {
    expect(await shop.refusal(carol, 'buy', 'tea')).toEqual(refused('TooLittle', 0n, 5n));
    expect(await shop.refusal(carol, 'setPrice', 'tea', 1n)).toEqual(
      refused('OwnableUnauthorizedAccount', carol.address),
    );
    // The admin of the proxy is nobody in the shop.
    expect(await shop.refusal(alice, 'setPrice', 'tea', 1n)).toEqual(
      refused('OwnableUnauthorizedAccount', alice.address),
    );
    expect(await shop.refusal(alice, 'migrate', 1n)).toEqual(refused(''));
    expect(await shop.refusal(alice, 'initialize', alice.address, 'tea', 1n)).toEqual(
      refused('InvalidInitialization'),
    );
  });
});

describe('an upgrade', () => {
  test('keeps the state, and brings it up to the new code', async () => {
    await buy();
    const height = await stage.reader.getBlockNumber();
    expect(await proxy.write(alice, UPGRADE, shop2, call('migrate', 2n))).toEqual([
      said('Upgraded', { implementation: shop2 }),
    ]);
    expect(await proxy.read('proxyImplementation')).toBe(shop2);
    expect(await shop.read('version')).toBe(2n);
    expect(await shop.read('sold')).toBe(1n);
    expect(await shop.read('price', 'tea')).toBe(3n);
    await buy(bob, 3n);
    expect([await shop.read('sold'), await shop.read('bought', bob.address)]).toEqual([2n, 1n]);
    expect(await proxy.read('proxyHistory')).toEqual([
      { implementation: shop1, height: height - 1n },
      { implementation: shop2, height: height + 1n },
    ]);
  });

  test('without data calls nothing', async () => {
    await proxy.send(alice, UPGRADE, shop2, '0x');
    expect(await shop.read('price', 'tea')).toBe(5n);
  });

  test('is refused when a name is used for something else, with all that it did', async () => {
    const wrong = await stage.source(VERSIONS, [], 'Wrong');
    const thief = await stage.source(VERSIONS, [], 'Thief');
    for (const [code, name] of [
      [wrong, 'sold'],
      [thief, 'proxy_admin'],
    ] as const) {
      const incompatible = refused('Error', `incompatible state layout: ${name}`);
      expect(await proxy.refusal(alice, UPGRADE, code, '0x')).toEqual(incompatible);
      expect(await proxy.refusal(alice, UPGRADE, code, call('version'))).toEqual(incompatible);
    }
    expect(await shop.read('version')).toBe(1n);
    // Also when the version that had the name is gone.
    await proxy.send(alice, UPGRADE, shop2, '0x');
    await proxy.send(alice, 'proxyRollback');
    const bought = await stage.source(
      'contract B { data bought: bool\n data n: integer\n action f() { bought = n > 1 } }',
    );
    expect(await proxy.refusal(alice, UPGRADE, bought, '0x')).toEqual(
      refused('Error', 'incompatible state layout: bought'),
    );
  });

  test('is refused to others, and to accounts without code', async () => {
    const unauthorized = refused('ProxyUnauthorizedAccount', bob.address);
    expect(await proxy.refusal(bob, UPGRADE, shop2, '0x')).toEqual(unauthorized);
    expect(await proxy.refusal(bob, 'proxyRollback')).toEqual(unauthorized);
    expect(await proxy.refusal(bob, 'proxyChangeAdmin', bob.address)).toEqual(unauthorized);
    for (const account of [carol.address, NOBODY]) {
      expect(await proxy.refusal(alice, UPGRADE, account, '0x')).toEqual(
        refused('ERC1967InvalidImplementation', account),
      );
    }
  });

  test('is taken back when what it calls fails', async () => {
    const again = call('initialize', alice.address, 'tea', 1n);
    expect(await proxy.refusal(alice, UPGRADE, shop1, again)).toEqual(
      refused('InvalidInitialization'),
    );
    expect(await proxy.read('proxyHistory')).toHaveLength(1);
  });
});

describe('a rollback', () => {
  test('goes back, version by version, with the state as it is', async () => {
    await proxy.send(alice, UPGRADE, shop2, '0x');
    await proxy.send(alice, UPGRADE, shop1, '0x');
    await proxy.send(alice, UPGRADE, shop2, call('migrate', 4n));
    await buy(bob, 1n);
    const implementations = [shop1, shop2, shop1];
    for (const implementation of implementations.toReversed()) {
      expect(await proxy.write(alice, 'proxyRollback')).toEqual([
        said('Upgraded', { implementation }),
      ]);
      expect(await proxy.read('proxyImplementation')).toBe(implementation);
      expect(await shop.read('sold')).toBe(1n);
    }
    expect(await shop.read('version')).toBe(1n);
    expect(await shop.read('price', 'tea')).toBe(5n);
    expect(await proxy.refusal(alice, 'proxyRollback')).toEqual(refused('ProxyNoEarlierVersion'));
    await buy();
    await proxy.send(alice, UPGRADE, shop2, '0x');
    expect(await shop.read('bought', bob.address)).toBe(1n);
    expect(await shop.read('price', 'tea')).toBe(1n);
  });
});

test('the admin hands the administration on', async () => {
  expect(await proxy.read('proxyAdmin')).toBe(alice.address);
  expect(await proxy.refusal(alice, 'proxyChangeAdmin', NOBODY)).toEqual(
    refused('ERC1967InvalidAdmin', NOBODY),
  );
  expect(await proxy.write(alice, 'proxyChangeAdmin', bob.address)).toEqual([
    said('AdminChanged', { previousAdmin: alice.address, newAdmin: bob.address }),
  ]);
  expect(await proxy.refusal(alice, UPGRADE, shop2, '0x')).toEqual(
    refused('ProxyUnauthorizedAccount', alice.address),
  );
  await proxy.send(bob, UPGRADE, shop2, '0x');
});

test('wei for the upgrade reach the code that it calls', async () => {
  const { address } = proxy;
  const request = { address, abi: PROXY, functionName: UPGRADE };
  const args = [shop2, call('buy', 'tea')];
  await stage.send({ ...request, args }, alice, parseEther('1'));
  expect(await stage.reader.getBalance({ address })).toBe(parseEther('1'));
});

describe('a token behind a proxy', () => {
  let token: StandardContract;

  beforeAll(async () => {
    const code = await stage.standard('zx20', ['', '', 0, 0n]);
    const args = ['Gold', 'GLD', 18, 1_000n, bob.address];
    const data = encodeFunctionData({ abi: TOKEN, functionName: 'initialize', args });
    token = stage.at(await stage.standard('proxy', [code, data]), TOKEN);
  });

  test('is one like any other', async () => {
    expect(await token.read('name')).toBe('Gold');
    expect(await token.write(bob, 'transfer', carol.address, 10n)).toEqual([
      said('Transfer', { from: bob.address, to: carol.address, value: 10n }),
    ]);
    expect(await token.read('balanceOf', carol.address)).toBe(10n);
    expect(await token.refusal(carol, 'transfer', bob.address, 11n)).toEqual(
      refused('ERC20InsufficientBalance', carol.address, 10n, 11n),
    );
    expect(await token.refusal(carol, 'initialize', 'x', 'x', 1, 1n, carol.address)).toEqual(
      refused('InvalidInitialization'),
    );
  });

  test('answers other contracts, by its ABI and by the names of its source', async () => {
    const abi = parseAbi([
      'function ask(address token, address account) view returns (uint256)',
      'function askByName(address token, address account) view returns (uint256)',
    ]);
    const reader = stage.at(await stage.source(VERSIONS, [], 'Reader'), abi);
    expect(await reader.read('ask', token.address, carol.address)).toBe(10n);
    expect(await reader.read('askByName', token.address, carol.address)).toBe(10n);
  });
});
