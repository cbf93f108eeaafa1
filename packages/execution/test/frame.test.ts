import { EMPTY_BYTES, fixedBytes, toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { type FrameEnvironment, type Message, runFrame } from '../src/frame.ts';
import type { FrameOutcome } from '../src/outcome.ts';
import type { CallTracer } from '../src/trace/tracer.ts';
import { TransactionScope } from '../src/transaction-scope.ts';
import { calldata, OpenBlock } from './contracts.ts';
import {
  call3,
  call3Value,
  FACTORY,
  MULTICALL,
  multicallData,
  multicallResult,
  nativeState,
} from './natives.ts';
import { CONTEXT, ETHER, RULES, signer, strangerAddress } from './support.ts';

const ALICE = signer(1);
const BOB = strangerAddress(1);
const GAS = 1_000_000n;

type Bench = { readonly environment: FrameEnvironment; readonly probe: Uint8Array };

function bench(change: Partial<FrameEnvironment> = {}): Bench {
  const block = new OpenBlock(nativeState([[ALICE.address, { balance: ETHER }]]));
  const probe = block.deploy(ALICE);
  const environment = {
    journal: block.journal,
    context: CONTEXT,
    scope: new TransactionScope(RULES, [ALICE.address], []),
    tracer: undefined,
    origin: ALICE.address,
    gasPrice: 1n,
    depth: 1,
    isStatic: false,
    active: [],
    isReentrant: false,
    ...change,
  };
  return { environment, probe };
}

function run({ environment }: Bench, change: Partial<Message>): FrameOutcome {
  const message = {
    kind: 'call',
    sender: ALICE.address,
    to: BOB,
    codeOf: undefined,
    value: 0n,
    data: EMPTY_BYTES,
    gas: GAS,
  } as const;
  return runFrame(environment, { ...message, ...change });
}

describe('a static call', () => {
  it('reads', () => {
    const on = bench();
    const outcome = run(on, { kind: 'static', to: on.probe, data: calldata('get') });
    expect(outcome).toMatchObject({ status: 1, returnData: fixedBytes(7n, 32) });
  });

  it('fails with all its gas when it writes, and writes nothing', () => {
    const on = bench();
    const outcome = run(on, { kind: 'static', to: on.probe, data: calldata('set', 9n) });
    expect(outcome).toMatchObject({ status: 0, gasLeft: 0n });
    expect(outcome.error?.code).toBe('STATIC_WRITE');
    expect(run(on, { to: on.probe, data: calldata('get') }).returnData).toEqual(fixedBytes(7n, 32));
  });

  it('makes every call within it static', () => {
    const on = bench();
    const calls = [
      call3(on.probe, calldata('get'), true),
      call3(on.probe, calldata('set', 9n), true),
      call3(FACTORY, new Uint8Array(64), true),
    ];
    const data = multicallData('aggregate3', calls);
    // Each failure takes 63/64 of what is left.
    const outcome = run(on, { kind: 'static', to: MULTICALL, data, gas: 10n ** 12n });
    expect(multicallResult('aggregate3', outcome.returnData)).toEqual([
      { success: true, returnData: toHex(fixedBytes(7n, 32)) },
      { success: false, returnData: '0x' },
      { success: false, returnData: '0x' },
    ]);
  });

  it('is the failure of a contract that sends wei in it', () => {
    const on = bench();
    const data = multicallData('aggregate3Value', [call3Value(BOB, 1n, EMPTY_BYTES, true)]);
    const outcome = run(on, { kind: 'static', to: MULTICALL, data });
    expect(outcome).toMatchObject({ status: 0, gasLeft: 0n });
    expect(outcome.error?.code).toBe('STATIC_CALL');
  });
});

describe('a frame that cannot begin', () => {
  it('keeps all its gas', () => {
    const deep = bench({ depth: Number(RULES.maxCallDepth) + 1 });
    expect(run(deep, {})).toMatchObject({
      status: 0,
      gasLeft: GAS,
      error: { code: 'FRAME_DEPTH' },
    });
    const poor = bench();
    expect(run(poor, { value: ETHER })).toMatchObject({
      status: 0,
      gasLeft: GAS,
      error: { code: 'FRAME_FUNDS' },
    });
    expect(poor.environment.journal.account(BOB)).toBeUndefined();
  });
});

describe('a contract that sends wei to who has too many', () => {
  it('fails with all its gas, and sends nothing', () => {
    const on = bench();
    const { journal } = on.environment;
    const full = 2n ** 256n - 1n;
    journal.setBalance(BOB, full);
    journal.endTransaction();
    expect(run(on, { to: on.probe, value: 5n, data: calldata('pay') }).status).toBe(1);
    const outcome = run(on, { to: on.probe, data: calldata('send', toHex(BOB), 1n) });
    expect(outcome).toMatchObject({ status: 0, gasLeft: 0n, error: { code: 'BALANCE_OVERFLOW' } });
    expect([journal.balance(on.probe), journal.balance(BOB)]).toEqual([5n, full]);
  });
});

describe('the tracer of a transaction', () => {
  it('is told of every frame, also within others, of logs and of wei that contracts send', () => {
    const told: string[] = [];
    const name = (address: Uint8Array): string => toHex(address).slice(2, 6);
    const tracer: CallTracer = {
      enter: ({ kind, from, to, value }) => {
        told.push(`${kind} ${name(from)} ${name(to)} ${value}`);
      },
      exit: ({ status }) => {
        told.push(`exit ${status}`);
      },
      log: ({ address }) => {
        told.push(`log ${name(address)}`);
      },
      transfer: (from, to, value) => {
        told.push(`transfer ${name(from)} ${name(to)} ${value}`);
      },
      checkpoint: () => ({ logs: 0, calls: 0 }),
      revertTo: () => {
        told.push('revertTo');
      },
      vm: undefined,
    };
    const on = bench({ tracer });
    const [alice, probe] = [name(ALICE.address), name(on.probe)];
    const data = multicallData('aggregate3Value', [
      call3Value(on.probe, 5n, calldata('pay')),
      call3Value(on.probe, 0n, calldata('send', toHex(BOB), 2n)),
      call3Value(on.probe, 0n, calldata('noteIt', 1n, 'x')),
      call3Value(on.probe, 0n, Uint8Array.of(1, 2, 3, 4), true),
      call3Value(BOB, 2n ** 255n, EMPTY_BYTES, true),
      call3Value(BOB, 2n ** 255n, EMPTY_BYTES, true),
    ]);
    expect(run(on, { to: MULTICALL, data, value: 5n }).status).toBe(1);
    expect(told).toEqual([
      `call ${alice} ca11 5`,
      `call ca11 ${probe} 5`,
      'exit 1',
      `call ca11 ${probe} 0`,
      `transfer ${probe} ${name(BOB)} 2`,
      'exit 1',
      `call ca11 ${probe} 0`,
      `log ${probe}`,
      'exit 1',
      `call ca11 ${probe} 0`,
      'exit 0',
      `call ca11 ${name(BOB)} ${2n ** 255n}`,
      'exit 0',
      `call ca11 ${name(BOB)} ${2n ** 255n}`,
      'exit 0',
      'exit 1',
    ]);
  });
});
