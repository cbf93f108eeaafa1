import { Contract, isCallException, JsonRpcProvider, WebSocketProvider } from 'ethers';
import {
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  encodeErrorResult,
  http,
  type PublicClient,
  webSocket,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ContractAbi, Web3, WebSocketProvider as Web3SocketProvider } from 'web3';
import { compileFixture } from '../contracts/artifacts.ts';
import { deployment, send } from '../contracts/dev-contract.ts';
import { findCast, runCast } from '../support/cast.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { closeSocket } from '../support/close-socket.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// Every way in which a contract fails, as every client tells it to its user.

const FAILING = compileFixture('failing');
const from = devAccount(0).address;

/** What a call ends in: `Error(string)`, `Panic(uint256)`, an error of the contract's, or nothing said. */
type Ending =
  | { readonly name: 'Error'; readonly reason: string }
  | { readonly name: 'Panic'; readonly code: bigint }
  | { readonly name: 'Refused'; readonly code: bigint; readonly who: string }
  | { readonly name: 'nothing' };

type Case = {
  readonly action: string;
  readonly args: readonly string[];
  readonly ending: Ending;
};

const error = (action: string, reason: string): Case => ({
  action,
  args: [from, reason],
  ending: { name: 'Error', reason },
});
const panic = (action: string, code: bigint): Case => ({
  action,
  args: [from],
  ending: { name: 'Panic', code },
});
const silent = (action: string): Case => ({ action, args: [from], ending: { name: 'nothing' } });

const CASES: readonly Case[] = [
  error('failRequire', 'not today'),
  error('failRevert', 'grüße – 日本語'),
  panic('failOverflow', 0x11n),
  panic('failUnderflow', 0x11n),
  panic('failNarrow', 0x11n),
  panic('failDivision', 0x12n),
  panic('failModulo', 0x12n),
  { action: 'failError', args: [from], ending: { name: 'Refused', code: 7n, who: from } },
  silent('failSilentRequire'),
  silent('failSilentRevert'),
];

/** The values of the contract's own error, as clients give them. */
const refused = ([code, who]: readonly unknown[]): Ending => ({
  name: 'Refused',
  code: BigInt(String(code)),
  who: String(who),
});

/** What it reverts with. */
const REFUSED_DATA = encodeErrorResult({
  abi: FAILING.abi,
  errorName: 'Refused',
  args: [7n, from],
});

let stage: ClientStage;
let failing: Address;

beforeAll(async () => {
  stage = await openClientStage();
  const request = ({ method, params }: { method: string; params?: unknown }): Promise<unknown> =>
    stage.rpc.call(method, ...((params ?? []) as readonly unknown[]));
  const receipt = await send(request, deployment(FAILING, [0n], { from }));
  failing = receipt.contractAddress as Address;
});
afterEach(() => {
  expect(stage.findings()).toEqual([]);
});
afterAll(() => stage.close());

/** The error that the promise ends with. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

describe.each(['url', 'webSocketUrl'] as const)('viem at %s', (address) => {
  let reader: PublicClient;

  beforeAll(() => {
    const url = stage[address];
    const transport = address === 'url' ? http(url) : webSocket(url);
    reader = createPublicClient({ chain: foundry, transport }) as PublicClient;
  });
  afterAll(() => closeSocket(reader));

  const endingOf = (failed: unknown): Ending => {
    const reverted =
      failed instanceof BaseError
        ? failed.walk((cause) => cause instanceof ContractFunctionRevertedError)
        : undefined;
    if (!(reverted instanceof ContractFunctionRevertedError)) throw failed;
    const { data, raw } = reverted;
    if (data?.errorName === 'Panic') return { name: 'Panic', code: data.args?.[0] as bigint };
    if (data?.errorName === 'Refused') return refused(data.args ?? []);
    if (data?.errorName === 'Error') return { name: 'Error', reason: data.args?.[0] as string };
    expect(raw).toBe('0x');
    return { name: 'nothing' };
  };

  test.each(CASES)('tells how $action ends', async ({ action, args, ending }) => {
    const call = { address: failing, abi: FAILING.abi, functionName: action, args, account: from };
    expect(endingOf(await errorOf(reader.simulateContract(call)))).toEqual(ending);
    expect(endingOf(await errorOf(reader.estimateContractGas(call)))).toEqual(ending);
  });
});

describe.each(['url', 'webSocketUrl'] as const)('ethers at %s', (address) => {
  let provider: JsonRpcProvider | WebSocketProvider;
  let contract: Contract;

  beforeAll(() => {
    const url = stage[address];
    provider = address === 'url' ? new JsonRpcProvider(url) : new WebSocketProvider(url);
    contract = new Contract(failing, JSON.stringify(FAILING.abi), provider);
  });
  afterAll(() => provider.destroy());

  const endingOf = (failed: unknown): Ending => {
    if (!isCallException(failed)) throw failed;
    // An estimate does not look into the contract's own errors.
    const { data } = failed;
    const isSilent = data === null || data === '0x';
    const revert = failed.revert ?? (isSilent ? null : contract.interface.parseError(data));
    if (revert?.name === 'Panic') return { name: 'Panic', code: BigInt(revert.args[0]) };
    if (revert?.name === 'Refused') return refused(revert.args);
    if (revert?.name === 'Error') return { name: 'Error', reason: revert.args[0] };
    expect(data).toBe('0x');
    return { name: 'nothing' };
  };

  test.each(CASES)('tells how $action ends', async ({ action, args, ending }) => {
    const method = contract.getFunction(action);
    expect(endingOf(await errorOf(method.staticCall(...args, { from })))).toEqual(ending);
    expect(endingOf(await errorOf(method.estimateGas(...args, { from })))).toEqual(ending);
  });
});

/** What web3.js makes of the data of a revert. */
type Web3Cause = {
  readonly errorName?: string;
  readonly errorArgs?: Readonly<Record<string, unknown>>;
  readonly data?: string;
};

describe.each(['url', 'webSocketUrl'] as const)('web3.js at %s', (address) => {
  let web3: Web3;

  beforeAll(() => {
    web3 = new Web3(stage[address]);
  });
  afterAll(() => {
    if (web3.provider instanceof Web3SocketProvider) web3.provider.disconnect();
  });

  const endingOf = (failed: unknown): Ending => {
    const { cause } = failed as { readonly cause?: Web3Cause };
    // Of no data it says that they are the first error that the contract declares.
    const { errorName: name, errorArgs } = cause?.data === '0x' ? {} : (cause ?? {});
    if (name === 'Panic') return { name, code: BigInt(String(errorArgs?.['code'])) };
    if (name === 'Refused') return refused([errorArgs?.['code'], errorArgs?.['who']]);
    if (name === 'Error') return { name, reason: String(errorArgs?.['message']) };
    expect(cause).toMatchObject({ data: '0x' });
    return { name: 'nothing' };
  };

  test.each(CASES)('tells how $action ends', async ({ action, args, ending }) => {
    const contract = new web3.eth.Contract(FAILING.abi as ContractAbi, failing);
    const method = contract.methods[action]?.(...(args as never[]));
    // It complains of data that are none of the known errors.
    const complaints = vi.spyOn(console, 'error').mockReturnValue();
    const failed = await errorOf(method?.call({ from }) ?? Promise.resolve());
    expect(complaints).toHaveBeenCalledTimes(ending.name === 'nothing' ? 1 : 0);
    complaints.mockRestore();
    expect(endingOf(failed)).toEqual(ending);
  });
});

const binary = findCast();

describe.skipIf(binary === undefined)('cast', () => {
  const home = makeTemporaryDirectory();
  afterAll(() => home.remove());

  const words = ({ ending }: Case): RegExp => {
    if (ending.name === 'Error') return new RegExp(`execution reverted: ${ending.reason}`);
    if (ending.name === 'Refused') return new RegExp(`data: "${REFUSED_DATA}"`);
    if (ending.name === 'nothing') return /execution reverted(, data: "0x")?\s*$/;
    return ending.code === 0x11n ? /overflow/ : /division or modulo by zero/;
  };

  test.each(CASES)('tells how $action ends', async (each) => {
    const types = each.args.length === 2 ? 'address,string' : 'address';
    const call = ['call', failing, `${each.action}(${types})`, ...each.args, '--from', from];
    for (const url of [stage.url, stage.webSocketUrl]) {
      const outcome = await runCast(binary ?? '', home.path, [...call, '--rpc-url', url]);
      expect(outcome.failed).toBe(true);
      expect(outcome.stderr).toMatch(words(each));
    }
  });
});

test('a deployment that fails says why, and so does a transaction in a block', async () => {
  const reader = createPublicClient({ chain: foundry, transport: http(stage.url) });
  const refused = deployment(FAILING, [1n], { from });
  await expect(reader.estimateGas({ account: from, data: refused.data })).rejects.toThrow(
    'not today',
  );
  const hash = await stage.rpc.call('eth_sendTransaction', { ...refused, gas: '0x100000' });
  expect(await stage.rpc.call('eth_getTransactionReceipt', hash)).toMatchObject({ status: '0x0' });
});
