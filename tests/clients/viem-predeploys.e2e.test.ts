import {
  type Address,
  concat,
  createPublicClient,
  createWalletClient,
  encodeDeployData,
  erc20Abi,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  multicall3Abi,
  type PublicClient,
  pad,
  parseAbi,
  parseEther,
  toHex,
  webSocket,
  zeroAddress,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compileFixture, TOKEN } from '../contracts/artifacts.ts';
import { SUPPLY, TOKEN_NAME } from '../contracts/erc20-standard.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { closeSocket } from '../support/close-socket.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { recomputeAllHashes } from '../support/recompute-hashes.ts';
import { countSchemaChecked } from '../support/rpc-conformance.ts';

// What viem expects to find on every chain: Multicall3, the deterministic deployer, and signatures
// of plain accounts that can be checked although no contract checks them.

const alice = devAccount(0);
const bob = devAccount(1);
const FAILING = compileFixture('failing');
const MULTICALL: Address = '0xcA11bde05977b3631167028862bE2a173976CA11';
const FACTORY: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
const constructorAbi = parseAbi(['constructor(uint256 supply)']);

// The address is the same on every chain, but a chain says itself that it has it.
const chain = { ...foundry, contracts: { multicall3: { address: MULTICALL } } } as const;

let stage: ClientStage;

beforeAll(async () => {
  stage = await openClientStage();
});
afterEach(() => {
  expect(stage.findings()).toEqual([]);
});
afterAll(() => stage.close());

describe.each(['url', 'webSocketUrl'] as const)('viem at %s', (address) => {
  let reader: PublicClient;
  let wallet: ReturnType<typeof walletOf>;
  let token: Address;
  let failing: Address;

  const transportOf = () => (address === 'url' ? http(stage.url) : webSocket(stage.webSocketUrl));
  const walletOf = () => createWalletClient({ account: alice, chain, transport: transportOf() });
  const deploy = async (bytecode: Hex, argument: bigint): Promise<Address> => {
    const hash = await wallet.deployContract({ abi: constructorAbi, bytecode, args: [argument] });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    return receipt.contractAddress ?? zeroAddress;
  };

  beforeAll(async () => {
    reader = createPublicClient({ chain, transport: transportOf() }) as PublicClient;
    wallet = walletOf();
    token = await deploy(TOKEN.bytecode, SUPPLY);
    failing = await deploy(FAILING.bytecode, 0n);
  });
  afterAll(async () => {
    for (const client of [reader, wallet]) await closeSocket(client);
  });

  test('reads many things in one call', async () => {
    const asked = { address: token, abi: erc20Abi } as const;
    const before = stage.exchanges().length;
    const [name, supply, held, none] = await reader.multicall({
      allowFailure: false,
      contracts: [
        { ...asked, functionName: 'name' },
        { ...asked, functionName: 'totalSupply' },
        { ...asked, functionName: 'balanceOf', args: [alice.address] },
        { ...asked, functionName: 'balanceOf', args: [bob.address] },
      ],
    });
    expect([name, supply, held, none]).toEqual([TOKEN_NAME, SUPPLY, SUPPLY, 0n]);
    const exchanges = stage.exchanges().slice(before);
    expect(exchanges.map(({ method }) => method)).toEqual(['eth_call']);
  });

  test('goes on when one of the calls fails, unless told not to', async () => {
    const contracts = [
      { address: token, abi: erc20Abi, functionName: 'decimals' },
      {
        address: failing,
        abi: FAILING.abi,
        functionName: 'failRequire',
        args: [bob.address, 'no'],
      },
      { address: failing, abi: FAILING.abi, functionName: 'failDivision', args: [bob.address] },
    ] as const;
    const results = await reader.multicall({ contracts });
    expect(results).toMatchObject([
      { status: 'success', result: 18 },
      { status: 'failure', error: { shortMessage: expect.stringContaining('no') } },
      { status: 'failure', error: { shortMessage: expect.stringContaining('by zero') } },
    ]);
    await expect(reader.multicall({ contracts, allowFailure: false })).rejects.toThrow('no');
  });

  test('gathers reads that are made at once', async () => {
    const batching = createPublicClient({
      chain,
      transport: http(stage.url),
      batch: { multicall: true },
    });
    const before = stage.exchanges().length;
    const owners = [alice.address, bob.address, zeroAddress];
    const balances = await Promise.all(
      owners.map((owner) =>
        batching.readContract({
          address: token,
          abi: erc20Abi,
          functionName: 'balanceOf',
          args: [owner],
        }),
      ),
    );
    expect(balances).toEqual([SUPPLY, 0n, 0n]);
    const calls = stage.exchanges().slice(before);
    expect(calls.filter(({ method }) => method === 'eth_call')).toHaveLength(1);
  });

  test('writes through Multicall3, and asks it about the chain', async () => {
    const stranger: Address = `0x${(address === 'url' ? '1a' : '1b').padStart(40, '0')}`;
    const calls = [
      { target: stranger, allowFailure: false, value: 5n, callData: '0x' },
      { target: bob.address, allowFailure: true, value: 7n, callData: '0x' },
    ] as const;
    const hash = await wallet.writeContract({
      address: MULTICALL,
      abi: parseAbi([
        'function aggregate3Value((address target, bool allowFailure, uint256 value, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])',
      ]),
      functionName: 'aggregate3Value',
      args: [calls],
      value: 12n,
    });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    expect(receipt).toMatchObject({ status: 'success' });
    expect(await reader.getBalance({ address: stranger })).toBe(5n);
    const balance = await reader.readContract({
      address: MULTICALL,
      abi: multicall3Abi,
      functionName: 'getEthBalance',
      args: [bob.address],
    });
    expect(balance).toBe(await reader.getBalance({ address: bob.address }));
    const height = parseAbi(['function getBlockNumber() view returns (uint256)']);
    const asked = { address: MULTICALL, abi: height, functionName: 'getBlockNumber' } as const;
    expect(await reader.readContract(asked)).toBeGreaterThanOrEqual(await reader.getBlockNumber());
  });

  test('deploys where it can be known beforehand', async () => {
    const salt = pad(toHex(address === 'url' ? 1 : 2));
    const { bytecode } = TOKEN;
    const initCode = encodeDeployData({ abi: constructorAbi, bytecode, args: [SUPPLY] });
    const expected = getContractAddress({
      opcode: 'CREATE2',
      from: FACTORY,
      salt,
      bytecodeHash: keccak256(initCode),
    });
    const request = { to: FACTORY, data: concat([salt, initCode]) } as const;
    expect(await reader.getCode({ address: expected })).toBeUndefined();
    expect((await reader.call({ account: alice.address, ...request })).data).toBe(
      expected.toLowerCase(),
    );
    const hash = await wallet.sendTransaction(request);
    expect(await reader.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
    expect(await reader.getCode({ address: expected })).toBe(bytecode);
    const supply = { address: expected, abi: erc20Abi, functionName: 'totalSupply' } as const;
    expect(await reader.readContract(supply)).toBe(SUPPLY);
    await expect(wallet.sendTransaction(request)).rejects.toThrow('revert');
  });

  test('judges signatures', async () => {
    const message = 'grüße – 日本語';
    const signature = await alice.signMessage({ message });
    const verify = (signer: Address, said: string): Promise<boolean> =>
      reader.verifyMessage({ address: signer, message: said, signature });
    expect(await verify(alice.address, message)).toBe(true);
    expect(await verify(bob.address, message)).toBe(false);
    expect(await verify(alice.address, 'something else')).toBe(false);
    // A contract cannot have signed.
    expect(await verify(token, message)).toBe(false);
    const typed = {
      domain: { name: 'Lucerna', chainId: 31_337 },
      types: { Mail: [{ name: 'to', type: 'address' }] },
      primaryType: 'Mail',
      message: { to: bob.address },
    } as const;
    const ofTyped = await alice.signTypedData(typed);
    const claim = { ...typed, signature: ofTyped };
    expect(await reader.verifyTypedData({ ...claim, address: alice.address })).toBe(true);
    expect(await reader.verifyTypedData({ ...claim, address: bob.address })).toBe(false);
  });

  test('has the node sign, and judges that', async () => {
    const remote = createWalletClient({ chain, account: bob.address, transport: http(stage.url) });
    const message = 'signed by the node';
    const signature = await remote.signMessage({ message });
    expect(signature).toBe(await bob.signMessage({ message }));
    const typed = {
      domain: { name: 'Lucerna', chainId: 31_337 },
      types: { Mail: [{ name: 'to', type: 'address' }] },
      primaryType: 'Mail',
      message: { to: alice.address },
    } as const;
    expect(await remote.signTypedData(typed)).toBe(await bob.signTypedData(typed));
  });

  test('simulates, and asks what a call would touch', async () => {
    const account = alice.address;
    const { accessList, gasUsed } = await reader.createAccessList({
      account,
      to: token,
      data: `0x70a08231${account.slice(2).toLowerCase().padStart(64, '0')}`,
    });
    expect(accessList).toMatchObject([{ address: token, storageKeys: [expect.any(String)] }]);
    expect(gasUsed).toBeGreaterThan(21_000n);
    const [block] = await reader.simulateBlocks({
      blocks: [
        {
          stateOverrides: [{ address: zeroAddress, balance: parseEther('2') }],
          calls: [
            { account: zeroAddress, to: bob.address, value: parseEther('1') },
            {
              account,
              to: token,
              abi: erc20Abi,
              functionName: 'transfer',
              args: [bob.address, 3n],
            },
          ],
        },
      ],
    });
    expect(block?.calls).toMatchObject([
      { status: 'success', gasUsed: 21_000n },
      { status: 'success', result: true, logs: [{ address: token }] },
    ]);
    const stateOverride = [{ address: zeroAddress, balance: 9n }];
    const gas = reader.estimateGas({
      account: zeroAddress,
      to: bob.address,
      value: 9n,
      stateOverride,
    });
    expect(await gas).toBe(21_000n);
  });
});

test('all of it has hashes and senders that @ethereumjs computes too, and fits its schemas', async () => {
  expect((await recomputeAllHashes(stage.node.endpoint)).transactions).toBe(8);
  expect(countSchemaChecked(stage.exchanges()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(50);
});
