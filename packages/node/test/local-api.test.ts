import type { HeadNotice, TransactionRequest } from '@lucerna/api';
import { concatBytes, fixedBytes, fromHex, SILENT_LOG, toHex } from '@lucerna/base';
import { keccak256, pureSignatureEngine } from '@lucerna/crypto';
import {
  createAddress,
  encodeBlock,
  NATIVE_ADDRESSES,
  publicKeyToAddress,
  type RecoveredTransaction,
  recoverTransaction,
  type SimulatedBlockRequest,
  selectorOfSignature,
  signingHash,
} from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { compile } from '@lucerna/zexus';
import { type Abi, encodeFunctionData } from 'viem';
import { describe, expect, it } from 'vitest';
import { DEV_PRIVATE_KEYS } from '../src/dev-accounts.ts';
import { devSealer } from '../src/index.ts';
import { createNode, type Node } from '../src/node.ts';
import { manualClock } from './support/manual-clock.ts';

const START_MS = 1_700_000_000_500;
const STRANGER = new Uint8Array(20).fill(0x77);
const ALICE = publicKeyToAddress(pureSignatureEngine.publicKey(DEV_PRIVATE_KEYS[0]!));
const BOB = publicKeyToAddress(pureSignatureEngine.publicKey(DEV_PRIVATE_KEYS[1]!));
const ZERO_HASH = new Uint8Array(32);
const PLAIN = { validation: false, traceTransfers: false };
const coded = (code: string): unknown => expect.objectContaining({ code });

const { contracts } = compile({
  name: 'counter.zx',
  text: `contract Counter {
  data count: integer = 0
  action add(n: integer) {
    require(n != 13, "unlucky")
    count += n
  }
  view action get() -> integer { return count }
}`,
});
const counter = contracts[0]!;

function calldata(functionName: string, ...args: readonly unknown[]): Uint8Array {
  return fromHex(encodeFunctionData({ abi: counter.abi as Abi, functionName, args }));
}

function requestOf(
  fields: Partial<TransactionRequest> & Pick<TransactionRequest, 'to'>,
): TransactionRequest {
  const defaults = { from: ALICE, value: 0n, data: new Uint8Array(0), accessList: [] };
  return { ...defaults, ...fields };
}

/** A node that makes blocks only when it is told to. */
async function withNode(use: (node: Node) => Promise<void>): Promise<void> {
  const node = await createNode(
    {
      clock: manualClock(START_MS),
      log: SILENT_LOG,
      signatures: pureSignatureEngine,
      blockLog: createMemoryFile(),
      store: createMemoryStore(),
    },
    {
      privateKeys: DEV_PRIVATE_KEYS,
      sealer: devSealer({ mode: 'manual' }),
      durability: 'process',
    },
  );
  try {
    await use(node);
  } finally {
    await node.close();
  }
}

const send = (
  { api }: Node,
  fields: Partial<TransactionRequest> & Pick<TransactionRequest, 'to'>,
): Promise<Uint8Array> => api.sendFromAccount(requestOf(fields));

async function mine(node: Node): Promise<void> {
  await node.api.dev!.mine({});
}

/** Deploys the counter in a block of its own. */
async function deploy(node: Node): Promise<Uint8Array> {
  const nonce = node.api.account(node.api.head().header.height, ALICE).nonce;
  await send(node, { to: null, data: counter.bytecode });
  await mine(node);
  return createAddress(ALICE, nonce);
}

const simulated = (
  calls: SimulatedBlockRequest['calls'],
  block: SimulatedBlockRequest['block'] = {},
): SimulatedBlockRequest => ({ block, state: [], calls });

describe('the pending state', () => {
  it('has what the pool would put into the next block', async () => {
    await withNode(async (node) => {
      const { api } = node;
      const address = createAddress(ALICE, 0n);
      await send(node, { to: STRANGER, value: 5n, from: BOB });
      await send(node, { to: null, data: counter.bytecode });
      expect(api.account(0, STRANGER).balance).toBe(0n);
      expect(api.account('pending', STRANGER).balance).toBe(5n);
      expect(api.code(0, address)).toHaveLength(0);
      expect(api.code('pending', address)).toEqual(counter.bytecode);
      const request = { from: BOB, to: address, data: calldata('add', 2n) };
      await send(node, { ...request, gas: 200_000n });
      const got = await api.call({ to: address, data: calldata('get') }, 'pending');
      expect(toHex(got.returnData)).toBe(toHex(numberWord(2n)));
      const pending = await api.estimateGas(request, 'pending');
      await mine(node);
      expect(await api.estimateGas(request, 1)).toBe(pending);
      expect(api.account('pending', STRANGER)).toEqual(api.account(1, STRANGER));
    });
  });

  it('follows what the sealer is told', async () => {
    await withNode(async ({ api }) => {
      expect(api.pendingBlock().block.header.coinbase).not.toEqual(STRANGER);
      await api.dev!.setCoinbase(STRANGER);
      expect(api.pendingBlock().block.header.coinbase).toEqual(STRANGER);
      await api.dev!.setBalance(STRANGER, 7n);
      expect(api.account('pending', STRANGER).balance).toBe(7n);
      await api.dev!.setBalance(STRANGER, 8n);
      expect(api.account('pending', STRANGER).balance).toBe(8n);
      const { nextBaseFee } = api;
      await api.dev!.setNextBlockBaseFee(99n);
      expect(nextBaseFee()).toBe(99n);
      expect(api.pendingBlock().block.header.baseFeePerGas).toBe(99n);
    });
  });
});

describe('simulations', () => {
  it('take overrides of the state and of the block', async () => {
    await withNode(async (node) => {
      const { api } = node;
      const address = await deploy(node);
      const request = { from: STRANGER, to: ALICE, value: 3n };
      expect(() => api.call(request, 1)).toThrow(coded('TX_INSUFFICIENT_FUNDS'));
      const state = [{ address: STRANGER, balance: 3n, code: counter.bytecode }];
      expect(await api.call(request, 1, { state })).toMatchObject({ status: 1 });
      expect(await api.estimateGas(request, 1, { state })).toBe(21_000n);
      const get = { to: STRANGER, data: calldata('get') };
      const { accessList } = await api.createAccessList(get, 1, { state });
      expect(accessList).toHaveLength(1);
      const stateDiff = [{ slot: accessList[0]!.storageKeys[0]!, word: numberWord(0n) }];
      expect(await api.call(get, 1, { state: [{ ...state[0]!, stateDiff }] })).toMatchObject({
        status: 1,
      });
      const block = { height: 1_000, timestamp: 2_000_000_000, gasLimit: 21_000n };
      expect(() =>
        api.estimateGas({ to: address, data: calldata('add', 1n) }, 1, { block }),
      ).toThrow(coded('CALL_GAS_ALLOWANCE'));
    });
  });

  it('give blocks the state roots that real ones would have', async () => {
    await withNode(async (node) => {
      const { api } = node;
      const address = await deploy(node);
      const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 0n, gas: 100_000n };
      const { coinbase } = api.pendingBlock().block.header;
      const [first] = await api.simulateBlocks(
        [
          simulated([{ from: ALICE, to: address, data: calldata('add', 5n), ...fees }], {
            coinbase,
          }),
          simulated([{ from: BOB, to: STRANGER, value: 1n, ...fees }], { coinbase }),
        ],
        1,
        { validation: true, traceTransfers: true },
      );
      await send(node, { to: address, data: calldata('add', 5n), ...fees });
      await mine(node);
      const { header } = api.head();
      const { stateRoot, baseFeePerGas, gasUsed, parentHash } = first!.view.block.header;
      expect({ stateRoot, baseFeePerGas, gasUsed, parentHash }).toEqual({
        stateRoot: header.stateRoot,
        baseFeePerGas: header.baseFeePerGas,
        gasUsed: header.gasUsed,
        parentHash: header.parentHash,
      });
    });
  });

  it('follow the pending block, also where patches have changed the state', async () => {
    await withNode(async (node) => {
      const { api } = node;
      await api.dev!.setBalance(STRANGER, 10n);
      await send(node, { to: STRANGER, value: 5n, from: BOB });
      const call = { from: STRANGER, to: ALICE, value: 15n };
      const [first] = await api.simulateBlocks([simulated([call])], 'pending', PLAIN);
      const pending = api.pendingBlock().block;
      expect(first?.calls[0]?.status).toBe(1);
      expect(first?.view.block.header.parentHash).toEqual(pending.hash);
      expect(first?.view.block.header.height).toBe(2);
      const [empty] = await api.simulateBlocks([simulated([])], 'pending', PLAIN);
      expect(empty?.view.block.header.stateRoot).toEqual(pending.header.stateRoot);
      const [onHead] = await api.simulateBlocks([simulated([{ ...call, value: 10n }])], 0, PLAIN);
      expect(onHead?.calls[0]?.status).toBe(1);
    });
  });

  it('have no state roots on older states', async () => {
    await withNode(async (node) => {
      await deploy(node);
      const call = { from: ALICE, to: null, data: counter.bytecode, gas: 5_000_000n };
      const [first] = await node.api.simulateBlocks([simulated([call])], 0, PLAIN);
      expect(first?.calls[0]?.status).toBe(1);
      expect(first?.view.block.header).toMatchObject({ height: 1, stateRoot: ZERO_HASH });
      expect(first?.view.block.header.parentHash).toEqual(node.api.header(0)?.hash);
    });
  });

  it('refuse states that are not there', async () => {
    await withNode(async ({ api }) => {
      expect(() => api.call({ to: BOB }, 1)).toThrow(coded('STATE_FUTURE'));
      expect(() => api.simulateBlocks([simulated([])], 1, PLAIN)).toThrow(coded('STATE_FUTURE'));
    });
  });
});

describe('calls above the head', () => {
  it('find blocks that are not made yet without a hash', async () => {
    await withNode(async (node) => {
      await mine(node);
      const to = NATIVE_ADDRESSES.multicall3;
      const hashOf = async (height: bigint, number: number): Promise<Uint8Array> => {
        const data = concatBytes(
          selectorOfSignature('getBlockHash(uint256)'),
          fixedBytes(height, 32),
        );
        return (await node.api.call({ to, data }, 1, { block: { height: number } })).returnData;
      };
      expect(await hashOf(1n, 9)).toEqual(node.api.head().hash);
      expect(await hashOf(8n, 9)).toEqual(ZERO_HASH);
    });
  });
});

describe('a transaction that nobody has signed', () => {
  it('cannot be sent by its bytes, also where a key fits them', async () => {
    await withNode(async (node) => {
      const { api } = node;
      for (let count = 0; count < 4; count += 1) {
        const from = new Uint8Array(20).fill(0x50 + count);
        await api.dev!.setBalance(from, 10n ** 18n);
        const hash = await api.sendFromAccount(requestOf({ from, to: BOB, value: 1n }), 'without');
        const { raw } = api.pooledTransaction(hash)!;
        await expect(api.sendRaw(raw)).rejects.toThrow(coded('TX_SIGNATURE_INVALID'));
        await mine(node);
        await expect(api.sendRaw(raw)).rejects.toThrow(coded('TX_SIGNATURE_INVALID'));
        expect(api.findTransaction(hash)).toMatchObject({ height: count + 1 });
      }
    });
  });
});

describe('traces', () => {
  it('tell how transactions of the chain ran', async () => {
    await withNode(async (node) => {
      const { api } = node;
      const address = await deploy(node);
      const hashes = [
        await send(node, { to: address, data: calldata('add', 5n), gas: 200_000n }),
        await send(node, { to: address, data: calldata('add', 13n), gas: 200_000n }),
        await send(node, { to: STRANGER, value: 3n, from: BOB }),
      ];
      await mine(node);
      const { block, receipts } = (await api.block(2))!;
      const traced = await api.traceBlock(2, {});
      expect(traced.map(({ transactionHash }) => transactionHash)).toEqual(
        block.transactions.map(({ hash }) => hash),
      );
      let cumulative = 0n;
      for (const [index, { calls }] of traced.entries()) {
        cumulative += calls.gasUsed;
        expect(cumulative).toBe(receipts[index]?.cumulativeGasUsed);
        expect(calls.error === undefined).toBe(receipts[index]?.status === 1);
      }
      for (const hash of hashes) {
        const trace = await api.traceTransaction(hash, {});
        expect(traced.find(({ transactionHash }) => equal(transactionHash, hash))).toEqual(trace);
      }
      const failed = await api.traceTransaction(hashes[1]!, { steps: true });
      expect(failed?.calls.error?.code).toBe('CALL_REVERTED');
      expect(failed?.steps?.steps.length).toBeGreaterThan(0);
      expect(await api.traceTransaction(ZERO_HASH, {})).toBeUndefined();
      expect(await api.traceBlock(0, {})).toEqual([]);
    });
  });

  it('tell how a call would run', async () => {
    await withNode(async (node) => {
      const { api } = node;
      const address = await deploy(node);
      const request = { to: address, data: calldata('get'), from: STRANGER, value: 0n };
      const { calls } = await api.traceCall(request, 1, {}, {});
      const { gasUsed } = await api.call(request, 1);
      expect(calls).toMatchObject({ from: STRANGER, to: address, gasUsed });
      const state = [{ address: STRANGER, balance: 9n }];
      const paid = await api.traceCall({ ...request, to: BOB, value: 9n }, 1, { state }, {});
      expect(paid.calls).toMatchObject({ value: 9n, error: undefined });
    });
  });
});

describe('transactions of own accounts', () => {
  it('are filled in, signed, or sent, and are the same', async () => {
    await withNode(async ({ api }) => {
      const request = requestOf({ to: STRANGER, value: 1n });
      const filled = await api.fillTransaction(request);
      expect(filled).toMatchObject({ type: 2, nonce: 0n, gasLimit: 21_000n, value: 1n });
      const signed = await api.signTransaction(request);
      expect(signed.transaction).toMatchObject(filled);
      expect(recoverTransaction(signed.raw, pureSignatureEngine)).toEqual(signed);
      expect(api.pooledTransaction(signed.hash)).toBeUndefined();
      expect(await api.sendFromAccount(request)).toEqual(signed.hash);
      expect(api.pooledTransaction(signed.hash)).toEqual(signed);
    });
  });

  it('need a key; filling in does not', async () => {
    await withNode(async ({ api }) => {
      const request = requestOf({ from: STRANGER, to: BOB });
      expect(() => api.signTransaction(request)).toThrow(coded('ACCOUNT_UNKNOWN'));
      await expect(api.sendFromAccount(request)).rejects.toThrow(coded('ACCOUNT_UNKNOWN'));
      expect(() => api.signDigest(STRANGER, ZERO_HASH)).toThrow(coded('ACCOUNT_UNKNOWN'));
      expect(await api.fillTransaction(request)).toMatchObject({ nonce: 0n, gasLimit: 21_000n });
    });
  });

  it('sign digests', async () => {
    await withNode(async ({ api }) => {
      const digest = keccak256(Uint8Array.of(1));
      const signature = api.signDigest(BOB, digest);
      expect(publicKeyToAddress(pureSignatureEngine.recover(digest, signature))).toEqual(BOB);
      const filled = await api.fillTransaction(requestOf({ to: BOB }));
      const { transaction } = await api.signTransaction(requestOf({ to: BOB }));
      const { bytes, recovery } = api.signDigest(ALICE, signingHash(filled));
      expect(recovery).toBe(transaction.signature.yParity);
      expect(toHex(bytes.subarray(0, 32))).toBe(toHex(numberWord(transaction.signature.r)));
    });
  });

  it('need no key when that is asked for', async () => {
    await withNode(async (node) => {
      const { api } = node;
      await api.dev!.setBalance(STRANGER, 10n ** 18n);
      const request = requestOf({ from: STRANGER, to: BOB, value: 4n });
      await expect(api.sendFromAccount(request)).rejects.toThrow(coded('ACCOUNT_UNKNOWN'));
      const hash = await api.sendFromAccount(request, 'without');
      expect(api.pooledTransaction(hash)).toMatchObject({ unsigned: true, sender: STRANGER });
      // One that has a key is signed for all the same.
      const own = await api.sendFromAccount(requestOf({ to: BOB }), 'without');
      expect(api.pooledTransaction(own)).not.toHaveProperty('unsigned');
    });
  });

  it('need no key when the sealer lets them be impersonated', async () => {
    await withNode(async (node) => {
      const { api } = node;
      const address = await deploy(node);
      await api.dev!.setBalance(address, 10n ** 18n);
      const request = { from: address, to: STRANGER, value: 4n };
      await expect(send(node, request)).rejects.toThrow(coded('ACCOUNT_UNKNOWN'));
      const own = api.accounts();
      await api.dev!.impersonate(address);
      // Once, and not a second time for an account with a key.
      await api.dev!.impersonate(own[0]!);
      expect(api.accounts()).toEqual([...own, address]);
      const hash = await send(node, request);
      expect(api.pooledTransaction(hash)).toMatchObject({ unsigned: true, sender: address });
      await mine(node);
      expect(api.findTransaction(hash)).toEqual({ height: 2, index: 0 });
      expect(api.account(2, STRANGER).balance).toBe(4n);
      expect(await api.traceTransaction(hash, {})).toMatchObject({ calls: { from: address } });
    });
  });
});

describe('who listens', () => {
  it('hears of heads with what made way for them', async () => {
    await withNode(async (node) => {
      const notices: HeadNotice[] = [];
      const cancel = node.api.onHead((notice) => notices.push(notice));
      await send(node, { to: STRANGER, value: 1n });
      await mine(node);
      const first = (await node.api.block(1))!;
      await node.chain.rewind({ height: 0 });
      await mine(node);
      cancel();
      await mine(node);
      expect(notices.map(({ view }) => view.block.header.height)).toEqual([1, 0, 1]);
      expect(notices[0]?.view).toEqual(first);
      expect(notices[1]?.reverted.map(({ block }) => block.hash)).toEqual([first.block.hash]);
      expect(notices[2]?.reverted).toEqual([]);
    });
  });

  it('hears of transactions once they are pending', async () => {
    await withNode(async (node) => {
      const heard: RecoveredTransaction[] = [];
      const cancel = node.api.onPooled((transaction) => heard.push(transaction));
      const later = await send(node, { to: STRANGER, nonce: 1n });
      expect(heard).toEqual([]);
      expect(node.api.poolContent().map(({ status }) => status)).toEqual(['queued']);
      const first = await send(node, { to: STRANGER, nonce: 0n });
      expect(new Set(heard.map(({ hash }) => toHex(hash)))).toEqual(
        new Set([toHex(first), toHex(later)]),
      );
      expect(node.api.poolContentOf(ALICE).map(({ status }) => status)).toEqual([
        'pending',
        'pending',
      ]);
      expect(node.api.poolContentOf(BOB)).toEqual([]);
      cancel();
      await send(node, { to: STRANGER, from: BOB });
      expect(heard).toHaveLength(2);
    });
  });
});

describe('what explorers ask', () => {
  it('finds transactions by address and nonce, and who created a contract', async () => {
    await withNode(async (node) => {
      const { api } = node;
      const address = await deploy(node);
      await send(node, { to: address, data: calldata('add', 5n), from: BOB });
      await mine(node);
      expect([...api.transactionsOf(address, undefined, 'older')]).toEqual([
        { height: 2, index: 0 },
        { height: 1, index: 0 },
      ]);
      expect(api.transactionOfNonce(BOB, 0n)).toEqual({ height: 2, index: 0 });
      expect(api.creationOf(address)).toEqual({ height: 1, index: 0 });
      expect(api.creationOf(BOB)).toBeUndefined();
      expect(encodeBlock((await api.block(1))!.block).length).toBeGreaterThan(0);
    });
  });
});

function numberWord(value: bigint): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(64, '0')}`);
}

function equal(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && toHex(left) === toHex(right);
}
