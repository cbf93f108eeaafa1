import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SeededRandom, seededRandom } from '@lucerna/base';
import type { ChainFigures } from '@lucerna/chain';
import {
  decodeFunctionData,
  encodeDeployData,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  parseEventLogs,
  type RpcLog,
  toHex,
  zeroAddress,
} from 'viem';
import { afterAll, expect, test } from 'vitest';
import {
  readReceipts,
  STREAM_RECIPIENTS,
  type StreamDraft,
  type StreamRecord,
  TransferStream,
} from '../crash/transfer-stream.ts';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { DEV_ACCOUNT_COUNT, DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import { type RpcClient, rpcClient } from '../support/json-rpc.ts';
import type { RpcReceipt, RpcTransaction } from '../support/rpc-types.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { withChain } from '../support/with-chain.ts';
import { type Artifact, compileFixture, TOKEN } from './artifacts.ts';
import { SUPPLY } from './erc20-standard.ts';
import { Follower } from './follower.ts';
import { continuationSlots, entrySlot, textWords, variableSlot } from './storage-slots.ts';

// Contracts on a node that ends, by a signal or by `kill -9` in the middle of their transactions:
// code, storage, receipts and logs that a client has seen are there afterwards, and who executes the
// block log from its genesis comes to the same roots.

/** Contracts get a quarter of the deaths that plain transfers get. */
const cycles = Math.ceil(Number(process.env['LUCERNA_CRASH_CYCLES'] ?? 20) / 4);
const seed = Number(process.env['LUCERNA_SEED'] ?? 1);

const SENDERS = 4;
const GAS = 400_000n;
const GENESIS_SUPPLY = BigInt(DEV_ACCOUNT_COUNT) * DEV_BALANCE;
const senders = Array.from({ length: SENDERS }, (_, index) => devAccount(index).address);
const ARCHIVE = compileFixture('archive');

const directory = makeTemporaryDirectory();
const running = new Set<NodeProcess>();

afterAll(async () => {
  for (const node of running) await node.kill('SIGKILL');
  directory.remove();
});

async function start(path: string, args: readonly string[] = []): Promise<NodeProcess> {
  const node = await startNode(path, args);
  running.add(node);
  return node;
}

async function end(node: NodeProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const finished = await node.kill(signal);
  running.delete(node);
  expect(finished).toMatchObject(signal === 'SIGKILL' ? { signal } : { code: 0 });
}

/** Sends from an account that the node signs for; the block with it must be there at once. */
async function send(rpc: RpcClient, from: Hex, to: Hex | undefined, data: Hex) {
  const request = { from, data, gas: toHex(2_000_000n), ...(to === undefined ? {} : { to }) };
  const hash = await rpc.call<Hex>('eth_sendTransaction', request);
  const receipt = await rpc.call<RpcReceipt>('eth_getTransactionReceipt', hash);
  expect(receipt).toMatchObject({ status: '0x1' });
  return receipt;
}

async function deploy(rpc: RpcClient, artifact: Artifact, ...args: unknown[]): Promise<Hex> {
  const data = encodeDeployData({ ...artifact, args });
  const { contractAddress } = await send(rpc, senders[0] as Hex, undefined, data);
  return contractAddress ?? zeroAddress;
}

const transfer = (to: Hex, value: bigint): Hex =>
  encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to, value] });
const entitle = (text: string): Hex =>
  encodeFunctionData({ abi: ARCHIVE.abi, functionName: 'entitle', args: [text] });

/** The contracts that a run is about. */
type Contracts = { readonly token: Hex; readonly archive: Hex };

/** A token of which every sender has a part, and an archive. */
async function prepare(rpc: RpcClient): Promise<Contracts> {
  const token = await deploy(rpc, TOKEN, SUPPLY);
  const archive = await deploy(rpc, ARCHIVE);
  for (const sender of senders.slice(1)) {
    await send(rpc, senders[0] as Hex, token, transfer(sender, SUPPLY / 10n));
  }
  return { token, archive };
}

async function readWords(rpc: RpcClient, address: Hex, slots: readonly Hex[]) {
  const method = 'eth_getStorageAt';
  const words = slots.map((slot) => rpc.call<Hex>(method, address, slot, 'latest'));
  return Promise.all(words);
}

/** Who may have tokens. */
const holders = [...senders, ...STREAM_RECIPIENTS];

/** What the logs of a token add up to, block after block. */
class Ledger {
  readonly #token: Hex;
  readonly #balances = new Map<string, bigint>();
  #next = 0;

  constructor(token: Hex) {
    this.#token = token;
  }

  /** Takes the blocks since the last time; their logs by transaction. */
  async advance(rpc: RpcClient): Promise<ReadonlyMap<Hex, readonly RpcLog[]>> {
    const head = Number(await rpc.call<Hex>('eth_blockNumber'));
    const range = { fromBlock: toHex(this.#next), toBlock: toHex(head) };
    const byTransaction = new Map<Hex, RpcLog[]>();
    if (head < this.#next) return byTransaction;
    this.#next = head + 1;
    const logs = await rpc.call<RpcLog[]>('eth_getLogs', { address: this.#token, ...range });
    for (const { args } of parseEventLogs({ abi: erc20Abi, eventName: 'Transfer', logs })) {
      this.#add(args.from, -args.value);
      this.#add(args.to, args.value);
    }
    for (const log of logs) {
      const hash = log.transactionHash ?? '0x';
      byTransaction.set(hash, [...(byTransaction.get(hash) ?? []), log]);
    }
    return byTransaction;
  }

  balance(owner: Hex): bigint {
    return this.#balances.get(owner.toLowerCase()) ?? 0n;
  }

  #add(owner: Hex, change: bigint): void {
    this.#balances.set(owner.toLowerCase(), this.balance(owner) + change);
  }
}

/** The token's storage has for everybody what its logs add up to, and all of it is the supply. */
async function expectBalances(rpc: RpcClient, token: Hex, ledger: Ledger): Promise<void> {
  const slots = holders.map((address) => entrySlot('balances', { address }));
  const words = await readWords(rpc, token, slots);
  expect(words.map(BigInt)).toEqual(holders.map((owner) => ledger.balance(owner)));
  expect(words.reduce((sum, word) => sum + BigInt(word), 0n)).toBe(SUPPLY);
}

/** The archive's title is the last one that got into a block, and nothing is left of a longer one. */
async function expectTitle(rpc: RpcClient, archive: Hex, title: string | undefined): Promise<void> {
  const head = variableSlot('title');
  const slots = [head, ...continuationSlots(head, LONGEST_TITLE_BYTES)];
  const words = title === undefined ? [] : textWords(title);
  const zero = `0x${'00'.repeat(32)}` as const;
  const expected = slots.map((_, index) => words[index] ?? zero);
  expect(await readWords(rpc, archive, slots)).toEqual(expected);
}

const LONGEST_TITLE_BYTES = 400;

/** Transfers for the most part, longer and shorter titles, and transfers that fail. */
function draftsOf({ token, archive }: Contracts, cycle: number) {
  return (nonce: number, sender: number): StreamDraft => {
    const call = (to: Hex, data: Hex): StreamDraft => ({ to, data, value: 0n, gas: GAS });
    if (sender === 0 && nonce % 4 === 0) {
      const title = `cycle ${cycle}, nonce ${nonce} `.repeat(1 + ((nonce * 7) % 12));
      return call(archive, entitle(title));
    }
    const recipient = STREAM_RECIPIENTS[nonce % STREAM_RECIPIENTS.length] as Hex;
    const value = sender === 1 && nonce % 5 === 0 ? SUPPLY : BigInt(cycle + 1);
    return call(token, transfer(recipient, value));
  };
}

async function streamUntilKilled(
  victim: NodeProcess,
  draft: (nonce: number, sender: number) => StreamDraft,
  killAfterMs: number,
): Promise<StreamRecord> {
  const stream = new TransferStream({ rpc: rpcClient(victim.endpoint), senders: SENDERS, draft });
  await delay(killAfterMs);
  stream.stop();
  await end(victim, 'SIGKILL');
  return stream.record();
}

/** The title that the last transaction to the archive has set. */
async function lastTitle(
  rpc: RpcClient,
  { archive }: Contracts,
  found: Iterable<RpcReceipt>,
): Promise<string | undefined> {
  const positions = [...found]
    .filter(({ to, status }) => to === archive && status === '0x1')
    .map(({ blockNumber, transactionIndex, transactionHash }) => ({
      position: Number(blockNumber) * 100_000 + Number(transactionIndex),
      hash: transactionHash,
    }))
    .toSorted((left, right) => right.position - left.position);
  const [last] = positions;
  if (last === undefined) return undefined;
  const { input } = await rpc.call<RpcTransaction>('eth_getTransactionByHash', last.hash);
  const { args } = decodeFunctionData({ abi: ARCHIVE.abi, data: input });
  return args?.[0] as string;
}

type Mode = {
  readonly name: 'automine' | 'interval';
  readonly args: readonly string[];
  readonly killAfterMs: (random: SeededRandom) => number;
};

const MODES: readonly Mode[] = [
  { name: 'automine', args: [], killAfterMs: (random) => 100 + random.below(600) },
  {
    name: 'interval',
    args: ['--block-time', '1'],
    killAfterMs: (random) => 900 + random.below(1_500),
  },
];

const modeOf = (cycle: number): Mode => MODES[cycle % MODES.length] as Mode;

/** Opens a copy of what a dead process left, checks it, and has it executed again. */
async function checkCopy(
  copy: string,
  known: Follower | undefined,
): Promise<{ readonly follower: Follower; readonly figures: ChainFigures }> {
  try {
    return await withChain(copy, async (chain) => {
      const figures = await chain.verify();
      expect(figures.totalBalance + figures.burned).toBe(GENESIS_SUPPLY);
      const follower = known ?? (await Follower.of(chain));
      await follower.follow(chain);
      expect(follower.chain.head().hash).toEqual(chain.head().hash);
      return { follower, figures };
    });
  } finally {
    await rm(copy, { recursive: true });
  }
}

test(
  `${cycles} deaths in the middle of contract transactions lose nothing that was answered`,
  async () => {
    process.stdout.write(`contracts: ${cycles} crash cycles, LUCERNA_SEED=${seed}\n`);
    const random = seededRandom(seed);
    const dataPath = join(directory.path, 'crash');
    let node = await start(dataPath);
    const contracts = await prepare(rpcClient(node.endpoint));
    const ledger = new Ledger(contracts.token);
    const statuses = new Map<string, number>();
    let follower: Follower | undefined;
    let title: string | undefined;
    await end(node, 'SIGTERM');
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const mode = modeOf(cycle);
      node = await start(dataPath, mode.args);
      const killAfterMs = mode.killAfterMs(random);
      const draft = draftsOf(contracts, cycle);
      const { sent, acknowledged, receipts } = await streamUntilKilled(node, draft, killAfterMs);
      const copy = join(directory.path, `copy-${cycle}`);
      await cp(dataPath, copy, { recursive: true });
      const checked = await checkCopy(copy, follower);
      follower = checked.follower;

      // In this one nothing happens but what is asked for.
      node = await start(dataPath, ['--no-mining']);
      const rpc = rpcClient(node.endpoint);
      const found = await readReceipts(rpc, sent);
      for (const [hash, receipt] of receipts) expect(found.get(hash)).toEqual(receipt);
      if (mode.name === 'automine') {
        expect([...acknowledged].filter((hash) => !found.has(hash))).toEqual([]);
      }
      for (const { status } of found.values()) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      const logs = await ledger.advance(rpc);
      for (const [hash, receipt] of found) {
        expect(logs.get(hash) ?? []).toEqual(receipt.logs);
      }
      await expectBalances(rpc, contracts.token, ledger);
      title = (await lastTitle(rpc, contracts, found.values())) ?? title;
      await expectTitle(rpc, contracts.archive, title);
      expect(await rpc.call('eth_getCode', contracts.token, 'latest')).toBe(TOKEN.bytecode);
      expect(await rpc.call('eth_getCode', contracts.archive, 'latest')).toBe(ARCHIVE.bytecode);
      await end(node, cycle % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      process.stdout.write(
        `contracts cycle ${cycle + 1}: ${mode.name}, killed after ${killAfterMs} ms, ` +
          `sent ${sent.size}, acknowledged ${acknowledged.size}, receipts ${receipts.size}, ` +
          `found ${found.size}, height ${checked.figures.height}\n`,
      );
    }
    const figures = await follower?.chain.verify();
    expect(figures?.transactions).toBeGreaterThan(0);
    await follower?.close();
    // There were transactions to lose, also failing ones, and titles.
    expect(statuses.get('0x1')).toBeGreaterThan(0);
    expect(statuses.get('0x0')).toBeGreaterThan(0);
    expect(title).toBeDefined();
  },
  60_000 + cycles * 20_000,
);

test('a restart and a death change no answer', async () => {
  const dataPath = join(directory.path, 'restart');
  let node = await start(dataPath);
  const first = rpcClient(node.endpoint);
  const { token, archive } = await prepare(first);
  const [alice, bob] = senders as [Hex, Hex];
  const texts = ['short', 'a title that is longer than the head word of its cell, by far', 'b'];
  for (const text of texts) await send(first, alice, archive, entitle(text));
  await send(first, bob, token, transfer(alice, 5n));
  const before = await everyAnswer(first, token, archive);
  expect(before.length).toBeGreaterThan(50);
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGKILL'] as const) {
    await end(node, signal);
    node = await start(dataPath);
    expect(await everyAnswer(rpcClient(node.endpoint), token, archive)).toEqual(before);
  }
  await end(node, 'SIGKILL');

  const figures = await withChain(dataPath, async (chain) => {
    const follower = await Follower.of(chain);
    expect(await follower.follow(chain)).toBe(chain.head().header.height);
    expect(follower.chain.head()).toEqual(chain.head());
    const replayed = await follower.chain.verify();
    await follower.close();
    const { logBytes: _, ...own } = await chain.verify();
    expect(replayed).toMatchObject(own);
    return own;
  });
  expect(figures.transactions).toBe(9);
});

/** What a client can ask about two contracts, at every height. */
async function everyAnswer(rpc: RpcClient, token: Hex, archive: Hex): Promise<readonly unknown[]> {
  const head = Number(await rpc.call<Hex>('eth_blockNumber'));
  const title = variableSlot('title');
  const slots = [title, ...continuationSlots(title, 100)];
  const balance = entrySlot('balances', { address: senders[1] as Hex });
  const data = encodeFunctionData({
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [senders[1] as Hex],
  });
  const answers: unknown[] = [
    await rpc.call('eth_getLogs', { fromBlock: '0x0', toBlock: 'latest' }),
    await rpc.call('eth_getProof', archive, slots, 'latest'),
  ];
  for (let height = 0; height <= head; height += 1) {
    const block = toHex(height);
    answers.push(
      await rpc.call('eth_getBlockByNumber', block, true),
      await rpc.call('eth_getBlockReceipts', block),
      await rpc.call('eth_getCode', token, block),
      await rpc.call('eth_getStorageAt', token, balance, block),
      await rpc.call('eth_getStorageAt', archive, title, block),
      await rpc.call('eth_call', { to: token, data }, block),
    );
  }
  return answers;
}
