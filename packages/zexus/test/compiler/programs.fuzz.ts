import { toHex } from '@lucerna/base';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { Container } from '../../src/bytecode/container.ts';
import { decodeContainer } from '../../src/bytecode/decode-container.ts';
import { OPCODES } from '../../src/bytecode/opcodes.ts';
import { type Compilation, compile } from '../../src/compiler/compile.ts';
import { contractAbi } from '../../src/exports/contract-abi.ts';
import { exportedName } from '../../src/exports/exported-name.ts';
import { formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';
import { type GeneratedContract, type GeneratedProgram, programs } from '../support/programs.ts';

const tally = { generated: 0 };
const opcodesSeen = new Set<number>();

afterAll(() => {
  const missing = OPCODES.filter(({ code }) => !opcodesSeen.has(code)).map(({ name }) => name);
  console.log(
    `${tally.generated} generated programs compiled; ` +
      `${opcodesSeen.size} of ${OPCODES.length} opcodes occur, not ${missing.join(', ')}`,
  );
});

function compileGenerated({ source }: GeneratedProgram): Compilation {
  return compile({ name: 'generated.zx', text: source });
}

/** What the generator says about a contract is what the container says. */
function checkShape(contract: GeneratedContract, container: Container): void {
  expect(container.name).toBe(contract.name);
  for (const action of contract.actions) {
    const found = container.actions.find(({ name }) => name === action.name)!;
    const exported = action.exportedAs ?? exportedName(action.name);
    expect(found.exportedAs).toBe(action.isExported ? exported : undefined);
    const types = found.parameters.map(({ type }) => type);
    const result = found.result?.type;
    // What is not written follows from the uses; inside of the contract anything may stand for what the
    // ABI encodes.
    const isOpen = (type: string | undefined): boolean => !action.isExported && !type;
    const written = action.parameters.map(({ type }, index) =>
      isOpen(types[index]) ? '' : (type.abi ?? types[index]),
    );
    expect(types).toEqual(written);
    const isBare = action.result?.written === '';
    expect(result).toBe(isBare || isOpen(result) ? result : action.result?.abi);
    const mutability = action.isPayable ? 'payable' : 'nonpayable';
    expect(found.mutability).toBe(action.isView ? 'view' : mutability);
  }
}

const TIMEOUT = { timeout: 60_000 + runs(500).numRuns * 100 };

it('compiles generated programs to what the verifier accepts', TIMEOUT, () => {
  fc.assert(
    fc.property(programs({ mayRunOut: true }), (program) => {
      const { contracts, diagnostics } = compileGenerated(program);
      tally.generated += 1;
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      expect(errors.map((error) => formatDiagnostic(error))).toEqual([]);
      expect(contracts).toHaveLength(program.contracts.length);
      for (const [index, { container, bytecode, abi }] of contracts.entries()) {
        verifyContainer(container);
        expect(decodeContainer(bytecode)).toEqual(container);
        expect(contractAbi(container)).toEqual(abi);
        checkShape(program.contracts[index]!, container);
        for (const { code } of container.actions) {
          for (const { opcode } of code) opcodesSeen.add(opcode);
        }
      }
    }),
    runs(500),
  );
});

it('gives the same bytes and diagnostics each time', TIMEOUT, () => {
  fc.assert(
    fc.property(programs(), (program) => {
      const [first, second] = [compileGenerated(program), compileGenerated(program)];
      const hex = ({ contracts }: Compilation): readonly string[] =>
        contracts.map(({ bytecode }) => toHex(bytecode));
      expect(hex(first)).toEqual(hex(second));
      expect(first.diagnostics).toEqual(second.diagnostics);
    }),
    runs(100),
  );
});

/** Tokens that fit many places, so that what is wrong is mostly found behind the parser. */
const fragments = [
  ...['total', 'this.x', 'this', 'TX.value', 'null', '{}', '""', '0', '-1', '0x00', '[1]', '(1)'],
  ...[
    'let x = ',
    'return ',
    'break\n',
    'view ',
    ': string',
    ': map<bool, bool>',
    'data_1',
    'arg_2',
  ],
  ...['== ', '+= ', '/ 0', 'emit Event_1()', 'this.do_it_1()', 'len(', 'transfer(', '}', '{', ')'],
];

/** The program with stretches replaced by fragments. */
const damaged: fc.Arbitrary<string> = fc
  .tuple(
    programs(),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 12 }), fc.constantFrom(...fragments)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([{ source }, edits]) =>
    edits.reduce((text, [position, length, fragment]) => {
      const start = position % (text.length + 1);
      return text.slice(0, start) + fragment + text.slice(start + length);
    }, source),
  );

it('throws for no text, and gives contracts exactly when there is no error', TIMEOUT, () => {
  fc.assert(
    fc.property(damaged, (text) => {
      const { contracts, diagnostics } = compile({ name: 'damaged.zx', text });
      const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
      if (hasErrors) expect(contracts).toEqual([]);
      else expect(contracts).not.toEqual([]);
      for (const { container } of contracts) verifyContainer(container);
    }),
    runs(1_000),
  );
});
