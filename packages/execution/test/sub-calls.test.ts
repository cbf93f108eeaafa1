import { fromHex, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import type { BlockContext } from '../src/context.ts';
import type { TransactionOutcome } from '../src/outcome.ts';
import { executeTransaction } from '../src/transaction.ts';
import {
  ACTOR,
  compileClean,
  deployContract,
  numbersOf,
  ranLogs,
  type Step,
  script,
} from './actors.ts';
import { OpenBlock } from './contracts.ts';
import { call3, MULTICALL, multicallData, multicallResult, nativeState } from './natives.ts';
import { ETHER, RULES, signer, strangerAddress } from './support.ts';

const ALICE = signer(1);
const STRANGER = strangerAddress(9);
const FUNDS = 1_000n;

type Stage = {
  readonly block: OpenBlock;
  readonly actors: readonly [Uint8Array, Uint8Array, Uint8Array];
};

/** A block with three actors, the first of which has some wei. */
function stage(change: Partial<BlockContext> = {}): Stage {
  const block = new OpenBlock(nativeState([[ALICE.address, { balance: ETHER }]]), change);
  const actor = (): Uint8Array => deployContract(block, ALICE, ACTOR);
  const actors = [actor(), actor(), actor()] as const;
  expect(block.send(ALICE, { to: actors[0], value: FUNDS }).status).toBe(1);
  return { block, actors };
}

const perform = (
  { block, actors }: Stage,
  steps: readonly Step[],
  change: { readonly value?: bigint; readonly gasLimit?: bigint } = {},
): TransactionOutcome => block.send(ALICE, { to: actors[0], data: script(steps), ...change });

/** What a failure of the steps says to a handler: `fine` without one. */
function reasonOf({ block, actors }: Stage, steps: readonly Step[]): unknown {
  const { returnData, error } = block.send(ALICE, {
    to: actors[0],
    data: script(steps, 'reason'),
  });
  expect(error).toBeUndefined();
  const data = toHex(returnData) as Hex;
  return decodeFunctionResult({ abi: ACTOR.abi as Abi, functionName: 'reason', data });
}

const numbers = ({ block, actors }: Stage): unknown =>
  actors.map((actor) => numbersOf(block, ALICE, actor));

const call = (
  to: Uint8Array,
  steps: readonly Step[],
  wei = 0n,
  gas: bigint | null = null,
): Step => ['call', to, steps, wei, gas];
const staticCall = (to: Uint8Array, steps: readonly Step[]): Step => ['static', to, steps, null];
const delegate = (to: Uint8Array, steps: readonly Step[]): Step => ['delegate', to, steps, null];
const add = (n: bigint): Step => ['add', n];

describe('a call of another contract', () => {
  it('brings value, and the caller as the one who calls', () => {
    const on = stage();
    const [a, b, c] = on.actors;
    const outcome = perform(on, [call(b, [['log'], call(c, [['log']], 30n)], 50n), ['log']], {
      value: 7n,
    });
    expect(outcome.status).toBe(1);
    expect(ranLogs(outcome)).toEqual([
      { actor: toHex(b), caller: toHex(a), wei: 50n, count: 0n },
      { actor: toHex(c), caller: toHex(b), wei: 30n, count: 0n },
      { actor: toHex(a), caller: toHex(ALICE.address), wei: 7n, count: 0n },
    ]);
    const { journal } = on.block;
    expect(on.actors.map((each) => journal.balance(each))).toEqual([FUNDS + 7n - 50n, 20n, 30n]);
  });

  it('sends wei to accounts without code, which pays for a new one', () => {
    const on = stage();
    const first = perform(on, [['send', STRANGER, 5n]]);
    const second = perform(on, [['send', STRANGER, 5n]]);
    expect(on.block.journal.balance(STRANGER)).toBe(10n);
    expect(first.gasUsed - second.gasUsed).toBe(RULES.gasNewAccount);
  });

  it.each<[string, (on: Stage) => Step, string]>([
    [
      'more than there is',
      ({ actors }) => call(actors[1], [], FUNDS + 1n),
      'the call sends more than there is',
    ],
    ['an account without code', () => call(STRANGER, []), 'no contract at the address'],
    ['code of an account without', () => delegate(STRANGER, []), 'no contract at the address'],
    ['a revert', ({ actors }) => call(actors[1], [add(1n), ['fail']]), 'no'],
    ['a panic', ({ actors }) => call(actors[1], [add(1n), ['divide']]), 'division by zero'],
    ['too little gas', ({ actors }) => ['burn', actors[1], 30_000n], 'the call used up its gas'],
    ['no gas at all', ({ actors }) => call(actors[1], [], 0n, 0n), 'the call used up its gas'],
    [
      'a write in a static call',
      ({ actors }) => staticCall(actors[1], [add(1n)]),
      'the call writes, which it must not',
    ],
    [
      'a log in a static call',
      ({ actors }) => staticCall(actors[1], [['log']]),
      'the call writes, which it must not',
    ],
    [
      'wei in a static call',
      ({ actors }) => staticCall(actors[1], [call(actors[2], [], 1n)]),
      'the call writes, which it must not',
    ],
    [
      'a write in a call of a static one',
      ({ actors }) => staticCall(actors[1], [call(actors[2], [add(1n)])]),
      'the call writes, which it must not',
    ],
    [
      'a write of delegated code in a static one',
      ({ actors }) => staticCall(actors[1], [delegate(actors[2], [add(1n)])]),
      'the call writes, which it must not',
    ],
    ['a limit', () => ['spin'], 'gas limit of spin used up'],
    ['an unknown function', ({ actors }) => ['raw', actors[1], Uint8Array.of(1, 2, 3, 4)], ''],
  ])('that fails for %s leaves nothing, and says why', (_, step, reason) => {
    const on = stage();
    const before = numbers(on);
    expect(reasonOf(on, [add(3n), step(on)])).toBe(reason);
    expect(numbers(on)).toEqual(before);
    const { journal } = on.block;
    expect(on.actors.map((each) => journal.balance(each))).toEqual([FUNDS, 0n, 0n]);
    // Not caught, it takes the transaction with it.
    const outcome = perform(on, [add(3n), ['pay', STRANGER, 1n], step(on)]);
    expect(outcome).toMatchObject({ status: 0, logs: [] });
    expect(numbers(on)).toEqual(before);
    expect(journal.balance(STRANGER)).toBe(0n);
  });

  it('passes on the words of a failure that nobody catches', () => {
    const on = stage();
    const [, b, c] = on.actors;
    const outcome = perform(on, [call(b, [call(c, [['fail']])])]);
    expect(outcome.error).toMatchObject({
      code: 'CALL_REVERTED',
      message: 'execution reverted: no',
    });
    const panicked = perform(on, [call(b, [call(c, [['divide']])])]);
    expect(panicked.error?.message).toBe('execution reverted: panic 0x12');
  });

  it('leaves what the caller did around it when its failure is caught', () => {
    const on = stage();
    const [, b, c] = on.actors;
    const failing = call(b, [add(1n), ['log'], call(c, [add(1n), ['log']], 5n), ['fail']], 10n);
    const outcome = perform(on, [add(2n), ['log'], ['try', [add(4n), ['log'], failing]], ['log']]);
    expect(outcome.status).toBe(1);
    expect(ranLogs(outcome).map(({ count }) => count)).toEqual([2n, 2n]);
    expect(numbers(on)).toEqual([
      [2, 1],
      [0, 0],
      [0, 0],
    ]);
    expect(on.actors.map((each) => on.block.journal.balance(each))).toEqual([FUNDS, 0n, 0n]);
  });
});

describe('gas of calls', () => {
  it('that is used up without a cap is all of the transaction', () => {
    const on = stage();
    // So much that what the caller keeps back, one part in 64, would be enough to go on.
    const gasLimit = 20_000_000n;
    const steps: readonly Step[] = [['try', [['burn', on.actors[1], null]]]];
    expect(perform(on, steps, { gasLimit })).toMatchObject({
      status: 0,
      gasUsed: gasLimit,
      error: { code: 'OUT_OF_GAS' },
    });
    // So is a cap that is more than there is: what happens must not depend on what is left.
    const capped: readonly Step[] = [['try', [['burn', on.actors[1], 10n ** 9n]]]];
    expect(perform(on, capped, { gasLimit }).error?.code).toBe('OUT_OF_GAS');
  });

  it('a cap is what it costs at most', () => {
    const on = stage();
    const [, b] = on.actors;
    const used = (gas: bigint): bigint => perform(on, [['try', [['burn', b, gas]]]]).gasUsed;
    const first = used(50_000n);
    expect(used(60_000n) - used(50_000n)).toBe(10_000n);
    expect(first).toBeGreaterThan(50_000n);
  });

  it('of all frames are refunded together, and not those of one that fails', () => {
    const on = stage();
    const [, b, c] = on.actors;
    perform(on, [add(5n), call(b, [add(5n), call(c, [add(5n)])])]);
    const { refundSlotClear } = RULES;
    const clearing = call(b, [['clear'], call(c, [['clear']])]);
    const kept = perform(on, [call(b, [add(1n)]), ['try', [clearing, ['fail']]]]);
    expect(kept.refund).toBe(0n);
    const inner = call(b, [['clear'], ['try', [call(c, [['clear'], ['fail']])]]]);
    expect(perform(on, [inner]).refund).toBe(refundSlotClear);
    expect(perform(on, [['clear'], call(c, [['clear']]), ['try', [['spin']]]]).refund).toBe(
      2n * refundSlotClear,
    );
  });

  it('is that of cold accounts and slots again after what accessed them is taken back', () => {
    const on = stage();
    const [a, b] = on.actors;
    const { journal, context } = on.block;
    const told = new Map<string, number>();
    const tell = (key: string): void => {
      told.set(key, (told.get(key) ?? 0) + 1);
    };
    const access = {
      address: (address: Uint8Array) => tell(toHex(address)),
      slot: (address: Uint8Array) => tell(`slot of ${toHex(address)}`),
    };
    const accesses = (steps: readonly Step[]): readonly (number | undefined)[] => {
      told.clear();
      const tx = on.block.sign(ALICE, { to: a, data: script(steps) });
      expect(executeTransaction(journal, context, tx, context.gasLimit, { access }).status).toBe(1);
      return [told.get(toHex(b)), told.get(`slot of ${toHex(b)}`)];
    };
    const once = call(b, [add(1n)]);
    expect(accesses([once])).toEqual([1, 1]);
    expect(accesses([once, once])).toEqual([1, 1]);
    expect(accesses([['try', [once, ['fail']]], once])).toEqual([2, 2]);
    // The account was accessed by a frame that goes on, the slot by the one that failed.
    expect(accesses([['try', [call(b, [add(1n), ['fail']])]], once])).toEqual([2, 2]);
    expect(accesses([once, ['try', [call(b, [add(1n), ['fail']])]], once])).toEqual([1, 1]);
  });
});

describe('a static call', () => {
  it('sees what was written before it, and so do calls within it', () => {
    const on = stage();
    const [, b, c] = on.actors;
    const steps = [call(b, [add(4n)]), staticCall(b, [['view', c], staticCall(c, [])])];
    expect(reasonOf(on, steps)).toBe('fine');
  });
});

describe('a delegated call', () => {
  it('runs on the state of the caller, as whom the caller was called', () => {
    const on = stage();
    const [a, b, c] = on.actors;
    const steps = [delegate(b, [add(3n), ['log'], call(c, [['log'], add(1n)], 20n)])];
    const outcome = perform(on, steps, { value: 9n });
    expect(ranLogs(outcome)).toEqual([
      { actor: toHex(a), caller: toHex(ALICE.address), wei: 9n, count: 3n },
      { actor: toHex(c), caller: toHex(a), wei: 20n, count: 0n },
    ]);
    expect(numbers(on)).toEqual([
      [3, 0],
      [0, 0],
      [1, 0],
    ]);
    expect(on.actors.map((each) => on.block.journal.balance(each))).toEqual([
      FUNDS + 9n - 20n,
      0n,
      20n,
    ]);
  });

  it('leaves nothing when it fails, not even what it recorded of the code', () => {
    const on = stage();
    const [a, b] = on.actors;
    const before = on.block.journal.diff().storage.length;
    perform(on, [
      ['try', [delegate(b, [add(1n), ['fail']])]],
      ['try', [['fail']]],
    ]);
    expect(numbersOf(on.block, ALICE, a)).toEqual([0, 2]);
    // `failures` is the only new word.
    expect(on.block.journal.diff().storage.length).toBe(before + 1);
    perform(on, [delegate(b, [])]);
    // Two variables, and the code.
    expect(on.block.journal.diff().storage.length).toBe(before + 1 + 3);
  });

  it('is checked once for each code: then it costs a read', () => {
    const on = stage();
    const steps = [delegate(on.actors[1], [])];
    const [first, second, third] = [perform(on, steps), perform(on, steps), perform(on, steps)];
    expect(first.gasUsed - second.gasUsed).toBeGreaterThan(3n * 20_000n);
    expect(third.gasUsed).toBe(second.gasUsed);
    // The other actor has the same code.
    expect(perform(on, [delegate(on.actors[2], [])]).gasUsed).toBe(third.gasUsed);
  });

  it('of code that takes a variable for something else is refused', () => {
    const on = stage();
    const other = deployContract(
      on.block,
      ALICE,
      compileClean(`contract Other {
        data count: map<address, integer> = {}
        payable action run(steps: any) { count[TX.caller] = 1; require(steps == steps) }
        view action of(who: address) -> integer { return count[who] }
      }`),
    );
    expect(reasonOf(on, [delegate(other, [])])).toBe('incompatible state layout: count');
    const within = staticCall(on.actors[1], [delegate(other, [])]);
    expect(reasonOf(on, [within])).toBe('incompatible state layout: count');
  });

  it('of another kind of code runs that', () => {
    const on = stage();
    const block = multicallData('getBlockNumber');
    expect(reasonOf(on, [['raw', MULTICALL, block]])).toBe('fine');
  });

  it('in a static call may read, and records nothing', () => {
    const on = stage();
    const [, b, c] = on.actors;
    const before = on.block.journal.diff().storage.length;
    expect(reasonOf(on, [staticCall(b, [delegate(c, [['view', c]])])])).toBe('fine');
    expect(on.block.journal.diff().storage.length).toBe(before);
  });
});

describe('calls of a contract that waits for them', () => {
  const reentered = 'reentrant call';

  it.each<[string, (on: Stage) => Step]>([
    ['directly', ({ actors: [a] }) => call(a, [])],
    ['through another one', ({ actors: [a, b] }) => call(b, [call(a, [])])],
    ['through two', ({ actors: [a, b, c] }) => call(b, [call(c, [call(a, [])])])],
    ['of one in between', ({ actors: [, b, c] }) => call(b, [call(c, [call(b, [])])])],
    ['from delegated code', ({ actors: [a, b] }) => delegate(b, [call(a, [])])],
    [
      'through another one from delegated code',
      ({ actors: [a, b, c] }) => delegate(b, [call(c, [call(a, [])])]),
    ],
    [
      'by code that is delegated to in the other',
      ({ actors: [a, b, c] }) => call(b, [delegate(c, [call(a, [])])]),
    ],
    [
      'through Multicall3',
      ({ actors: [a] }) => ['raw', MULTICALL, multicallData('aggregate3', [call3(a, script([]))])],
    ],
  ])('%s are refused', (_, step) => {
    const on = stage();
    const before = numbers(on);
    const reason = reasonOf(on, [add(1n), step(on)]);
    // Multicall3 has words of its own.
    expect(reason).toBe(String(_).includes('Multicall3') ? 'Multicall3: call failed' : reentered);
    expect(perform(on, [add(1n), step(on)]).status).toBe(0);
    expect(numbers(on)).toEqual(before);
    expect(perform(on, [add(1n), ['try', [step(on)]]]).status).toBe(1);
    expect(numbersOf(on.block, ALICE, on.actors[0])).toEqual([1, 1]);
  });

  it.each<[string, (on: Stage) => Step]>([
    ['that are static', ({ actors: [a] }) => staticCall(a, [])],
    ['that are static, through another one', ({ actors: [a, b] }) => call(b, [staticCall(a, [])])],
    ['within a static one', ({ actors: [a, b] }) => staticCall(b, [call(a, [])])],
    ['of views', ({ actors: [a] }) => ['view', a]],
    ['of views through another one', ({ actors: [a, b] }) => call(b, [['view', a]])],
    ['of delegated code', ({ actors: [a, b] }) => delegate(b, [delegate(a, [add(1n)])])],
    [
      'of code that another one is delegated to',
      ({ actors: [a, b] }) => call(b, [delegate(a, [add(1n)])]),
    ],
  ])('%s are allowed', (_, step) => {
    const on = stage();
    expect(reasonOf(on, [step(on)])).toBe('fine');
  });

  it('that follow each other are not within each other', () => {
    const on = stage();
    const [, b] = on.actors;
    expect(perform(on, [call(b, [add(1n)]), call(b, [add(1n)])]).status).toBe(1);
    expect(numbersOf(on.block, ALICE, b)).toEqual([2, 0]);
    const calls = [1n, 2n].map((n) => call3(b, script([add(n)])));
    const data = multicallData('aggregate3', calls);
    const outcome = on.block.send(ALICE, { to: MULTICALL, data });
    expect(multicallResult('aggregate3', outcome.returnData)).toMatchObject([
      { success: true },
      { success: true },
    ]);
    expect(numbersOf(on.block, ALICE, b)).toEqual([5, 0]);
  });

  it('see what it has written when they read', () => {
    const block = new OpenBlock(nativeState([[ALICE.address, { balance: ETHER }]]));
    const contract = compileClean(`contract Seer {
      data n: integer = 1
      view action get() -> integer { return n }
      action look(other: address) -> integer {
        n = 5
        return contract_call(other, "ask(address)->(uint256)", [this])
      }
      action ask(who: address) -> integer {
        return contract_call(who, "get()->(uint256)")
      }
    }`);
    const first = deployContract(block, ALICE, contract);
    const other = deployContract(block, ALICE, contract);
    const data = encodeFunctionData({
      abi: contract.abi as Abi,
      functionName: 'look',
      args: [toHex(other)],
    });
    const outcome = block.send(ALICE, { to: first, data: fromHex(data) });
    expect(BigInt(toHex(outcome.returnData))).toBe(5n);
  });
});

describe('the bounds on frames', () => {
  /** Calls of actors in turn, each within the one before it. */
  function chain({ actors }: Stage, length: number, last: readonly Step[]): readonly Step[] {
    let steps = last;
    for (let level = length; level > 0; level -= 1) {
      // Static ones: an actor may then be called again within itself.
      steps = [staticCall(actors[level % 3]!, steps)];
    }
    return steps;
  }

  it('a call that is too deep fails, and can be caught', () => {
    const on = stage({ rules: { ...RULES, maxCallDepth: 5n } });
    expect(reasonOf(on, chain(on, 4, []))).toBe('fine');
    expect(reasonOf(on, chain(on, 5, []))).toBe('the call is too deep');
    expect(reasonOf(on, [call(on.actors[1], chain(on, 3, []))])).toBe('fine');
    expect(perform(on, [add(1n), ['try', chain(on, 5, [])]]).status).toBe(1);
    expect(numbersOf(on.block, ALICE, on.actors[0])).toEqual([1, 1]);
  });

  it('one frame too many is the end of the one that begins it', () => {
    const on = stage({ rules: { ...RULES, maxTransactionFrames: 4n } });
    const [, b, c] = on.actors;
    const many = (count: number): Step =>
      call(
        b,
        Array.from({ length: count }, () => call(c, [])),
      );
    expect(reasonOf(on, [many(2)])).toBe('fine');
    expect(reasonOf(on, [add(1n), many(3)])).toBe('the call failed');
    const outcome = perform(on, [call(b, []), call(b, []), call(b, []), call(b, [])]);
    expect(outcome).toMatchObject({ status: 0, error: { code: 'FRAME_LIMIT' } });
    expect(outcome.gasUsed).toBe(10_000_000n);
  });
});

describe('statistics of a transaction', () => {
  it('count frames, reads, writes and logs of all contracts, also of what was taken back', () => {
    const on = stage();
    const [, b] = on.actors;
    const plain = perform(on, []).statistics;
    expect(plain).toMatchObject({ frames: 1, stateWrites: 0, logs: 0 });
    const inner = [add(1n), ['log'] as const];
    const { statistics } = perform(on, [call(b, inner), ['try', [call(b, [...inner, ['fail']])]]]);
    expect(statistics).toMatchObject({ frames: 3, logs: 2, stateWrites: 3 });
    expect(statistics.stateReads).toBeGreaterThanOrEqual(4);
    expect(statistics.actionCalls).toBeGreaterThan(plain.actionCalls);
  });
});

it('contracts check signatures with the engine of the chain', () => {
  let asked = 0;
  const signatures = {
    ...pureSignatureEngine,
    recover: (...parts: Parameters<typeof pureSignatureEngine.recover>): Uint8Array => {
      asked += 1;
      return pureSignatureEngine.recover(...parts);
    },
  };
  const block = new OpenBlock(nativeState([[ALICE.address, { balance: ETHER }]]), { signatures });
  const contract = compileClean(`contract C {
    action who(digest: bytes32, signature: bytes) -> address {
      return recover_address(digest, signature)
    }
  }`);
  const to = deployContract(block, ALICE, contract);
  const digest = new Uint8Array(32).fill(5);
  const { bytes, recovery } = pureSignatureEngine.sign(digest, ALICE.key);
  const signature = toHex(Uint8Array.of(...bytes, 27 + recovery));
  const abi = contract.abi as Abi;
  const args = [toHex(digest), signature];
  const data = fromHex(encodeFunctionData({ abi, functionName: 'who', args }));
  const outcome = block.send(ALICE, { to, data });
  expect(toHex(outcome.returnData.slice(12))).toBe(toHex(ALICE.address));
  expect(asked).toBe(1);
});
