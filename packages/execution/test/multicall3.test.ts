import { concatBytes, EMPTY_BYTES, fixedBytes, fromHex, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { encodeErrorString, NATIVE_ADDRESSES, nativeCode } from '@lucerna/protocol';
import { variableSlot } from '@lucerna/zexus';
import { type AbiFunction, getAbiItem, multicall3Abi, toFunctionSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import type { TransactionOutcome } from '../src/outcome.ts';
import { calldata, OpenBlock } from './contracts.ts';
import {
  call3,
  call3Value,
  MULTICALL,
  MULTICALL_ABI,
  multicallData,
  multicallResult,
  nativeState,
} from './natives.ts';
import { CONTEXT, ETHER, RULES, signer, strangerAddress } from './support.ts';

const ALICE = signer(1);
const BOB = strangerAddress(1);
const CAROL = strangerAddress(2);

/** A block with the natives, and the probe deployed by Alice. */
function openBlock(change: Partial<typeof CONTEXT> = {}): {
  readonly block: OpenBlock;
  readonly probe: Uint8Array;
} {
  const block = new OpenBlock(nativeState([[ALICE.address, { balance: 100n * ETHER }]]), change);
  return { block, probe: block.deploy(ALICE) };
}

/** Sends Alice's call of Multicall3. */
function send(
  block: OpenBlock,
  name: string,
  args: readonly unknown[],
  value: bigint = 0n,
): TransactionOutcome {
  return block.send(ALICE, { to: MULTICALL, data: multicallData(name, ...args), value });
}

const addressWord = (address: Uint8Array): string =>
  toHex(concatBytes(new Uint8Array(12), address));

describe('Multicall3', () => {
  it('is where all tools expect it, with the functions that viem calls', () => {
    expect(toHex(MULTICALL)).toBe('0xca11bde05977b3631167028862be2a173976ca11');
    for (const item of multicall3Abi) {
      const own = getAbiItem({ abi: MULTICALL_ABI, name: item.name }) as AbiFunction;
      expect(toFunctionSelector(own)).toBe(toFunctionSelector(item));
    }
  });

  it('makes all calls in order and returns what each returned', () => {
    const { block, probe } = openBlock();
    const calls = [
      call3(probe, calldata('get')),
      call3(probe, calldata('set', 9n)),
      call3(probe, calldata('get')),
      call3(BOB, Uint8Array.of(1, 2, 3)),
    ];
    const outcome = send(block, 'aggregate3', [calls]);
    expect(outcome.status).toBe(1);
    expect(multicallResult('aggregate3', outcome.returnData)).toEqual([
      { success: true, returnData: toHex(fixedBytes(7n, 32)) },
      { success: true, returnData: '0x' },
      { success: true, returnData: toHex(fixedBytes(9n, 32)) },
      { success: true, returnData: '0x' },
    ]);
    expect(block.read(ALICE, probe, 'get')).toBe(9n);
    expect(outcome.participants).toEqual([probe, BOB]);
  });

  it('is the caller of the contracts, and the sender of the transaction their origin', () => {
    const { block, probe } = openBlock();
    const calls = [
      call3Value(probe, 5n, calldata('pay')),
      call3Value(probe, 0n, calldata('signer')),
    ];
    const outcome = send(block, 'aggregate3Value', [calls], 5n);
    const [, signedBy] = multicallResult('aggregate3Value', outcome.returnData) as {
      readonly returnData: string;
    }[];
    expect(signedBy?.returnData).toBe(addressWord(ALICE.address));
    expect(block.read(ALICE, probe, 'paidBy', toHex(MULTICALL))).toBe(5n);
    expect(block.journal.balance(MULTICALL)).toBe(0n);
  });

  it('lets calls fail that may, and says with which data', () => {
    const { block, probe } = openBlock();
    const failing = calldata('failLate', toHex(BOB), 'why not');
    const outcome = send(block, 'aggregate3', [
      [call3(probe, calldata('set', 1n)), call3(probe, failing, true), call3(probe, failing, true)],
    ]);
    expect(outcome.status).toBe(1);
    const results = multicallResult('aggregate3', outcome.returnData) as readonly unknown[];
    expect(results[0]).toEqual({ success: true, returnData: '0x' });
    // It has no wei to send, and so does not get to its own reason.
    const insufficient = toHex(encodeErrorString('transfer: insufficient balance'));
    expect(results[1]).toEqual({ success: false, returnData: insufficient });
    expect(outcome.logs).toEqual([]);
    expect(block.read(ALICE, probe, 'get')).toBe(1n);
  });

  it.each([
    ['aggregate', (bad: object) => [[bad]]],
    ['tryAggregate', (bad: object) => [true, [bad]]],
    ['tryBlockAndAggregate', (bad: object) => [true, [bad]]],
    ['blockAndAggregate', (bad: object) => [[bad]]],
    ['aggregate3', (bad: object) => [[bad]]],
  ] as const)('takes everything back when one fails that must not: %s', (name, args) => {
    const { block, probe } = openBlock();
    const unknown = call3(probe, Uint8Array.of(1, 2, 3, 4));
    const outcome = send(block, name, args(unknown));
    expect(outcome.status).toBe(0);
    expect(outcome.error?.code).toBe('CALL_REVERTED');
    expect(outcome.error?.message).toBe('execution reverted: Multicall3: call failed');
    expect(toHex(outcome.returnData)).toBe(toHex(encodeErrorString('Multicall3: call failed')));
    // Some of the gas comes back: a revert is not a failure.
    expect(outcome.gasUsed).toBeLessThan(10_000_000n);
  });

  it('tells the block where the old functions do', () => {
    const { block, probe } = openBlock({ height: 42 });
    const good = { target: toHex(probe), callData: toHex(calldata('get')) };
    const bad = { target: toHex(probe), callData: '0x01020304' };
    const seven = toHex(fixedBytes(7n, 32));
    const zero = `0x${'00'.repeat(32)}`;
    const ask = (name: string, ...args: readonly unknown[]): unknown =>
      multicallResult(name, send(block, name, args).returnData);
    expect(ask('aggregate', [good])).toEqual([42n, [seven]]);
    const results = [
      { success: true, returnData: seven },
      { success: false, returnData: '0x' },
    ];
    expect(ask('tryAggregate', false, [good, bad])).toEqual(results);
    expect(ask('tryBlockAndAggregate', false, [good, bad])).toEqual([42n, zero, results]);
    expect(ask('blockAndAggregate', [good])).toEqual([42n, zero, results.slice(0, 1)]);
  });

  it('has a getter for everything of the block', () => {
    const height = 1_000;
    const mixHash = keccak256(Uint8Array.of(1));
    const { block } = openBlock({ height, mixHash });
    const ask = (name: string, ...args: readonly unknown[]): unknown =>
      multicallResult(name, send(block, name, args).returnData);
    const hashOf = (number: number): string => toHex(CONTEXT.hashAt(number) ?? EMPTY_BYTES);
    const zero = `0x${'00'.repeat(32)}`;
    expect(ask('getBlockNumber')).toBe(1_000n);
    expect(String(ask('getCurrentBlockCoinbase')).toLowerCase()).toBe(toHex(CONTEXT.coinbase));
    expect(ask('getCurrentBlockDifficulty')).toBe(BigInt(toHex(mixHash)));
    expect(ask('getCurrentBlockGasLimit')).toBe(CONTEXT.gasLimit);
    expect(ask('getCurrentBlockTimestamp')).toBe(BigInt(CONTEXT.timestamp));
    expect(ask('getBasefee')).toBe(CONTEXT.baseFeePerGas);
    expect(ask('getChainId')).toBe(CONTEXT.chainId);
    expect(ask('getEthBalance', toHex(BOB))).toBe(0n);
    block.send(ALICE, { to: BOB, value: 77n });
    expect(ask('getEthBalance', toHex(BOB))).toBe(77n);
    expect(ask('getLastBlockHash')).toBe(hashOf(999));
    expect(ask('getBlockHash', 999n)).toBe(hashOf(999));
    expect(ask('getBlockHash', 744n)).toBe(hashOf(744));
    for (const unknown of [743n, 1_000n, 1_001n, 2n ** 256n - 1n]) {
      expect(ask('getBlockHash', unknown)).toBe(zero);
    }
  });

  it('has no hash of a block before the first', () => {
    const { block } = openBlock({ height: 0 });
    const zero = `0x${'00'.repeat(32)}`;
    const outcome = send(block, 'getLastBlockHash', []);
    expect(multicallResult('getLastBlockHash', outcome.returnData)).toBe(zero);
  });

  it('cannot be asked by a node that lacks the block: the transaction is not included', () => {
    const { block, probe } = openBlock({ height: 10, hashAt: () => undefined });
    const nonce = block.journal.nonce(ALICE.address);
    const balance = block.journal.balance(ALICE.address);
    const calls = [
      call3(probe, calldata('set', 1n)),
      call3(MULTICALL, multicallData('getBlockHash', 9n), true),
    ];
    expect(() => send(block, 'aggregate3', [calls])).toThrow(
      expect.objectContaining({ code: 'BLOCK_HASH_MISSING' }),
    );
    expect(block.journal.nonce(ALICE.address)).toBe(nonce);
    expect(block.journal.balance(ALICE.address)).toBe(balance);
    expect(block.read(ALICE, probe, 'get')).toBe(7n);
  });

  it.each([
    ['no selector', EMPTY_BYTES],
    ['half a selector', Uint8Array.of(0x82, 0xad)],
    ['an unknown selector', Uint8Array.of(1, 2, 3, 4)],
    ['no arguments', multicallData('aggregate3', []).subarray(0, 4)],
    ['half a word', multicallData('aggregate3', []).subarray(0, 50)],
    ['a balance of what is no address', multicallData('getEthBalance', toHex(BOB)).fill(1, 4, 5)],
    ['a boolean of two', multicallData('tryAggregate', true, []).fill(2, 35, 36)],
  ])('reverts without data for %s', (_, data) => {
    const { block } = openBlock();
    const outcome = block.send(ALICE, { to: MULTICALL, data });
    expect(outcome).toMatchObject({ status: 0, returnData: EMPTY_BYTES });
    expect(outcome.error?.code).toBe('CALL_REVERTED');
    expect(outcome.gasUsed).toBeLessThan(100_000n);
  });

  it('takes no wei where the published contract takes none', () => {
    const { block } = openBlock();
    expect(send(block, 'getBlockNumber', [], 1n).status).toBe(0);
    expect(block.send(ALICE, { to: MULTICALL, value: 1n }).status).toBe(0);
    expect(send(block, 'aggregate3', [[]], 1n).status).toBe(1);
    expect(block.journal.balance(MULTICALL)).toBe(1n);
  });
});

describe('aggregate3Value', () => {
  it('hands the value on, each call its own', () => {
    const { block, probe } = openBlock();
    const calls = [
      call3Value(BOB, 3n, EMPTY_BYTES),
      call3Value(probe, 4n, calldata('pay')),
      call3Value(CAROL, 5n, EMPTY_BYTES),
    ];
    expect(send(block, 'aggregate3Value', [calls], 12n).status).toBe(1);
    const balances = [BOB, probe, CAROL, MULTICALL].map((each) => block.journal.balance(each));
    expect(balances).toEqual([3n, 4n, 5n, 0n]);
  });

  it('reverts when the values are not what came, and then nothing has moved', () => {
    const { block } = openBlock();
    const outcome = send(block, 'aggregate3Value', [[call3Value(BOB, 3n, EMPTY_BYTES)]], 4n);
    expect(outcome.error?.message).toBe('execution reverted: Multicall3: value mismatch');
    expect(block.journal.account(BOB)).toBeUndefined();
    expect(block.journal.account(MULTICALL)?.balance).toBe(0n);
  });

  it('returns one word too many with the reason, as the published contract does', () => {
    const { block, probe } = openBlock();
    const calls = [call3Value(probe, 0n, Uint8Array.of(1, 2, 3, 4))];
    const { returnData } = send(block, 'aggregate3Value', [calls]);
    const reason = encodeErrorString('Multicall3: call failed');
    expect(returnData).toEqual(concatBytes(reason, new Uint8Array(32)));
  });

  it('fails in a call for which there are not enough wei', () => {
    const { block } = openBlock();
    const calls = [
      call3Value(BOB, 3n, EMPTY_BYTES, true),
      call3Value(BOB, 2n ** 256n - 1n, EMPTY_BYTES, true),
    ];
    const outcome = send(block, 'aggregate3Value', [calls], 2n);
    // The sum is taken modulo 2²⁵⁶.
    expect(outcome.status).toBe(1);
    expect(multicallResult('aggregate3Value', outcome.returnData)).toEqual([
      { success: false, returnData: '0x' },
      { success: false, returnData: '0x' },
    ]);
    expect(block.journal.balance(MULTICALL)).toBe(2n);
  });

  it('leaves the wei of a call that fails with the contract', () => {
    const { block, probe } = openBlock();
    const calls = [call3Value(probe, 6n, Uint8Array.of(1, 2, 3, 4), true)];
    expect(send(block, 'aggregate3Value', [calls], 6n).status).toBe(1);
    expect(block.journal.balance(probe)).toBe(0n);
    expect(block.journal.balance(MULTICALL)).toBe(6n);
  });
});

describe('a call within a call', () => {
  const nested = (calls: readonly object[], allowFailure = false): ReturnType<typeof call3> =>
    call3(MULTICALL, multicallData('aggregate3', calls), allowFailure);

  it('that fails takes back storage, logs, wei and accounts, but only its own', () => {
    const { block, probe } = openBlock();
    const inner = multicallData('aggregate3Value', [
      call3Value(probe, 0n, calldata('set', 99n)),
      call3Value(probe, 0n, calldata('noteIt', 2n, 'inner')),
      call3Value(CAROL, 1n, EMPTY_BYTES),
      call3Value(probe, 0n, Uint8Array.of(1, 2, 3, 4)),
    ]);
    const outcome = send(
      block,
      'aggregate3Value',
      [
        [
          call3Value(probe, 0n, calldata('set', 11n)),
          call3Value(probe, 0n, calldata('noteIt', 1n, 'before')),
          call3Value(MULTICALL, 1n, inner, true),
          call3Value(probe, 0n, calldata('noteIt', 1n, 'after')),
        ],
      ],
      1n,
    );
    expect(outcome.status).toBe(1);
    const texts = outcome.logs.map(({ data }) => new TextDecoder().decode(data));
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain('before');
    expect(texts[1]).toContain('after');
    expect(block.journal.account(CAROL)).toBeUndefined();
    expect(block.journal.balance(MULTICALL)).toBe(1n);
    expect(block.read(ALICE, probe, 'get')).toBe(11n);
    // A frame that failed has still involved its accounts.
    expect(outcome.participants).toEqual([probe, CAROL]);
  });

  it('that fails makes cold again what it had accessed (EIP-2929)', () => {
    const gasOf = (before: readonly object[]): bigint => {
      const { block, probe } = openBlock();
      const measured = send(block, 'aggregate3', [[...before, call3(probe, calldata('get'))]]);
      const alone = send(block, 'aggregate3', [before]);
      expect([measured.status, alone.status]).toEqual([1, 1]);
      return measured.gasUsed - alone.gasUsed;
    };
    const { probe } = openBlock();
    const get = call3(probe, calldata('get'));
    const fails = call3(probe, Uint8Array.of(1, 2, 3, 4));
    const cold = gasOf([]);
    const afterFailure = gasOf([nested([get, fails], true)]);
    const afterSuccess = gasOf([nested([get])]);
    const coldCosts = RULES.gasColdAccount + RULES.gasColdSlot - 2n * RULES.gasWarmRead;
    // Up to a handful of gas for the words of the longer calldata and result.
    expect(cold - afterSuccess).toBeGreaterThan(coldCosts - 20n);
    expect(afterFailure - afterSuccess).toBe(coldCosts);
  });

  it('that fails does not count the gas that it would have got back', () => {
    const { block, probe } = openBlock();
    const clear = call3(probe, calldata('set', 0n));
    const fails = call3(probe, Uint8Array.of(1, 2, 3, 4));
    const failed = send(block, 'aggregate3', [[nested([clear, fails], true)]]);
    expect([failed.status, failed.refund]).toEqual([1, 0n]);
    const done = send(block, 'aggregate3', [[nested([clear])]]);
    expect([done.status, done.refund > 0n]).toEqual([1, true]);
  });

  it('sees what the calls before it wrote, and restores a slot to the word of the transaction', () => {
    const { block, probe } = openBlock();
    const set = (value: bigint): object => call3(probe, calldata('set', value));
    const outcome = send(block, 'aggregate3', [[set(8n), nested([set(9n)]), set(7n)]]);
    // 7 → 8 → 9 → 7: the last write gives back 2,900 − 100 (EIP-2200, EIP-3529).
    expect(outcome.refund).toBe(2_800n);
    expect(block.journal.storage(probe, variableSlot('count'))).toBeDefined();
    expect(block.read(ALICE, probe, 'get')).toBe(7n);
  });

  const depth = (levels: number): Uint8Array => {
    let data = multicallData('aggregate3', []);
    for (let level = 1; level < levels; level += 1) {
      data = multicallData('aggregate3', [call3(MULTICALL, data)]);
    }
    return data;
  };

  it('may be as deep as the rules say, and not deeper', () => {
    const { block } = openBlock({ rules: { ...RULES, maxCallDepth: 10n } });
    expect(block.send(ALICE, { to: MULTICALL, data: depth(10) }).status).toBe(1);
    const outcome = block.send(ALICE, { to: MULTICALL, data: depth(11) });
    expect(outcome.error?.message).toBe('execution reverted: Multicall3: call failed');
    // A frame that cannot begin costs its caller nothing.
    expect(outcome.gasUsed).toBeLessThan(1_000_000n);
  });

  it('may be as deep as any rules allow without the node running out of stack', () => {
    const gasLimit = 20_000_000n;
    const { block } = openBlock({ rules: { ...RULES, maxCallDepth: 256n } });
    const run = (levels: number): TransactionOutcome =>
      block.send(ALICE, { to: MULTICALL, data: depth(levels), gasLimit });
    expect(run(256).status).toBe(1);
    expect(run(257).error?.code).toBe('CALL_REVERTED');
  });

  it('may not be one of more than the rules allow in a transaction', () => {
    const { block } = openBlock({ rules: { ...RULES, maxTransactionFrames: 5n } });
    const to = (count: number): object[] =>
      Array.from({ length: count }, () => call3(BOB, EMPTY_BYTES));
    expect(send(block, 'aggregate3', [to(4)]).status).toBe(1);
    const outcome = send(block, 'aggregate3', [to(5)]);
    expect(outcome.error?.code).toBe('FRAME_LIMIT');
    expect(outcome.gasUsed).toBe(10_000_000n);
    // The frame that makes one too many fails; who has called it goes on.
    expect(send(block, 'aggregate3', [[nested(to(9), true)]]).status).toBe(1);
  });

  it('gets all gas but a sixty-fourth', () => {
    const { block, probe } = openBlock();
    const calls = [call3(probe, calldata('spin'), true), call3(BOB, EMPTY_BYTES)];
    const outcome = send(block, 'aggregate3', [calls]);
    expect(outcome.status).toBe(1);
    const left = 10_000_000n - outcome.gasUsed;
    expect(left).toBeGreaterThan(140_000n);
    expect(left).toBeLessThan(10_000_000n / 64n);
  });
});

describe('the room of a result', () => {
  it('costs more than in proportion', () => {
    const { block, probe } = openBlock();
    const gasOf = (count: number, rules: typeof RULES): bigint => {
      const calls = Array.from({ length: count }, () => call3(probe, calldata('get')));
      const other = new OpenBlock(block.journal, { rules });
      return send(other, 'aggregate3', [calls]).gasUsed;
    };
    const flat = { ...RULES, nativeMemoryQuotient: 2n ** 63n };
    const words = (count: number): bigint => 5n * BigInt(count);
    for (const count of [1, 50, 200]) {
      const more = gasOf(count, RULES) - gasOf(count, flat);
      expect(more).toBe((words(count) * words(count)) / RULES.nativeMemoryQuotient);
    }
  });

  it('has a limit', () => {
    const { block, probe } = openBlock();
    const calls = [call3(probe, calldata('get')), call3(probe, calldata('get'))];
    const run = (maxNativeResultBytes: bigint): TransactionOutcome =>
      send(
        new OpenBlock(block.journal, { rules: { ...RULES, maxNativeResultBytes } }),
        'aggregate3',
        [calls],
      );
    expect(run(320n).status).toBe(1);
    expect(run(319n).error?.code).toBe('NATIVE_RESULT_LIMIT');
  });
});

describe('native code', () => {
  it('cannot be deployed', () => {
    const { block } = openBlock();
    for (const data of [nativeCode('multicall3'), fromHex('0xef5a4e')]) {
      const outcome = block.send(ALICE, { to: null, data, gasLimit: 1_000_000n });
      expect(outcome).toMatchObject({ status: 0, gasUsed: 1_000_000n });
      expect(outcome.error?.code).toBe('NATIVE_CODE_RESERVED');
    }
  });

  it('of another version or name does not run', () => {
    const codes = [fromHex('0xef5a4e02'), concatBytes(nativeCode('multicall3'), Uint8Array.of(1))];
    for (const code of codes) {
      const accounts = [
        [ALICE.address, { balance: ETHER }],
        [BOB, { codeHash: keccak256(code) }],
      ] as const;
      const outcome = new OpenBlock(nativeState(accounts, [code])).send(ALICE, { to: BOB });
      expect(outcome.error?.code).toBe('ENGINE_MISSING');
    }
  });

  it('is at different addresses', () => {
    const addresses = Object.values(NATIVE_ADDRESSES).map((address) => toHex(address));
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});
