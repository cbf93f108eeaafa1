import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromHex } from '@lucerna/base';
import { compileContract } from '@lucerna/sdk';
import { Dictionary, decodeValue, encodeValue, keyText, List, UNMETERED } from '@lucerna/zexus';
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  concatHex,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  getAddress,
  type Hex,
  http,
  keccak256,
  type PublicClient,
  parseAbi,
  parseEventLogs,
  toFunctionSelector,
  toHex,
  zeroAddress,
} from 'viem';
import { foundry } from 'viem/chains';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { devAccount } from '../support/dev-accounts.ts';

// Every feature of the language that a client can see, through viem and a node of its own.

const owner = devAccount(0);
const other = devAccount(1);

type Compiled = { readonly abi: Abi; readonly bytecode: Hex };

function compileFeatures(contract: string): Compiled {
  const read = (path: string): string =>
    readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
  const { abi, bytecode, warnings } = compileContract(read('features.zx'), {
    contract,
    sourceName: 'features.zx',
    files: (path) => ({ name: path, text: read(path) }),
  });
  expect(warnings).toEqual([]);
  return { abi: abi as Abi, bytecode };
}

const FEATURES = compileFeatures('Features');
const ASKER = compileFeatures('Asker');
const UNDECLARED = parseAbi([
  'event Loose(bytes data)',
  'event Log(bytes data)',
  'event AuditLog(string action, bytes data)',
]);

let stage: ClientStage;
let reader: PublicClient;
let features: Address;

const walletOf = (account: typeof owner) =>
  createWalletClient({ account, chain: foundry, transport: http(stage.url) });

async function deploy({ abi, bytecode }: Compiled, args: readonly unknown[]): Promise<Address> {
  const hash = await walletOf(owner).deployContract({ abi, bytecode, args });
  const { contractAddress } = await reader.waitForTransactionReceipt({ hash });
  return getAddress(contractAddress ?? zeroAddress);
}

const call = (functionName: string, args: readonly unknown[] = []) => ({
  address: features,
  abi: FEATURES.abi,
  functionName,
  args,
});

const read = (functionName: string, ...args: readonly unknown[]): Promise<unknown> =>
  reader.readContract(call(functionName, args));

/** What a transaction returns, which is simulated first, and its events. */
async function write(
  functionName: string,
  args: readonly unknown[],
  { from = owner, value = 0n }: { readonly from?: typeof owner; readonly value?: bigint } = {},
) {
  const simulated = await reader.simulateContract({
    ...call(functionName, args),
    account: from,
    ...(value > 0n && { value }),
  } as never);
  const hash = await walletOf(from).writeContract(simulated.request as never);
  const receipt = await reader.waitForTransactionReceipt({ hash });
  expect(receipt.status).toBe('success');
  const logs = parseEventLogs({ abi: [...FEATURES.abi, ...UNDECLARED], logs: receipt.logs });
  expect(logs).toHaveLength(receipt.logs.length);
  const events = (logs as unknown as { eventName: string; args: unknown }[]).map(
    ({ eventName, args: values }) => [eventName, values],
  );
  return { result: simulated.result as unknown, events };
}

/** What viem decodes of a call that reverts: `undefined` is a revert without data. */
async function refusal(functionName: string, args: readonly unknown[], from = owner) {
  const error = await reader.simulateContract({ ...call(functionName, args), account: from }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof BaseError)) throw new Error(`no error of viem: ${String(error)}`);
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(reverted instanceof ContractFunctionRevertedError)) throw error;
  const { data } = reverted;
  return data && [data.errorName, ...(data.args ?? [])];
}

const encoded = (value: Parameters<typeof encodeValue>[1]): Hex =>
  toHex(encodeValue(UNMETERED, value));
const decoded = (bytes: unknown): unknown => decodeValue(UNMETERED, fromHex(bytes as Hex));

function map(...entries: readonly (readonly [string, Parameters<typeof encodeValue>[1]])[]) {
  const made = new Dictionary();
  for (const [key, value] of entries) made.entries.set(keyText(key), { key, value });
  return made;
}

beforeAll(async () => {
  stage = await openClientStage();
  const transport = http(stage.url);
  reader = createPublicClient({ chain: foundry, transport, cacheTime: 0 }) as PublicClient;
});
afterAll(async () => {
  expect(stage.findings()).toEqual([]);
  await stage.close();
});
beforeEach(async () => {
  features = await deploy(FEATURES, [{ x: 1n, y: -2n }, ['first', 'second']]);
});

describe('values', () => {
  test('of every type', async () => {
    const hash = keccak256('0x');
    const given = [255, -(2n ** 200n), true, other.address, hash, 'téxt', '0x00ff'];
    expect(await read('scalars', ...given)).toEqual([
      ...[
        '255',
        String(-(2n ** 200n)),
        'true',
        other.address.toLowerCase(),
        hash,
        'téxt',
        '0x00ff',
      ],
    ]);
  });

  test('in lists, and lists of lists', async () => {
    const made = await read('lists', [1n, 2n ** 256n - 1n], [['a'], []]);
    expect(made).toEqual([['a'], [], ['n1', `n${2n ** 256n - 1n}`]]);
  });

  test('of entities as tuples, of another file, also in lists and constructors', async () => {
    const points = [
      { x: 1n, y: 2n },
      { x: -5n, y: 0n },
    ];
    expect(await read('shifted', points, -1n)).toEqual([
      { x: 0n, y: 1n },
      { x: -6n, y: -1n },
    ]);
    expect(await read('last')).toEqual({ x: 1n, y: -2n });
    expect([await read('note', '0'), await read('note', '1'), await read('note', '2')]).toEqual([
      ...['first', 'second', ''],
    ]);
    const item = FEATURES.abi.find((each) => each.type === 'function' && each.name === 'last');
    expect(item).toMatchObject({
      stateMutability: 'view',
      outputs: [{ type: 'tuple', components: [{ name: 'x' }, { name: 'y', type: 'int256' }] }],
    });
  });

  test('of enums as integers, and of match and ?:', async () => {
    expect(await read('colors')).toEqual([0n, 5n, 6n]);
    expect(await Promise.all([0n, 2n, 9n, 101n].map((n) => read('either', n)))).toEqual([
      ...['none', 'few', 'many', 'very many'],
    ]);
  });

  test('without a type as bytes', async () => {
    const value = new List([1, 'a', null, new List([true]), map(['k', 2n ** 60n])]);
    const { result } = await write('echo', [encoded(value)]);
    expect(decoded(result)).toEqual(value);
    await write('keep', [encoded('x')]);
    const kept = decoded(await read('keptValue')) as Dictionary;
    expect([...kept.entries.values()].map(({ key }) => key)).toEqual(['value', 'by']);
    expect(await refusal('echo', ['0xff'])).toBeUndefined();
  });
});

describe('events', () => {
  test('with fields of every kind', async () => {
    const { result, events } = await write('move', [3n, ['a', 'b']], { from: other });
    const point = { x: 4n, y: 1n };
    expect(result).toEqual(point);
    expect(events).toEqual([['Moved', { who: other.address, point, tags: ['a', 'b'] }]]);
    expect(await read('count')).toBe(2n);
    const found = await reader.getContractEvents({
      address: features,
      abi: FEATURES.abi,
      eventName: 'Moved',
      args: { who: other.address },
      fromBlock: 'earliest',
    });
    expect(found).toHaveLength(1);
  });

  test('by name, without fields, of any value, and undeclared', async () => {
    const { events } = await write('say', ['hi', 7n]);
    expect(events.map(([name]) => name)).toEqual([
      ...['Named', 'Nothing', 'Anything', 'Loose', 'Log', 'AuditLog'],
    ]);
    const args = events.map(([, values]) => values as Record<string, unknown>);
    expect(args[0]).toEqual({ text: keccak256(toHex('hi')), number: 7n, raw: toHex('hi') });
    expect(decoded(args[2]?.['value'])).toEqual(map(['text', 'hi'], ['list', new List([7, null])]));
    expect(decoded(args[3]?.['data'])).toEqual(new List(['hi', 7]));
    expect(decoded(args[4]?.['data'])).toBe('hi');
    expect([args[5]?.['action'], decoded(args[5]?.['data'])]).toEqual(['said', 7]);
  });
});

describe('failures', () => {
  test.each([
    [0n, ['Error', 'with a text']],
    [1n, undefined],
    [2n, ['Denied', owner.address, { x: 1n, y: -2n }]],
    [3n, ['Empty']],
    [4n, ['Panic', 0x12n]],
    [5n, ['Panic', 0x32n]],
    [6n, ['Error', 'thrown']],
    [7n, undefined],
    [8n, ['Panic', 0x11n]],
  ])('way %i', async (way, expected) => {
    expect(await refusal('fail', [way])).toEqual(expected);
  });

  test('leave nothing but their fee, also when their gas runs out', async () => {
    const data = encodeFunctionData({ abi: FEATURES.abi, functionName: 'fail', args: [9n] });
    const hash = await walletOf(owner).sendTransaction({ to: features, data, gas: 100_000n });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    expect(receipt).toMatchObject({ status: 'reverted', gasUsed: 100_000n, logs: [] });
    expect(await read('amount')).toBe(0n);
  });

  test('are caught with all that they did, but `finally` is kept', async () => {
    const { result, events } = await write('tolerant', [4n]);
    expect([result, events, await read('amount')]).toEqual(['division by zero', [], 1n]);
    const declared = await write('tolerant', [3n]);
    expect(declared.result).toBe('{error: Empty}');
  });
});

describe('what actions may do', () => {
  const mutability = (name: string): unknown =>
    FEATURES.abi.find((item) => item.type === 'function' && item.name === name);

  test('is in the ABI', () => {
    expect(mutability('colors')).toMatchObject({ stateMutability: 'pure' });
    expect(mutability('amount')).toMatchObject({ stateMutability: 'view' });
    expect(mutability('move')).toMatchObject({ stateMutability: 'nonpayable' });
    expect(mutability('pay')).toMatchObject({ stateMutability: 'payable' });
    expect([mutability('hidden'), mutability('asNamed')]).toEqual([undefined, undefined]);
    const kinds = FEATURES.abi.map(({ type }) => type);
    expect(kinds.filter((kind) => kind === 'receive' || kind === 'fallback')).toHaveLength(2);
    const errors = FEATURES.abi.filter((item) => item.type === 'error');
    expect(errors.map(({ name }) => name)).toEqual(['Denied', 'Empty']);
  });

  test('`as` gives an action another name', async () => {
    expect((await write('otherName', [4n])).result).toBe(5n);
  });

  test('modifiers of one’s own', async () => {
    expect(await refusal('guarded', [1n], other)).toEqual(['Error', 'not the owner']);
    expect((await write('guarded', [5n])).result).toBe(5n);
    expect(await read('amount')).toBe(1n);
  });

  test('`limit`', async () => {
    expect((await write('bounded', [10n])).result).toBe(10n);
    const reason = 'gas limit of bounded used up';
    expect(await refusal('bounded', [100_000n])).toEqual(['Error', reason]);
  });

  test('payable actions take wei, others refuse it', async () => {
    const receiver = getAddress('0x00000000000000000000000000000000000a11cE');
    const before = await reader.getBalance({ address: receiver });
    const { result } = await write('pay', [receiver], { value: 101n });
    expect(result).toBe(51n);
    expect((await reader.getBalance({ address: receiver })) - before).toBe(50n);
    const data = encodeFunctionData({ abi: FEATURES.abi, functionName: 'bounded', args: [1n] });
    const sent = reader.call({ account: owner, to: features, data, value: 1n });
    await expect(sent).rejects.toThrow();
  });

  test('receive and fallback', async () => {
    const hash = await walletOf(owner).sendTransaction({ to: features, value: 5n });
    expect((await reader.waitForTransactionReceipt({ hash })).status).toBe('success');
    expect(await read('amount')).toBe(1000n);
    expect(await reader.getBalance({ address: features })).toBe(5n);
    const unknown = concatHex([toFunctionSelector('nobody(uint256)'), '0x0102']);
    const { data } = await reader.call({ to: features, data: unknown });
    expect(data).toBe(concatHex([toFunctionSelector('nobody(uint256)'), '0x21']));
    await expect(reader.call({ to: features, data: unknown, value: 1n })).rejects.toThrow();
  });

  test('any action is reached by its name through zx_call', async () => {
    const abi = parseAbi(['function zx_call(string, bytes) returns (bytes)']);
    const functionName = 'zx_call';
    const args = ['as_named', encoded(new List([41]))] as const;
    const { result } = await reader.simulateContract({
      address: features,
      abi,
      functionName,
      args,
    });
    expect(decoded(result)).toBe(42);
    const hidden = ['hidden', encoded(new List([]))] as const;
    const refused = reader.simulateContract({ address: features, abi, functionName, args: hidden });
    await expect(refused).rejects.toThrow();
  });
});

describe('another contract', () => {
  let asker: Address;
  beforeAll(async () => {
    asker = await deploy(ASKER, []);
  });
  const ask = (functionName: string) =>
    reader.simulateContract({ address: asker, abi: ASKER.abi, functionName, args: [features] });

  test('calls by a protocol, by the name of the contract, and by the name of an action', async () => {
    expect((await ask('ask')).result).toBe(1n);
    expect((await ask('poke')).result).toBe('caught: with a text');
    await expect(ask('guardedByName')).rejects.toThrow('not the owner');
  });
});
