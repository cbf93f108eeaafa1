import { EMPTY_BYTES, fixedBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { getContractAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import type { TransactionOutcome } from '../src/outcome.ts';
import { calldata, initData, OpenBlock, PROBE } from './contracts.ts';
import { call3, FACTORY, factoryData, MULTICALL, multicallData, nativeState } from './natives.ts';
import { ETHER, RULES, signer } from './support.ts';

const ALICE = signer(1);
const INIT_DATA = initData(PROBE.bytecode, 5n);
const SALT = keccak256(Uint8Array.of(1));

function openBlock(
  balance = ETHER,
  change: ConstructorParameters<typeof OpenBlock>[1] = {},
): OpenBlock {
  return new OpenBlock(nativeState([[ALICE.address, { balance }]]), change);
}

function deploy(
  block: OpenBlock,
  { salt = SALT, data = INIT_DATA, value = 0n, gasLimit = 10_000_000n } = {},
): TransactionOutcome {
  return block.send(ALICE, { to: FACTORY, data: factoryData(salt, data), value, gasLimit });
}

/** The address as viem knows it. */
function addressOf(salt: Uint8Array, bytecode: Uint8Array): string {
  return getContractAddress({
    opcode: 'CREATE2',
    from: toHex(FACTORY),
    salt: toHex(salt),
    bytecode: toHex(bytecode),
  }).toLowerCase();
}

describe('the CREATE2 factory', () => {
  it('is where all tools expect it', () => {
    expect(toHex(FACTORY)).toBe('0x4e59b44847b379578588920ca78fbf26c0b4956c');
  });

  it('deploys at the address that salt and init data give, and returns its 20 bytes', () => {
    const block = openBlock();
    const outcome = deploy(block, { value: 3n });
    expect(outcome).toMatchObject({ status: 1, contractAddress: undefined });
    expect(toHex(outcome.returnData)).toBe(addressOf(SALT, INIT_DATA));
    const contract = outcome.returnData;
    expect(outcome.participants).toEqual([contract]);
    expect(outcome.logs.map(({ address }) => address)).toEqual([contract]);
    expect(block.journal.nonce(contract)).toBe(1n);
    expect(block.journal.balance(contract)).toBe(3n);
    expect(block.journal.balance(FACTORY)).toBe(0n);
    expect(block.journal.nonce(FACTORY)).toBe(2n);
    expect(block.journal.code(block.journal.codeHash(contract))).toEqual(PROBE.bytecode);
    expect(block.read(ALICE, contract, 'get')).toBe(5n);
  });

  it('gives other salts and other init data other addresses', () => {
    const block = openBlock();
    const other = initData(PROBE.bytecode, 6n);
    const addresses = [
      deploy(block),
      deploy(block, { salt: fixedBytes(2n, 32) }),
      deploy(block, { data: other }),
    ].map(({ returnData }) => toHex(returnData));
    expect(addresses).toEqual([
      addressOf(SALT, INIT_DATA),
      addressOf(fixedBytes(2n, 32), INIT_DATA),
      addressOf(SALT, other),
    ]);
  });

  it.each([
    ['the contract is there already', INIT_DATA, true],
    ['the constructor reverts', initData(PROBE.bytecode, 13n), false],
    ['no engine takes the code', Uint8Array.of(0x60, 0x80), false],
    ['there is no code', EMPTY_BYTES, false],
  ])('reverts without data, and keeps nothing, when %s', (_, data, isSecond) => {
    const block = openBlock();
    if (isSecond) deploy(block);
    const nonce = block.journal.nonce(FACTORY);
    const outcome = deploy(block, { data, value: 3n });
    expect(outcome).toMatchObject({ status: 0, returnData: EMPTY_BYTES, logs: [] });
    expect(outcome.error?.code).toBe('CALL_REVERTED');
    expect(block.journal.nonce(FACTORY)).toBe(nonce);
    expect(block.journal.balance(FACTORY)).toBe(0n);
  });

  it.each([0, 31])('reverts with %i bytes, which are no salt', (length) => {
    const outcome = openBlock().send(ALICE, { to: FACTORY, data: new Uint8Array(length) });
    expect(outcome).toMatchObject({ status: 0, returnData: EMPTY_BYTES });
    expect(outcome.error?.code).toBe('CALL_REVERTED');
  });

  it('cannot deploy what cannot be deployed', () => {
    const reserved = Uint8Array.of(0xef, 0x5a, 0x4e, 1);
    expect(deploy(openBlock(), { data: reserved }).error?.code).toBe('CALL_REVERTED');
  });

  it('needs the gas of a deployment: no more, and no less', () => {
    const { gasUsed } = deploy(openBlock(10n * ETHER));
    // What the frame within needs is 63/64 of what is there before it.
    const slack = gasUsed / 63n + 1n;
    const enough = deploy(openBlock(10n * ETHER), { gasLimit: gasUsed + slack });
    expect(enough).toMatchObject({ status: 1, gasUsed });
    const direct = new OpenBlock(nativeState([[ALICE.address, { balance: ETHER }]])).send(ALICE, {
      to: null,
      data: INIT_DATA,
    }).gasUsed;
    // The creation through the factory costs little more than a plain one.
    expect(gasUsed - direct).toBeLessThan(5_000n);
    expect(deploy(openBlock(10n * ETHER), { gasLimit: gasUsed - 1n }).status).toBe(0);
  });

  it('does nothing with the last nonce (EIP-2681)', () => {
    const block = openBlock();
    block.journal.setNonce(FACTORY, 2n ** 64n - 1n);
    block.journal.endTransaction();
    expect(deploy(block).error?.code).toBe('CALL_REVERTED');
    expect(block.journal.nonce(FACTORY)).toBe(2n ** 64n - 1n);
  });

  it('works within a multicall, where a contract that was taken back can be deployed again', () => {
    const block = openBlock();
    const data = factoryData(SALT, INIT_DATA);
    const fails = call3(MULTICALL, Uint8Array.of(1, 2, 3, 4));
    const takenBack = multicallData('aggregate3', [call3(FACTORY, data), fails]);
    const contract = deploy(openBlock()).returnData;
    const calls = [
      call3(MULTICALL, takenBack, true),
      call3(FACTORY, data),
      call3(contract, calldata('set', 9n)),
    ];
    const outcome = block.send(ALICE, { to: MULTICALL, data: multicallData('aggregate3', calls) });
    expect(outcome.status).toBe(1);
    expect(outcome.participants).toEqual([FACTORY, contract]);
    expect(block.read(ALICE, contract, 'get')).toBe(9n);
  });

  it('charges by the rules', () => {
    const used = (change: Partial<typeof RULES>): bigint =>
      deploy(openBlock(ETHER, { rules: { ...RULES, ...change } })).gasUsed;
    const usual = used({});
    expect(used({ gasNative: RULES.gasNative + 7n })).toBe(usual + 7n);
    expect(used({ gasCreation: RULES.gasCreation + 7n })).toBe(usual + 7n);
  });
});
