import { verifyMerkleProof } from '@ethereumjs/mpt';
import { fromHex, SILENT_LOG, toHex, toHexKey } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { encodeRlp, type JsonObject } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import {
  Address,
  canonicalKey,
  compile,
  continuationSlots,
  entrySlot,
  variableSlot,
} from '@lucerna/zexus';
import {
  type Abi,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  toEventSelector,
} from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { devSealer } from '../src/dev/dev-sealer.ts';
import { DEV_PRIVATE_KEYS } from '../src/dev-accounts.ts';
import { createNode, type Node } from '../src/node.ts';
import { type ManualClock, manualClock } from './support/manual-clock.ts';

const SOURCE = `
contract Counter {
  data count: integer = 0
  data title: string = "none"
  data notes: map<address, map<integer, string>> = {}
  event Counted(who: address indexed, count: integer)

  action add(n: integer) {
    count += n
    emit Counted(TX.caller, count)
    emit Counted(TX.caller, n)
  }
  view action get() -> integer { return count }
  action fail(why: string) { require(false, why) }
  action fail_silently() { revert() }
  view action divide(n: integer) -> integer { return count / n }
  action forever() { while true { count += 1 } }
  action rename(to: string) {
    title = to
    notes[TX.caller][7] = to
  }
}
`;

const [contract] = compile({ name: 'counter.zx', text: SOURCE }).contracts;
if (contract === undefined) throw new Error('the contract compiles');
const abi = contract.abi as unknown as Abi;
const LONG_TEXT = 'a text that is a good deal longer than the thirty bytes of a head word';

let node: Node;
let clock: ManualClock;
let from: string;
let counter: string;

beforeEach(async () => {
  clock = manualClock(1_700_000_000_500);
  node = await createNode(
    {
      clock,
      log: SILENT_LOG,
      signatures: pureSignatureEngine,
      blockLog: createMemoryFile(),
      store: createMemoryStore(),
    },
    {
      privateKeys: DEV_PRIVATE_KEYS,
      sealer: devSealer({ mode: 'automine' }),
      durability: 'process',
    },
  );
  from = node.accounts[0]!.address;
  const receipt = await send({ data: toHex(contract.bytecode) });
  counter = receipt['contractAddress'] as string;
});

afterEach(() => node.close());

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by what the tests expect of them
type Answer = any;

const ask = (method: string, ...params: unknown[]): Promise<Answer> =>
  node.rpc.request(method, params);

/** Sends a transaction of the first account; its receipt. */
async function send(fields: JsonObject): Promise<JsonObject> {
  const hash = await ask('eth_sendTransaction', { from, ...fields });
  return ask('eth_getTransactionReceipt', hash);
}

const calldata = (functionName: string, ...args: unknown[]): Hex =>
  encodeFunctionData({ abi, functionName, args });

const transact = (functionName: string, ...args: unknown[]): Promise<JsonObject> =>
  send({ to: counter, data: calldata(functionName, ...args) });

/** A transaction whose gas the node does not estimate, because it fails. */
const transactFailing = (functionName: string, ...args: unknown[]): Promise<JsonObject> =>
  send({ to: counter, data: calldata(functionName, ...args), gas: '0x30d40' });

describe('code', () => {
  it('is the container, with a creation that is called as well as sent', async () => {
    expect(await ask('eth_getCode', counter)).toBe(toHex(contract.bytecode));
    const data = toHex(contract.bytecode);
    expect(await ask('eth_call', { from, data })).toBe(data);
    const before = await ask('eth_getCode', counter, '0x0');
    expect(before).toBe('0x');
  });

  it('that is no container is refused, with a receipt', async () => {
    for (const data of ['0x6000', '0xef5a5802']) {
      await expect(ask('eth_call', { from, data })).rejects.toMatchObject({ code: -32000 });
      const receipt = await send({ data, gas: '0x30d40' });
      expect(receipt).toMatchObject({ status: '0x0', gasUsed: '0x30d40', logs: [] });
      expect(receipt['contractAddress']).toMatch(/^0x[0-9a-f]{40}$/);
    }
  });
});

describe('a call', () => {
  it('reads what a transaction has written', async () => {
    await transact('add', 5n);
    const data = await ask('eth_call', { to: counter, data: calldata('get') });
    expect(decodeFunctionResult({ abi, functionName: 'get', data })).toBe(5n);
    expect(await ask('eth_call', { to: counter, data: calldata('get') }, '0x1')).not.toBe(data);
  });

  // What geth answers: `execution reverted` with the reason that Error(string) and Panic give.
  it.each([
    ['fail', ['too bad'], 'execution reverted: too bad', /^0x08c379a0/],
    ['divide', [0n], 'execution reverted: division or modulo by zero', /^0x4e487b71/],
    ['fail_silently', [], 'execution reverted', /^0x$/],
  ])('that reverts is code 3 with the raw data: %s', async (name, args, message, data) => {
    const functionName = name.replace(/_(\w)/, (_, letter: string) => letter.toUpperCase());
    const request = { from, to: counter, data: calldata(functionName, ...args) };
    const reverted = { code: 3, message, data: expect.stringMatching(data) };
    await expect(ask('eth_call', request)).rejects.toMatchObject(reverted);
    await expect(ask('eth_estimateGas', request)).rejects.toMatchObject(reverted);
    const receipt = await transactFailing(functionName, ...args);
    expect(receipt).toMatchObject({ status: '0x0', logs: [], contractAddress: null });
  });

  it('that meets an unknown selector reverts without data', async () => {
    const request = { to: counter, data: '0xdeadbeef' };
    await expect(ask('eth_call', request)).rejects.toMatchObject({
      code: 3,
      message: 'execution reverted',
      data: '0x',
    });
  });

  it('that runs out of gas is -32000 "out of gas" without data', async () => {
    const request = { from, to: counter, data: calldata('forever') };
    await expect(ask('eth_call', { ...request, gas: '0x186a0' })).rejects.toMatchObject({
      code: -32000,
      message: 'out of gas',
      data: undefined,
    });
    await expect(ask('eth_estimateGas', request)).rejects.toMatchObject({
      code: -32000,
      message: expect.stringMatching(/^gas required exceeds allowance/),
    });
    const receipt = await transactFailing('forever');
    expect(receipt).toMatchObject({ status: '0x0', gasUsed: '0x30d40', logs: [] });
  });
});

describe('logs', () => {
  it('are in receipts and found by address, topic, block and range', async () => {
    await transact('add', 5n);
    await ask('evm_mine');
    const receipt = await transact('add', 2n);
    const logs = receipt['logs'] as Answer[];
    expect(logs.map(({ logIndex }) => logIndex)).toEqual(['0x0', '0x1']);
    const decoded = logs.map(({ data, topics }) => decodeEventLog({ abi, data, topics }).args);
    expect(decoded).toEqual([
      { who: from, count: 7n },
      { who: from, count: 2n },
    ]);
    const sender = `0x${from.slice(2).toLowerCase().padStart(64, '0')}`;
    const topics = [toEventSelector('Counted(address,uint256)'), sender];
    const fromBlock = 'earliest';
    const all = await ask('eth_getLogs', { fromBlock });
    expect(all).toHaveLength(4);
    expect(all.slice(2)).toEqual(logs);
    expect(await ask('eth_getLogs', { fromBlock, address: counter, topics })).toEqual(all);
    expect(await ask('eth_getLogs', { fromBlock, topics: [null, topics] })).toEqual(all);
    expect(await ask('eth_getLogs', { fromBlock, topics: [topics[1]] })).toEqual([]);
    expect(await ask('eth_getLogs', { fromBlock, address: from })).toEqual([]);
    expect(await ask('eth_getLogs', { blockHash: receipt['blockHash'] })).toEqual(logs);
    expect(await ask('eth_getLogs', {})).toEqual(logs);
    const { logsBloom } = await ask('eth_getBlockByNumber', 'latest', false);
    expect(logsBloom).toBe(receipt['logsBloom']);
  });
});

describe('proofs', () => {
  /** Checks a whole answer of `eth_getProof` against the state root of `block`. */
  async function check(proof: Answer, block: string): Promise<void> {
    const { stateRoot } = await ask('eth_getBlockByNumber', block, false);
    const { nonce, balance, storageHash, codeHash } = proof;
    const account = await verifyMerkleProof(
      fromHex(proof.address),
      proof.accountProof.map(fromHex),
      { root: fromHex(stateRoot), useKeyHashing: true },
    );
    const numbers = [nonce, balance].map((each) => minimal(BigInt(each)));
    expect(account).toEqual(encodeRlp([...numbers, fromHex(storageHash), fromHex(codeHash)]));
    for (const { key, value, proof: nodes } of proof.storageProof) {
      const options = { root: fromHex(storageHash), useKeyHashing: true };
      const proven = await verifyMerkleProof(fromHex(key), nodes.map(fromHex), options);
      expect(proven).toEqual(BigInt(value) === 0n ? null : encodeRlp(minimal(BigInt(value))));
    }
  }

  function minimal(value: bigint): Uint8Array {
    const hex = value.toString(16);
    return value === 0n
      ? new Uint8Array(0)
      : fromHex(`0x${hex.padStart(hex.length + (hex.length % 2), '0')}`);
  }

  it('of cells, continuation cells, entries of nested maps and what is absent verify', async () => {
    await transact('add', 5n);
    await transact('rename', LONG_TEXT);
    const notes = entrySlot(
      variableSlot('notes'),
      canonicalKey(new Address(fromHex(from.toLowerCase()))),
    );
    const slots = [
      variableSlot('count'),
      variableSlot('title'),
      continuationSlots(variableSlot('title'), 2)[1]!,
      entrySlot(notes, canonicalKey(7n)),
      entrySlot(notes, canonicalKey(8n)),
    ].map(toHex);
    const proof = await ask('eth_getProof', counter, slots, 'latest');
    const values = proof.storageProof.map(({ value }: Answer) => BigInt(value));
    expect(values[0]).toBe(5n);
    expect(values.slice(1).map((value: bigint) => value === 0n)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    await check(proof, 'latest');
    const head = await ask('eth_blockNumber');
    await transact('add', 1n);
    expect(await ask('eth_getProof', counter, slots, head)).toEqual(proof);
    const earlier = await ask('eth_getProof', counter, slots, '0x2');
    await check(earlier, '0x2');
    expect(earlier.storageProof[2]).toMatchObject({ value: '0x0' });
  });
});

describe('answers', () => {
  it('name every storage word as 32 bytes', async () => {
    await transact('add', 5n);
    const slot = toHex(variableSlot('count'));
    expect(await ask('eth_getStorageAt', counter, slot)).toBe(`0x${'5'.padStart(64, '0')}`);
  });
});

describe('the pending block', () => {
  it('is made anew only when head, pool or second are others', async () => {
    const first = node.api.pendingBlock();
    expect(node.api.pendingBlock().block).toBe(first.block);
    await transact('add', 1n);
    const second = node.api.pendingBlock();
    expect(second.block).not.toBe(first.block);
    expect(second.block.header.height).toBe(first.block.header.height + 1);
    expect(toHexKey(second.block.header.parentHash)).toBe(toHexKey(node.api.head().hash));
    expect(node.api.pendingBlock().block).toBe(second.block);
    // A nonce that is not next waits in the pool.
    await ask('eth_sendTransaction', { from, to: from, nonce: '0x64', gas: '0x5208' });
    const third = node.api.pendingBlock();
    expect(third.block).not.toBe(second.block);
    expect(third.block.hash).toEqual(second.block.hash);
    clock.advance(1_000);
    expect(node.api.pendingBlock().block.header.timestamp).toBe(third.block.header.timestamp + 1);
  });
});
