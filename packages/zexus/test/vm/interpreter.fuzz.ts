import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { Container } from '../../src/bytecode/container.ts';
import { OPCODES, opcodeByCode } from '../../src/bytecode/opcodes.ts';
import type { VmOutcome, VmRun } from '../../src/vm/call.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';
import { Tape, tapes } from '../support/tape.ts';
import { naiveCall } from './naive.ts';
import { stackProgram } from './stack-programs.ts';
import { CONTEXT, callAction, MemoryHost, run } from './support.ts';

/** A host with something in it, so that writes change, clear and restore values. */
function filledHost(container: Container): MemoryHost {
  const host = new MemoryHost();
  host.balances.set('00000000000000000000000000000000000000cc', 1_000_000n);
  naiveCall(container, 'main', run(host, { gas: 200_000 }));
  host.logs.length = 0;
  host.beginTransaction();
  return host;
}

type Observed = { readonly outcome: Omit<VmOutcome, 'error'>; readonly state: unknown };

function observe(container: Container, execute: (host: MemoryHost) => VmOutcome): Observed {
  const host = filledHost(container);
  const { error: _, ...outcome } = execute(host);
  return { outcome, state: host.snapshot() };
}

/** Also what a run wrote before it failed is compared: the two do the same in the same order. */
function expectAgreement(container: Container, parts: Partial<VmRun>): VmOutcome['status'] {
  const actual = observe(container, (host) => callAction(container, 'main', host, parts));
  const expected = observe(container, (host) => naiveCall(container, 'main', run(host, parts)));
  expect(actual).toEqual(expected);
  return actual.outcome.status;
}

describe('the interpreter and the naive stack machine', () => {
  it('agree on random programs, at any gas limit', () => {
    const statuses = new Map<string, number>();
    const opcodes = new Set<string>();
    let programs = 0;
    fc.assert(
      fc.property(
        tapes(600),
        fc.oneof(fc.constant(200_000), fc.nat(400), fc.nat(30_000)),
        fc.boolean(),
        (bytes, gas, isStatic) => {
          const container = stackProgram(new Tape(bytes));
          verifyContainer(container);
          for (const { code } of container.actions) {
            for (const { opcode } of code) opcodes.add(opcodeByCode(opcode)!.name);
          }
          const parts = { gas, isStatic: isStatic && bytes.length % 5 === 0 };
          const status = expectAgreement(container, parts);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          programs += 1;
        },
      ),
      runs(2_000),
    );
    const shares = [...statuses].map(([status, count]) => `${status} ${count}`).join(', ');
    console.log(`${programs} programs: ${shares}; opcodes ${opcodes.size} of ${OPCODES.length}`);
    if (programs >= 300) {
      expect([...opcodes].sort()).toEqual(OPCODES.map(({ name }) => name).sort());
      expect([...statuses.keys()].sort()).toEqual(['failure', 'revert', 'success']);
    }
  });

  it('agree when value comes', () => {
    const container = stackProgram(new Tape(new Uint8Array(0)));
    const context = { ...CONTEXT, value: 1n };
    expect(expectAgreement(container, { context })).toBe('revert');
  });
});
