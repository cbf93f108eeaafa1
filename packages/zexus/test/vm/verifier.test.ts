import { describe, expect, it } from 'vitest';
import type { Container, ContainerAction, SourceMap } from '../../src/bytecode/container.ts';
import type { Instruction } from '../../src/bytecode/opcodes.ts';
import type { StateSchema } from '../../src/layout/schema.ts';
import { zexusLimits } from '../../src/limits.ts';
import type { Value } from '../../src/vm/value.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';
import { VERIFIER_RULES, type VerifierRule } from '../../src/vm/verify-rule.ts';
import { Assembler, EVENTS, SCHEMA } from './support.ts';

type Line = readonly [string, ...Value[]];
const END: readonly Line[] = [['LOAD_CONST', 1], ['RETURN']];
const TEXT = { kind: 'string', value: 'text' } as const;

/** A container that is fine, with one action of these lines, then changed. */
function container(
  lines: readonly Line[],
  change: (container: Container) => Container = (same) => same,
): Container {
  const assembler = new Assembler();
  assembler.schema = SCHEMA;
  assembler.events.push(...EVENTS);
  assembler.action('helper', assembler.code(...END), {
    exportedAs: undefined,
    parameters: [{ name: 'v', type: '' }],
  });
  assembler.action('main', assembler.code(...lines));
  return change(assembler.container());
}

/** With another main action. */
const withMain =
  (parts: Partial<ContainerAction>) =>
  (same: Container): Container => ({
    ...same,
    actions: same.actions.map((action) =>
      action.name === 'main' ? { ...action, ...parts } : action,
    ),
  });

/** With another instruction in the main action, which no assembler would write. */
const withInstruction = (index: number, instruction: Instruction) => (same: Container) => {
  const code = same.actions[1]!.code.map((other, at) => (at === index ? instruction : other));
  return withMain({ code })(same);
};

const withSchema =
  (schema: StateSchema) =>
  (same: Container): Container => ({ ...same, schema });

const withPlaces =
  (actions: SourceMap['actions']) =>
  (same: Container): Container => ({ ...same, sourceMap: { file: 'test.zx', actions } });

const pushes = (count: number): Line[] =>
  Array.from({ length: count }, (): Line => ['LOAD_CONST', 1]);

type Refusal = { readonly given: Container; readonly instruction?: number };

const REFUSALS: Readonly<Record<VerifierRule, readonly Refusal[]>> = {
  'action-arguments': [{ given: container([['CALL_ACTION', 0, 0], ...END]), instruction: 0 }],
  'action-index': [{ given: container([['CALL_ACTION', 9, 0], ...END]), instruction: 0 }],
  'action-names': [{ given: container(END, withMain({ name: 'helper' })) }],
  'action-selector': [
    {
      given: container(END, (same) => ({
        ...same,
        actions: [...same.actions, { ...same.actions[1]!, name: 'other' }],
      })),
    },
  ],
  'action-type': [
    { given: container(END, withMain({ parameters: [{ name: 'v', type: '' }] })) },
    { given: container(END, withMain({ result: 'uint' })) },
    { given: container(END, withMain({ result: 'uint256[]' })) },
    {
      given: container(END, (same) => ({ ...same, init: 0 })),
    },
  ],
  'builtin-arguments': [{ given: container([['CALL_BUILTIN', 'len', 0], ...END]), instruction: 0 }],
  'builtin-name': [{ given: container([['CALL_BUILTIN', 'text', 0], ...END]), instruction: 0 }],
  'constant-index': [
    { given: container(END, withInstruction(0, { opcode: 1, operands: [99] })), instruction: 0 },
  ],
  'constant-kind': [{ given: container([['LOAD_NAME', 5], ...END]), instruction: 0 }],
  'constant-value': [
    ...[2n ** 256n, -(2n ** 256n)].map((value) => ({
      given: container(END, (same) => ({
        ...same,
        constants: [...same.constants, { kind: 'integer', value } as const],
      })),
    })),
    {
      given: container(END, (same) => ({
        ...same,
        constants: [...same.constants, { kind: 'string', value: '\ud800' }],
      })),
    },
    {
      given: container(END, (same) => ({
        ...same,
        constants: [...same.constants, { kind: 'address', value: new Uint8Array(19) }],
      })),
    },
    {
      given: container(END, (same) => ({
        ...same,
        constants: [...same.constants, { kind: 'bytes', value: new Uint8Array(1_048_577) }],
      })),
    },
  ],
  'event-arguments': [{ given: container([...pushes(3), ['EMIT', 1, 3], ...END]), instruction: 3 }],
  'event-fields': [
    {
      given: container(END, (same) => ({
        ...same,
        events: [{ name: 'E', fields: [{ name: 'f', type: 'uint', indexed: false }] }],
      })),
    },
    {
      given: container(END, (same) => ({
        ...same,
        events: [
          {
            name: 'E',
            fields: ['a', 'b', 'c', 'd'].map((name) => ({ name, type: 'bool', indexed: true })),
          },
        ],
      })),
    },
  ],
  'event-index': [{ given: container([['EMIT', 2, 0], ...END]), instruction: 0 }],
  'fall-off-end': [
    { given: container([['NOP']]), instruction: 0 },
    { given: container([]), instruction: 0 },
    {
      given: container([
        ['LOAD_CONST', true],
        ['JUMP_IF_FALSE', 0],
      ]),
      instruction: 1,
    },
  ],
  'init-action': [
    { given: container(END, (same) => ({ ...same, init: 9 })) },
    { given: container(END, (same) => ({ ...same, init: 1 })) },
    {
      given: container(END, (same) => ({
        ...withMain({ exportedAs: undefined, mutability: 'view' })(same),
        init: 1,
      })),
    },
    {
      given: container(END, (same) => ({
        ...withMain({ exportedAs: undefined, result: 'bool' })(same),
        init: 1,
      })),
    },
  ],
  'jump-target': [
    { given: container([['JUMP', 9], ...END]), instruction: 0 },
    // Also where nothing leads to.
    { given: container([...END, ['JUMP', 3]]), instruction: 2 },
  ],
  'local-limit': [
    {
      given: container([
        ...Array.from({ length: zexusLimits.values.localVariables + 1 }, (_, index): Line[] => [
          ['LOAD_NAME', `v${index}`],
          ['POP'],
        ]).flat(),
        ...END,
      ]),
    },
  ],
  'map-keys': [
    { given: container([...pushes(1), ['MAP_READ', 'notes', 1], ...END]), instruction: 1 },
    { given: container([...pushes(3), ['MAP_WRITE', 'balances', 2], ...END]), instruction: 3 },
  ],
  opcode: [
    { given: container(END, withInstruction(0, { opcode: 4, operands: [] })), instruction: 0 },
  ],
  operands: [
    ...[[], [0, 0], [-1], [0.5], [2 ** 32], [Number.NaN]].map((operands) => ({
      given: container(END, withInstruction(0, { opcode: 1, operands })),
      instruction: 0,
    })),
    { given: container(END, withInstruction(1, { opcode: 43, operands: [0] })), instruction: 1 },
  ],
  'parameter-names': [
    {
      given: container(
        END,
        withMain({ parameters: ['v', 'v'].map((name) => ({ name, type: 'bool' })) }),
      ),
    },
  ],
  'source-map': [
    { given: container(END, withPlaces([[], [{ instruction: 2, line: 1, column: 1 }]])) },
    { given: container(END, withPlaces([[], [{ instruction: -1, line: 1, column: 1 }]])) },
    { given: container(END, withPlaces([[], [{ instruction: 0.5, line: 1, column: 1 }]])) },
    { given: container(END, withPlaces([[], [{ instruction: 0, line: 0, column: 1 }]])) },
    { given: container(END, withPlaces([[], [{ instruction: 0, line: 1, column: 2 ** 31 }]])) },
    { given: container(END, withPlaces([[]])) },
    {
      given: container(
        END,
        withPlaces([
          [],
          [
            { instruction: 1, line: 1, column: 1 },
            { instruction: 1, line: 2, column: 1 },
          ],
        ]),
      ),
    },
    {
      given: container(
        END,
        withPlaces([
          [],
          [
            { instruction: 0, line: 1, column: 1 },
            { instruction: 1, line: 1, column: 1 },
          ],
        ]),
      ),
    },
  ],
  'stack-join': [
    {
      given: container([
        ...pushes(1),
        ['JUMP_IF_FALSE', 3],
        ['LOAD_CONST', 1],
        ['LOAD_CONST', 2],
        ['RETURN'],
      ]),
      instruction: 3,
    },
    {
      given: container([
        ['LOAD_CONST', 1],
        ['JUMP', 0],
      ]),
      instruction: 0,
    },
    // The way that is longer by an instruction has fewer values.
    {
      given: container([...pushes(2), ['JUMP_IF_FALSE', 4], ['POP'], ...END]),
      instruction: 4,
    },
  ],
  'stack-limit': [{ given: container([...pushes(1_025), ['RETURN']]), instruction: 1_024 }],
  'stack-underflow': [
    { given: container([['RETURN']]), instruction: 0 },
    { given: container([['LOAD_CONST', 1], ['ADD'], ['RETURN']]), instruction: 1 },
    { given: container([['DUP'], ['RETURN']]), instruction: 0 },
    { given: container([['CALL_ACTION', 0, 1], ['RETURN']]), instruction: 0 },
  ],
  'state-name': [
    { given: container([['STATE_READ', 'absent'], ['RETURN']]), instruction: 0 },
    { given: container([['STATE_READ', 'balances'], ['RETURN']]), instruction: 0 },
    { given: container([...pushes(1), ['MAP_READ', 'count', 1], ['RETURN']]), instruction: 1 },
  ],
  'state-schema': [
    { given: container(END, withSchema([...SCHEMA, SCHEMA[0]!])) },
    { given: container(END, withSchema([{ kind: 'cell', name: 'c', type: 'bytes33' }])) },
    { given: container(END, withSchema([{ kind: 'cell', name: 'c', type: 'uint8' as 'bool' }])) },
    ...[0, 33, 1.5].map((depth) => ({
      given: container(END, withSchema([{ kind: 'map', name: 'm', depth, type: 'bool' }])),
    })),
  ],
  'tx-field': [{ given: container([['TX_READ', 9], ['RETURN']]), instruction: 0 }],
};

it('accepts what is fine', () => {
  expect(() => verifyContainer(container(END))).not.toThrow();
  expect(() => verifyContainer(container([...pushes(1_024), ['RETURN']]))).not.toThrow();
  const withText = (same: Container): Container => ({
    ...same,
    constants: [...same.constants, TEXT],
  });
  expect(() => verifyContainer(container(END, withText))).not.toThrow();
  // A loop, and code that nothing leads to.
  expect(() => verifyContainer(container([['JUMP', 0], ['ADD']]))).not.toThrow();
  expect(() => verifyContainer(container([...END, ['POP'], ['POP']]))).not.toThrow();
});

describe.each(Object.keys(VERIFIER_RULES) as VerifierRule[])('rule %s', (rule) => {
  it.each(REFUSALS[rule])('refuses case %#', ({ given, instruction }) => {
    const fields = { rule, ...(instruction === undefined ? {} : { action: 'main', instruction }) };
    expect(() => verifyContainer(given)).toThrow(
      expect.objectContaining({
        code: 'PROGRAM_REFUSED',
        fields: instruction === undefined ? expect.objectContaining({ rule }) : fields,
      }),
    );
  });
});
