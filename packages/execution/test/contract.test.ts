import { EMPTY_BYTES, fixedBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  bloomContains,
  checksumAddress,
  decodeReceipt,
  encodeErrorString,
  encodePanic,
  encodeReceipt,
  intrinsicGas,
} from '@lucerna/protocol';
import type { StateReader } from '@lucerna/state';
import { encodeContainer, variableSlot } from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import { BlockRun } from '../src/block-run.ts';
import type { BlockContext } from '../src/context.ts';
import { calldata, executionGas, initData, OpenBlock, PROBE, resultOf } from './contracts.ts';
import {
  CONTEXT,
  ETHER,
  GWEI,
  RULES,
  signer,
  stateOf,
  strangerAddress,
  TestChain,
  transfer,
} from './support.ts';

const ALICE = signer(1);
const BOB = signer(2);
const STRANGER = strangerAddress(5);
/** Balances far above what any gas costs. */
const RICHES = 10n ** 40n;
const STATE: StateReader = stateOf([
  [ALICE.address, { balance: RICHES }],
  [BOB.address, { balance: RICHES }],
]);

/** A block in which the probe is deployed, with `count` 7. */
function opened(change: Partial<BlockContext> = {}): { block: OpenBlock; to: Uint8Array } {
  const block = new OpenBlock(STATE, change);
  return { block, to: block.deploy(ALICE) };
}

describe('a call to a contract', () => {
  it('returns what the contract returns and keeps what it writes', () => {
    const { block, to } = opened();
    expect(block.read(BOB, to, 'get')).toBe(7n);
    expect(block.send(BOB, { to, data: calldata('set', 12n) })).toMatchObject({
      status: 1,
      returnData: EMPTY_BYTES,
      contractAddress: undefined,
      logs: [],
    });
    expect(block.read(ALICE, to, 'get')).toBe(12n);
    expect(block.journal.storage(to, variableSlot('count'))).toEqual(fixedBytes(12n, 32));
  });

  it('tells the contract its circumstances', () => {
    const { block, to } = opened({ height: 9, timestamp: 1_700_000_123 });
    expect(block.read(BOB, to, 'whereAndWhen')).toBe((9n << 64n) + 1_700_000_123n);
    expect(block.read(BOB, to, 'chain')).toBe(CONTEXT.chainId);
    // The base fee and the tip, not the cap.
    expect(block.read(BOB, to, 'gasPrice')).toBe(2n * GWEI);
    expect(block.read(BOB, to, 'tipsGoTo')).toBe(checksumAddress(CONTEXT.coinbase));
    expect(block.read(BOB, to, 'signer')).toBe(checksumAddress(BOB.address));
  });

  it('moves the value before the contract runs, and lets the contract send it on', () => {
    const { block, to } = opened();
    expect(block.send(BOB, { to, value: 9n, data: calldata('pay') }).status).toBe(1);
    expect(block.read(BOB, to, 'paidBy', toHex(BOB.address))).toBe(9n);
    expect(block.journal.balance(to)).toBe(9n);
    const outcome = block.send(BOB, { to, data: calldata('send', toHex(STRANGER), 4n) });
    expect(outcome.status).toBe(1);
    expect(block.journal.balance(to)).toBe(5n);
    expect(block.journal.balance(STRANGER)).toBe(4n);
    const tooMuch = block.send(BOB, { to, data: calldata('send', toHex(STRANGER), 6n) });
    expect(tooMuch.error?.code).toBe('CALL_REVERTED');
    expect(block.journal.balance(STRANGER)).toBe(4n);
  });

  it.each<[string, Uint8Array, bigint]>([
    ['value to a function that takes none', calldata('set', 1n), 1n],
    ['value without data', EMPTY_BYTES, 1n],
    ['no data', EMPTY_BYTES, 0n],
    ['an unknown function', Uint8Array.of(1, 2, 3, 4), 0n],
    ['arguments that end too early', calldata('set', 1n).slice(0, -1), 0n],
  ])('reverts without data: %s', (_, data, value) => {
    const { block, to } = opened();
    const outcome = block.send(BOB, { to, data, value });
    expect(outcome).toMatchObject({ status: 0, returnData: EMPTY_BYTES });
    expect(outcome.error).toMatchObject({ code: 'CALL_REVERTED', fields: { data: '0x' } });
    expect(outcome.error?.message).toBe('execution reverted');
    expect(block.journal.balance(to)).toBe(0n);
    expect(outcome.gasUsed).toBeLessThan(100_000n);
  });

  it('reports a panic of the language', () => {
    const { block, to } = opened();
    const outcome = block.send(BOB, { to, data: calldata('overflow') });
    expect(outcome).toMatchObject({ status: 0, returnData: encodePanic(0x11) });
    expect(outcome.error?.message).toBe('execution reverted: panic 0x11');
  });

  it('counts gas exactly however much there is', () => {
    const gasLimit = 2n ** 62n;
    const { block, to } = opened({ gasLimit, baseFeePerGas: 1n });
    const price = { maxFeePerGas: 1n, maxPriorityFeePerGas: 0n };
    const send = (data: Uint8Array, limit: bigint) =>
      block.send(BOB, { to, data, gasLimit: limit, ...price });
    expect(send(calldata('get'), gasLimit).gasUsed).toBe(send(calldata('get'), 50_000n).gasUsed);
    const outcome = send(Uint8Array.of(1), gasLimit);
    expect(outcome.gasUsed).toBe(send(Uint8Array.of(1), 50_000n).gasUsed);
  });
});

describe('a call that fails', () => {
  const text = 'the reason that the contract gives';
  const late = calldata('failLate', toHex(STRANGER), text);

  it('leaves nothing but the nonce and the fee', () => {
    const { block, to } = opened();
    block.send(BOB, { to, data: calldata('write', 'x'.repeat(100)) });
    const before = { ...block.journal.diff() };
    const balance = block.journal.balance(BOB.address);
    for (const gasLimit of [10_000_000n, 90_000n]) {
      const nonce = block.journal.nonce(BOB.address);
      const paid = balance - block.journal.balance(BOB.address);
      const outcome = block.send(BOB, { to, data: late, value: 2n, gasLimit });
      expect(outcome).toMatchObject({ status: 0, logs: [], refund: 0n });
      expect(block.journal.nonce(BOB.address)).toBe(nonce + 1n);
      const fee = outcome.gasUsed * 2n * GWEI;
      expect(balance - block.journal.balance(BOB.address)).toBe(paid + fee);
      const after = block.journal.diff();
      expect(after.storage).toEqual(before.storage);
      expect(after.accounts.length).toBe(before.accounts.length);
      expect(block.journal.balance(to)).toBe(0n);
      expect(block.journal.account(STRANGER)).toBeUndefined();
    }
  });

  it('gives the reason of a revert, and the rest of the gas back', () => {
    const { block, to } = opened();
    const outcome = block.send(BOB, { to, data: late, value: 2n });
    expect(outcome.returnData).toEqual(encodeErrorString(text));
    expect(outcome.error).toMatchObject({
      code: 'CALL_REVERTED',
      message: `execution reverted: ${text}`,
      fields: { data: toHex(encodeErrorString(text)) },
    });
    expect(outcome.gasUsed).toBeLessThan(300_000n);
  });

  it('takes all the gas and has no data when it runs out', () => {
    const { block, to } = opened();
    const outcome = block.send(BOB, { to, data: calldata('spin'), gasLimit: 200_000n });
    expect(outcome).toMatchObject({ status: 0, gasUsed: 200_000n, returnData: EMPTY_BYTES });
    expect(outcome.error?.code).toBe('OUT_OF_GAS');
  });

  it('takes all the gas when a view writes', () => {
    // The compiler refuses such a thing, so its container is changed.
    const actions = PROBE.container.actions.map((action) =>
      action.exportedAs === 'set' ? { ...action, mutability: 'view' as const } : action,
    );
    const data = initData(encodeContainer({ ...PROBE.container, actions }), 7n);
    const block = new OpenBlock(STATE);
    const to = block.send(ALICE, { to: null, data }).contractAddress!;
    const outcome = block.send(BOB, { to, data: calldata('set', 1n), gasLimit: 100_000n });
    expect(outcome).toMatchObject({ status: 0, gasUsed: 100_000n, returnData: EMPTY_BYTES });
    expect(outcome.error?.code).toBe('STATIC_WRITE');
    expect(block.read(BOB, to, 'get')).toBe(7n);
  });

  it('takes all the gas when code has no engine any more', () => {
    const code = Uint8Array.of(0xef, 0, 1);
    const accounts = [
      [BOB.address, { balance: ETHER }],
      [STRANGER, { codeHash: keccak256(code), nonce: 1n }],
    ] as const;
    const block = new OpenBlock(stateOf(accounts, [code]));
    const outcome = block.send(BOB, { to: STRANGER, value: 1n, gasLimit: 50_000n });
    expect(outcome).toMatchObject({ status: 0, gasUsed: 50_000n });
    expect(outcome.error?.code).toBe('ENGINE_MISSING');
    expect(block.journal.balance(STRANGER)).toBe(0n);
  });
});

describe('logs', () => {
  it('are in the receipt in their order, with their bloom', async () => {
    const alloc = [{ address: ALICE.address, balance: ETHER, nonce: 0n }];
    const chain = await TestChain.open({ alloc });
    const run = new BlockRun(chain.environment(), CONTEXT);
    const gasLimit = 2_000_000n;
    const data = initData(PROBE.bytecode, 7n);
    run.add(transfer(ALICE, { to: null, value: 0n, data, gasLimit }));
    const to = new OpenBlock(STATE).deploy(ALICE);
    const call = { to, value: 0n, gasLimit };
    run.add(transfer(ALICE, { ...call, nonce: 1n, data: calldata('noteIt', 3n, 'héllo') }));
    run.add(transfer(ALICE, { ...call, nonce: 2n, data: calldata('get') }));
    const failing = calldata('failLate', toHex(STRANGER), 'no');
    run.add(transfer(ALICE, { ...call, nonce: 3n, value: 1n, data: failing }));
    const { receipts, fields } = run.finish();
    expect(receipts.map(({ logs }) => logs.length)).toEqual([1, 3, 0, 0]);
    expect(receipts.map(({ status }) => status)).toEqual([1, 1, 1, 0]);
    const { logs, logsBloom } = receipts[1]!;
    expect(logs.map((log) => log.data[31])).toEqual([0, 1, 2]);
    for (const log of logs) {
      expect(log.address).toEqual(to);
      expect(log.topics.map((topic) => topic.length)).toEqual([32, 32]);
      expect(log.topics[1]!.slice(12)).toEqual(ALICE.address);
    }
    for (const entry of [to, ...logs[0]!.topics]) {
      expect(bloomContains(logsBloom, entry)).toBe(true);
      expect(bloomContains(fields.logsBloom, entry)).toBe(true);
    }
    expect(bloomContains(logsBloom, STRANGER)).toBe(false);
    expect(receipts[2]!.logsBloom).toEqual(new Uint8Array(256));
    for (const receipt of receipts) expect(decodeReceipt(encodeReceipt(receipt))).toEqual(receipt);
  });

  it('beyond the limits of a transaction fail it, with all its gas', () => {
    // The data of a log of the text have an amount, an offset, a length and the text: 128 bytes.
    const limited = (logs: bigint, bytes: bigint) => ({
      rules: { ...RULES, maxTransactionLogs: logs, maxTransactionLogBytes: bytes },
    });
    const note = (change: Partial<BlockContext>, count: bigint) => {
      const { block, to } = opened(change);
      const gasLimit = 500_000n;
      return block.send(BOB, { to, data: calldata('noteIt', count, 'x'), gasLimit });
    };
    expect(note(limited(5n, 1_000n), 5n)).toMatchObject({ status: 1, error: undefined });
    expect(note(limited(100n, 5n * 128n), 5n)).toMatchObject({ status: 1, error: undefined });
    for (const change of [limited(4n, 1_000n), limited(100n, 5n * 128n - 1n)]) {
      const outcome = note(change, 5n);
      expect(outcome).toMatchObject({ status: 0, gasUsed: 500_000n, logs: [] });
      expect(outcome.returnData).toEqual(EMPTY_BYTES);
      expect(outcome.error?.code).toBe('LOG_LIMIT');
    }
  });
});

describe('gas', () => {
  /** Gas beyond the intrinsic of the only transaction after the deployment. */
  function gasOf(
    name: string,
    args: readonly unknown[],
    accessList: readonly { address: Uint8Array; storageKeys: readonly Uint8Array[] }[] = [],
    rules = RULES,
  ): bigint {
    const { block, to } = opened({ rules });
    const tx = { to, data: calldata(name, ...args), accessList };
    const outcome = block.send(BOB, tx);
    expect(outcome.status).toBe(1);
    return executionGas(outcome, tx);
  }
  const { block, to } = opened();
  const slot = variableSlot('count');

  it('is less by what a cold slot costs more, when the access list has the slot', () => {
    const cold = gasOf('get', []);
    expect(cold - gasOf('get', [], [{ address: to, storageKeys: [slot] }])).toBe(2_000n);
    expect(gasOf('set', [9n]) - gasOf('set', [9n], [{ address: to, storageKeys: [slot] }])).toBe(
      2_100n,
    );
    // Another slot, or the same of another account, does not help; nor does the contract alone.
    for (const list of [
      [{ address: to, storageKeys: [variableSlot('other')] }],
      [{ address: STRANGER, storageKeys: [slot] }],
      [{ address: to, storageKeys: [] }],
    ]) {
      expect(gasOf('get', [], list)).toBe(cold);
    }
  });

  it('is less by what a cold account costs more, for sender, contract and access list', () => {
    const nobody = (address: Uint8Array) => gasOf('send', [toHex(address), 0n]);
    const cold = nobody(STRANGER);
    expect(cold - nobody(BOB.address)).toBe(2_500n);
    expect(cold - nobody(to)).toBe(2_500n);
    // The coinbase is cold: it became warm after Paris (EIP-3651).
    expect(cold - nobody(CONTEXT.coinbase)).toBe(0n);
    const list = [{ address: STRANGER, storageKeys: [] }];
    expect(cold - gasOf('send', [toHex(STRANGER), 0n], list)).toBe(2_500n);
  });

  it('of a transaction does not depend on what the one before has warmed', () => {
    const data = calldata('get');
    const [first, second] = [block.send(BOB, { to, data }), block.send(BOB, { to, data })];
    expect(first.gasUsed).toBe(second.gasUsed);
  });

  it('is charged for loading the code, by its words, before anything of it runs', () => {
    const codeWord = RULES.gasCodeWord;
    const words = BigInt(Math.ceil(PROBE.bytecode.length / 32));
    const free = gasOf('get', [], [], { ...RULES, gasCodeWord: 0n });
    expect(gasOf('get', [])).toBe(free + codeWord * words);
    const tx = { to, data: calldata('get') };
    const gasLimit = intrinsicGas(tx, RULES) + codeWord * words;
    for (const limit of [gasLimit - 1n, gasLimit]) {
      const outcome = block.send(BOB, { ...tx, gasLimit: limit });
      expect(outcome).toMatchObject({ status: 0, gasUsed: limit });
      expect(outcome.error?.code).toBe('OUT_OF_GAS');
    }
    const deployment = (rules: typeof RULES): bigint => {
      const data = initData(PROBE.bytecode, 7n);
      return new OpenBlock(STATE, { rules }).send(ALICE, { to: null, data }).gasUsed;
    };
    const freeDeployment = deployment({ ...RULES, gasCodeWord: 0n });
    expect(deployment(RULES)).toBe(freeDeployment + codeWord * words);
  });

  it('follows the rules', () => {
    const rules = { ...RULES, gasColdSlot: 5_000n };
    expect(gasOf('get', [], [], rules) - gasOf('get', [])).toBe(2_900n);
  });

  it('is given back for cleared slots, a fifth of what was spent at most', () => {
    const { block, to } = opened();
    const data = calldata('clearAndLoop', 0n);
    const capped = block.send(BOB, { to, data });
    expect(capped.status).toBe(1);
    const spent = capped.gasUsed + capped.refund;
    expect(spent).toBeGreaterThan(intrinsicGas({ to, data }, RULES));
    // 4,800 for the slot, and a fifth of about 28,000 is more.
    expect(capped.refund).toBe(4_800n);
    const strict = opened({ rules: { ...RULES, refundQuotient: 50n } });
    const outcome = strict.block.send(BOB, { to: strict.to, data });
    expect(outcome.refund).toBe(spent / 50n);
    expect(outcome.gasUsed).toBe(spent - spent / 50n);
    const balance = block.journal.balance(BOB.address);
    const again = block.send(BOB, { to, data });
    expect(again.refund).toBe(0n);
    expect(balance - block.journal.balance(BOB.address)).toBe(again.gasUsed * 2n * GWEI);
  });

  it('is not given back by a call that fails', () => {
    const { block, to } = opened();
    const data = calldata('clearAndLoop', 10n ** 9n);
    const outcome = block.send(BOB, { to, data, gasLimit: 60_000n });
    expect(outcome).toMatchObject({ status: 0, gasUsed: 60_000n, refund: 0n });
    expect(block.read(BOB, to, 'get')).toBe(7n);
  });

  it('pays the fee of what was used to the coinbase', () => {
    const { block, to } = opened();
    const before = block.journal.balance(CONTEXT.coinbase);
    const outcome = block.send(BOB, { to, data: calldata('clearAndLoop', 3n) });
    expect(block.journal.balance(CONTEXT.coinbase) - before).toBe(outcome.gasUsed * GWEI);
  });

  it('has the result of a view as its reader sees it', () => {
    const { block, to } = opened();
    const outcome = block.send(BOB, { to, data: calldata('get') });
    expect(resultOf('get', outcome.returnData)).toBe(7n);
  });
});
