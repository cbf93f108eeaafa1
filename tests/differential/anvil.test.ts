import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UNSUPPORTED_METHODS } from '@lucerna/api';
import { createDevNode, type DevNode } from '@lucerna/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnvilProcess, findAnvil, startAnvil } from '../support/anvil.ts';
import { type RpcAnswer, rpcClient } from '../support/json-rpc.ts';
import { compareAnswers } from './anvil-compare.ts';
import { EXCEPTIONS, judge } from './anvil-exceptions.ts';
import { withTables } from './anvil-guide.ts';
import { ANVIL_METHODS } from './anvil-methods.ts';
import { writeAnvilScript } from './anvil-scenes.ts';
import { type Ask, type PlayedStep, playScript } from './anvil-script.ts';

const seed = Number(process.env['LUCERNA_SEED'] ?? 1);
const MINIMUM_STEPS = 300;
const guideFile = fileURLToPath(new URL('../../docs/guides/coming-from-anvil.md', import.meta.url));

const binary = findAnvil();
const mustRun =
  process.env['CI'] !== undefined && process.platform === 'linux' && process.arch === 'x64';

/**
 * Asks anvil. With automine it answers before the block is made, which ours does not: the next question
 * waits until its pool has nothing left to mine.
 */
function askAnvil({ endpoint }: AnvilProcess): Ask {
  const rpc = rpcClient(endpoint);
  return async (method, params) => {
    const answer = await rpc.ask(method, ...params);
    if (method.startsWith('eth_send') && answer.error === undefined) {
      const isAutomining = await rpc.call('anvil_getAutomine');
      while (isAutomining) {
        const { pending } = await rpc.call<{ readonly pending: string }>('txpool_status');
        if (pending === '0x0') break;
      }
    }
    return answer;
  };
}

/** Asks ours as a transport does: with JSON in and out. */
function askNode({ rpc }: DevNode): Ask {
  return async (method, params): Promise<RpcAnswer> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return JSON.parse((await rpc.handle(body, {})) ?? '{}');
  };
}

test('anvil is there where it has to be', () => {
  if (binary === undefined) {
    process.stdout.write(
      `differential: no anvil for ${process.platform}-${process.arch} (npm package @foundry-rs/anvil), nothing is compared\n`,
    );
  }
  expect(binary !== undefined || !mustRun).toBe(true);
});

test('the guide lists every difference and every method that is left out', async () => {
  const guide = await readFile(guideFile, 'utf8');
  // To write the lists anew: run this test with -u.
  await expect(withTables(guide)).toMatchFileSnapshot(guideFile);
});

describe.skipIf(binary === undefined)('one script, played by anvil and by us', () => {
  let anvil: readonly PlayedStep[];
  let otherAnvil: readonly PlayedStep[];
  let ours: readonly PlayedStep[];
  let first: AnvilProcess;
  let node: DevNode;

  beforeAll(async () => {
    process.stdout.write(`differential: LUCERNA_SEED=${seed}\n`);
    const steps = await writeAnvilScript(seed, MINIMUM_STEPS);
    first = await startAnvil(binary as string);
    anvil = await playScript(askAnvil(first), steps);
    const second = await startAnvil(binary as string);
    otherAnvil = await playScript(askAnvil(second), steps);
    await second.close();
    node = await createDevNode();
    ours = await playScript(askNode(node), steps);
  });

  afterAll(async () => {
    await first?.close();
    await node?.close();
  });

  test('the script is worth comparing', () => {
    expect(anvil.length).toBeGreaterThanOrEqual(MINIMUM_STEPS);
    expect(new Set(anvil.map(({ method }) => method)).size).toBeGreaterThan(100);
    const answered = anvil.filter(({ answer }) => answer.error === undefined);
    expect(answered.length).toBeGreaterThan(0.85 * anvil.length);
  });

  test('two anvils differ in nothing but what they draw', () => {
    const found = compareAnswers(anvil, otherAnvil).map(({ method, path }) => `${method} ${path}`);
    expect(found.filter((place) => !RANDOM_IN_ANVIL.includes(place))).toEqual([]);
  });

  test('ours has every key and every value, or a reason why not', () => {
    const { unexplained } = judge(compareAnswers(anvil, ours), anvil, ours);
    expect(unexplained).toEqual([]);
  });

  // With another seed a scene may come where its exception does not show.
  test.runIf(seed === 1)('no exception is there for nothing', () => {
    const { used } = judge(compareAnswers(anvil, ours), anvil, ours);
    const unused = EXCEPTIONS.filter((exception) => !used.has(exception));
    expect(unused.map(({ subject }) => subject)).toEqual([]);
  });

  test.each(PLANTS)('$what would be noticed', ({ method, change }) => {
    const index = anvil.findIndex(
      ({ method: each, answer: { result } }) => each === method && Boolean(result),
    );
    const step = structuredClone(anvil[index]) as PlayedStep;
    change(step.answer.result as Record<string, unknown>);
    const planted = anvil.with(index, step);
    const { unexplained } = judge(compareAnswers(anvil, planted), anvil, planted);
    expect(unexplained.map(({ method: each }) => each)).toContain(method);
  });

  test('every method of anvil is there, or listed with the reason why not', async () => {
    const theirs = askAnvil(first);
    const own = askNode(node);
    const missing: string[] = [];
    for (const method of ANVIL_METHODS) {
      // Too many arguments of a wrong form: known methods refuse them, and nothing happens.
      const params = Array.from({ length: 6 }, () => ({}));
      expect((await theirs(method, params)).error?.code, method).not.toBe(UNKNOWN_METHOD);
      const isUnknown = (await own(method, params)).error?.code === UNKNOWN_METHOD;
      if (isUnknown !== Object.hasOwn(UNSUPPORTED_METHODS, method)) missing.push(method);
    }
    expect(missing).toEqual([]);
  });
});

const UNKNOWN_METHOD = -32_601;

/** What anvil draws at random, and what has the time of its start in it. */
const RANDOM_IN_ANVIL: readonly string[] = [
  'anvil_dumpState result',
  'anvil_metadata result.instanceId',
  'eth_newBlockFilter result',
  'eth_newFilter result',
  'eth_newPendingTransactionFilter result',
  'hardhat_metadata result.instanceId',
];

type Plant = {
  readonly what: string;
  readonly method: string;
  readonly change: (result: Record<string, unknown>) => void;
};

/** Faults that the comparison must not pass over. */
const PLANTS: readonly Plant[] = [
  {
    what: 'a receipt without a status',
    method: 'eth_getTransactionReceipt',
    change: (receipt) => delete receipt['status'],
  },
  {
    what: 'a receipt that names another block',
    method: 'eth_getBlockByHash',
    change: (block) => {
      block['parentHash'] = block['hash'];
    },
  },
  {
    what: 'gas that is one too much',
    method: 'eth_getTransactionReceipt',
    change: (receipt) => {
      receipt['cumulativeGasUsed'] = '0x5209';
    },
  },
  {
    what: 'a key that anvil does not have',
    method: 'eth_getTransactionByHash',
    change: (transaction) => {
      transaction['extra'] = null;
    },
  },
  {
    what: 'a time that is an hour late',
    method: 'eth_getBlockByHash',
    change: (block) => {
      block['timestamp'] = `0x${(Number(block['timestamp']) + 3_600).toString(16)}`;
    },
  },
];
