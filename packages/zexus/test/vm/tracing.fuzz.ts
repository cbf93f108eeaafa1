import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { Container } from '../../src/bytecode/container.ts';
import type { VmOutcome, VmRun } from '../../src/vm/call.ts';
import { Tape, tapes } from '../support/tape.ts';
import { type NaiveStep, naiveCall, Unmodelled } from './naive.ts';
import { stackProgram } from './stack-programs.ts';
import { callAction, MemoryHost, run } from './support.ts';

type Told = { readonly steps: readonly NaiveStep[]; readonly ends: readonly number[] };

function ledger(container: Container): MemoryHost {
  const host = new MemoryHost();
  host.balances.set('00000000000000000000000000000000000000cc', 1_000_000n);
  naiveCall(container, 'main', run(host, { gas: 200_000 }));
  host.beginTransaction();
  return host;
}

function observed({ error, ...outcome }: VmOutcome, host: MemoryHost): unknown {
  return { ...outcome, code: error?.code, state: host.snapshot() };
}

/** What a run does, and what a tracer is told of it. */
function traced(container: Container, parts: Partial<VmRun>): readonly [unknown, Told] {
  const host = ledger(container);
  const steps: NaiveStep[] = [];
  const ends: number[] = [];
  const outcome = callAction(container, 'main', host, {
    ...parts,
    tracer: {
      step: (running, pc, gas) => {
        steps.push({ pc, operation: running.operation(pc), gas, stack: running.stack(pc) });
      },
      end: (gasLeft) => ends.push(gasLeft),
    },
  });
  return [observed(outcome, host), { steps, ends }];
}

/** What the model would tell; undefined for what it does not know. */
function told(container: Container, parts: Partial<VmRun>): readonly NaiveStep[] | undefined {
  const steps: NaiveStep[] = [];
  try {
    naiveCall(container, 'main', run(ledger(container), parts), (step) => {
      steps.push({ ...step, stack: step.stack.map(short) });
    });
  } catch (error) {
    if (error instanceof Unmodelled) return undefined;
    throw error;
  }
  return steps;
}

describe('a traced run', () => {
  it('does what an untraced one does, and is told as the naive machine goes', () => {
    let instructions = 0;
    let deepest = 0;
    fc.assert(
      fc.property(
        tapes(600),
        fc.oneof(fc.constant(200_000), fc.nat(400), fc.nat(30_000)),
        fc.boolean(),
        (bytes, gas, isStatic) => {
          const container = stackProgram(new Tape(bytes));
          const parts = { gas, isStatic };
          const expected = told(container, parts);
          // What the model does not know.
          if (expected === undefined) return;
          const host = ledger(container);
          const plain = callAction(container, 'main', host, parts);
          const [outcome, { steps, ends }] = traced(container, parts);
          expect(outcome).toEqual(observed(plain, host));
          expect(ends).toEqual([plain.gasLeft]);
          expect(steps).toEqual(expected);
          instructions += steps.length;
          for (const { stack } of steps) deepest = Math.max(deepest, stack.length);
        },
      ),
      runs(1_000),
    );
    console.log(`${instructions} instructions told, at most ${deepest} values on the stack`);
    expect(instructions).toBeGreaterThan(0);
    expect(deepest).toBeGreaterThan(1);
  });
});

/** Long values are cut. */
function short(text: string): string {
  return text.length <= 256 ? text : `${text.slice(0, 256)}…`;
}
