import { toHex } from '@lucerna/base';
import type { CallTrace, TransactionTrace } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { simulateBlocks } from '../src/simulate-blocks.ts';
import { traceTransaction } from '../src/trace/trace.ts';
import { ACTOR, ACTOR_SOURCE, deployContract, type Step, script } from './actors.ts';
import { OpenBlock } from './contracts.ts';
import { nativeState } from './natives.ts';
import { baseOf } from './simulations.ts';
import { ETHER, signer, strangerAddress, TestChain } from './support.ts';

const ALICE = signer(1);
const STRANGER = strangerAddress(4);

function stage(): {
  readonly block: OpenBlock;
  readonly actors: readonly [Uint8Array, Uint8Array, Uint8Array];
} {
  const block = new OpenBlock(nativeState([[ALICE.address, { balance: ETHER }]]));
  const actor = (): Uint8Array => deployContract(block, ALICE, ACTOR);
  const actors = [actor(), actor(), actor()] as const;
  expect(block.send(ALICE, { to: actors[0], value: 1_000n }).status).toBe(1);
  return { block, actors };
}

type Stage = ReturnType<typeof stage>;

function traced(
  { block, actors }: Stage,
  steps: readonly Step[],
  options: { readonly steps?: boolean } = {},
): TransactionTrace {
  const tx = block.sign(ALICE, { to: actors[0], data: script(steps), value: 5n });
  return traceTransaction(block.journal, block.context, tx, options);
}

/** The line of the actor on which the text stands. */
const lineOf = (text: string): number =>
  ACTOR_SOURCE.split('\n').findIndex((line) => line.includes(text)) + 1;

describe('the trace of calls by contracts', () => {
  it('names whom a delegated call is made by and whose code it runs', () => {
    const on = stage();
    const [a, b, c] = on.actors;
    const inner: Step = ['call', c, [['log']], 3n, null];
    const { calls } = traced(on, [['delegate', b, [['log'], inner], null]]);
    expect(calls.calls).toMatchObject([
      {
        kind: 'delegate',
        from: a,
        to: b,
        value: 5n,
        logs: [{ address: a }],
        calls: [{ kind: 'call', from: a, to: c, value: 3n, logs: [{ address: c }] }],
      },
    ]);
  });

  it('shows calls in which nothing may be changed as static', () => {
    const on = stage();
    const [a, b, c] = on.actors;
    const within: Step = ['call', c, [], 0n, null];
    const { calls } = traced(on, [['static', b, [within, ['delegate', c, [], null]], null]]);
    expect(calls.calls).toMatchObject([
      {
        kind: 'static',
        from: a,
        to: b,
        calls: [
          { kind: 'static', from: b, to: c },
          { kind: 'delegate', from: b, to: c },
        ],
      },
    ]);
  });

  it('has the line in each frame that failed, also of code that runs for another', () => {
    const on = stage();
    const [, b, c] = on.actors;
    const { calls } = traced(on, [['delegate', b, [['call', c, [['fail']], 0n, null]], null]]);
    const place = (text: string): object => ({
      file: 'actor.zx',
      line: lineOf(text),
      action: 'act',
    });
    const frames: CallTrace[] = [];
    for (let frame: CallTrace | undefined = calls; frame !== undefined; [frame] = frame.calls) {
      frames.push(frame);
    }
    expect(frames.map(({ location }) => location)).toMatchObject([
      place('delegate_call'),
      place('step[3], step[4]'),
      place('revert("no")'),
    ]);
    expect(frames.map(({ error }) => error?.message)).toEqual([
      'execution reverted: no',
      'execution reverted: no',
      'execution reverted: no',
    ]);
  });

  it('tells what a contract has taken back from what stays', () => {
    const on = stage();
    const [a, b] = on.actors;
    const call: Step = ['call', b, [['log']], 1n, null];
    const { calls } = traced(on, [
      ['log'],
      call,
      ['try', [['log'], call, ['pay', STRANGER, 2n], ['fail']]],
      ['log'],
      ['pay', STRANGER, 3n],
    ]);
    expect(calls.error).toBeUndefined();
    expect(calls.logs).toHaveLength(2);
    expect(calls.calls).toMatchObject([
      { kind: 'call', to: b, error: undefined },
      { kind: 'call', to: b, error: undefined, isTakenBack: true },
      { kind: 'transfer', from: a, value: 2n, isTakenBack: true },
      { kind: 'transfer', from: a, value: 3n },
    ]);
    expect(calls.calls.map(({ isTakenBack = false }) => isTakenBack)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('the trace of instructions', () => {
  it('is of the account as which code runs', () => {
    const on = stage();
    const [a, b, c] = on.actors;
    const { steps } = traced(on, [['delegate', b, [['call', c, [], 0n, null]], null]], {
      steps: true,
    });
    const places = new Set(steps?.steps.map(({ depth, address }) => `${depth} ${toHex(address)}`));
    expect([...places]).toEqual([`1 ${toHex(a)}`, `2 ${toHex(a)}`, `3 ${toHex(c)}`]);
  });

  it('accounts for gas that a limit holds back, also when the limit is used up', () => {
    const on = stage();
    const [, b] = on.actors;
    const limited: Step = [
      'limited',
      [
        ['add', 1n],
        ['call', b, [['limited', []]], 0n, null],
      ],
    ];
    const trace = traced(on, [limited, ['try', [['limited', [['spin']]]]], ['try', [['spin']]]], {
      steps: true,
    });
    expect(trace.calls.error).toBeUndefined();
    expect(trace.isTruncated).toBe(false);
    const list = trace.steps?.steps ?? [];
    // No instruction gives gas back, and each begins with what the one before it in its frame has left.
    const lefts = new Map<number, bigint>();
    for (const { depth, gas, gasCost } of list) {
      expect(gasCost).toBeGreaterThanOrEqual(0n);
      const left = lefts.get(depth);
      if (left !== undefined) expect(gas).toBe(left);
      lefts.set(depth, gas - gasCost);
      for (const deeper of lefts.keys()) if (deeper > depth) lefts.delete(deeper);
    }
    const [first] = list;
    const spent = (first?.gas ?? 0n) - (lefts.get(1) ?? 0n);
    expect(spent).toBeGreaterThan(2n * 20_000n);
    expect(spent).toBeLessThan(trace.calls.gasUsed);
  });
});

describe('the logs of a simulation', () => {
  it('have no transfers that a contract has taken back', async () => {
    const on = stage();
    const [a, b] = on.actors;
    const call: Step = ['call', b, [['log']], 1n, null];
    const chain = await TestChain.open({ alloc: [] });
    const base = { ...baseOf(chain), state: on.block.journal, commit: undefined };
    const steps: readonly Step[] = [
      call,
      ['try', [['log'], call, ['pay', STRANGER, 2n], ['fail']]],
      ['pay', STRANGER, 3n],
    ];
    const request = { from: ALICE.address, to: a, data: script(steps), value: 5n };
    const [outcome] = simulateBlocks(base, [{ block: {}, state: [], calls: [request] }], {
      validation: false,
      traceTransfers: true,
    });
    const [first] = outcome?.calls ?? [];
    expect(first?.status).toBe(1);
    const logs = first?.logs.map(({ data, topics }) => [
      topics.length,
      BigInt(toHex(data.slice(0, 32))),
    ]);
    // Two topics more in a transfer; the actor's own log begins with its caller.
    expect(logs).toEqual([
      [3, 5n],
      [3, 1n],
      [1, BigInt(toHex(a))],
      [3, 3n],
    ]);
  });
});
