import type { CallRequest, StateOverride } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { createAccessList } from '../src/access-list.ts';
import { estimateGas, simulateCall } from '../src/call.ts';
import { overrideContext, overrideState } from '../src/overrides.ts';
import { calldata, OpenBlock, PROBE, resultOf } from './contracts.ts';
import { CONTEXT, ETHER, GWEI, signer, stateOf, strangerAddress } from './support.ts';

const ALICE = signer(1);
const BOB = strangerAddress(1);
const MAX_NONCE = 2n ** 64n - 1n;

const block = new OpenBlock(stateOf([[ALICE.address, { balance: ETHER }]]));
const PROBE_ADDRESS = block.deploy(ALICE, 7n);
const STATE = block.journal;
const CODE = STATE.code(STATE.codeHash(PROBE_ADDRESS));

const word = (value: number): Uint8Array => {
  const bytes = new Uint8Array(32);
  bytes[31] = value;
  return bytes;
};

function call(overrides: readonly StateOverride[], request: CallRequest) {
  return simulateCall(overrideState(STATE, overrides), CONTEXT, request);
}

function get(overrides: readonly StateOverride[], to: Uint8Array): unknown {
  const { returnData, error } = call(overrides, { to, data: calldata('get') });
  expect(error).toBeUndefined();
  return resultOf('get', returnData);
}

/** Where the contract has its count. */
function countSlot(): Uint8Array {
  const request = { to: PROBE_ADDRESS, data: calldata('get') };
  const { accessList } = createAccessList(STATE, CONTEXT, request);
  expect(accessList).toHaveLength(1);
  expect(accessList[0]?.storageKeys).toHaveLength(1);
  return accessList[0]?.storageKeys[0] as Uint8Array;
}

describe('overrideState', () => {
  it('gives balances and nonces', () => {
    const value = 5n * ETHER;
    const funded = { address: BOB, balance: value };
    expect(call([funded], { from: BOB, to: ALICE.address, value }).status).toBe(1);
    expect(() => call([], { from: BOB, to: ALICE.address, value })).toThrow(
      expect.objectContaining({ code: 'TX_INSUFFICIENT_FUNDS' }),
    );
    const state = overrideState(STATE, [{ ...funded, nonce: 9n }]);
    expect(state.account(BOB)).toMatchObject({ balance: value, nonce: 9n });
    expect(STATE.account(BOB)).toBeUndefined();
  });

  it('gives the funds that an estimate at a price needs', () => {
    const request = { from: BOB, to: ALICE.address, gasPrice: GWEI };
    const funded = overrideState(STATE, [{ address: BOB, balance: 21_000n * GWEI }]);
    expect(estimateGas(funded, CONTEXT, request)).toBe(21_000n);
  });

  it('puts code where there is none, and takes it away', () => {
    expect(get([{ address: BOB, code: CODE }], BOB)).toBe(0n);
    const without = call([{ address: PROBE_ADDRESS, code: new Uint8Array(0) }], {
      to: PROBE_ADDRESS,
      data: calldata('get'),
    });
    expect(without).toMatchObject({ status: 1, returnData: new Uint8Array(0) });
  });

  it('lets code that no engine runs fail when it is called', () => {
    for (const code of [Uint8Array.of(1), PROBE.bytecode.slice(0, 10)]) {
      const outcome = call([{ address: BOB, code }], { to: BOB, gas: 100_000n });
      expect(outcome.status).toBe(0);
      expect(outcome.error?.code).toMatch(/^(ENGINE_MISSING|PROGRAM_REFUSED|ZXC_)/);
    }
  });

  it('changes some slots, or all of the storage', () => {
    const slot = countSlot();
    const address = PROBE_ADDRESS;
    expect(get([], address)).toBe(7n);
    expect(get([{ address, stateDiff: [] }], address)).toBe(7n);
    expect(get([{ address, state: [] }], address)).toBe(0n);
    expect(get([{ address, state: [{ slot: word(99), word: word(1) }] }], address)).toBe(0n);
    const changed = { slot, word: STATE.storage(address, slot) };
    expect(get([{ address, state: [changed] }], address)).toBe(7n);
    const bob = { address: BOB, code: CODE };
    expect(get([{ ...bob, stateDiff: [changed] }], BOB)).toBe(7n);
    expect(get([], address)).toBe(7n);
  });

  it('keeps the rest of an account whose storage it replaces', () => {
    const before = STATE.account(PROBE_ADDRESS);
    const after = overrideState(STATE, [{ address: PROBE_ADDRESS, state: [] }]).account(
      PROBE_ADDRESS,
    );
    expect(after).toMatchObject({
      balance: before?.balance,
      nonce: before?.nonce,
      codeHash: before?.codeHash,
    });
  });

  it('refuses a sender whose nonce has no successor', () => {
    expect(() => call([{ address: BOB, nonce: MAX_NONCE }], { from: BOB, to: BOB })).toThrow(
      expect.objectContaining({ code: 'TX_NONCE_MAX' }),
    );
    expect(call([{ address: BOB, nonce: MAX_NONCE - 1n }], { from: BOB, to: BOB }).status).toBe(1);
  });

  it('refuses a transfer to a balance that cannot hold it', () => {
    const rich = { address: BOB, balance: 2n ** 256n - 1n };
    const request = { from: ALICE.address, to: BOB, value: 1n };
    expect(call([rich], request).error?.code).toBe('BALANCE_OVERFLOW');
  });
});

describe('overrideContext', () => {
  it('tells contracts of another block', () => {
    const context = overrideContext(CONTEXT, { height: 77, timestamp: 88, coinbase: BOB });
    const ask = (name: string): unknown => {
      const data = calldata(name);
      const { returnData } = simulateCall(STATE, context, { to: PROBE_ADDRESS, data });
      return resultOf(name, returnData);
    };
    expect(ask('whereAndWhen')).toBe(77n * 2n ** 64n + 88n);
    expect(String(ask('tipsGoTo')).toLowerCase()).toContain(Buffer.from(BOB).toString('hex'));
  });

  it('asks for the base fee of the other block once there is a price', () => {
    const context = overrideContext(CONTEXT, { baseFeePerGas: 2n * GWEI });
    const request = { from: ALICE.address, to: BOB, gas: 21_000n };
    expect(simulateCall(STATE, context, request).status).toBe(1);
    expect(() => simulateCall(STATE, context, { ...request, gasPrice: GWEI })).toThrow(
      expect.objectContaining({ code: 'TX_FEE_CAP_TOO_LOW' }),
    );
  });

  it('bounds an estimate by the gas limit of the other block', () => {
    const context = overrideContext(CONTEXT, { gasLimit: 20_999n });
    expect(() => estimateGas(STATE, context, { to: BOB })).toThrow(
      expect.objectContaining({ code: 'CALL_GAS_ALLOWANCE' }),
    );
  });
});
