import { readFileSync } from 'node:fs';
import { compileStandardContract } from '@lucerna/sdk';
import {
  type Abi,
  type Address,
  erc721Abi,
  parseAbi,
  toEventSelector,
  toFunctionSelector,
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

// ZX-721 by viem's `erc721Abi`, and what it has besides.

const ABI: Abi = [
  ...erc721Abi.filter((item) => !('name' in item) || item.name !== 'totalSupply'),
  ...parseAbi([
    'function supportsInterface(bytes4 interfaceId) view returns (bool)',
    'function initialize(string name, string symbol, string baseUri, address owner)',
    'function mint(address to, uint256 tokenId)',
    'function safeMint(address to, uint256 tokenId, bytes data)',
    'function burn(uint256 tokenId)',
    'function setBaseUri(string uri)',
    'event Told(address token, address operator, address from, uint256[] ids, uint256[] values, bytes data)',
    'error NotToday(uint256 day)',
  ]),
];
const SAFE = 'safeTransferFrom';
const RECEIVERS = readFileSync(new URL('receivers.zx', import.meta.url), 'utf8');

let stage: TokenStage;
let token: StandardContract;

beforeAll(async () => {
  stage = await TokenStage.open();
});
afterAll(() => stage.node.close());

/** Tokens 1 and 2 are Alice's, 3 is Bob's. */
beforeEach(async () => {
  const address = await stage.standard('zx721', ['Deeds', 'DEED', 'ipfs://deeds/']);
  token = stage.at(address, ABI);
  await token.send(alice, 'mint', alice.address, 1n);
  await token.send(alice, 'mint', alice.address, 2n);
  await token.send(alice, 'mint', bob.address, 3n);
});

const balanceOf = (account: Address): Promise<unknown> => token.read('balanceOf', account);
const ownerOf = (tokenId: bigint): Promise<unknown> => token.read('ownerOf', tokenId);
const receiver = (name: string, args: readonly unknown[] = []): Promise<Address> =>
  stage.source(RECEIVERS, args, name);

test('its ABI has the functions and events of the standard', () => {
  const { abi } = compileStandardContract('zx721');
  const selectors = (items: Abi): readonly string[] =>
    items.flatMap((item) => {
      if (item.type === 'function') return [`${toFunctionSelector(item)} ${item.name}`];
      return item.type === 'event' ? [`${toEventSelector(item)} ${item.name}`] : [];
    });
  const enumerable = ['tokenByIndex', 'totalSupply', 'tokenOfOwnerByIndex'];
  const own = selectors(abi as Abi);
  const standard = selectors(erc721Abi).filter(
    (text) => !enumerable.some((name) => text.endsWith(` ${name}`)),
  );
  expect(own).toEqual(expect.arrayContaining(standard as string[]));
  expect(own.filter((text) => text.endsWith(' safeTransferFrom'))).toEqual([
    '0x42842e0e safeTransferFrom',
    '0xb88d4fde safeTransferFrom',
  ]);
});

test('says what it is, and who has what', async () => {
  expect(await token.read('name')).toBe('Deeds');
  expect(await token.read('symbol')).toBe('DEED');
  expect(await token.read('tokenURI', 2n)).toBe('ipfs://deeds/2');
  expect(await ownerOf(3n)).toBe(bob.address);
  expect(await balanceOf(alice.address)).toBe(2n);
  expect(await balanceOf(carol.address)).toBe(0n);
  const supported = { '0x01ffc9a7': true, '0x80ac58cd': true, '0x5b5e139f': true };
  const interfaces = { ...supported, '0xffffffff': false, '0xd9b67a26': false };
  for (const [id, expected] of Object.entries(interfaces)) {
    expect(await token.read('supportsInterface', id), id).toBe(expected);
  }
});

test('knows nothing of tokens that are not there', async () => {
  const missing = refused('ERC721NonexistentToken', 9n);
  for (const name of ['ownerOf', 'getApproved', 'tokenURI', 'burn']) {
    expect(await token.refusal(alice, name, 9n), name).toEqual(missing);
  }
  expect(await token.refusal(alice, 'approve', bob.address, 9n)).toEqual(missing);
  expect(await token.refusal(alice, 'transferFrom', alice.address, bob.address, 9n)).toEqual(
    missing,
  );
  expect(await token.refusal(alice, 'balanceOf', NOBODY)).toEqual(
    refused('ERC721InvalidOwner', NOBODY),
  );
});

test('the base of the URIs is the owner’s to set; without one there are none', async () => {
  await token.send(alice, 'setBaseUri', '');
  expect(await token.read('tokenURI', 2n)).toBe('');
  expect(await token.refusal(bob, 'setBaseUri', 'x')).toEqual(
    refused('OwnableUnauthorizedAccount', bob.address),
  );
});

describe('a transfer', () => {
  test('by the owner, to others and to oneself', async () => {
    const [from, to] = [alice.address, bob.address];
    expect(await token.write(alice, 'transferFrom', from, to, 1n)).toEqual([
      said('Transfer', { from, to, tokenId: 1n }),
    ]);
    await token.send(alice, 'transferFrom', from, from, 2n);
    expect([await ownerOf(1n), await ownerOf(2n)]).toEqual([to, from]);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([1n, 2n]);
  });

  test('by the approved account, which then is so no more', async () => {
    const owner = alice.address;
    expect(await token.write(alice, 'approve', bob.address, 1n)).toEqual([
      // viem calls the approved account so.
      said('Approval', { owner, spender: bob.address, tokenId: 1n }),
    ]);
    expect(await token.read('getApproved', 1n)).toBe(bob.address);
    await token.send(bob, 'transferFrom', owner, carol.address, 1n);
    expect(await token.read('getApproved', 1n)).toBe(NOBODY);
    expect(await token.refusal(bob, 'transferFrom', carol.address, bob.address, 1n)).toEqual(
      refused('ERC721InsufficientApproval', bob.address, 1n),
    );
    await token.send(alice, 'approve', bob.address, 2n);
    await token.send(alice, 'approve', NOBODY, 2n);
    expect(await token.refusal(bob, 'transferFrom', owner, bob.address, 2n)).toEqual(
      refused('ERC721InsufficientApproval', bob.address, 2n),
    );
  });

  test('by an operator, who approves as well', async () => {
    const [owner, operator] = [alice.address, bob.address];
    expect(await token.write(alice, 'setApprovalForAll', operator, true)).toEqual([
      said('ApprovalForAll', { owner, operator, approved: true }),
    ]);
    expect(await token.read('isApprovedForAll', owner, operator)).toBe(true);
    await token.send(bob, 'approve', carol.address, 1n);
    await token.send(carol, 'transferFrom', owner, carol.address, 1n);
    await token.send(bob, 'transferFrom', owner, carol.address, 2n);
    await token.send(alice, 'setApprovalForAll', operator, false);
    expect(await token.read('isApprovedForAll', owner, operator)).toBe(false);
    expect(await token.refusal(alice, 'setApprovalForAll', NOBODY, true)).toEqual(
      refused('ERC721InvalidOperator', NOBODY),
    );
  });

  test('is refused to others, of others’ tokens, and to nobody', async () => {
    const [from, to] = [alice.address, bob.address];
    expect(await token.refusal(bob, 'transferFrom', from, to, 1n)).toEqual(
      refused('ERC721InsufficientApproval', to, 1n),
    );
    expect(await token.refusal(bob, 'approve', to, 1n)).toEqual(
      refused('ERC721InvalidApprover', to),
    );
    expect(await token.refusal(alice, 'transferFrom', to, from, 1n)).toEqual(
      refused('ERC721IncorrectOwner', to, 1n, from),
    );
    expect(await token.refusal(alice, 'transferFrom', from, NOBODY, 1n)).toEqual(
      refused('ERC721InvalidReceiver', NOBODY),
    );
  });
});

test('the owner of the contract mints, the owner of a token burns it', async () => {
  const [from, to] = [NOBODY, carol.address];
  expect(await token.write(alice, 'mint', to, 4n)).toEqual([
    said('Transfer', { from, to, tokenId: 4n }),
  ]);
  expect(await token.refusal(alice, 'mint', to, 4n)).toEqual(
    refused('ERC721InvalidSender', NOBODY),
  );
  expect(await token.refusal(alice, 'mint', NOBODY, 5n)).toEqual(
    refused('ERC721InvalidReceiver', NOBODY),
  );
  for (const name of ['mint', 'safeMint']) {
    const args = name === 'mint' ? [to, 5n] : [to, 5n, '0x'];
    expect(await token.refusal(bob, name, ...args), name).toEqual(
      refused('OwnableUnauthorizedAccount', bob.address),
    );
  }
  expect(await token.refusal(bob, 'burn', 4n)).toEqual(
    refused('ERC721InsufficientApproval', bob.address, 4n),
  );
  await token.send(carol, 'approve', bob.address, 4n);
  expect(await token.write(bob, 'burn', 4n)).toEqual([
    said('Transfer', { from: to, to: NOBODY, tokenId: 4n }),
  ]);
  expect(await balanceOf(to)).toBe(0n);
  expect(await token.refusal(alice, 'ownerOf', 4n)).toEqual(refused('ERC721NonexistentToken', 4n));
  // It can be made anew, and nobody is approved for it.
  await token.send(alice, 'mint', to, 4n);
  expect(await token.read('getApproved', 4n)).toBe(NOBODY);
});

describe('a safe transfer', () => {
  test('to an account without code asks nobody', async () => {
    const [from, to] = [alice.address, carol.address];
    await token.send(alice, SAFE, from, to, 1n);
    await token.send(alice, SAFE, from, to, 2n, '0x1234');
    await token.send(alice, 'safeMint', to, 4n, '0x');
    expect(await balanceOf(to)).toBe(3n);
    expect(await token.refusal(bob, SAFE, from, to, 2n, '0x')).toEqual(
      refused('ERC721InsufficientApproval', bob.address, 2n),
    );
  });

  test('tells a contract that takes tokens about it', async () => {
    const keeper = await receiver('Keeper');
    const told = (from: Address, tokenId: bigint, data: string) =>
      said('Told', {
        token: token.address,
        operator: alice.address,
        from,
        ids: [tokenId],
        values: [],
        data,
      });
    const events = async (...call: readonly unknown[]): Promise<unknown> => {
      const [name, ...args] = call as [string, ...unknown[]];
      const receipt = await token.send(alice, name, ...args);
      return stage.at(keeper, ABI).events(receipt);
    };
    const from = alice.address;
    expect(await events(SAFE, from, keeper, 1n)).toEqual([told(from, 1n, '0x')]);
    expect(await events(SAFE, from, keeper, 2n, '0x1234')).toEqual([told(from, 2n, '0x1234')]);
    expect(await events('safeMint', keeper, 4n, '0xff')).toEqual([told(NOBODY, 4n, '0xff')]);
    expect(await balanceOf(keeper)).toBe(3n);
    // Nothing is asked without "safe".
    expect(await events('mint', keeper, 5n)).toEqual([]);
  });

  test('is taken back when a contract does not take it, for its reasons', async () => {
    const from = alice.address;
    const invalid = (to: Address) => refused('ERC721InvalidReceiver', to);
    const cases = [
      ['Stone', [], invalid],
      ['Refuser', [0n], invalid],
      ['Refuser', [1n], () => refused('Error', 'no, thank you')],
      ['Refuser', [2n], () => refused('NotToday', 7n)],
      ['Refuser', [3n], invalid],
      ['Refuser', [4n], () => refused('Error', 'reentrant call')],
      ['Wallet', [false], () => refused('Error', 'another reason: reentrant call')],
      ['Echo', [], () => refused('Error', 'call: malformed result')],
    ] as const;
    for (const [name, args, expected] of cases) {
      const to = await receiver(name, args);
      expect(await token.refusal(alice, SAFE, from, to, 1n), name).toEqual(expected(to));
      expect(await token.refusal(alice, SAFE, from, to, 1n, '0xff'), name).toEqual(expected(to));
      expect(await token.refusal(alice, 'safeMint', to, 4n, '0x'), name).toEqual(expected(to));
      // What is not safe does not ask.
      if (name === 'Stone') await token.send(alice, 'transferFrom', from, to, 2n);
    }
    expect(await ownerOf(1n)).toBe(from);
  });

  test('to a contract that tries to send it on and does not insist ends there', async () => {
    const wallet = await receiver('Wallet', [true]);
    await token.send(alice, SAFE, alice.address, wallet, 1n);
    expect(await ownerOf(1n)).toBe(wallet);
  });
});
