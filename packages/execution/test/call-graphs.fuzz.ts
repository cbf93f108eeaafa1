import { toHex } from '@lucerna/base';
import type { CallTrace } from '@lucerna/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { estimateGas } from '../src/call.ts';
import { traceCall } from '../src/trace/trace.ts';
import { ACTOR, deployContract, numbersOf, ranLogs, type Step, script } from './actors.ts';
import { OpenBlock } from './contracts.ts';
import { nativeState } from './natives.ts';
import { CONTEXT, signer, strangerAddress } from './support.ts';

const ALICE = signer(1);
/** So much that a frame which takes all it is given leaves enough to go on with. */
const HUGE_GAS = 9n * 10n ** 15n;
const FUNDS = 100n;
const STRANGER = 3;

/** Steps with indexes of accounts: three actors, then a stranger. */
type Plan = readonly (
  | readonly [kind: 'add' | 'clear' | 'divide' | 'fail' | 'log' | 'spin']
  | readonly [kind: 'burn' | 'view', to: number]
  | readonly [kind: 'pay', to: number, wei: number]
  | readonly [kind: 'call', to: number, plan: Plan, wei: number]
  | readonly [kind: 'delegate' | 'static', to: number, plan: Plan]
  | readonly [kind: 'limited' | 'try', plan: Plan]
)[];

const account = fc.nat({ max: STRANGER });
const actor = fc.nat({ max: STRANGER - 1 });
const wei = fc.oneof(fc.constant(0), fc.nat({ max: 130 }));

/** Plans; `limited` as well where gas is what matters. */
function plans(withLimits: boolean): fc.Arbitrary<Plan> {
  const { plan } = fc.letrec<{ plan: Plan }>((tie) => {
    const inner = tie('plan');
    const simple = fc.constantFrom('add', 'add', 'clear', 'divide', 'fail', 'log', 'spin');
    const leaf = fc.oneof(
      { arbitrary: fc.tuple(simple), weight: 4 },
      fc.tuple(fc.constantFrom('burn' as const, 'view' as const), account),
      fc.tuple(fc.constant('pay' as const), account, fc.integer({ min: 1, max: 130 })),
    );
    const branch = fc.oneof(
      { arbitrary: fc.tuple(fc.constant('call' as const), account, inner, wei), weight: 3 },
      fc.tuple(fc.constantFrom('delegate' as const, 'static' as const), actor, inner),
      { arbitrary: fc.tuple(fc.constant('try' as const), inner), weight: 3 },
      ...(withLimits ? [fc.tuple(fc.constant('limited' as const), inner)] : []),
    );
    const step = fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      { arbitrary: leaf, weight: 2 },
      { arbitrary: branch, weight: 3 },
    );
    return { plan: fc.array(step, { maxLength: 4 }) as fc.Arbitrary<Plan> };
  });
  // What fails on the outside hides all the rest: mostly it is caught.
  const guarded = fc.array(plan, { minLength: 1, maxLength: 4 });
  return fc.oneof(
    { arbitrary: plan, weight: 1 },
    { arbitrary: guarded.map((inner): Plan => inner.map((each) => ['try', each])), weight: 4 },
  );
}

const STARVING = 30_000n;

function stepsOf(plan: Plan, addresses: readonly Uint8Array[]): readonly Step[] {
  const of = (inner: Plan): readonly Step[] => stepsOf(inner, addresses);
  const at = (index: number): Uint8Array => addresses[index]!;
  return plan.map((step): Step => {
    switch (step[0]) {
      case 'add':
        return ['add', 1n];
      case 'burn':
        return ['burn', at(step[1]), STARVING];
      case 'view':
        return ['view', at(step[1])];
      case 'pay':
        return ['pay', at(step[1]), BigInt(step[2])];
      case 'call':
        return ['call', at(step[1]), of(step[2]), BigInt(step[3]), null];
      case 'static':
      case 'delegate':
        return [step[0], at(step[1]), of(step[2]), null];
      case 'try':
      case 'limited':
        return [step[0], of(step[1])];
      default:
        return [step[0]];
    }
  });
}

/** What a contract can catch. */
class Reverted {}
/** What only who has called the frame can catch. */
class Fatal {}

type Ledger = {
  readonly balances: readonly number[];
  readonly counts: readonly number[];
  readonly failures: readonly number[];
  readonly logs: readonly string[];
};

type Frame = {
  readonly self: number;
  readonly caller: number;
  readonly wei: number;
  readonly isStatic: boolean;
  readonly isReentrant: boolean;
  readonly active: readonly number[];
};

/** Actors without gas: each failure puts back a copy of everything. */
class NaiveActors {
  ledger: Ledger;
  fatal = 0;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  run(plan: Plan, frame: Frame): void {
    if (frame.isReentrant && !frame.isStatic) throw new Reverted();
    this.#go(plan, frame);
  }

  #go(plan: Plan, frame: Frame): void {
    for (const step of plan) this.#act(step, frame);
  }

  #act(step: Plan[number], frame: Frame): void {
    const { self } = frame;
    switch (step[0]) {
      case 'add':
        this.#change(frame, 'counts', (count) => count + 1);
        break;
      case 'clear':
        this.#change(frame, 'counts', () => 0);
        break;
      case 'log': {
        this.#requireWritable(frame);
        const line = [self, frame.caller, frame.wei, this.ledger.counts[self]].join(' ');
        this.ledger = { ...this.ledger, logs: [...this.ledger.logs, line] };
        break;
      }
      case 'pay':
        this.#requireWritable(frame);
        this.#move(self, step[1], step[2]);
        break;
      case 'view':
        if (step[1] === STRANGER) throw new Reverted();
        break;
      case 'call':
        this.#call(frame, step[1], step[2], step[3], false);
        break;
      case 'static':
        this.#call(frame, step[1], step[2], 0, true);
        break;
      case 'delegate':
        this.#caught(() => this.run(step[2], frame));
        break;
      case 'try':
        this.#try(step[1], frame);
        break;
      default:
        throw new Reverted();
    }
  }

  #call(frame: Frame, to: number, plan: Plan, sent: number, isStatic: boolean): void {
    if (sent > 0) this.#requireWritable(frame);
    if (to === STRANGER) throw new Reverted();
    const active = [...frame.active, frame.self];
    const inner = {
      self: to,
      caller: frame.self,
      wei: sent,
      isStatic: frame.isStatic || isStatic,
      isReentrant: active.includes(to),
      active,
    };
    this.#caught(() => {
      this.#move(frame.self, to, sent);
      this.run(plan, inner);
    });
  }

  /** A frame: what it fails with is a revert for who has called it. */
  #caught(body: () => void): void {
    const before = this.ledger;
    try {
      body();
    } catch (halt) {
      this.ledger = before;
      if (!(halt instanceof Reverted || halt instanceof Fatal)) throw halt;
      throw new Reverted();
    }
  }

  #try(plan: Plan, frame: Frame): void {
    const before = this.ledger;
    try {
      this.#go(plan, frame);
    } catch (halt) {
      if (!(halt instanceof Reverted)) throw halt;
      this.ledger = before;
      this.#change(frame, 'failures', (count) => count + 1);
    }
  }

  #change(frame: Frame, name: 'counts' | 'failures', next: (now: number) => number): void {
    this.#requireWritable(frame);
    const values = this.ledger[name].with(frame.self, next(this.ledger[name][frame.self]!));
    this.ledger = { ...this.ledger, [name]: values };
  }

  #move(from: number, to: number, sent: number): void {
    const { balances } = this.ledger;
    if (balances[from]! < sent) throw new Reverted();
    const less = balances.with(from, balances[from]! - sent);
    this.ledger = { ...this.ledger, balances: less.with(to, less[to]! + sent) };
  }

  #requireWritable({ isStatic }: Frame): void {
    if (!isStatic) return;
    this.fatal += 1;
    throw new Fatal();
  }
}

/** A block with three actors that have wei. */
function stage(): { readonly block: OpenBlock; readonly addresses: readonly Uint8Array[] } {
  const state = nativeState([[ALICE.address, { balance: 10n ** 40n }]]);
  const block = new OpenBlock(state, { gasLimit: HUGE_GAS });
  const actors = [0, 1, 2].map(() => deployContract(block, ALICE, ACTOR));
  for (const to of actors) expect(block.send(ALICE, { to, value: FUNDS }).status).toBe(1);
  return { block, addresses: [...actors, strangerAddress(5)] };
}

describe('calls of contracts by contracts', () => {
  it('do what a model without gas does, and neither make nor lose wei', () => {
    const prepared = stage();
    const { addresses } = prepared;
    let caught = 0;
    let frames = 0;
    const property = fc.property(plans(false), fc.nat({ max: 50 }), (plan, sent) => {
      const block = new OpenBlock(prepared.block.journal, { gasLimit: HUGE_GAS });
      const { journal, context } = block;
      const all = [...addresses, ALICE.address, context.coinbase];
      const supply = (): bigint => all.reduce((sum, each) => sum + journal.balance(each), 0n);
      const before = supply();
      const initial: Ledger = {
        balances: [Number(FUNDS) + sent, Number(FUNDS), Number(FUNDS), 0],
        counts: [0, 0, 0],
        failures: [0, 0, 0],
        logs: [],
      };
      const model = new NaiveActors(initial);
      const top = { self: 0, caller: -1, wei: sent, isStatic: false, isReentrant: false };
      let isSuccess = true;
      try {
        model.run(plan, { ...top, active: [] });
      } catch (halt) {
        if (!(halt instanceof Reverted || halt instanceof Fatal)) throw halt;
        isSuccess = false;
        const balances = initial.balances.with(0, Number(FUNDS));
        model.ledger = { ...initial, balances };
      }
      // Each takes all but a 64th.
      fc.pre(model.fatal <= 4);

      const outcome = block.send(ALICE, {
        to: addresses[0]!,
        data: script(stepsOf(plan, addresses)),
        value: BigInt(sent),
        gasLimit: HUGE_GAS,
      });
      const burned = outcome.gasUsed * context.baseFeePerGas;
      expect(supply()).toBe(before - burned);
      expect(outcome.status).toBe(isSuccess ? 1 : 0);
      const nameOf = (address: string): number =>
        addresses.findIndex((each) => toHex(each) === address);
      const { ledger } = model;
      expect(addresses.map((each) => Number(journal.balance(each)))).toEqual(ledger.balances);
      const logs = ranLogs(outcome).map((log) =>
        [nameOf(log.actor), nameOf(log.caller), log.wei, log.count].join(' '),
      );
      expect(logs).toEqual(ledger.logs);
      const numbers = addresses.slice(0, 3).map((each) => numbersOf(block, ALICE, each));
      expect(numbers).toEqual(ledger.counts.map((count, each) => [count, ledger.failures[each]]));
      frames += outcome.statistics.frames - 1;
      if (ledger.failures.some((count) => count > 0)) caught += 1;
    });
    fc.assert(property, runs(300));
    expect(caught).toBeGreaterThan(0);
    expect(frames).toBeGreaterThan(0);
  });
});

/** How each frame has ended, with those within it. */
function endsOf({ error, calls }: CallTrace): unknown {
  return [error?.code, calls.map(endsOf)];
}

describe('an estimate of calls of contracts by contracts', () => {
  const { block, addresses } = stage();
  const { journal } = block;
  // As much as a node allows, and no more: what wastes its gas does not get anywhere else.
  const context = { ...block.context, gasLimit: CONTEXT.gasLimit };

  it('is the least with which all of them end as they do with plenty', () => {
    let estimated = 0;
    const property = fc.property(plans(true), (plan) => {
      const to = addresses[0]!;
      const request = { from: ALICE.address, to, data: script(stepsOf(plan, addresses)) };
      const trace = (gas: bigint): CallTrace =>
        traceCall(journal, context, { ...request, gas }).calls;
      const plenty = trace(context.gasLimit);
      fc.pre(plenty.error === undefined);
      const gas = estimateGas(journal, context, request);
      expect(endsOf(trace(gas))).toEqual(endsOf(plenty));
      expect(trace(gas).output).toEqual(plenty.output);
      expect(endsOf(trace(gas - 1n))).not.toEqual(endsOf(plenty));
      estimated += 1;
    });
    fc.assert(property, runs(200));
    expect(estimated).toBeGreaterThan(0);
  });
});
