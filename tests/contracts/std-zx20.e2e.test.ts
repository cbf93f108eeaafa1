import { compileStandardContract } from '@lucerna/sdk';
import {
  BrowserProvider,
  Contract,
  ContractFactory,
  type ContractTransactionReceipt,
  type EventLog,
  type InterfaceAbi,
} from 'ethers';
import { type Abi, domainSeparator, erc20Abi, parseAbi, parseSignature } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INFINITE } from './erc20-standard.ts';
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

// ZX-20 by viem's `erc20Abi`, and what it has besides.

const ABI: Abi = [
  ...erc20Abi,
  ...parseAbi([
    'function initialize(string name, string symbol, uint8 decimals, uint256 supply, address owner)',
    'function mint(address to, uint256 value)',
    'function burn(uint256 value)',
    'function burnFrom(address account, uint256 value)',
    'function nonces(address owner) view returns (uint256)',
    'function DOMAIN_SEPARATOR() view returns (bytes32)',
    'function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)',
  ]),
];
const SUPPLY = 1_000n;

let stage: TokenStage;
let token: StandardContract;

beforeAll(async () => {
  stage = await TokenStage.open();
});
afterAll(() => stage.node.close());

async function deploy(supply = SUPPLY): Promise<StandardContract> {
  return stage.at(await stage.standard('zx20', ['Gold', 'GLD', 18, supply]), ABI);
}

const balances = async (): Promise<readonly unknown[]> =>
  Promise.all([alice, bob, carol].map(({ address }) => token.read('balanceOf', address)));

describe('ZX-20', () => {
  beforeAll(async () => {
    token = await deploy();
  });

  test('says what it is, and who has what', async () => {
    expect(await token.read('name')).toBe('Gold');
    expect(await token.read('symbol')).toBe('GLD');
    expect(await token.read('decimals')).toBe(18);
    expect(await token.read('totalSupply')).toBe(SUPPLY);
    expect(await token.read('owner')).toBe(alice.address);
    expect(await balances()).toEqual([SUPPLY, 0n, 0n]);
    expect(await token.read('allowance', alice.address, bob.address)).toBe(0n);
  });

  test('the deployment says who owns it and where the supply comes from', async () => {
    const logs = await stage.reader.getLogs({ address: token.address, fromBlock: 0n });
    expect(token.events({ logs } as never)).toEqual([
      said('OwnershipTransferred', { previousOwner: NOBODY, newOwner: alice.address }),
      said('Transfer', { from: NOBODY, to: alice.address, value: SUPPLY }),
    ]);
  });

  test('without a supply there is no event of one', async () => {
    const other = await deploy(0n);
    const logs = await stage.reader.getLogs({ address: other.address, fromBlock: 0n });
    expect(other.events({ logs } as never)).toHaveLength(1);
    expect(await other.read('totalSupply')).toBe(0n);
  });

  test('transfers, of nothing and to oneself too', async () => {
    const to = bob.address;
    expect(await token.write(alice, 'transfer', to, 300n)).toEqual([
      said('Transfer', { from: alice.address, to, value: 300n }),
    ]);
    expect(await token.write(bob, 'transfer', to, 300n)).toEqual([
      said('Transfer', { from: to, to, value: 300n }),
    ]);
    expect(await token.write(carol, 'transfer', to, 0n)).toHaveLength(1);
    expect(await balances()).toEqual([700n, 300n, 0n]);
  });

  test('refuses transfers of more than there is, and to nobody', async () => {
    expect(await token.refusal(bob, 'transfer', carol.address, 301n)).toEqual(
      refused('ERC20InsufficientBalance', bob.address, 300n, 301n),
    );
    expect(await token.refusal(bob, 'transfer', bob.address, 301n)).toEqual(
      refused('ERC20InsufficientBalance', bob.address, 300n, 301n),
    );
    expect(await token.refusal(bob, 'transfer', NOBODY, 0n)).toEqual(
      refused('ERC20InvalidReceiver', NOBODY),
    );
  });

  test('an allowance is set, used up and refused', async () => {
    const [owner, spender] = [bob.address, carol.address];
    expect(await token.write(bob, 'approve', spender, 100n)).toEqual([
      said('Approval', { owner, spender, value: 100n }),
    ]);
    expect(await token.write(carol, 'transferFrom', owner, spender, 60n)).toEqual([
      said('Transfer', { from: owner, to: spender, value: 60n }),
    ]);
    expect(await token.read('allowance', owner, spender)).toBe(40n);
    expect(await token.refusal(carol, 'transferFrom', owner, spender, 41n)).toEqual(
      refused('ERC20InsufficientAllowance', spender, 40n, 41n),
    );
    await token.write(bob, 'approve', spender, 1_000n);
    expect(await token.refusal(carol, 'transferFrom', owner, spender, 500n)).toEqual(
      refused('ERC20InsufficientBalance', owner, 240n, 500n),
    );
    expect(await token.refusal(carol, 'transferFrom', owner, NOBODY, 1n)).toEqual(
      refused('ERC20InvalidReceiver', NOBODY),
    );
    expect(await token.refusal(carol, 'transferFrom', NOBODY, spender, 0n)).toEqual(
      refused('ERC20InvalidSender', NOBODY),
    );
    expect(await token.refusal(bob, 'approve', NOBODY, 1n)).toEqual(
      refused('ERC20InvalidSpender', NOBODY),
    );
    // Whoever owns the tokens needs an allowance here, too: the standard makes no exception.
    expect(await token.refusal(bob, 'transferFrom', owner, spender, 1n)).toEqual(
      refused('ERC20InsufficientAllowance', owner, 0n, 1n),
    );
    await token.write(bob, 'approve', spender, 0n);
  });

  test('an allowance without end is not used up', async () => {
    await token.write(bob, 'approve', carol.address, INFINITE);
    await token.write(carol, 'transferFrom', bob.address, alice.address, 240n);
    expect(await token.read('allowance', bob.address, carol.address)).toBe(INFINITE);
    expect(await balances()).toEqual([940n, 0n, 60n]);
    await token.write(bob, 'approve', carol.address, INFINITE - 1n);
    await token.write(carol, 'transferFrom', bob.address, alice.address, 0n);
    expect(await token.read('allowance', bob.address, carol.address)).toBe(INFINITE - 1n);
  });

  test('the owner mints, everybody burns what they have or may', async () => {
    expect(await token.write(alice, 'mint', bob.address, 50n)).toEqual([
      said('Transfer', { from: NOBODY, to: bob.address, value: 50n }),
    ]);
    expect(await token.refusal(bob, 'mint', bob.address, 1n)).toEqual(
      refused('OwnableUnauthorizedAccount', bob.address),
    );
    expect(await token.refusal(alice, 'mint', NOBODY, 1n)).toEqual(
      refused('ERC20InvalidReceiver', NOBODY),
    );
    expect(await token.refusal(alice, 'mint', bob.address, INFINITE)).toEqual(
      refused('Panic', 0x11n),
    );
    expect(await token.write(bob, 'burn', 20n)).toEqual([
      said('Transfer', { from: bob.address, to: NOBODY, value: 20n }),
    ]);
    expect(await token.refusal(bob, 'burn', 31n)).toEqual(
      refused('ERC20InsufficientBalance', bob.address, 30n, 31n),
    );
    await token.write(bob, 'approve', carol.address, 10n);
    await token.write(carol, 'burnFrom', bob.address, 10n);
    expect(await token.read('allowance', bob.address, carol.address)).toBe(0n);
    expect(await token.refusal(carol, 'burnFrom', bob.address, 1n)).toEqual(
      refused('ERC20InsufficientAllowance', carol.address, 0n, 1n),
    );
    expect(await token.read('totalSupply')).toBe(1_020n);
    expect(await balances()).toEqual([940n, 20n, 60n]);
  });
});

describe('the owner of a ZX-20', () => {
  test('hands it on or gives it up, and it begins only once', async () => {
    token = await deploy();
    expect(await token.write(alice, 'transferOwnership', bob.address)).toEqual([
      said('OwnershipTransferred', { previousOwner: alice.address, newOwner: bob.address }),
    ]);
    expect(await token.refusal(alice, 'mint', alice.address, 1n)).toEqual(
      refused('OwnableUnauthorizedAccount', alice.address),
    );
    expect(await token.refusal(bob, 'transferOwnership', NOBODY)).toEqual(
      refused('OwnableInvalidOwner', NOBODY),
    );
    const again = ['Lead', 'PB', 0, 5n, carol.address];
    expect(await token.refusal(bob, 'initialize', ...again)).toEqual(
      refused('InvalidInitialization'),
    );
    expect(await token.write(bob, 'renounceOwnership')).toEqual([
      said('OwnershipTransferred', { previousOwner: bob.address, newOwner: NOBODY }),
    ]);
    expect(await token.read('owner')).toBe(NOBODY);
    expect(await token.refusal(bob, 'mint', bob.address, 1n)).toEqual(
      refused('OwnableUnauthorizedAccount', bob.address),
    );
    expect(await token.refusal(carol, 'initialize', ...again)).toEqual(
      refused('InvalidInitialization'),
    );
  });
});

describe('a permit', () => {
  const types = {
    Permit: [
      { name: 'owner', type: 'address' },
      { name: 'spender', type: 'address' },
      { name: 'value', type: 'uint256' },
      { name: 'nonce', type: 'uint256' },
      { name: 'deadline', type: 'uint256' },
    ],
  } as const;
  const LATE = 10n ** 12n;

  async function signed(nonce: bigint, deadline = LATE, signer = alice) {
    const { address: verifyingContract } = token;
    const chainId = await stage.reader.getChainId();
    const signature = await signer.signTypedData({
      domain: { name: 'Gold', version: '1', chainId, verifyingContract },
      types,
      primaryType: 'Permit',
      message: { owner: alice.address, spender: bob.address, value: 70n, nonce, deadline },
    });
    const { r, s, v } = parseSignature(signature);
    return [alice.address, bob.address, 70n, deadline, Number(v), r, s] as const;
  }

  test('approves what the holder has signed, once', async () => {
    token = await deploy();
    const permit = await signed(0n);
    const [owner, spender] = permit;
    expect(await token.write(carol, 'permit', ...permit)).toEqual([
      said('Approval', { owner, spender, value: 70n }),
    ]);
    expect(await token.read('allowance', owner, spender)).toBe(70n);
    expect(await token.read('nonces', owner)).toBe(1n);
    const replayed = await token.refusal(carol, 'permit', ...permit);
    expect(replayed).toMatchObject({ name: 'ERC2612InvalidSigner' });
    expect(replayed.args[1]).toBe(owner);
    await token.write(carol, 'permit', ...(await signed(1n)));
  });

  test('is refused when it is late, of somebody else or malformed', async () => {
    expect(await token.refusal(carol, 'permit', ...(await signed(2n, 5n)))).toEqual(
      refused('ERC2612ExpiredSignature', 5n),
    );
    expect(await token.refusal(carol, 'permit', ...(await signed(2n, LATE, bob)))).toEqual(
      refused('ERC2612InvalidSigner', bob.address, alice.address),
    );
    const [owner, spender, value, deadline, , r, s] = await signed(2n);
    expect(await token.refusal(carol, 'permit', owner, spender, value, deadline, 5, r, s)).toEqual(
      refused('ERC2612InvalidSigner', NOBODY, alice.address),
    );
    // What cannot be recovered is nobody's, and nobody approves nothing.
    expect(await token.refusal(carol, 'permit', NOBODY, spender, value, deadline, 5, r, s)).toEqual(
      refused('ERC2612InvalidSigner', NOBODY, NOBODY),
    );
  });

  test('is for this token on this chain', async () => {
    for (const each of [token, await deploy()]) {
      const chainId = await stage.reader.getChainId();
      const domain = { name: 'Gold', version: '1', chainId, verifyingContract: each.address };
      expect(await each.read('DOMAIN_SEPARATOR')).toBe(domainSeparator({ domain }));
    }
  });
});

test('ethers deploys it by our ABI and uses it by the text of EIP-20', async () => {
  const provider = new BrowserProvider(stage.node.provider, undefined, { cacheTimeout: -1 });
  const signer = await provider.getSigner(0);
  const { abi, bytecode } = compileStandardContract('zx20');
  const factory = new ContractFactory(abi as InterfaceAbi, bytecode, signer);
  const deployed = await factory.deploy('Silver', 'SLV', 6, SUPPLY);
  await deployed.waitForDeployment();
  const silver = new Contract(
    await deployed.getAddress(),
    [
      'function symbol() view returns (string)',
      'function balanceOf(address) view returns (uint256)',
      'function transfer(address to, uint256 value) returns (bool)',
      'event Transfer(address indexed from, address indexed to, uint256 value)',
      'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
    ],
    signer,
  );
  expect(await silver['symbol']?.()).toBe('SLV');
  const sent = await silver['transfer']?.(bob.address, 5n);
  const receipt: ContractTransactionReceipt = await sent.wait();
  expect(receipt.logs.map((log) => (log as EventLog).args?.toArray())).toEqual([
    [alice.address, bob.address, 5n],
  ]);
  expect(await silver['balanceOf']?.(bob.address)).toBe(5n);
  await expect(silver['transfer']?.staticCall(bob.address, SUPPLY)).rejects.toMatchObject({
    revert: { name: 'ERC20InsufficientBalance', args: [alice.address, SUPPLY - 5n, SUPPLY] },
  });
});
