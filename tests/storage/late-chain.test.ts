import { join } from 'node:path';
import { concatBytes, SILENT_LOG } from '@lucerna/base';
import { createNode, DEV_PRIVATE_KEYS, devSealer, type Node } from '@lucerna/node';
import { systemClock } from '@lucerna/platform-node/clock';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import {
  type DataDirectory,
  openDataDirectory,
  openDirectoryStore,
  placeBlockLog,
} from '@lucerna/platform-node/directory';
import { openFile } from '@lucerna/platform-node/files';
import { encodeBlock } from '@lucerna/protocol';
import {
  type AppendFile,
  createMemoryFile,
  createMemoryStore,
  type KvStore,
} from '@lucerna/storage';
import { encodeDeployData, encodeFunctionData, erc20Abi } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOKEN } from '../contracts/artifacts.ts';
import { databasesHere } from '../support/databases.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// What clients see of a chain that began with a snapshot, next to one that has all its blocks.

/** Of the snapshot. */
const FIRST = 6;
const LAST = 9;
const BEFORE = ['0x0', '0x1', '0x5'];
const THERE = ['0x6', '0x7', '0x9'];

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

const [ALICE, BOB] = [devAccount(0).address, devAccount(1).address];
let whole: Node;
let snapshot: readonly Uint8Array[];
let token: string;
/** One transaction a block, from block 1 on. */
const hashes: string[] = [];

const ask = ({ rpc }: Node, method: string, ...params: unknown[]): Promise<unknown> =>
  rpc.request(method, params);

/** The answer, or the code and the message of the error. */
async function answer(node: Node, method: string, ...params: unknown[]): Promise<unknown> {
  try {
    return { result: await ask(node, method, ...params) };
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return { code, message };
  }
}

async function nodeOn(blockLog: AppendFile, store: KvStore): Promise<Node> {
  const signatures = await loadSignatureEngine(SILENT_LOG);
  return createNode(
    { clock: systemClock, log: SILENT_LOG, signatures, blockLog, store },
    {
      privateKeys: DEV_PRIVATE_KEYS,
      sealer: devSealer({ mode: 'automine' }),
      durability: 'process',
    },
  );
}

function balanceOf(account: `0x${string}`): string {
  return encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [account] });
}

beforeAll(async () => {
  whole = await nodeOn(createMemoryFile(), createMemoryStore());
  const data = encodeDeployData({ ...TOKEN, args: [1_000n] });
  hashes.push((await ask(whole, 'eth_sendTransaction', { from: ALICE, data })) as string);
  const receipt = await ask(whole, 'eth_getTransactionReceipt', hashes[0]);
  token = (receipt as { contractAddress: string }).contractAddress;
  for (let height = 2; height <= LAST; height += 1) {
    const args = [BOB, BigInt(height)] as const;
    const call = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args });
    const request = { from: ALICE, to: token, data: call };
    hashes.push((await ask(whole, 'eth_sendTransaction', request)) as string);
    if (height === FIRST) snapshot = await takeSnapshot();
  }
});

async function takeSnapshot(): Promise<readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  const work = { takeTurn: async () => undefined };
  for await (const part of whole.chain.exportState(work)) parts.push(part);
  return parts;
}

describe.each(databasesHere())('a chain that began with a snapshot, with %s', (database) => {
  let late: Node;
  let claimed: DataDirectory;

  beforeAll(async () => {
    claimed = await openDataDirectory(join(directory.path, database), { database });
    await placeBlockLog(
      claimed,
      (async function* () {
        yield concatBytes(...snapshot);
      })(),
    );
    late = await nodeOn(await openFile(claimed.blockLogPath), await openDirectoryStore(claimed));
    for (let height = FIRST + 1; height <= LAST; height += 1) {
      await late.chain.import(encodeBlock((await whole.chain.block(height))!.block));
    }
  });
  afterAll(async () => {
    await late.close();
    await claimed.close();
  });

  test('answers for all that is there as the whole chain does', async () => {
    for (const at of THERE) {
      const hash = hashes[Number(at) - 1];
      for (const [method, ...params] of [
        ['eth_getBlockByNumber', at, true],
        ['eth_getBlockReceipts', at],
        ['eth_getBlockTransactionCountByNumber', at],
        ['eth_getTransactionByBlockNumberAndIndex', at, '0x0'],
        ['eth_getTransactionReceipt', hash],
        ['eth_getTransactionByHash', hash],
        ['eth_getBalance', ALICE, at],
        ['eth_getTransactionCount', ALICE, at],
        ['eth_getCode', token, at],
        ['eth_getStorageAt', token, '0x0', at],
        ['eth_getProof', token, ['0x0'], at],
        ['eth_call', { to: token, data: balanceOf(BOB) }, at],
        ['eth_estimateGas', { from: ALICE, to: BOB }, at],
        ['eth_getLogs', { fromBlock: at, toBlock: 'latest' }],
        ['eth_feeHistory', '0x1', at, [50]],
      ] as const) {
        const expected = await answer(whole, method, ...params);
        expect(expected, method).toHaveProperty('result');
        expect(await answer(late, method, ...params), `${method} ${at}`).toEqual(expected);
      }
    }
    const logs = await ask(late, 'eth_getLogs', { fromBlock: 'earliest', toBlock: 'latest' });
    expect(logs).toHaveLength(LAST - FIRST + 1);
  });

  test('has "earliest" as its first block', async () => {
    expect(await ask(late, 'eth_getBlockByNumber', 'earliest', false)).toMatchObject({
      number: '0x6',
    });
    expect(await ask(late, 'eth_getBlockTransactionCountByNumber', 'earliest')).toBe('0x1');
  });

  test('has no earlier blocks and transactions, as it has none that do not exist', async () => {
    for (const at of BEFORE) {
      const { hash } = (await ask(whole, 'eth_getBlockByNumber', at, false)) as { hash: string };
      for (const [method, ...params] of [
        ['eth_getBlockByNumber', at, true],
        ['eth_getBlockByHash', hash, true],
        ['eth_getBlockReceipts', at],
        ['eth_getBlockTransactionCountByNumber', at],
        ['eth_getTransactionByBlockNumberAndIndex', at, '0x0'],
      ] as const) {
        expect(await ask(late, method, ...params), `${method} ${at}`).toBeNull();
      }
    }
    for (const hash of hashes.slice(0, FIRST - 1)) {
      expect(await ask(late, 'eth_getTransactionByHash', hash)).toBeNull();
      expect(await ask(late, 'eth_getTransactionReceipt', hash)).toBeNull();
    }
  });

  test('answers 4444 where an earlier state, or a range of blocks, is needed', async () => {
    for (const at of BEFORE) {
      for (const [method, ...params] of [
        ['eth_getBalance', ALICE, at],
        ['eth_getTransactionCount', ALICE, at],
        ['eth_getCode', token, at],
        ['eth_getStorageAt', token, '0x0', at],
        ['eth_getProof', token, [], at],
        ['eth_call', { to: token, data: balanceOf(BOB) }, at],
        ['eth_estimateGas', { from: ALICE, to: BOB }, at],
        ['eth_getLogs', { fromBlock: at, toBlock: 'latest' }],
        ['eth_feeHistory', '0x1', at],
      ] as const) {
        const message = expect.stringMatching(/pruned|begins with a later block/);
        expect(await answer(late, method, ...params), `${method} ${at}`).toEqual({
          code: 4444,
          message,
        });
      }
    }
  });

  test('has a fee history that ends at its first block', async () => {
    expect(await ask(late, 'eth_feeHistory', '0x400', 'latest', [50])).toMatchObject({
      oldestBlock: '0x6',
      gasUsedRatio: [0, 0, 0, 0].map(() => expect.any(Number)),
    });
  });
});
