import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SILENT_LOG, toHex } from '@lucerna/base';
import { type Chain, type ChainFigures, type ChainPorts, openChain } from '@lucerna/chain';
import { createNode, DEV_PRIVATE_KEYS, devSealer } from '@lucerna/node';
import { systemClock } from '@lucerna/platform-node/clock';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import {
  type Database,
  openDataDirectory,
  openDirectoryStore,
} from '@lucerna/platform-node/directory';
import { openFile } from '@lucerna/platform-node/files';
import { encodeBlock } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore, KEYSPACES, type KvStore } from '@lucerna/storage';
import { encodeDeployData, encodeFunctionData, erc20Abi } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOKEN } from '../contracts/artifacts.ts';
import { type Request, receiptOf } from '../contracts/dev-contract.ts';
import { playTransferScript } from '../differential/transfer-script.ts';
import { databasesHere } from '../support/databases.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// The same blocks on every database: the same roots, the same figures, and the same rows.

const seed = Number(process.env['LUCERNA_SEED'] ?? 1);
const TOKEN_BLOCKS = 8;
/** So that rows are written to, overwritten and read back from the database all the time. */
const writeBehind = { flushBlocks: 3 };

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

/** What a chain comes to. */
type Outcome = {
  readonly figures: ChainFigures;
  readonly hashes: readonly string[];
  readonly roots: readonly string[];
  /** Of the proposer, which every block pays, at each height. */
  readonly balances: readonly bigint[];
};

/** By height; the first is the genesis block. */
let blocks: readonly Uint8Array[];
let genesis: Chain['genesis'];
let expected: Outcome;
let expectedRows: ReadonlyMap<string, string>;

beforeAll(async () => {
  process.stdout.write(`databases: LUCERNA_SEED=${seed}\n`);
  const ports = await portsOver(createMemoryStore());
  const node = await createNode(
    { ...ports, clock: systemClock, log: SILENT_LOG, blockLog: ports.log },
    {
      privateKeys: DEV_PRIVATE_KEYS,
      sealer: devSealer({ mode: 'manual' }),
      durability: 'process',
    },
  );
  const request: Request = ({ method, params }) => node.rpc.request(method, params);
  await playTransferScript(request, seed);
  await playToken(request);
  genesis = node.chain.genesis;
  expected = await outcomeOf(node.chain);
  const made: Uint8Array[] = [];
  for (let height = 0; height < expected.hashes.length; height += 1) {
    const view = await node.chain.block(height);
    if (view === undefined) throw new Error(`no block ${height}`);
    made.push(encodeBlock(view.block));
  }
  blocks = made;
  await node.chain.flush();
  expectedRows = rowsOf(ports.store);
  await node.close();
});

describe.each(databasesHere())('the blocks of a chain in memory, imported with %s', (database) => {
  test('give its roots, its figures and its rows, also after restarts', async () => {
    const path = join(directory.path, database);
    for (let from = 1; from < blocks.length; from += 6) {
      const end = Math.min(from + 6, blocks.length);
      await withDirectoryChain(path, database, async (chain) => {
        for (const block of blocks.slice(from, end)) await chain.import(block);
        expect(toHex(chain.head().hash)).toBe(expected.hashes[end - 1]);
      });
    }
    await withDirectoryChain(path, undefined, async (chain, store) => {
      expect(await outcomeOf(chain)).toEqual(expected);
      expect(rowsOf(store)).toEqual(expectedRows);
    });
  });

  test('are made again from the block log when the store is gone', async () => {
    const path = join(directory.path, database);
    rmSync(join(path, 'store'), { recursive: true });
    await withDirectoryChain(path, database, async (chain, store) => {
      expect(await outcomeOf(chain)).toEqual(expected);
      await chain.flush();
      expect(rowsOf(store)).toEqual(expectedRows);
    });
  });
});

async function portsOver(store: KvStore): Promise<ChainPorts> {
  const signatures = await loadSignatureEngine(SILENT_LOG);
  return { log: createMemoryFile(), store, signatures, sink: SILENT_LOG };
}

async function withDirectoryChain(
  path: string,
  database: Database | undefined,
  use: (chain: Chain, store: KvStore) => Promise<void>,
): Promise<void> {
  const claimed = await openDataDirectory(path, database === undefined ? {} : { database });
  const store = await openDirectoryStore(claimed);
  const ports = { ...(await portsOver(store)), log: await openFile(claimed.blockLogPath) };
  const options = {
    genesis,
    durability: 'process',
    history: Number.POSITIVE_INFINITY,
    writeBehind,
  } as const;
  const chain = await openChain(ports, options);
  try {
    await use(chain, store);
  } finally {
    await chain.close();
    await claimed.close();
  }
}

async function outcomeOf(chain: Chain): Promise<Outcome> {
  const proposer = new Uint8Array(20);
  const heights = Array.from({ length: chain.head().header.height + 1 }, (_, height) => height);
  const views = heights.map((height) => chain.header(height) ?? chain.head());
  return {
    figures: await chain.verify(),
    hashes: views.map(({ hash }) => toHex(hash)),
    roots: views.map(({ header }) => toHex(header.stateRoot)),
    balances: heights.map((height) => chain.state(height).account(proposer)?.balance ?? 0n),
  };
}

/**
 * Every row but the position in the log: a record there says how much was synced before it, which
 * depends on when the store was written to.
 */
function rowsOf(store: KvStore): ReadonlyMap<string, string> {
  const rows = new Map<string, string>();
  for (const keyspace of Object.values(KEYSPACES)) {
    if (keyspace === KEYSPACES.meta) continue;
    for (const [key, value] of store.range(keyspace)) {
      rows.set(`${keyspace.name} ${toHex(key)}`, toHex(value));
    }
  }
  return rows;
}

/** A token whose balances come and go, so that storage has a trie that grows and shrinks. */
async function playToken(request: Request): Promise<void> {
  const [owner, other] = [devAccount(0).address, devAccount(1).address];
  const sent = async (transaction: object): Promise<string> => {
    const hash = await request({ method: 'eth_sendTransaction', params: [transaction] });
    return hash as string;
  };
  const mined = async (hash: string): Promise<string> => {
    await request({ method: 'evm_mine', params: [] });
    const receipt = await receiptOf(request, hash as `0x${string}`);
    if (receipt.status !== '0x1') throw new Error(`failed: ${JSON.stringify(receipt)}`);
    return receipt.contractAddress ?? '';
  };
  const deployment = encodeDeployData({ ...TOKEN, args: [1_000_000n] });
  const token = await mined(await sent({ from: owner, data: deployment }));
  const transfer = (from: string, to: string, amount: bigint): Promise<string> => {
    const args = [to as `0x${string}`, amount] as const;
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args });
    return sent({ from, to: token, data });
  };
  for (let block = 0; block < TOKEN_BLOCKS; block += 1) {
    const back = block % 2 === 1;
    const amount = BigInt(1 + (block >> 1));
    for (let index = 2; index < 5; index += 1) await transfer(owner, devAccount(index).address, 1n);
    await mined(await transfer(back ? other : owner, back ? owner : other, amount));
  }
}
