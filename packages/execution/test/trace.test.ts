import { EMPTY_BYTES, toHex } from '@lucerna/base';
import { createAddress, intrinsicGas, type Rules, type TransactionTrace } from '@lucerna/protocol';
import type { StateReader } from '@lucerna/state';
import type { TracedRun } from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import { simulateCall } from '../src/call.ts';
import { executionErrors } from '../src/errors.ts';
import { executionLimits } from '../src/limits.ts';
import { CallBytes, CallRecorder } from '../src/trace/call-recorder.ts';
import { StepBudget, StepRecorder } from '../src/trace/step-recorder.ts';
import { traceBlock, traceCall, traceTransaction, traceTransactionAt } from '../src/trace/trace.ts';
import type { CallEntry } from '../src/trace/tracer.ts';
import { calldata, initData, OpenBlock, PROBE, PROBE_SOURCE } from './contracts.ts';
import { call3, MULTICALL, multicallData, nativeState } from './natives.ts';
import { CONTEXT, ETHER, RULES, signer, stateOf, strangerAddress, transfer } from './support.ts';

const limits = executionLimits.values;
const ALICE = signer(1);
const STRANGER = strangerAddress(5);
const STATE: StateReader = stateOf([[ALICE.address, { balance: 10n ** 40n }]]);
const FEW_LOGS: Rules = { ...RULES, maxTransactionLogs: 4n };
const PROBE_ADDRESS = createAddress(ALICE.address, 0n);

/** How a call of the probe runs in a block in which it was just deployed. */
function traced(
  name: string,
  args: readonly unknown[],
  change: { readonly value?: bigint; readonly gasLimit?: bigint } = {},
  options: { readonly steps?: boolean; readonly stack?: boolean } = {},
  rules: Rules = RULES,
): TransactionTrace {
  const block = new OpenBlock(STATE, { rules });
  const to = block.deploy(ALICE);
  const tx = block.sign(ALICE, { to, data: calldata(name, ...args), ...change });
  return traceTransaction(block.journal, block.context, tx, options);
}

/** The line of PROBE on which the text stands. */
function lineOf(text: string): number {
  return PROBE_SOURCE.split('\n').findIndex((line) => line.includes(text)) + 1;
}

describe('the trace of calls', () => {
  it('has the whole transaction as its outermost frame', () => {
    const block = new OpenBlock(STATE);
    const tx = transfer(ALICE, { to: STRANGER, value: 5n, gasLimit: 50_000n });
    const { calls, transactionHash, steps, isTruncated } = traceTransaction(
      block.journal,
      block.context,
      tx,
    );
    expect(transactionHash).toEqual(tx.hash);
    expect([steps, isTruncated]).toEqual([undefined, false]);
    expect(calls).toEqual({
      kind: 'call',
      from: ALICE.address,
      to: STRANGER,
      value: 5n,
      gas: 50_000n,
      gasUsed: 21_000n,
      input: EMPTY_BYTES,
      output: EMPTY_BYTES,
      error: undefined,
      location: undefined,
      logs: [],
      calls: [],
    });
  });

  it('shows the creation of a contract with its code and its logs', () => {
    const block = new OpenBlock(STATE);
    const data = initData(PROBE.bytecode, 7n);
    const tx = block.sign(ALICE, { to: null, data });
    const { calls } = traceTransaction(block.journal, block.context, tx);
    expect(calls).toMatchObject({
      kind: 'create',
      to: PROBE_ADDRESS,
      input: data,
      output: PROBE.bytecode,
    });
    expect(calls.logs).toHaveLength(1);
  });

  it('shows what contracts send', () => {
    const { calls } = traced('pay', [], { value: 5n });
    expect(calls.calls).toEqual([]);
    const block = new OpenBlock(STATE);
    const to = block.deploy(ALICE, 7n, { value: 9n });
    const tx = block.sign(ALICE, { to, data: calldata('send', toHex(STRANGER), 4n) });
    const trace = traceTransaction(block.journal, block.context, tx);
    expect(trace.calls.calls).toMatchObject([
      { kind: 'transfer', from: to, to: STRANGER, value: 4n, gas: 0n, error: undefined },
    ]);
  });

  it('says where a contract failed, and shows what was taken back', () => {
    const args = [toHex(STRANGER), 'because'];
    const { calls } = traced('failLate', args, { value: 5n });
    expect(calls.error?.code).toBe('CALL_REVERTED');
    expect(calls.location).toEqual({
      file: 'probe.zx',
      line: lineOf('require(false, why)'),
      column: 5,
      action: 'fail_late',
    });
    expect(calls.logs).toHaveLength(1);
    expect(calls.calls).toMatchObject([{ kind: 'transfer', value: 1n }]);
    expect(traced('overflow', []).calls.location?.line).toBe(lineOf('action overflow'));
    expect(traced('spin', [], { gasLimit: 100_000n }).calls).toMatchObject({
      error: { code: 'OUT_OF_GAS' },
      gas: 100_000n,
      gasUsed: 100_000n,
      location: { line: lineOf('action spin') },
    });
    const noisy = traced('noteIt', [5n, ''], {}, {}, FEW_LOGS);
    expect(noisy.calls).toMatchObject({
      error: { code: 'LOG_LIMIT' },
      location: { line: lineOf('emit Noted(TX.caller, i, text)') },
    });
  });

  it('has no line for what fails outside of the code', () => {
    const unpaid = traced('set', [1n], { value: 1n });
    expect(unpaid.calls.error?.code).toBe('CALL_REVERTED');
    expect(unpaid.calls.location).toBeUndefined();
    expect(traced('get', []).calls.location).toBeUndefined();
  });

  it('refuses what execution refuses', () => {
    const block = new OpenBlock(STATE);
    const tx = transfer(ALICE, { nonce: 3n });
    expect(() => traceTransaction(block.journal, block.context, tx)).toThrow(
      expect.objectContaining({ code: 'TX_NONCE_TOO_HIGH' }),
    );
  });
});

describe('the trace of calls within calls', () => {
  const state = nativeState([[ALICE.address, { balance: 10n ** 40n }]]);
  const opened = (): { readonly block: OpenBlock; readonly probe: Uint8Array } => {
    const block = new OpenBlock(state);
    return { block, probe: block.deploy(ALICE) };
  };

  it('has the line of what failed within, also when the outer call goes on', () => {
    const { block, probe } = opened();
    const calls = [
      call3(probe, calldata('set', 3n)),
      call3(probe, calldata('overflow'), true),
      call3(STRANGER, EMPTY_BYTES),
    ];
    const tx = block.sign(ALICE, { to: MULTICALL, data: multicallData('aggregate3', calls) });
    const trace = traceTransaction(block.journal, block.context, tx, { steps: true });
    expect(trace.calls).toMatchObject({ to: MULTICALL, error: undefined, location: undefined });
    expect(trace.calls.calls).toMatchObject([
      { kind: 'call', from: MULTICALL, to: probe, input: calldata('set', 3n), error: undefined },
      {
        from: MULTICALL,
        error: { code: 'CALL_REVERTED' },
        location: { line: lineOf('action overflow'), action: 'overflow' },
      },
      { to: STRANGER, gasUsed: 0n },
    ]);
    const steps = trace.steps?.steps ?? [];
    const places = new Set(steps.map(({ depth, address }) => `${depth} ${toHex(address)}`));
    expect([...places]).toEqual([`2 ${toHex(probe)}`]);
    expect(steps.filter(({ error }) => error !== undefined)).toHaveLength(1);
  });

  it('comes to what it does untraced', () => {
    const [traced, plain] = [opened(), opened()];
    const calls = [call3(traced.probe, calldata('setThrice', 1n, 0n, 2n))];
    const change = { to: MULTICALL, data: multicallData('aggregate3', calls) };
    const tx = traced.block.sign(ALICE, change);
    const trace = traceTransaction(traced.block.journal, traced.block.context, tx, { stack: true });
    const outcome = plain.block.send(ALICE, change);
    expect(trace.calls).toMatchObject({ gasUsed: outcome.gasUsed, output: outcome.returnData });
    expect(traced.block.journal.diff()).toEqual(plain.block.journal.diff());
  });
});

describe('the trace of instructions', () => {
  it('accounts for all the gas', () => {
    const { calls, steps } = traced('setThrice', [1n, 0n, 5n], {}, { steps: true });
    const list = steps?.steps ?? [];
    const spent = list.reduce((sum, { gasCost }) => sum + gasCost, 0n);
    const [first] = list;
    const left = (first?.gas ?? 0n) - spent;
    // What was refunded is less than a fifth here.
    const block = new OpenBlock(STATE);
    const to = block.deploy(ALICE);
    const data = calldata('setThrice', 1n, 0n, 5n);
    const outcome = block.send(ALICE, { to, data });
    expect(left).toBe(calls.gas - outcome.gasUsed - outcome.refund);
    expect(calls.gasUsed).toBe(outcome.gasUsed);
    for (const [index, { gas, gasCost }] of list.entries()) {
      expect(list[index + 1]?.gas ?? left).toBe(gas - gasCost);
    }
    expect(list.at(-1)).toMatchObject({ op: 'RETURN', depth: 1, address: to, error: undefined });
    expect(list.map(({ op }) => op)).toContain('STATE_WRITE');
    expect(list.every(({ stack }) => stack === undefined)).toBe(true);
    const intrinsic = intrinsicGas(block.sign(ALICE, { to, data }).transaction, CONTEXT.rules);
    expect(first?.gas).toBeLessThan(calls.gas - intrinsic);
  });

  it('has the operands when they are asked for', () => {
    const { steps } = traced('set', [12n], {}, { stack: true });
    expect(steps?.steps.map(({ op, stack }) => [op, stack])).toEqual([
      ['LOAD_NAME', []],
      ['STATE_WRITE', ['12']],
      ['LOAD_CONST', []],
      ['RETURN', ['null']],
    ]);
  });

  it('ends with the instruction that failed', () => {
    const reverted = traced(
      'failLate',
      [toHex(STRANGER), 'because'],
      { value: 5n },
      { steps: true },
    );
    expect(reverted.steps?.steps.at(-1)).toMatchObject({
      op: 'REVERT',
      error: 'execution reverted: because',
      location: { line: lineOf('require(false, why)') },
    });
    const empty = traced('spin', [], { gasLimit: 100_000n }, { steps: true });
    const last = empty.steps?.steps.at(-1);
    expect(last?.gasCost).toBe(last?.gas);
    const noisy = traced('noteIt', [5n, ''], {}, { steps: true }, FEW_LOGS);
    expect(noisy.steps?.steps.at(-1)).toMatchObject({ op: 'EMIT' });
    expect(noisy.steps?.steps.filter(({ error }) => error !== undefined)).toHaveLength(1);
  });

  it('ends at the limit, which says so', () => {
    const { steps, calls } = traced('clearAndLoop', [20_000n], {}, { steps: true });
    expect(calls.error).toBeUndefined();
    expect(steps?.isTruncated).toBe(true);
    expect(steps?.steps).toHaveLength(limits.tracedSteps);
    expect(steps?.steps.at(-1)?.gasCost).toBeLessThan(100n);
  });

  it('bounds the text of the operands', () => {
    const recorder = new StepRecorder(new StepBudget(), { stack: true });
    const line = 'x'.repeat(256);
    const stack = Array.from({ length: 1_024 }, () => line);
    const run: TracedRun = {
      operation: () => 'ADD',
      location: () => undefined,
      stack: () => stack,
    };
    const place = { run, pc: 0, gas: 5, depth: 1, address: STRANGER };
    let steps = 0;
    while (recorder.begin(place) !== undefined) steps += 1;
    expect(steps).toBe(Math.ceil(limits.tracedStackCharacters / (256 * 1_024)));
    expect(recorder.trace()).toMatchObject({ isTruncated: true });
  });
});

describe('the trace of a block', () => {
  const deployment = transfer(ALICE, {
    to: null,
    data: initData(PROBE.bytecode, 7n),
    gasLimit: 5_000_000n,
    value: 0n,
  });
  const call = (nonce: bigint, name: string, ...args: readonly unknown[]) =>
    transfer(ALICE, {
      nonce,
      to: PROBE_ADDRESS,
      data: calldata(name, ...args),
      value: 0n,
      gasLimit: 5_000_000n,
    });
  const transactions = [
    deployment,
    call(1n, 'set', 5n),
    call(2n, 'clearAndLoop', 3_000n),
    call(3n, 'clearAndLoop', 30_000n),
    call(4n, 'get'),
  ];

  it('has its transactions one after the other, and one limit for all', () => {
    const traces = [...traceBlock(STATE, CONTEXT, transactions, { steps: true })];
    expect(traces.map(({ transactionHash }) => transactionHash)).toEqual(
      transactions.map(({ hash }) => hash),
    );
    expect(traces.map(({ steps }) => steps?.isTruncated)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    const steps = traces.reduce((sum, trace) => sum + (trace.steps?.steps.length ?? 0), 0);
    expect(steps).toBe(limits.tracedSteps);
  });

  it('is that of its single transactions', () => {
    const traces = [...traceBlock(STATE, CONTEXT, transactions)];
    for (const [index, trace] of traces.entries()) {
      expect(traceTransactionAt(STATE, CONTEXT, transactions, index)).toEqual(trace);
    }
  });
});

describe('the trace of a call that is not sent', () => {
  it('is what the call does', () => {
    const request = { from: ALICE.address, to: null, data: initData(PROBE.bytecode, 13n) };
    const trace = traceCall(STATE, CONTEXT, request);
    const outcome = simulateCall(STATE, CONTEXT, request);
    expect(trace.transactionHash).toBeUndefined();
    expect(trace.calls).toMatchObject({
      kind: 'create',
      gas: BigInt(limits.callGas),
      gasUsed: outcome.gasUsed,
      output: outcome.returnData,
      location: { line: lineOf('unlucky'), action: 'init' },
    });
    expect(trace.calls.error).toEqual(outcome.error);
    const capped = traceCall(STATE, CONTEXT, { to: STRANGER, value: 0n, gas: 25_000n });
    expect(capped.calls).toMatchObject({ gas: 25_000n, gasUsed: 21_000n });
  });
});

describe('the recorder of calls', () => {
  const entry = (gas: bigint): CallEntry => ({
    kind: 'call',
    from: ALICE.address,
    to: STRANGER,
    value: 0n,
    gas,
    input: EMPTY_BYTES,
  });
  const done = { status: 1, gasLeft: 1n, returnData: EMPTY_BYTES, error: undefined } as const;
  const place = { file: 'a.zx', line: 3, column: 1, action: 'run' };
  const run: TracedRun = {
    operation: (pc) => `OP${pc}`,
    location: (pc) => ({ ...place, line: pc }),
    stack: () => [],
  };

  it('nests frames, each with its own logs, lines and gas', () => {
    const recorder = new CallRecorder(new StepRecorder(new StepBudget(), { stack: false }));
    const log = { address: STRANGER, topics: [], data: EMPTY_BYTES };
    const error = executionErrors.create('CREATE_COLLISION');
    recorder.enter(entry(100n));
    recorder.vm.step(run, 1, 90);
    recorder.enter(entry(50n));
    recorder.vm.step(run, 7, 45);
    recorder.log(log);
    recorder.vm.end(40);
    recorder.exit({ status: 0, gasLeft: 40n, returnData: EMPTY_BYTES, error });
    recorder.vm.step(run, 2, 60);
    recorder.vm.end(10);
    recorder.exit({ ...done, gasLeft: 10n });
    expect(recorder.root).toMatchObject({ gasUsed: 90n, location: undefined, logs: [] });
    expect(recorder.root.calls).toMatchObject([
      { gas: 50n, gasUsed: 10n, location: { line: 7 }, logs: [log], error },
    ]);
    expect(recorder.steps?.steps).toMatchObject([
      { op: 'OP1', depth: 1, gas: 90n, gasCost: 30n, error: undefined },
      { op: 'OP7', depth: 2, gas: 45n, gasCost: 5n, error: error.message },
      { op: 'OP2', depth: 1, gas: 60n, gasCost: 50n, error: undefined },
    ]);
  });

  it('keeps as many calls as the limit, and knows of the others', () => {
    const recorder = new CallRecorder();
    recorder.enter(entry(ETHER));
    for (let count = 1; count < limits.tracedCalls; count += 1) {
      recorder.enter(entry(5n));
      recorder.exit(done);
    }
    expect(recorder.isTruncated).toBe(false);
    recorder.enter(entry(5n));
    recorder.transfer(ALICE.address, STRANGER, 1n);
    recorder.exit(done);
    recorder.exit(done);
    expect(recorder.isTruncated).toBe(true);
    expect(recorder.root.calls).toHaveLength(limits.tracedCalls - 1);
  });

  it('keeps as many bytes of inner calls as the limit, in all of an answer', () => {
    const bytes = new CallBytes();
    const half = new Uint8Array(limits.tracedCallBytes / 2);
    const traceOf = (inputs: readonly Uint8Array[]): CallRecorder => {
      const recorder = new CallRecorder(undefined, bytes);
      recorder.enter({ ...entry(ETHER), input: half });
      for (const input of inputs) {
        recorder.enter({ ...entry(5n), input });
        recorder.exit(done);
      }
      recorder.exit(done);
      return recorder;
    };
    const first = traceOf([half]);
    expect(first.isTruncated).toBe(false);
    const second = traceOf([half, Uint8Array.of(1), EMPTY_BYTES]);
    expect(second.isTruncated).toBe(true);
    expect(second.root.calls).toHaveLength(1);
    // What a frame returns counts as well; the outermost frame is there in any case.
    const returned = new CallRecorder();
    returned.enter(entry(ETHER));
    for (const returnData of [half, half, Uint8Array.of(1)]) {
      returned.enter(entry(5n));
      returned.exit({ ...done, returnData });
    }
    returned.enter(entry(5n));
    returned.exit(done);
    returned.exit(done);
    expect(returned.isTruncated).toBe(true);
    expect(returned.root.calls).toHaveLength(3);
    const third = traceOf([EMPTY_BYTES]);
    expect([third.isTruncated, third.root.input, third.root.calls]).toEqual([true, half, []]);
  });

  it('is of no use before the transaction has ended', () => {
    const recorder = new CallRecorder();
    recorder.enter(entry(1n));
    expect(() => recorder.root).toThrow('each frame has ended');
    expect(() => new CallRecorder().root).toThrow('there was a frame');
  });
});
