import { EMPTY_BYTES, toHex } from '@lucerna/base';
import { type CallRequest, createAddress, encodeErrorString } from '@lucerna/protocol';
import { StateJournal, type StateReader } from '@lucerna/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { estimateGas, simulateCall } from '../src/call.ts';
import type { TransactionOutcome } from '../src/outcome.ts';
import { executeTransaction } from '../src/transaction.ts';
import { calldata, initData, OpenBlock, PROBE, resultOf } from './contracts.ts';
import { CONTEXT, ETHER, GWEI, signer, stateOf, strangerAddress, transfer } from './support.ts';

const ALICE = signer(1);
const BOB = signer(2);
const STRANGER = strangerAddress(5);

/** The probe after a few transactions: `filled` has something in every variable. */
function probeState(filled: boolean): { readonly state: StateReader; readonly to: Uint8Array } {
  const block = new OpenBlock(
    stateOf([
      [ALICE.address, { balance: ETHER }],
      [BOB.address, { balance: ETHER }],
    ]),
  );
  const to = block.deploy(ALICE, filled ? 7n : 0n);
  if (filled) {
    block.send(BOB, { to, data: calldata('setThrice', 1n, 2n, 3n) });
    block.send(BOB, { to, data: calldata('write', 'filled '.repeat(20)) });
    block.send(BOB, { to, data: calldata('pay'), value: 100n });
  }
  return { state: block.journal, to };
}

const STATES = [probeState(false), probeState(true)] as const;

/** The call as a transaction of Bob's with so much gas, on a copy of the state. */
function execute(state: StateReader, request: CallRequest, gasLimit: bigint): TransactionOutcome {
  const journal = new StateJournal(state);
  const { to, value = 0n, data = EMPTY_BYTES, accessList = [] } = request;
  const nonce = journal.nonce(BOB.address);
  const signed = transfer(BOB, { nonce, to, value, data, accessList, gasLimit });
  return executeTransaction(journal, CONTEXT, signed, CONTEXT.gasLimit);
}

/** Expects success with the estimate, and failure, or no inclusion, with one less. */
function expectExact(state: StateReader, request: CallRequest): bigint {
  const gasLimit = estimateGas(state, CONTEXT, { from: BOB.address, ...request });
  expect(execute(state, request, gasLimit).status).toBe(1);
  expect(succeeds(() => execute(state, request, gasLimit - 1n))).toBe(false);
  return gasLimit;
}

function succeeds(run: () => TransactionOutcome): boolean {
  try {
    return run().status === 1;
  } catch (error) {
    expect(error).toMatchObject({ code: 'TX_INTRINSIC_GAS' });
    return false;
  }
}

const small = fc.bigInt({ min: 0n, max: 3n });
const text = fc.string({ maxLength: 100, unit: 'grapheme' });
const account = fc.constantFrom(STRANGER, BOB.address, CONTEXT.coinbase).map((to) => toHex(to));

/** Data and value of a call that no state makes fail. */
const calls: fc.Arbitrary<{ readonly data: Uint8Array; readonly value?: bigint }> = fc.oneof(
  fc.constant({ data: calldata('get') }),
  small.map((n) => ({ data: calldata('set', n) })),
  fc.tuple(small, small, small).map((values) => ({ data: calldata('setThrice', ...values) })),
  text.map((note) => ({ data: calldata('write', note) })),
  small.map((value) => ({ data: calldata('pay'), value })),
  account.map((to) => ({ data: calldata('send', to, 0n) })),
  fc.tuple(small, text).map(([n, note]) => ({ data: calldata('noteIt', n, note) })),
  fc.bigInt({ min: 0n, max: 500n }).map((n) => ({ data: calldata('clearAndLoop', n) })),
);

const accessLists = fc.array(
  fc.record({
    address: fc.constantFrom(STATES[0].to, STRANGER),
    storageKeys: fc.array(fc.constant(new Uint8Array(32)), { maxLength: 2 }),
  }),
  { maxLength: 2 },
);

describe('an estimate of a contract call', () => {
  it('is exact from empty and from filled state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATES), calls, accessLists, ({ state, to }, call, list) => {
        expectExact(state, { to, ...call, accessList: list });
      }),
      runs(150),
    );
  });

  it('covers gas that is refunded at the end', () => {
    const { state, to } = STATES[1];
    const request = { to, data: calldata('clearAndLoop', 3n) };
    const gasLimit = expectExact(state, request);
    const { gasUsed, refund } = execute(state, request, gasLimit);
    expect(refund).toBeGreaterThan(0n);
    expect(gasUsed + refund).toBe(gasLimit);
  });

  it('is exact where the refund takes the gas used below the intrinsic gas', () => {
    const { state, to } = STATES[1];
    // Much data and little to do: a fifth of what is spent is more than what the call does.
    const data = new Uint8Array(20_000).fill(1);
    data.set(calldata('clearAndLoop', 0n));
    expectExact(state, { to, data });
  });

  it('is exact for deployments, with value as well', () => {
    for (const start of [0n, 1n, 2n ** 255n]) {
      const data = initData(PROBE.bytecode, start);
      expectExact(STATES[0].state, { to: null, data });
      expectExact(STATES[0].state, { to: null, data, value: 1n });
    }
  });

  it('does not depend on the allowance, as long as that suffices', () => {
    const { state, to } = STATES[1];
    const request = { from: BOB.address, to, data: calldata('noteIt', 3n, 'x') };
    const gas = estimateGas(state, CONTEXT, request);
    for (const more of [0n, 1n, 2n, 1_000n]) {
      expect(estimateGas(state, CONTEXT, { ...request, gas: gas + more })).toBe(gas);
    }
    expect(() => estimateGas(state, CONTEXT, { ...request, gas: gas - 1n })).toThrow(
      expect.objectContaining({ code: 'CALL_GAS_ALLOWANCE' }),
    );
  });

  it('is bounded by what the sender can pay at the named price', () => {
    const { state, to } = STATES[1];
    const data = calldata('clearAndLoop', 10n);
    const gas = estimateGas(state, CONTEXT, { from: BOB.address, to, data });
    const withFunds = (balance: bigint): StateReader => ({
      account: (address) => ({ ...state.account(address)!, balance }),
      storage: (address, slot) => state.storage(address, slot),
      code: (codeHash) => state.code(codeHash),
    });
    const request = { from: BOB.address, to, data, gasPrice: 2n * GWEI };
    expect(estimateGas(withFunds(gas * 2n * GWEI), CONTEXT, request)).toBe(gas);
    expect(() => estimateGas(withFunds(gas * 2n * GWEI - 1n), CONTEXT, request)).toThrow(
      expect.objectContaining({
        code: 'CALL_GAS_ALLOWANCE',
        fields: expect.objectContaining({ allowance: gas - 1n }),
      }),
    );
  });
});

describe('a call that fails at any gas', () => {
  const { state, to } = STATES[1];
  const estimate = (data: Uint8Array, value = 0n): bigint =>
    estimateGas(state, CONTEXT, { from: BOB.address, to, data, value });

  it('has its revert instead of an estimate', () => {
    const data = calldata('failLate', toHex(STRANGER), 'not today');
    expect(() => estimate(data, 5n)).toThrow(
      expect.objectContaining({
        code: 'CALL_REVERTED',
        message: 'execution reverted: not today',
        fields: { data: toHex(encodeErrorString('not today')) },
      }),
    );
    expect(() => estimate(EMPTY_BYTES, 1n)).toThrow(
      expect.objectContaining({ code: 'CALL_REVERTED', fields: { data: '0x' } }),
    );
  });

  it('is told from one that the allowance does not suffice for', () => {
    expect(() => estimate(calldata('spin'))).toThrow(
      expect.objectContaining({ code: 'CALL_GAS_ALLOWANCE' }),
    );
  });

  it('has the reason why a deployment is refused', () => {
    const data = PROBE.bytecode.slice(0, -1);
    expect(() => estimateGas(state, CONTEXT, { to: null, data })).toThrow(
      expect.objectContaining({ code: 'ZXC_TRUNCATED' }),
    );
  });
});

describe('simulateCall of a contract', () => {
  const { state, to } = STATES[1];

  it('returns what the contract returns', () => {
    const outcome = simulateCall(state, CONTEXT, { to, data: calldata('get') });
    expect(outcome).toMatchObject({ status: 1, error: undefined });
    expect(resultOf('get', outcome.returnData)).toBe(7n);
  });

  it('returns the code that a deployment would store', () => {
    const data = initData(PROBE.bytecode, 1n);
    const outcome = simulateCall(state, CONTEXT, { from: BOB.address, to: null, data });
    expect(outcome).toMatchObject({ status: 1, returnData: PROBE.bytecode });
  });

  it('reports a revert with its data', () => {
    const data = calldata('failLate', toHex(STRANGER), 'no');
    const outcome = simulateCall(state, CONTEXT, { from: BOB.address, to, data, value: 1n });
    expect(outcome).toMatchObject({ status: 0, returnData: encodeErrorString('no') });
    expect(outcome.error).toMatchObject({ code: 'CALL_REVERTED' });
  });

  it('changes nothing, and uses the gas of a transaction', () => {
    const request = { from: BOB.address, to, data: calldata('set', 99n) };
    const { gasUsed } = simulateCall(state, CONTEXT, request);
    expect(gasUsed).toBe(execute(state, request, 1_000_000n).gasUsed);
    expect(simulateCall(state, CONTEXT, request).gasUsed).toBe(gasUsed);
    const { returnData } = simulateCall(state, CONTEXT, { to, data: calldata('get') });
    expect(resultOf('get', returnData)).toBe(7n);
    const created = createAddress(BOB.address, state.account(BOB.address)!.nonce);
    expect(state.account(created)).toBeUndefined();
  });
});
