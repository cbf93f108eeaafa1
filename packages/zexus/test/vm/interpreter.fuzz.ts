import { isLucernaError } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { Container } from '../../src/bytecode/container.ts';
import { OPCODES, opcodeByCode, operandCount } from '../../src/bytecode/opcodes.ts';
import type { VmOutcome, VmRun } from '../../src/vm/call.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';
import { Tape, tapes } from '../support/tape.ts';
import { naiveCall, Unmodelled } from './naive.ts';
import { NOT_GENERATED, stackProgram } from './stack-programs.ts';
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

type Observed = {
  readonly outcome: Omit<VmOutcome, 'error' | 'statistics'>;
  readonly state: unknown;
};

function observe(container: Container, execute: (host: MemoryHost) => VmOutcome): Observed {
  const host = filledHost(container);
  const { error: _, statistics: _counted, ...outcome } = execute(host);
  return { outcome, state: host.snapshot() };
}

/** The container with another opcode or another operand somewhere in its main action. */
function damaged(container: Container, at: number, part: number, value: number): Container {
  const [main, ...others] = container.actions;
  const index = at % main!.code.length;
  const { opcode, operands } = main!.code[index]!;
  const position = part % (operands.length + 1);
  const other = OPCODES[value % OPCODES.length]!;
  const small = value % 12;
  const instruction =
    position === operands.length
      ? { opcode: other.code, operands: resized(operands, operandCount(other.operand), small) }
      : { opcode, operands: operands.map((old, place) => (place === position ? small : old)) };
  const code = main!.code.map((old, place) => (place === index ? instruction : old));
  return { ...container, actions: [{ ...main!, code }, ...others] };
}

function resized(operands: readonly number[], length: number, filler: number): number[] {
  return Array.from({ length }, (_, index) => operands[index] ?? filler);
}

/**
 * Also what a run wrote before it failed is compared: the two do the same in the same order. Undefined
 * for what the model does not know.
 */
function expectAgreement(
  container: Container,
  parts: Partial<VmRun>,
): VmOutcome['status'] | undefined {
  try {
    const expected = observe(container, (host) => naiveCall(container, 'main', run(host, parts)));
    const actual = observe(container, (host) => callAction(container, 'main', host, parts));
    expect(actual).toEqual(expected);
    return actual.outcome.status;
  } catch (error) {
    if (error instanceof Unmodelled) return undefined;
    throw error;
  }
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
          const status = expectAgreement(container, parts) ?? 'not modelled';
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          programs += 1;
        },
      ),
      runs(2_000),
    );
    const shares = [...statuses].map(([status, count]) => `${status} ${count}`).join(', ');
    console.log(`${programs} programs: ${shares}; opcodes ${opcodes.size} of ${OPCODES.length}`);
    if (programs >= 300) {
      const all = OPCODES.map(({ name }) => name);
      expect([...opcodes, ...NOT_GENERATED].sort()).toEqual(all.sort());
      expect([...statuses.keys()]).toEqual(
        expect.arrayContaining(['failure', 'revert', 'success']),
      );
      expect(statuses.get('not modelled') ?? 0).toBeLessThan(programs / 20);
    }
  });

  it('agree on what the verifier lets through of damaged programs', () => {
    let [refused, run, unmodelled] = [0, 0, 0];
    fc.assert(
      fc.property(tapes(300), fc.nat(), fc.nat(), fc.nat(), (bytes, at, part, value) => {
        const container = damaged(stackProgram(new Tape(bytes)), at, part, value);
        try {
          verifyContainer(container);
        } catch (error) {
          if (!isLucernaError(error, 'PROGRAM_REFUSED')) throw error;
          refused += 1;
          return;
        }
        if (expectAgreement(container, { gas: 50_000 }) === undefined) unmodelled += 1;
        else run += 1;
      }),
      runs(1_000),
    );
    console.log(`damaged programs: ${refused} refused, ${run} run, ${unmodelled} not modelled`);
    expect(run).toBeGreaterThan(unmodelled);
  });

  it('agree when value comes', () => {
    const container = stackProgram(new Tape(new Uint8Array(0)));
    const context = { ...CONTEXT, value: 1n };
    expect(expectAgreement(container, { context })).toBe('revert');
  });
});
