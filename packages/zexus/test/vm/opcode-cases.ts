import { describe, expect, it } from 'vitest';
import { type Opcode, opcodeByCode, opcodeByName } from '../../src/bytecode/opcodes.ts';
import type { VmRun } from '../../src/vm/call.ts';
import { Failure } from '../../src/vm/halt.ts';
import type { Value } from '../../src/vm/value.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';
import { valuesTaken } from '../../src/vm/verify-flow.ts';
import {
  Assembler,
  ERRORS,
  EVENTS,
  evaluateLines,
  MemoryHost,
  panicCode,
  revertText,
  SCHEMA,
} from './support.ts';

export type Line = readonly [string, ...Value[]];

/** One use of an opcode. */
export type OpcodeCase = {
  /** Values on the stack, the top last. */
  readonly stack?: readonly Value[];
  /** What puts them there, where constants are not enough; values may be left below what is taken. */
  readonly given?: readonly Line[];
  readonly operands?: readonly Value[];
  /** What is on top of the stack behind it; undefined: nothing that is looked at. */
  readonly result?: Value;
  /** What it costs, everything in, on an empty state. */
  readonly gas?: number;
  readonly panic?: number;
  /** The text of the revert that it ends with. */
  readonly revert?: string;
  readonly isStatic?: boolean;
  readonly calls?: VmRun['calls'];
  /** Looks at what it has left. */
  readonly check?: (host: MemoryHost) => void;
};

export const loads = (values: readonly Value[]): Line[] =>
  values.map((value) => ['LOAD_CONST', value] as const);

const pops = (count: number): Line[] => Array.from({ length: count }, (): Line => ['POP']);

/** A list or a map of constants. */
export const list = (...items: readonly Value[]): Line[] => [
  ...loads(items),
  ['BUILD_LIST', items.length],
];
export const map = (...items: readonly Value[]): Line[] => [
  ...loads(items),
  ['BUILD_MAP', items.length / 2],
];

/** Tests of opcodes that go on behind themselves. */
export function testCases(table: Readonly<Record<string, readonly OpcodeCase[]>>): void {
  describe.each(Object.entries(table))('%s', (name, cases) => {
    it.each(cases.map((one, index) => [index, one] as const))('case %i', (_index, one) => {
      testCase(name, one);
    });
    it('finds its operands or is refused', () => testUnderflow(name, cases[0] as OpcodeCase));
  });
}

function testCase(name: string, one: OpcodeCase): void {
  const given = [...loads(one.stack ?? []), ...(one.given ?? [])];
  const line: Line = [name, ...(one.operands ?? [])];
  const depth = depthOf(given);
  const left = depthOf([...given, line]);
  const host = new MemoryHost();
  const parts = {
    isStatic: one.isStatic === true,
    ...(one.calls === undefined ? {} : { calls: one.calls }),
  };
  const below: Line[] = loads(['below']);
  const code: Line[] = [...below, ...given, line];
  // Nothing but a loop may take an iterator.
  const hidden = name === 'ITERATE' ? pops(1) : [];
  const top = evaluateLines([...code, ...hidden, ['RETURN']], host, parts);
  one.check?.(host);
  expect(panicCode(top)).toBe(one.panic);
  if (one.revert !== undefined) expect(revertText(top)).toBe(one.revert);
  else if (one.panic === undefined) expect(top.halt).toBeUndefined();
  if (one.panic !== undefined || one.revert !== undefined) return;
  if (one.result !== undefined) expect(top.value).toEqual(one.result);
  // With all that it has left taken away, what was below comes to light.
  const whole = evaluateLines([...code, ...pops(left), ['RETURN']], new MemoryHost(), parts);
  expect(whole.value).toBe('below');
  const without = [...below, ...given, ...pops(depth), ['RETURN'] as const];
  const rest = evaluateLines(without, new MemoryHost(), parts);
  expect(whole.gas - left - (rest.gas - depth)).toBe(one.gas);
}

/** Values that lines leave on an empty stack. */
function depthOf(lines: readonly Line[]): number {
  const assembler = new Assembler();
  let depth = 0;
  for (const instruction of assembler.code(...lines)) {
    const opcode = opcodeByCode(instruction.opcode) as Opcode;
    depth += opcode.pushes - valuesTaken(opcode, instruction);
  }
  return depth;
}

function testUnderflow(name: string, { stack = [], given = [], operands = [] }: OpcodeCase): void {
  const assembler = new Assembler();
  const line = assembler.op(name, ...operands);
  const taken = valuesTaken(opcodeByName(name) as Opcode, line);
  if (taken === 0) return;
  // From what is there too much is taken away before.
  const lines: Line[] = [...loads(stack), ...given];
  const start: Line[] = [...lines, ...pops(depthOf(lines) - taken + 1), [name, ...operands]];
  assembler.schema = SCHEMA;
  assembler.events.push(...EVENTS);
  assembler.errors.push(...ERRORS);
  assembler.action('double', assembler.code(['LOAD_CONST', 1], ['RETURN']), {
    exportedAs: undefined,
    parameters: [{ name: 'v', type: '' }],
  });
  assembler.action('main', assembler.code(...start, ['LOAD_CONST', 1], ['RETURN']));
  expect(() => verifyContainer(assembler.container())).toThrow(
    expect.objectContaining({
      code: 'PROGRAM_REFUSED',
      fields: { rule: 'stack-underflow', action: 'main', instruction: start.length - 1 },
    }),
  );
}

/** That the lines fail in a static call and leave nothing. */
export function expectStaticFailure(lines: readonly Line[]): void {
  const host = new MemoryHost();
  const { halt } = evaluateLines([...lines, ...loads([1]), ['RETURN']], host, { isStatic: true });
  expect(halt).toEqual(new Failure('STATIC_WRITE'));
  expect(host.snapshot()).toEqual(new MemoryHost().snapshot());
}
