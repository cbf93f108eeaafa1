import {
  type Account,
  type Address,
  BaseError,
  type ContractFunctionParameters,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  erc20Abi,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  type PublicClient,
  parseAbi,
  parseEther,
  parseEventLogs,
  slice,
  toEventSelector,
  toFunctionSelector,
  toFunctionSignature,
  zeroAddress,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { devAccount } from '../support/dev-accounts.ts';
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
import { entrySlot, variableSlot } from './storage-slots.ts';

// token.zx as viem sees any ERC-20: through `erc20Abi`, with nothing of ours but the bytecode.

const alice = devAccount(0);
const bob = devAccount(1);
const carol = devAccount(2);
/** Somebody without tokens and without wei. */
const stranger: Address = '0x00000000000000000000000000000000000A11cE';

const constructorAbi = parseAbi(['constructor(uint256 supply)']);

function connect(url: string) {
  const transport = http(url);
  return {
    reader: createPublicClient({ chain: foundry, transport }) as PublicClient,
    walletOf: (account: Account) => createWalletClient({ account, chain: foundry, transport }),
  };
}

let stage: ClientStage;
let clients: ReturnType<typeof connect>;

function startStage(args: readonly string[]): void {
  beforeAll(async () => {
    stage = await openClientStage(args);
    clients = connect(stage.url);
  });
  afterEach(() => {
    expect(stage.findings()).toEqual([]);
  });
  afterAll(() => stage.close());
}

/** Deploys a token whose supply is the account's. */
async function deployToken(supply: bigint = SUPPLY, from: Account = alice): Promise<Address> {
  const { reader, walletOf } = clients;
  const { bytecode } = TOKEN;
  const deployment = { abi: constructorAbi, bytecode, args: [supply] } as const;
  const hash = await walletOf(from).deployContract(deployment);
  const receipt = await reader.waitForTransactionReceipt({ hash });
  expect(receipt).toMatchObject({ status: 'success', to: null });
  return receipt.contractAddress ?? zeroAddress;
}

type Name = 'transfer' | 'approve' | 'transferFrom';

/** Simulates the call, sends it as viem's documentation says, and waits for the receipt. */
async function write(token: Address, from: Account, functionName: Name, args: readonly unknown[]) {
  const { reader, walletOf } = clients;
  const call = { address: token, abi: erc20Abi, functionName, args } as ContractFunctionParameters;
  const { request, result } = await reader.simulateContract({ ...call, account: from });
  expect(result).toBe(true);
  const hash = await walletOf(from).writeContract(request);
  const receipt = await reader.waitForTransactionReceipt({ hash });
  expect(receipt).toMatchObject({ status: 'success', to: token, contractAddress: null });
  return receipt;
}

function balanceOf(token: Address, owner: Address, blockNumber?: bigint): Promise<bigint> {
  return clients.reader.readContract({
    address: token,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [owner],
    ...(blockNumber === undefined ? {} : { blockNumber }),
  });
}

function allowance(token: Address, owner: Address, spender: Address): Promise<bigint> {
  const call = { address: token, abi: erc20Abi, functionName: 'allowance' } as const;
  return clients.reader.readContract({ ...call, args: [owner, spender] });
}

/** What the standard's event decoder makes of the logs. */
function eventsOf(logs: Parameters<typeof parseEventLogs>[0]['logs']) {
  return parseEventLogs({ abi: erc20Abi, logs }).map(({ eventName, args }) => ({
    eventName,
    args,
  }));
}

/** What viem says about a call that reverts. */
async function revertOf(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof BaseError)) throw new Error(`no error of viem: ${String(error)}`);
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  expect(reverted).toBeInstanceOf(ContractFunctionRevertedError);
  return reverted as ContractFunctionRevertedError;
}

test('the ABI of token.zx has the selectors and topics of the standard', () => {
  const functions = TOKEN.abi.filter((item) => item.type === 'function');
  const own = functions.map((item) => [toFunctionSignature(item), toFunctionSelector(item)]);
  expect(Object.fromEntries(own)).toEqual(ERC20_SELECTORS);
  const standard = erc20Abi.filter((item) => item.type === 'function');
  expect(Object.fromEntries(standard.map((item) => [item.name, item.stateMutability]))).toEqual(
    Object.fromEntries(functions.map((item) => [item.name, item.stateMutability])),
  );
  const events = TOKEN.abi.filter((item) => item.type === 'event');
  expect(
    events.map((item) => [toEventSelector(item), item.inputs.map(({ indexed }) => indexed)]),
  ).toEqual([
    [TRANSFER_TOPIC, [true, true, false]],
    [APPROVAL_TOPIC, [true, true, false]],
  ]);
});

describe('a token on a node that mines at once', () => {
  startStage([]);

  test('is deployed where viem expects it', async () => {
    const { reader } = clients;
    const nonce = BigInt(await reader.getTransactionCount({ address: bob.address }));
    const token = await deployToken(77n, bob);
    expect(token).toBe(getContractAddress({ from: bob.address, nonce }).toLowerCase());
    expect(await reader.getCode({ address: token })).toBe(TOKEN.bytecode);
    expect(await reader.getTransactionCount({ address: token })).toBe(1);
    const logs = await reader.getLogs({ address: token, fromBlock: 'earliest' });
    expect(eventsOf(logs)).toEqual([
      { eventName: 'Transfer', args: { from: zeroAddress, to: bob.address, value: 77n } },
    ]);
  });

  test('is read', async () => {
    const token = await deployToken();
    const read = (functionName: 'name' | 'symbol' | 'decimals' | 'totalSupply') =>
      clients.reader.readContract({ address: token, abi: erc20Abi, functionName });
    expect(await read('name')).toBe(TOKEN_NAME);
    expect(await read('symbol')).toBe(TOKEN_SYMBOL);
    expect(await read('decimals')).toBe(18);
    expect(await read('totalSupply')).toBe(SUPPLY);
    expect(await balanceOf(token, alice.address)).toBe(SUPPLY);
    expect(await balanceOf(token, stranger)).toBe(0n);
    expect(await allowance(token, alice.address, bob.address)).toBe(0n);
  });

  test('is transferred, and keeps what it was in older blocks', async () => {
    const { reader } = clients;
    const token = await deployToken();
    const value = parseEther('12.5');
    const receipt = await write(token, alice, 'transfer', [bob.address, value]);
    expect(eventsOf(receipt.logs)).toEqual([
      { eventName: 'Transfer', args: { from: alice.address, to: bob.address, value } },
    ]);
    expect(receipt.logs[0]).toMatchObject({ address: token, logIndex: 0, removed: false });
    const [topic, ...indexed] = receipt.logs[0]?.topics ?? [];
    expect(topic).toBe(TRANSFER_TOPIC);
    expect(indexed).toHaveLength(2);
    const { input } = await reader.getTransaction({ hash: receipt.transactionHash });
    expect(slice(input, 0, 4)).toBe(ERC20_SELECTORS['transfer(address,uint256)']);

    expect(await balanceOf(token, alice.address)).toBe(SUPPLY - value);
    expect(await balanceOf(token, bob.address)).toBe(value);
    const before = receipt.blockNumber - 1n;
    expect(await balanceOf(token, alice.address, before)).toBe(SUPPLY);
    expect(await balanceOf(token, bob.address, before)).toBe(0n);
  });

  test('lets somebody without tokens transfer nothing', async () => {
    const { reader } = clients;
    const token = await deployToken();
    const nothing = { from: carol.address, to: stranger, value: 0n };
    const receipt = await write(token, carol, 'transfer', [stranger, 0n]);
    expect(eventsOf(receipt.logs)).toEqual([{ eventName: 'Transfer', args: nothing }]);
    // Nor does it take wei, in a call, or an account that exists.
    const call = { address: token, abi: erc20Abi, functionName: 'transfer' } as const;
    const { result } = await reader.simulateContract({
      ...call,
      args: [bob.address, 0n],
      account: stranger,
    });
    expect(result).toBe(true);
    expect(await balanceOf(token, stranger)).toBe(0n);
  });

  test('is spent by whom its owner has approved, as far as that goes', async () => {
    const token = await deployToken();
    const approval = await write(token, alice, 'approve', [bob.address, 100n]);
    expect(eventsOf(approval.logs)).toEqual([
      {
        eventName: 'Approval',
        args: { owner: alice.address, spender: bob.address, value: 100n },
      },
    ]);
    expect(approval.logs[0]?.topics[0]).toBe(APPROVAL_TOPIC);
    expect(await allowance(token, alice.address, bob.address)).toBe(100n);
    await write(token, bob, 'transferFrom', [alice.address, carol.address, 60n]);
    expect(await allowance(token, alice.address, bob.address)).toBe(40n);
    expect(await balanceOf(token, carol.address)).toBe(60n);
    const call = { address: token, abi: erc20Abi, functionName: 'transferFrom' } as const;
    const tooMuch = clients.reader.simulateContract({
      ...call,
      args: [alice.address, carol.address, 41n],
      account: bob,
    });
    expect(await revertOf(tooMuch)).toMatchObject({ reason: 'Token: insufficient allowance' });
    await write(token, bob, 'transferFrom', [alice.address, carol.address, 40n]);
    expect(await allowance(token, alice.address, bob.address)).toBe(0n);
  });

  test('has approvals without end', async () => {
    const token = await deployToken();
    await write(token, alice, 'approve', [bob.address, INFINITE]);
    for (const value of [1n, SUPPLY / 2n]) {
      await write(token, bob, 'transferFrom', [alice.address, carol.address, value]);
      expect(await allowance(token, alice.address, bob.address)).toBe(INFINITE);
    }
    expect(await balanceOf(token, carol.address)).toBe(SUPPLY / 2n + 1n);
  });

  test('reverts in words that viem understands', async () => {
    const { reader, walletOf } = clients;
    const token = await deployToken();
    const tooMuch = {
      address: token,
      abi: erc20Abi,
      functionName: 'transfer',
      args: [bob.address, SUPPLY + 1n],
    } as const;
    const expected = { reason: 'Token: insufficient balance', data: { errorName: 'Error' } };
    const simulated = reader.simulateContract({ ...tooMuch, account: alice });
    expect(await revertOf(simulated)).toMatchObject(expected);
    const estimated = reader.estimateContractGas({ ...tooMuch, account: alice });
    expect(await revertOf(estimated)).toMatchObject(expected);
    const sent = walletOf(alice).writeContract(tooMuch);
    expect(await revertOf(sent)).toMatchObject(expected);

    // With a gas limit nobody asks before: it gets into a block and fails there.
    const hash = await walletOf(alice).writeContract({ ...tooMuch, gas: 100_000n });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    expect(receipt).toMatchObject({ status: 'reverted', logs: [] });
    expect(receipt.gasUsed).toBeLessThan(100_000n);
    expect(await balanceOf(token, alice.address)).toBe(SUPPLY);
  });

  test('refuses value and functions that it does not have', async () => {
    const { reader, walletOf } = clients;
    const token = await deployToken();
    const data = encodeFunctionData({
      abi: erc20Abi,
      functionName: 'transfer',
      args: [bob.address, 1n],
    });
    const paid = { account: alice, to: token, data, value: 1n } as const;
    await expect(reader.call(paid)).rejects.toThrow('execution reverted');
    await expect(reader.call({ to: token, data: '0xdeadbeef' })).rejects.toThrow('reverted');
    await expect(walletOf(alice).sendTransaction({ to: token, value: 1n })).rejects.toThrow(
      'reverted',
    );
    expect(await reader.getBalance({ address: token })).toBe(0n);
  });

  test('has events that can be asked for', async () => {
    const { reader } = clients;
    const token = await deployToken();
    const other = await deployToken(5n, bob);
    const first = await write(token, alice, 'transfer', [bob.address, 1n]);
    await write(token, alice, 'transfer', [carol.address, 2n]);
    const last = await write(token, bob, 'transfer', [carol.address, 1n]);
    await write(other, bob, 'transfer', [carol.address, 5n]);
    await write(token, alice, 'approve', [carol.address, 9n]);

    const transfers = async (
      args: { from?: Address | Address[]; to?: Address | Address[] },
      address: Address | Address[] = token,
    ): Promise<readonly (bigint | undefined)[]> => {
      const event = { abi: erc20Abi, eventName: 'Transfer' } as const;
      const found = await reader.getContractEvents({
        ...event,
        address,
        args,
        fromBlock: 0n,
        strict: true,
      });
      return found.map((log) => log.args.value);
    };
    expect(await transfers({})).toEqual([SUPPLY, 1n, 2n, 1n]);
    expect(await transfers({ from: alice.address })).toEqual([1n, 2n]);
    expect(await transfers({ to: carol.address })).toEqual([2n, 1n]);
    expect(await transfers({ from: bob.address, to: carol.address })).toEqual([1n]);
    expect(await transfers({ from: [zeroAddress, bob.address] })).toEqual([SUPPLY, 1n]);
    expect(await transfers({ from: stranger })).toEqual([]);
    expect(await transfers({ to: carol.address }, [token, other])).toEqual([2n, 1n, 5n]);

    const range = { fromBlock: first.blockNumber, toBlock: last.blockNumber };
    const all = await reader.getLogs({ address: token, ...range });
    expect(all.map(({ blockNumber }) => blockNumber)).toEqual([
      first.blockNumber,
      first.blockNumber + 1n,
      last.blockNumber,
    ]);
    expect(await reader.getLogs({ blockHash: last.blockHash })).toEqual(last.logs);
    const approvals = await reader.getContractEvents({
      address: token,
      abi: erc20Abi,
      eventName: 'Approval',
      fromBlock: 0n,
    });
    expect(approvals.map(({ args }) => args.value)).toEqual([9n]);
  });

  test('has proofs of its balances', async () => {
    const { reader } = clients;
    const token = await deployToken();
    const supply = variableSlot('total_supply');
    const balance = entrySlot('balances', { address: alice.address });
    const proof = await reader.getProof({ address: token, storageKeys: [supply, balance] });
    expect(proof).toMatchObject({ nonce: 1, balance: 0n, codeHash: keccak256(TOKEN.bytecode) });
    expect(proof.storageProof.map(({ value }) => value)).toEqual([SUPPLY, SUPPLY]);
    const word = await reader.getStorageAt({ address: token, slot: balance });
    expect(BigInt(word ?? 0)).toBe(SUPPLY);
  });

  test('shows panics as Solidity does', async () => {
    const { reader, walletOf } = clients;
    const { abi, bytecode } = compileFixture('failing');
    const hash = await walletOf(alice).deployContract({ abi, bytecode, args: [0n] });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    const address = receipt.contractAddress ?? zeroAddress;
    const panics: readonly (readonly [string, bigint])[] = [
      ['failOverflow', 0x11n],
      ['failUnderflow', 0x11n],
      ['failDivision', 0x12n],
      ['failModulo', 0x12n],
    ];
    for (const [functionName, code] of panics) {
      const call = { address, abi, functionName, args: [stranger], account: alice };
      expect(await revertOf(reader.simulateContract(call))).toMatchObject({
        data: { errorName: 'Panic', args: [code] },
      });
    }
    const silent = { address, abi, functionName: 'failSilentRevert', args: [stranger] };
    expect((await revertOf(reader.simulateContract(silent))).data).toBeUndefined();
    const refused = walletOf(alice).deployContract({ abi, bytecode, args: [1n] });
    await expect(refused).rejects.toThrow('not today');
  });

  test('was on a chain that @ethereumjs computes too, in answers that fit their schemas', async () => {
    expect((await recomputeAllHashes(stage.node.endpoint)).transactions).toBeGreaterThan(25);
    expect(countSchemaChecked(stage.exchanges()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(100);
  });
});

describe('a token on a node that mines when told to', () => {
  startStage(['--no-mining']);

  test('has several transfers in one block, with logs counted through', async () => {
    const { reader, walletOf } = clients;
    const deployment = { abi: constructorAbi, bytecode: TOKEN.bytecode, args: [SUPPLY] } as const;
    const deployed = await walletOf(alice).deployContract(deployment);
    await stage.rpc.call('evm_mine');
    const { contractAddress } = await reader.getTransactionReceipt({ hash: deployed });
    const token = contractAddress ?? zeroAddress;
    const hashes: Hex[] = [];
    for (const [nonce, value] of [1n, SUPPLY, 3n].entries()) {
      const call = { address: token, abi: erc20Abi, functionName: 'transfer' } as const;
      const options = { nonce: nonce + 1, gas: 100_000n };
      hashes.push(
        await walletOf(alice).writeContract({ ...call, ...options, args: [bob.address, value] }),
      );
    }
    const pending = (account: Address, blockTag: 'latest' | 'pending'): Promise<bigint> =>
      reader.readContract({
        address: token,
        abi: erc20Abi,
        functionName: 'balanceOf',
        args: [account],
        blockTag,
      });
    expect(await pending(bob.address, 'latest')).toBe(0n);
    await stage.rpc.call('evm_mine');
    const receipts = await Promise.all(
      hashes.map((hash) => reader.getTransactionReceipt({ hash })),
    );
    // The second one asks for more than is left.
    expect(receipts.map(({ status }) => status)).toEqual(['success', 'reverted', 'success']);
    expect(new Set(receipts.map(({ blockNumber }) => blockNumber)).size).toBe(1);
    const logs = await reader.getLogs({
      address: token,
      fromBlock: receipts[0]?.blockNumber ?? 0n,
    });
    expect(logs.map(({ logIndex, transactionIndex }) => [logIndex, transactionIndex])).toEqual([
      [0, 0],
      [1, 2],
    ]);
    expect(await pending(bob.address, 'latest')).toBe(4n);
  });
});
