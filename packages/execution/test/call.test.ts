import { AssertionError, EMPTY_BYTES } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { CallRequest } from '@lucerna/protocol';
import { type Account, StateJournal } from '@lucerna/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { estimateGas, simulateCall } from '../src/call.ts';
import { executionLimits } from '../src/limits.ts';
import { executeTransaction } from '../src/transaction.ts';
import { CONTEXT, ETHER, GWEI, signer, stateOf, strangerAddress, transfer } from './support.ts';

const ALICE = signer(1);
const BOB = strangerAddress(1);
const CONTRACT = strangerAddress(2);
/** No engine of this chain has such code. */
const CODE = Uint8Array.of(1);
const CONTRACT_ACCOUNT: Partial<Account> = { codeHash: keccak256(CODE), balance: 5n };
const STATE = stateOf(
  [
    [ALICE.address, { balance: ETHER, nonce: 3n }],
    [CONTRACT, CONTRACT_ACCOUNT],
  ],
  [CODE],
);
const CALL_GAS = BigInt(executionLimits.values.callGas);

const call = (request: CallRequest) => simulateCall(STATE, CONTEXT, request);
const estimate = (request: CallRequest): bigint => estimateGas(STATE, CONTEXT, request);
const coded = (code: string): unknown => expect.objectContaining({ code });

describe('simulateCall', () => {
  it('needs neither sender nor price nor funds', () => {
    const outcome = { status: 1, gasUsed: 21_000n, returnData: EMPTY_BYTES, error: undefined };
    expect(call({ to: BOB })).toEqual(outcome);
    expect(call({ from: BOB, to: BOB, gas: 21_000n })).toEqual(outcome);
    expect(call({ from: BOB, to: BOB, gasPrice: 0n })).toEqual(outcome);
  });

  it('may be sent by a contract and at any nonce', () => {
    expect(call({ from: CONTRACT, to: BOB, value: 5n }).status).toBe(1);
    expect(call({ from: ALICE.address, to: BOB }).status).toBe(1);
  });

  it('reports the failure of code that no engine runs', () => {
    for (const to of [CONTRACT, null]) {
      const outcome = call({ to, gas: 60_000n });
      expect(outcome).toMatchObject({ status: 0, gasUsed: 60_000n });
      expect(outcome.error?.code).toBe('ENGINE_MISSING');
    }
  });

  it('checks the funds for the value, and for the gas once there is a price', () => {
    const { address: from } = ALICE;
    const price = GWEI;
    const gas = 30_000n;
    expect(call({ from, to: BOB, value: ETHER }).status).toBe(1);
    expect(() => call({ from, to: BOB, value: ETHER + 1n })).toThrow(
      coded('TX_INSUFFICIENT_FUNDS'),
    );
    const value = ETHER - gas * price;
    expect(call({ from, to: BOB, gas, gasPrice: price, value }).status).toBe(1);
    expect(() => call({ from, to: BOB, gas, gasPrice: price, value: value + 1n })).toThrow(
      coded('TX_INSUFFICIENT_FUNDS'),
    );
  });

  it('checks the prices that it is given', () => {
    const from = ALICE.address;
    const low = GWEI - 1n;
    expect(() => call({ from, to: BOB, gasPrice: low })).toThrow(coded('TX_FEE_CAP_TOO_LOW'));
    expect(() => call({ from, to: BOB, maxFeePerGas: low })).toThrow(coded('TX_FEE_CAP_TOO_LOW'));
    expect(() => call({ from, to: BOB, maxPriorityFeePerGas: 1n })).toThrow(
      coded('TX_TIP_ABOVE_FEE_CAP'),
    );
    for (const cap of [{ maxFeePerGas: GWEI }, { maxPriorityFeePerGas: 0n }]) {
      expect(() => call({ from, to: BOB, gasPrice: GWEI, ...cap })).toThrow(AssertionError);
    }
    const caps = { maxFeePerGas: GWEI, maxPriorityFeePerGas: 0n };
    expect(call({ from, to: BOB, gas: 21_000n, ...caps }).status).toBe(1);
  });

  it('refuses less gas than any transaction needs, and grants no more than its own limit', () => {
    expect(() => call({ to: BOB, gas: 20_999n })).toThrow(coded('TX_INTRINSIC_GAS'));
    expect(call({ to: null, gas: CALL_GAS + 1n }).gasUsed).toBe(CALL_GAS);
    expect(call({ to: null }).gasUsed).toBe(CALL_GAS);
  });
});

describe('estimateGas', () => {
  it('is exact: the transaction succeeds with it and not with one less', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const entry = fc.record({
      address: fc.constantFrom(BOB, ALICE.address),
      storageKeys: fc.array(fc.constant(new Uint8Array(32)), { maxLength: 3 }),
    });
    const lists = fc.array(entry, { maxLength: 3 });
    fc.assert(
      fc.property(bytes, lists, (data, accessList) => {
        const gasLimit = estimate({ from: ALICE.address, to: BOB, value: 1n, data, accessList });
        const run = (limit: bigint) =>
          executeTransaction(
            new StateJournal(STATE),
            CONTEXT,
            transfer(ALICE, { nonce: 3n, data, accessList, gasLimit: limit }),
            CONTEXT.gasLimit,
          );
        expect(run(gasLimit)).toMatchObject({ status: 1, gasUsed: gasLimit });
        expect(() => run(gasLimit - 1n)).toThrow(coded('TX_INTRINSIC_GAS'));
      }),
      runs(25),
    );
  });

  it('is an error when no gas limit helps', () => {
    const from = ALICE.address;
    expect(() => estimate({ from, to: null })).toThrow(coded('ENGINE_MISSING'));
    expect(() => estimate({ from, to: CONTRACT })).toThrow(coded('ENGINE_MISSING'));
    expect(() => estimate({ from, to: BOB, value: ETHER + 1n })).toThrow(
      coded('TX_INSUFFICIENT_FUNDS'),
    );
    expect(() => estimate({ from, to: BOB, value: ETHER, gasPrice: GWEI })).toThrow(
      coded('TX_INSUFFICIENT_FUNDS'),
    );
  });

  it('is an error when the request or the block allows less', () => {
    expect(estimate({ to: BOB, gas: 21_000n })).toBe(21_000n);
    expect(() => estimate({ to: BOB, gas: 20_999n })).toThrow(coded('CALL_GAS_ALLOWANCE'));
    const small = { ...CONTEXT, gasLimit: 20_999n };
    for (const limit of [{}, { gas: 30_000n }]) {
      expect(() => estimateGas(STATE, small, { to: BOB, ...limit })).toThrow(
        coded('CALL_GAS_ALLOWANCE'),
      );
    }
  });
});
