import { toHex } from '@lucerna/base';
import { type CallRequest, createAddress } from '@lucerna/protocol';
import { StateJournal } from '@lucerna/state';
import { describe, expect, it } from 'vitest';
import { createAccessList } from '../src/access-list.ts';
import { estimateGas, simulateCall } from '../src/call.ts';
import { executeTransaction } from '../src/transaction.ts';
import { calldata, initData, OpenBlock, PROBE } from './contracts.ts';
import { call3, MULTICALL, multicallData, nativeState } from './natives.ts';
import { CONTEXT, ETHER, signer, stateOf, strangerAddress, transfer } from './support.ts';

const ALICE = signer(1);
const STRANGER = strangerAddress(9);

const block = new OpenBlock(stateOf([[ALICE.address, { balance: ETHER }]]));
const PROBE_ADDRESS = block.deploy(ALICE, 7n);
block.send(ALICE, { to: PROBE_ADDRESS, data: calldata('pay'), value: 100n });
const STATE = block.journal;

const listOf = (request: CallRequest) =>
  createAccessList(STATE, CONTEXT, { from: ALICE.address, ...request });

describe('createAccessList', () => {
  it('is empty for a transfer: sender and recipient cost nothing', () => {
    const result = { accessList: [], gasUsed: 21_000n, error: undefined };
    expect(listOf({ to: STRANGER, value: 1n })).toEqual(result);
    expect(listOf({ to: ALICE.address })).toEqual(result);
  });

  it('names the slots of the recipient, and accounts that the contract pays', () => {
    const { accessList } = listOf({
      to: PROBE_ADDRESS,
      data: calldata('send', toHex(STRANGER), 1n),
    });
    const byAddress = new Map(accessList.map((entry) => [toHex(entry.address), entry.storageKeys]));
    expect(byAddress.get(toHex(STRANGER))).toEqual([]);
    expect(byAddress.has(toHex(ALICE.address))).toBe(false);
    const written = listOf({ to: PROBE_ADDRESS, data: calldata('set', 1n) }).accessList;
    expect(written.map(({ address }) => toHex(address))).toEqual([toHex(PROBE_ADDRESS)]);
    expect(written[0]?.storageKeys).toHaveLength(1);
  });

  it('is settled: with its own list a call accesses nothing else and uses the same gas', () => {
    for (const data of [
      calldata('get'),
      calldata('setThrice', 1n, 2n, 3n),
      calldata(
        'write',
        'a text that is longer than thirty-two bytes, so that it has several words',
      ),
      calldata('send', toHex(STRANGER), 1n),
    ]) {
      const request = { to: PROBE_ADDRESS, data };
      const { accessList, gasUsed, error } = listOf(request);
      expect(error).toBeUndefined();
      expect(listOf({ ...request, accessList })).toEqual({ accessList, gasUsed, error });
      const called = simulateCall(STATE, CONTEXT, { from: ALICE.address, ...request, accessList });
      expect(called.gasUsed).toBe(gasUsed);
      const nonce = STATE.nonce(ALICE.address);
      const sent = transfer(ALICE, {
        ...request,
        nonce,
        value: 0n,
        gasLimit: 1_000_000n,
        accessList,
      });
      const outcome = executeTransaction(new StateJournal(STATE), CONTEXT, sent, CONTEXT.gasLimit);
      expect(outcome.gasUsed).toBe(gasUsed);
    }
  });

  it('keeps what the request names, once', () => {
    const entry = { address: STRANGER, storageKeys: [new Uint8Array(32), new Uint8Array(32)] };
    const { accessList } = listOf({ to: PROBE_ADDRESS, accessList: [entry, entry] });
    expect(accessList[0]).toEqual({ address: STRANGER, storageKeys: [new Uint8Array(32)] });
  });

  it('has the slots of a contract that is created', () => {
    const created = createAddress(ALICE.address, STATE.nonce(ALICE.address));
    const { accessList, error } = listOf({ to: null, data: initData(PROBE.bytecode, 5n) });
    expect(error).toBeUndefined();
    expect(accessList.map(({ address }) => toHex(address))).toEqual([toHex(created)]);
  });

  it('tells why a call fails, and what it accessed until then', () => {
    const late = calldata('failLate', toHex(STRANGER), 'too late');
    const { accessList, error } = listOf({ to: PROBE_ADDRESS, data: late, value: 10n });
    expect(error?.code).toBe('CALL_REVERTED');
    expect(accessList.map(({ address }) => toHex(address))).toContain(toHex(STRANGER));
  });

  it('refuses what simulateCall refuses', () => {
    const coded = (code: string): unknown => expect.objectContaining({ code });
    expect(() => listOf({ to: STRANGER, value: 2n * ETHER })).toThrow(
      coded('TX_INSUFFICIENT_FUNDS'),
    );
    expect(() => listOf({ to: STRANGER, gas: 20_000n })).toThrow(coded('TX_INTRINSIC_GAS'));
  });
});

describe('createAccessList of calls inside calls', () => {
  const nested = new OpenBlock(nativeState([[ALICE.address, { balance: ETHER }]]));
  const probe = nested.deploy(ALICE, 7n);
  const aggregate = (...calls: readonly ReturnType<typeof call3>[]): CallRequest => ({
    from: ALICE.address,
    to: MULTICALL,
    data: multicallData('aggregate3', calls),
  });

  it('has what frames access, also those that fail and are taken back', () => {
    const late = calldata('failLate', toHex(STRANGER), 'no');
    for (const calls of [[call3(probe, calldata('set', 9n))], [call3(probe, late, true)]]) {
      const request = aggregate(...calls);
      const first = createAccessList(nested.journal, CONTEXT, request);
      expect(first.error).toBeUndefined();
      const [entry] = first.accessList;
      expect(toHex(entry!.address)).toBe(toHex(probe));
      expect(entry?.storageKeys.length).toBeGreaterThan(0);
      const { accessList, gasUsed } = first;
      expect(createAccessList(nested.journal, CONTEXT, { ...request, accessList })).toEqual(first);
      expect(simulateCall(nested.journal, CONTEXT, { ...request, accessList }).gasUsed).toBe(
        gasUsed,
      );
    }
  });

  it('an estimate has gas for calls that may fail', () => {
    for (const calls of [
      [call3(probe, calldata('set', 9n), true)],
      [
        call3(probe, calldata('setThrice', 1n, 2n, 3n), true),
        call3(probe, calldata('set', 0n), true),
      ],
      [
        call3(
          MULTICALL,
          multicallData('aggregate3', [call3(probe, calldata('set', 9n), true)]),
          true,
        ),
      ],
    ]) {
      const request = aggregate(...calls);
      const plenty = simulateCall(nested.journal, CONTEXT, request);
      const gas = estimateGas(nested.journal, CONTEXT, request);
      expect(simulateCall(nested.journal, CONTEXT, { ...request, gas })).toEqual(plenty);
      expect(simulateCall(nested.journal, CONTEXT, { ...request, gas: gas - 1n })).not.toEqual(
        plenty,
      );
    }
  });
});
