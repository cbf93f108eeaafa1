import { createFilters, createJsonRpc } from '@lucerna/api';
import { SILENT_LOG, toHex } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type Answer, clientOf } from './support/client.ts';
import {
  BOB,
  createFakeNode,
  type FakeNode,
  LOGGER,
  signed,
  transfer,
} from './support/fake-node.ts';

// A client that believes everything it is told knows the logs of the chain, whatever the chain does.

type Step =
  | { readonly kind: 'mine'; readonly logs: boolean }
  | { readonly kind: 'reorganise'; readonly depth: number; readonly blocks: number }
  | { readonly kind: 'poll' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('mine' as const), logs: fc.boolean() }),
  fc.record({
    kind: fc.constant('reorganise' as const),
    depth: fc.integer({ min: 1, max: 4 }),
    blocks: fc.integer({ min: 0, max: 4 }),
  }),
  fc.constant({ kind: 'poll' as const }),
);

/** Logs by block and position, as a client learns of them. */
class Believer {
  readonly known = new Set<string>();

  learn(log: Answer): void {
    const key = `${log.blockNumber} ${log.blockHash} ${log.logIndex}`;
    if (log.removed) expect(this.known.delete(key), `${key} was known`).toBe(true);
    else {
      expect(this.known.has(key), `${key} is new`).toBe(false);
      this.known.add(key);
    }
  }
}

/** Blocks, as a client learns of them. */
class Chain {
  readonly #node: FakeNode;
  readonly #known: Set<string>;

  constructor(node: FakeNode) {
    this.#node = node;
    this.#known = new Set(this.#hashes(0));
  }

  /** What is told are the last blocks of the chain, on top of one that is known. */
  learn(told: readonly string[]): void {
    const { height } = this.#node.head().header;
    const first = height + 1 - told.length;
    expect(told).toEqual(this.#hashes(first));
    expect(this.#known).toContain(this.#hashes(first - 1)[0]);
    for (const hash of told) this.#known.add(hash);
  }

  #hashes(from: number): readonly string[] {
    const count = this.#node.head().header.height + 1 - from;
    return Array.from({ length: count }, (_, index) =>
      toHex(this.#node.header(from + index)!.hash),
    );
  }
}

async function play(node: FakeNode, each: Step): Promise<void> {
  if (each.kind === 'mine') {
    const nonce = node.pendingNonce(BOB);
    if (each.logs) await node.sendRaw(signed(1, transfer({ nonce, to: LOGGER })).raw);
    await node.mine({});
  }
  const { height } = node.head().header;
  if (each.kind === 'reorganise' && height > 0) {
    node.reorganise(Math.min(each.depth, height), each.blocks);
  }
}

describe('whoever is told of changes', () => {
  it('knows the logs and the blocks of the chain: filters and subscriptions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const node = await createFakeNode();
        const filters = createFilters({ node });
        const rpc = createJsonRpc(node, { log: SILENT_LOG, filters });
        const client = clientOf(rpc);
        const polled = new Believer();
        const told = new Believer();
        const chain = new Chain(node);
        const logFilter = await client.result('eth_newFilter', { fromBlock: 'earliest' });
        const blockFilter = await client.result('eth_newBlockFilter');
        const all = (): Promise<Answer> => client.result('eth_getLogs', { fromBlock: 'earliest' });
        for (const log of await all()) told.learn(log);
        const session = rpc.openSession({}, (text) => {
          const { params } = JSON.parse(text);
          if (params !== undefined) told.learn(params.result);
        });
        await session.handle('{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["logs"]}');
        const poll = async (): Promise<void> => {
          const changes = await client.result('eth_getFilterChanges', logFilter);
          for (const log of changes) polled.learn(log);
          chain.learn(await client.result('eth_getFilterChanges', blockFilter));
        };
        for (const each of steps) {
          await play(node, each);
          if (each.kind === 'poll') await poll();
        }
        await poll();
        const truth = new Believer();
        for (const log of await all()) truth.learn(log);
        expect(polled.known).toEqual(truth.known);
        expect(told.known).toEqual(truth.known);
        session.close();
      }),
      runs(150),
    );
  });
});
