import {
  Contract,
  ContractFactory,
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  EventLog,
  ethers,
  Interface,
  JsonRpcProvider,
  Wallet,
} from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { recomputeAllHashes } from '../support/recompute-hashes.ts';
import { countSchemaChecked } from '../support/rpc-conformance.ts';
import { compileFixture, TOKEN } from './artifacts.ts';
import {
  APPROVAL_TOPIC,
  ERC20_SELECTORS,
  INFINITE,
  SUPPLY,
  TOKEN_NAME,
  TOKEN_SYMBOL,
  TRANSFER_TOPIC,
} from './erc20-standard.ts';

// token.zx as ethers sees any ERC-20: through the text of EIP-20, with nothing of ours but the
// bytecode.

const EIP20 = [
  'constructor(uint256 supply)',
  'function name() view returns (string)',
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address owner) view returns (uint256 balance)',
  'function transfer(address to, uint256 value) returns (bool success)',
  'function transferFrom(address from, address to, uint256 value) returns (bool success)',
  'function approve(address spender, uint256 value) returns (bool success)',
  'function allowance(address owner, address spender) view returns (uint256 remaining)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event Approval(address indexed owner, address indexed spender, uint256 value)',
];

/** Somebody without tokens and without wei. */
const stranger = '0x00000000000000000000000000000000000A11cE';

let stage: ClientStage;
let provider: JsonRpcProvider;
let alice: Wallet;
let bob: Wallet;
let carol: Wallet;

beforeAll(async () => {
  stage = await openClientStage();
  // By default ethers repeats answers for a quarter of a second, also when a block has come since.
  provider = new JsonRpcProvider(stage.url, undefined, { cacheTimeout: -1 });
  [alice, bob, carol] = [0, 1, 2].map(
    (index) => new Wallet(privateKeyOf(devAccount(index)), provider),
  ) as [Wallet, Wallet, Wallet];
});

afterEach(() => {
  expect(stage.findings()).toEqual([]);
});

afterAll(async () => {
  provider.destroy();
  await stage.close();
});

async function deployToken(supply: bigint = SUPPLY): Promise<Contract> {
  const deployed = await new ContractFactory(EIP20, TOKEN.bytecode, alice).deploy(supply);
  await deployed.waitForDeployment();
  return new Contract(await deployed.getAddress(), EIP20, alice);
}

/** The receipt of a function that is sent. */
async function send(
  contract: Contract,
  from: Wallet,
  name: string,
  ...args: readonly unknown[]
): Promise<ContractTransactionReceipt> {
  const response: ContractTransactionResponse = await contract.connect(from).getFunction(name)(
    ...args,
  );
  const receipt = await response.wait();
  expect(receipt).toMatchObject({ status: 1 });
  return receipt as ContractTransactionReceipt;
}

const read = <T>(contract: Contract, name: string, ...args: readonly unknown[]): Promise<T> =>
  contract.getFunction(name)(...args);

/** Name and values of the events that the contract's interface knows. */
function eventsOf(logs: ContractTransactionReceipt['logs']): readonly unknown[] {
  return logs.map((log) => {
    if (!(log instanceof EventLog)) throw new Error('an event that the interface does not know');
    return [log.eventName, ...log.args];
  });
}

describe('a token', () => {
  test('has the selectors and topics of the standard', () => {
    const standard = new Interface(EIP20);
    const own = new Interface(JSON.stringify(TOKEN.abi));
    const facts = (each: Interface): readonly string[] => each.format().toSorted();
    const shape = (text: string): string => text.replace(/ (balance|success|remaining)\)$/, ')');
    expect(facts(own).map(shape)).toEqual(facts(standard).map(shape));
    for (const [signature, selector] of Object.entries(ERC20_SELECTORS)) {
      expect(own.getFunction(selector)?.format()).toBe(signature);
    }
    expect(own.getEvent('Transfer')?.topicHash).toBe(TRANSFER_TOPIC);
    expect(own.getEvent('Approval')?.topicHash).toBe(APPROVAL_TOPIC);
  });

  test('is deployed where ethers expects it', async () => {
    const nonce = await provider.getTransactionCount(alice.address);
    const token = await deployToken();
    expect(await token.getAddress()).toBe(ethers.getCreateAddress({ from: alice.address, nonce }));
    expect(await provider.getCode(token)).toBe(TOKEN.bytecode);
    const minted = await token.queryFilter(token.getEvent('Transfer'), 0);
    expect(eventsOf(minted)).toEqual([['Transfer', ethers.ZeroAddress, alice.address, SUPPLY]]);
  });

  test('is read', async () => {
    const token = await deployToken();
    expect(await read(token, 'name')).toBe(TOKEN_NAME);
    expect(await read(token, 'symbol')).toBe(TOKEN_SYMBOL);
    expect(await read(token, 'decimals')).toBe(18n);
    expect(await read(token, 'totalSupply')).toBe(SUPPLY);
    expect(await read(token, 'balanceOf', alice.address)).toBe(SUPPLY);
    expect(await read(token, 'balanceOf', stranger)).toBe(0n);
  });

  test('is transferred, and keeps what it was in older blocks', async () => {
    const token = await deployToken();
    const receipt = await send(token, alice, 'transfer', bob.address, 5n);
    expect(eventsOf(receipt.logs)).toEqual([['Transfer', alice.address, bob.address, 5n]]);
    const { data } = (await receipt.getTransaction()) ?? {};
    expect(data.slice(0, 10)).toBe(ERC20_SELECTORS['transfer(address,uint256)']);
    const blockTag = receipt.blockNumber - 1;
    const before = { from: alice.address, blockTag };
    expect(await read(token, 'balanceOf', bob.address)).toBe(5n);
    expect(await read(token, 'balanceOf', bob.address, before)).toBe(0n);
    expect(await read(token, 'balanceOf', alice.address, before)).toBe(SUPPLY);
  });

  test('lets somebody without tokens transfer nothing', async () => {
    const token = await deployToken();
    const receipt = await send(token, carol, 'transfer', stranger, 0n);
    expect(eventsOf(receipt.logs)).toEqual([['Transfer', carol.address, stranger, 0n]]);
    // Nor does it take wei, in a call, or an account that exists.
    const asAnyone = token.connect(provider).getFunction('transfer');
    expect(await asAnyone.staticCall(bob.address, 0n, { from: stranger })).toBe(true);
  });

  test('is spent by whom its owner has approved, as far as that goes', async () => {
    const token = await deployToken();
    const approval = await send(token, alice, 'approve', bob.address, 100n);
    expect(eventsOf(approval.logs)).toEqual([['Approval', alice.address, bob.address, 100n]]);
    const spend = (value: bigint): readonly [string, string, bigint] => [
      alice.address,
      carol.address,
      value,
    ];
    await send(token, bob, 'transferFrom', ...spend(60n));
    expect(await read(token, 'allowance', alice.address, bob.address)).toBe(40n);
    const asBob = token.connect(bob).getFunction('transferFrom');
    await expect(asBob.staticCall(...spend(41n))).rejects.toMatchObject({
      code: 'CALL_EXCEPTION',
      reason: 'Token: insufficient allowance',
    });
    await send(token, bob, 'transferFrom', ...spend(40n));
    expect(await read(token, 'allowance', alice.address, bob.address)).toBe(0n);
    expect(await read(token, 'balanceOf', carol.address)).toBe(100n);
  });

  test('has approvals without end', async () => {
    const token = await deployToken();
    await send(token, alice, 'approve', bob.address, ethers.MaxUint256);
    await send(token, bob, 'transferFrom', alice.address, carol.address, SUPPLY);
    expect(await read(token, 'allowance', alice.address, bob.address)).toBe(INFINITE);
    expect(await read(token, 'balanceOf', carol.address)).toBe(SUPPLY);
  });

  test('reverts in words that ethers understands', async () => {
    const token = await deployToken();
    const transfer = token.getFunction('transfer');
    const tooMuch = [bob.address, SUPPLY + 1n] as const;
    const expected = {
      code: 'CALL_EXCEPTION',
      reason: 'Token: insufficient balance',
      revert: { name: 'Error', signature: 'Error(string)' },
    };
    await expect(transfer.staticCall(...tooMuch)).rejects.toMatchObject(expected);
    await expect(transfer.estimateGas(...tooMuch)).rejects.toMatchObject(expected);
    await expect(transfer.send(...tooMuch)).rejects.toMatchObject(expected);
    // With a gas limit nobody asks before: it gets into a block and fails there.
    const sent = await transfer.send(...tooMuch, { gasLimit: 100_000n });
    await expect(sent.wait()).rejects.toMatchObject({
      code: 'CALL_EXCEPTION',
      receipt: { status: 0, logs: [] },
    });
    expect(await read(token, 'balanceOf', alice.address)).toBe(SUPPLY);
  });

  test('shows panics as Solidity does', async () => {
    const { abi, bytecode } = compileFixture('failing');
    const factory = new ContractFactory(JSON.stringify(abi), bytecode, alice);
    const deployed = await factory.deploy(0n);
    await deployed.waitForDeployment();
    const call = (name: string, ...args: readonly unknown[]): Promise<unknown> =>
      deployed.getFunction(name).staticCall(stranger, ...args);
    await expect(call('failOverflow')).rejects.toMatchObject({
      reason: 'Panic due to OVERFLOW(17)',
      revert: { name: 'Panic', args: [0x11] },
    });
    await expect(call('failDivision')).rejects.toMatchObject({
      reason: 'Panic due to DIVIDE_BY_ZERO(18)',
      revert: { name: 'Panic', args: [0x12] },
    });
    await expect(call('failRevert', 'ünlucky')).rejects.toMatchObject({ reason: 'ünlucky' });
    await expect(call('failSilentRevert')).rejects.toMatchObject({
      code: 'CALL_EXCEPTION',
      data: '0x',
    });
    await expect(factory.deploy(1n)).rejects.toMatchObject({ reason: 'not today' });
  });

  test('has events that can be asked for', async () => {
    const token = await deployToken();
    const first = await send(token, alice, 'transfer', bob.address, 1n);
    await send(token, alice, 'transfer', carol.address, 2n);
    const last = await send(token, bob, 'transfer', carol.address, 1n);
    const { filters } = token;
    const values = async (
      filter: Parameters<Contract['queryFilter']>[0],
      from: number | string = 0,
      to?: number | string,
    ): Promise<readonly unknown[]> => {
      const logs = await token.queryFilter(filter, from, to);
      return logs.map((log) => (log as EventLog).args['value']);
    };
    const transfer = filters['Transfer'];
    if (transfer === undefined) throw new Error('EIP-20 has the event');
    expect(await values(transfer())).toEqual([SUPPLY, 1n, 2n, 1n]);
    expect(await values(transfer(alice.address))).toEqual([1n, 2n]);
    expect(await values(transfer(null, carol.address))).toEqual([2n, 1n]);
    expect(await values(transfer(bob.address, carol.address))).toEqual([1n]);
    expect(await values(transfer([bob.address, ethers.ZeroAddress]))).toEqual([SUPPLY, 1n]);
    expect(await values(transfer(stranger))).toEqual([]);
    expect(await values('Transfer', first.blockNumber, last.blockNumber)).toEqual([1n, 2n, 1n]);
    expect(await values('Transfer', -2)).toHaveLength(3);
    const logs = await provider.getLogs({ blockHash: last.blockHash });
    expect(logs.map(({ transactionHash, index }) => [transactionHash, index])).toEqual([
      [last.hash, 0],
    ]);
  });

  test('was on a chain that @ethereumjs computes too, in answers that fit their schemas', async () => {
    expect((await recomputeAllHashes(stage.node.endpoint)).transactions).toBeGreaterThan(15);
    expect(countSchemaChecked(stage.exchanges()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(100);
  });
});
