import { EMPTY_BYTES, toHex } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import { createAddress, encodeErrorString, intrinsicGas } from '@lucerna/protocol';
import type { Account, StateReader } from '@lucerna/state';
import { encodeContainer, variableSlot } from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import { calldata, initData, OpenBlock, PROBE } from './contracts.ts';
import { CONTEXT, ETHER, GWEI, RULES, signer, stateOf } from './support.ts';

const ALICE = signer(1);
const CONTRACT = createAddress(ALICE.address, 0n);
const CODE = PROBE.bytecode;
const DATA = initData(CODE, 5n);
const GAS = 2_000_000n;
/** Alice has funds; at the address of her first contract there may be something already. */
function rich(account?: Partial<Account>): StateReader {
  const alice = [ALICE.address, { balance: ETHER }] as const;
  return stateOf(account === undefined ? [alice] : [alice, [CONTRACT, account]]);
}

describe('a deployment', () => {
  it('stores the container without the arguments in a new account with nonce 1', () => {
    const block = new OpenBlock(rich());
    const outcome = block.send(ALICE, { to: null, data: DATA, value: 3n });
    expect(outcome).toMatchObject({ status: 1, contractAddress: CONTRACT, error: undefined });
    expect(outcome.returnData).toEqual(CODE);
    const codeHash = keccak256(CODE);
    expect(block.journal.account(CONTRACT)).toMatchObject({ nonce: 1n, balance: 3n, codeHash });
    expect(block.journal.code(codeHash)).toEqual(CODE);
    expect(block.read(ALICE, CONTRACT, 'get')).toBe(5n);
    expect(block.journal.nonce(CONTRACT)).toBe(1n);
  });

  it('logs what the constructor emits, in the name of the new contract', () => {
    const { logs } = new OpenBlock(rich()).send(ALICE, { to: null, data: DATA });
    expect(logs.map(({ address, topics }) => [toHex(address), topics.length])).toEqual([
      [toHex(CONTRACT), 2],
    ]);
  });

  it('pays for every byte of the code after the constructor', () => {
    const gas = (gasCodeByte: bigint): bigint => {
      const block = new OpenBlock(rich(), { rules: { ...RULES, gasCodeByte } });
      return block.send(ALICE, { to: null, data: DATA }).gasUsed;
    };
    expect(gas(200n) - gas(0n)).toBe(200n * BigInt(CODE.length));
    const intrinsic = intrinsicGas({ to: null, data: DATA }, RULES);
    // A cold slot that is set, and a log with two topics and 128 bytes, are not all that it does.
    expect(gas(0n) - intrinsic).toBeGreaterThan(22_100n + 375n * 3n + 8n * 128n);
  });

  it('keeps the wei that the address already has', () => {
    const block = new OpenBlock(rich({ balance: 10n }));
    expect(block.send(ALICE, { to: null, data: DATA, value: 3n }).status).toBe(1);
    expect(block.journal.balance(CONTRACT)).toBe(13n);
  });
});

describe('a deployment that fails', () => {
  /** Expects nothing of it but the nonce and the fee. */
  function expectFailure(
    data: Uint8Array,
    code: string,
    change: { readonly gasLimit?: bigint; readonly rules?: typeof RULES } = {},
  ): void {
    const { gasLimit = GAS, rules = RULES } = change;
    const block = new OpenBlock(rich({ balance: 10n }), { rules });
    const outcome = block.send(ALICE, { to: null, data, value: 3n, gasLimit });
    expect(outcome.error?.code).toBe(code);
    expect(outcome).toMatchObject({
      status: 0,
      gasUsed: gasLimit,
      refund: 0n,
      logs: [],
      returnData: EMPTY_BYTES,
      contractAddress: CONTRACT,
    });
    expect(block.journal.balance(ALICE.address)).toBe(ETHER - gasLimit * 2n * GWEI);
    const { accounts, storage, code: codes } = block.journal.diff();
    const touched = [ALICE.address, CONTEXT.coinbase].map((address) => toHex(address)).sort();
    expect(accounts.map(({ address }) => toHex(address))).toEqual(touched);
    expect([storage, codes]).toEqual([[], []]);
  }

  const changed = (offset: number): Uint8Array => DATA.with(offset, (DATA[offset] as number) ^ 1);

  it.each<[string, Uint8Array, string]>([
    ['nothing', EMPTY_BYTES, 'ENGINE_MISSING'],
    ['code of another machine', Uint8Array.of(0x60, 0x80), 'ENGINE_MISSING'],
    ['another prefix', changed(2), 'ENGINE_MISSING'],
    ['the prefix alone', DATA.slice(0, 3), 'ZXC_TRUNCATED'],
    ['half a container', DATA.slice(0, CODE.length >> 1), 'ZXC_TRUNCATED'],
    ['a version of the format that does not exist', changed(3), 'ZXC_VERSION'],
    ['a damaged container', changed(CODE.length >> 1), 'ZXC_CRC'],
  ])('does so with all its gas: %s', (_, data, code) => expectFailure(data, code));

  it('does so with a container that the verifier refuses', () => {
    const { sourceMap: _, ...bare } = PROBE.container;
    const actions = bare.actions.map((action) => ({ ...action, code: [] }));
    const container = encodeContainer({ ...bare, actions });
    expectFailure(initData(container, 5n), 'PROGRAM_REFUSED');
  });

  it('does so with more code or data than the rules allow', () => {
    const allow = (maxContainerBytes: number, maxInitDataBytes: number) => ({
      rules: {
        ...RULES,
        maxContainerBytes: BigInt(maxContainerBytes),
        maxInitDataBytes: BigInt(maxInitDataBytes),
      },
    });
    expectFailure(DATA, 'CODE_TOO_LARGE', allow(CODE.length - 1, DATA.length));
    expectFailure(DATA, 'INIT_DATA_TOO_LARGE', allow(CODE.length, DATA.length - 1));
    const block = new OpenBlock(rich(), allow(CODE.length, DATA.length));
    expect(block.send(ALICE, { to: null, data: DATA }).status).toBe(1);
  });

  it('does so without gas for the constructor, or for the last byte of the code', () => {
    const enough = new OpenBlock(rich()).send(ALICE, { to: null, data: DATA, value: 3n }).gasUsed;
    const codeGas = 200n * BigInt(CODE.length);
    expectFailure(DATA, 'CODE_STORE_OUT_OF_GAS', { gasLimit: enough - 1n });
    expectFailure(DATA, 'CODE_STORE_OUT_OF_GAS', { gasLimit: enough - codeGas });
    expectFailure(DATA, 'OUT_OF_GAS', { gasLimit: enough - codeGas - 1n });
    const block = new OpenBlock(rich());
    const change = { to: null, data: DATA, value: 3n, gasLimit: enough };
    expect(block.send(ALICE, change)).toMatchObject({ status: 1, gasUsed: enough });
  });

  it.each<[string, Partial<Account>, boolean]>([
    ['an account that has sent transactions', { nonce: 1n }, false],
    ['a contract', { codeHash: keccak256(Uint8Array.of(1)) }, false],
    ['an account that only has wei', { balance: 1n, codeHash: EMPTY_KECCAK }, true],
  ])('does so where there already is %s', (_, account, succeeds) => {
    const block = new OpenBlock(rich(account));
    const outcome = block.send(ALICE, { to: null, data: DATA, value: 3n, gasLimit: GAS });
    expect(outcome.contractAddress).toEqual(CONTRACT);
    if (succeeds) {
      expect(outcome.status).toBe(1);
      return;
    }
    expect(outcome).toMatchObject({ status: 0, gasUsed: GAS });
    expect(outcome.error?.code).toBe('CREATE_COLLISION');
    expect(block.journal.account(CONTRACT)).toMatchObject(account);
    expect(block.journal.balance(CONTRACT)).toBe(0n);
  });

  it('keeps what is left of the gas when the constructor reverts, and says why', () => {
    const block = new OpenBlock(rich());
    const outcome = block.send(ALICE, { to: null, data: initData(CODE, 13n), value: 3n });
    const returnData = encodeErrorString('unlucky');
    expect(outcome).toMatchObject({ status: 0, contractAddress: CONTRACT, logs: [], returnData });
    expect(outcome.error).toMatchObject({
      code: 'CALL_REVERTED',
      message: 'execution reverted: unlucky',
      fields: { data: toHex(returnData) },
    });
    // Neither the rest of the gas nor a deposit for code is gone.
    expect(outcome.gasUsed).toBeLessThan(200n * BigInt(CODE.length));
    expect(block.journal.account(CONTRACT)).toBeUndefined();
    expect(block.journal.storage(CONTRACT, variableSlot('count'))).toEqual(new Uint8Array(32));
    expect(block.journal.nonce(ALICE.address)).toBe(1n);
  });

  it('reverts without data when the arguments are not those of the constructor', () => {
    for (const data of [CODE, initData(CODE, 1n, 2n), DATA.slice(0, -1)]) {
      const outcome = new OpenBlock(rich()).send(ALICE, { to: null, data });
      expect(outcome).toMatchObject({ status: 0, returnData: EMPTY_BYTES });
      expect(outcome.error).toMatchObject({ code: 'CALL_REVERTED', fields: { data: '0x' } });
    }
  });

  it('leaves the address to the next attempt of another nonce', () => {
    const block = new OpenBlock(rich());
    expect(block.send(ALICE, { to: null, data: initData(CODE, 13n) }).status).toBe(0);
    const address = block.deploy(ALICE);
    expect(address).toEqual(createAddress(ALICE.address, 1n));
    expect(block.send(ALICE, { to: address, data: calldata('set', 1n) }).status).toBe(1);
  });
});
