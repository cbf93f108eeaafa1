import { describe, expect, it } from 'vitest';
import type {
  Container,
  ContainerAction,
  SourceMap,
  SourcePlace,
} from '../../src/bytecode/container.ts';
import type { Instruction } from '../../src/bytecode/opcodes.ts';
import type { StateSchema, StateShape } from '../../src/layout/schema.ts';
import { zexusLimits } from '../../src/limits.ts';
import type { Value } from '../../src/vm/value.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';
import { VERIFIER_RULES, type VerifierRule } from '../../src/vm/verify-rule.ts';
import { type ActionParts, Assembler, ERRORS, EVENTS, SCHEMA } from './support.ts';

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
  assembler.errors.push(...ERRORS);
  assembler.action('helper', assembler.code(...END), {
    exportedAs: undefined,
    parameters: [{ name: 'v', type: '' }],
  });
  assembler.action('main', assembler.code(...lines));
  return change(assembler.container());
}

/** With another main action. */
const withMain =
  ({ result, ...parts }: ActionParts) =>
  (same: Container): Container => ({
    ...same,
    actions: same.actions.map((action) => {
      if (action.name !== 'main') return action;
      const field = typeof result === 'string' ? { name: '', type: result } : result;
      return { ...action, ...parts, result: field ?? action.result };
    }),
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
  (actions: readonly (readonly SourcePlace[])[], parts: Partial<SourceMap> = {}) =>
  (same: Container): Container => ({
    ...same,
    sourceMap: {
      files: ['test.zx'],
      actions: actions.map((places) => ({ file: 0, places })),
      ...parts,
    },
  });

/** A cell within as many lists as `levels` says. */
function nested(levels: number): StateShape {
  let shape: StateShape = { kind: 'cell', type: 'bool' };
  for (let level = 0; level < levels; level += 1) shape = { kind: 'list', element: shape };
  return shape;
}

const PLAIN: StateShape = { kind: 'map', value: { kind: 'cell', type: 'bool' } };

const pushes = (count: number): Line[] =>
  Array.from({ length: count }, (): Line => ['LOAD_CONST', 1]);

type Refusal = { readonly given: Container; readonly instruction?: number };

const REFUSALS: Readonly<Record<VerifierRule, readonly Refusal[]>> = {
  'action-arguments': [{ given: container([['CALL_ACTION', 0, 0], ...END]), instruction: 0 }],
  'action-gas-limit': [-1, 0.5, 2 ** 32, Number.NaN].map((gasLimit) => ({
    given: container(END, withMain({ gasLimit })),
  })),
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
    { given: container(END, withMain({ result: 'uint256[3]' })) },
  ],
  'builtin-arguments': [{ given: container([['CALL_BUILTIN', 'len', 0], ...END]), instruction: 0 }],
  'builtin-name': [{ given: container([['CALL_BUILTIN', 'text', 0], ...END]), instruction: 0 }],
  'closure-action': [
    { given: container([['MAKE_CLOSURE', 9, 0], ...END]), instruction: 0 },
    { given: container([['MAKE_CLOSURE', 1, 0], ...END]), instruction: 0 },
    {
      given: container([['MAKE_CLOSURE', 2, 0], ...END], (same) => ({
        ...same,
        actions: [...same.actions, { ...same.actions[1]!, name: 'setUp', exportedAs: undefined }],
        init: 2,
      })),
      instruction: 0,
    },
  ],
  'closure-arguments': [
    { given: container([...pushes(2), ['MAKE_CLOSURE', 0, 2], ...END]), instruction: 2 },
  ],
  'constant-index': [
    { given: container(END, withInstruction(0, { opcode: 1, operands: [99] })), instruction: 0 },
  ],
  'constant-kind': [
    { given: container([['LOAD_NAME', 5], ...END]), instruction: 0 },
    { given: container([...pushes(1), ['EMIT_EVENT', 5], ...END]), instruction: 1 },
    { given: container([...pushes(1), ['CALL_METHOD', 5, 0], ...END]), instruction: 1 },
  ],
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
  'error-arguments': [{ given: container([...pushes(1), ['REVERT_ERROR', 1, 1]]), instruction: 1 }],
  'error-fields': [
    {
      given: container(END, (same) => ({
        ...same,
        errors: [{ name: 'E', fields: [{ name: 'f', type: 'uint' }] }],
      })),
    },
  ],
  'error-index': [{ given: container([['REVERT_ERROR', 2, 0]]), instruction: 0 }],
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
  'fallback-action': [
    { given: container(END, (same) => ({ ...same, fallback: 9 })) },
    { given: container(END, (same) => ({ ...same, fallback: 1 })) },
    {
      given: container(END, (same) => ({
        ...withMain({ exportedAs: undefined, parameters: [{ name: 'v', type: 'string' }] })(same),
        fallback: 1,
      })),
    },
    {
      given: container(END, (same) => ({
        ...withMain({ exportedAs: undefined, result: 'bool' })(same),
        fallback: 1,
      })),
    },
    // One action for two roles.
    {
      given: container(END, (same) => ({
        ...withMain({ exportedAs: undefined })(same),
        init: 1,
        fallback: 1,
      })),
    },
  ],
  'gas-charge': [{ given: container([['GAS_CHARGE', 1_000_000_001], ...END]), instruction: 0 }],
  'init-action': [
    // A parameter without a type.
    { given: container(END, (same) => ({ ...same, init: 0 })) },
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
  'iterator-join': [
    // On one way there is an iterator, on the other a value.
    {
      given: container([...pushes(2), ['JUMP_IF_FALSE', 4], ['ITERATE'], ['NOP'], ['POP'], ...END]),
      instruction: 4,
    },
  ],
  'iterator-use': [
    { given: container([...pushes(1), ['ITER_NEXT', 3], ['POP'], ...END]), instruction: 1 },
    { given: container([...pushes(1), ['ITER_NEXT_PAIR', 3], ['POP'], ...END]), instruction: 1 },
    ...['DUP', 'RETURN', 'NOT', 'THROW', 'ITERATE'].map((name) => ({
      given: container([...pushes(1), ['ITERATE'], [name], ...END]),
      instruction: 2,
    })),
    { given: container([...pushes(1), ['ITERATE'], ['STORE_NAME', 'x'], ...END]), instruction: 2 },
    { given: container([...pushes(1), ['ITERATE'], ['BUILD_LIST', 1], ...END]), instruction: 2 },
    {
      given: container([...pushes(1), ['ITERATE'], ...pushes(1), ['ADD'], ...END]),
      instruction: 3,
    },
    // It is below the value, so there is none on top.
    {
      given: container([...pushes(1), ['ITERATE'], ...pushes(1), ['ITER_NEXT', 0], ...END]),
      instruction: 3,
    },
  ],
  'jump-target': [
    { given: container([['SETUP_TRY', 9], ...END]), instruction: 0 },
    { given: container([...pushes(1), ['ITERATE'], ['ITER_NEXT', 9], ...END]), instruction: 2 },
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
    { given: container([...pushes(3), ['MAP_READ', 'notes', 3], ...END]), instruction: 3 },
    { given: container([['MAP_READ', 'notes', 0], ...END]), instruction: 0 },
    { given: container([...pushes(3), ['MAP_WRITE', 'balances', 2], ...END]), instruction: 3 },
    { given: container([...pushes(1), ['MAP_READ', 'count', 1], ...END]), instruction: 1 },
    { given: container([...pushes(1), ['MAP_READ', 'scores', 1], ...END]), instruction: 1 },
    { given: container([...pushes(2), ['MAP_READ', 'groups', 2], ...END]), instruction: 2 },
  ],
  'map-write': [
    { given: container([...pushes(1), ['STATE_WRITE', 'balances'], ...END]), instruction: 1 },
    { given: container([...pushes(2), ['MAP_WRITE', 'notes', 1], ...END]), instruction: 2 },
  ],
  'method-name': [
    { given: container([...pushes(1), ['CALL_METHOD', 'no name', 0], ...END]), instruction: 1 },
    { given: container([...pushes(1), ['CALL_METHOD', '', 0], ...END]), instruction: 1 },
    { given: container([...pushes(1), ['CALL_METHOD', '9', 0], ...END]), instruction: 1 },
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
  'open-at-return': [
    { given: container([['TX_BEGIN'], ...END]), instruction: 2 },
    { given: container([['SETUP_TRY', 3], ...END, ['RETURN']]), instruction: 2 },
  ],
  'receive-action': [
    { given: container(END, (same) => ({ ...same, receive: 1 })) },
    {
      given: container(END, (same) => ({
        ...withMain({ exportedAs: undefined })(same),
        receive: 1,
      })),
    },
    {
      given: container(END, (same) => ({
        ...withMain({
          exportedAs: undefined,
          mutability: 'payable',
          parameters: [{ name: 'v', type: 'bytes' }],
        })(same),
        receive: 1,
      })),
    },
  ],
  'source-map': [
    { given: container(END, withPlaces([[], []], { files: [] })) },
    {
      given: container(
        END,
        withPlaces([], { actions: [0, 1].map((file) => ({ file, places: [] })) }),
      ),
    },
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
    { given: container([...pushes(1), ['MAP_READ', 'absent', 1], ['RETURN']]), instruction: 1 },
    { given: container([...pushes(1), ['STATE_WRITE', 'absent'], ...END]), instruction: 1 },
  ],
  'state-schema': [
    { given: container(END, withSchema([...SCHEMA, SCHEMA[0]!])) },
    ...['bytes33', 'uint8', 'bytes0'].map((type) => ({
      given: container(
        END,
        withSchema([{ name: 'c', shape: { kind: 'cell', type: type as 'bool' } }]),
      ),
    })),
    { given: container(END, withSchema([{ name: 'm', shape: nested(33) }])) },
    // A plain map in what can be cleared.
    ...[
      { kind: 'list', element: PLAIN } as const,
      { kind: 'map', value: { kind: 'enumerable', value: PLAIN } } as const,
      { kind: 'enumerable', value: { kind: 'list', element: PLAIN } } as const,
    ].map((shape) => ({ given: container(END, withSchema([{ name: 'm', shape }])) })),
  ],
  'transaction-end': [
    { given: container([['TX_COMMIT'], ...END]), instruction: 0 },
    { given: container([['TX_REVERT'], ...END]), instruction: 0 },
    { given: container([['TX_BEGIN'], ['TX_COMMIT'], ['TX_COMMIT'], ...END]), instruction: 2 },
    // The handler relies on it.
    {
      given: container([
        ['TX_BEGIN'],
        ['SETUP_TRY', 5],
        ['TX_COMMIT'],
        ['POP_TRY'],
        ...END,
        ...END,
      ]),
      instruction: 2,
    },
  ],
  'transaction-join': [
    {
      given: container([...pushes(1), ['JUMP_IF_FALSE', 3], ['TX_BEGIN'], ['TX_COMMIT'], ...END]),
      instruction: 3,
    },
  ],
  'transaction-limit': [
    {
      given: container([...Array.from({ length: 129 }, (): Line => ['TX_BEGIN']), ...END]),
      instruction: 128,
    },
  ],
  'try-end': [
    { given: container([['POP_TRY'], ...END]), instruction: 0 },
    // The handler runs outside.
    {
      given: container([['SETUP_TRY', 4], ['POP_TRY'], ...END, ['POP_TRY'], ...END]),
      instruction: 4,
    },
  ],
  'try-join': [
    {
      given: container([...pushes(1), ['JUMP_IF_FALSE', 3], ['SETUP_TRY', 5], ['NOP'], ...END]),
      instruction: 3,
    },
  ],
  'try-limit': [
    {
      given: container([
        ...Array.from({ length: 129 }, (_, index): Line => ['SETUP_TRY', 131 + index]),
        ...END,
        ...Array.from({ length: 129 }, (): Line => ['THROW']),
      ]),
      instruction: 128,
    },
  ],
  'try-stack': [
    {
      given: container([...pushes(1), ['SETUP_TRY', 4], ['POP'], ...END, ['RETURN']]),
      instruction: 2,
    },
    { given: container([...pushes(1), ['SETUP_TRY', 4], ['DUP'], ...END]), instruction: 2 },
  ],
  'tx-field': [{ given: container([['TX_READ', 12], ['RETURN']]), instruction: 0 }],
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

it.each<readonly [what: string, lines: readonly Line[]]>([
  [
    'a try within a loop that is left from within',
    [
      ...pushes(1),
      ['ITERATE'],
      ['ITER_NEXT', 12],
      ['TX_BEGIN'],
      ['SETUP_TRY', 10],
      ['POP_TRY'],
      ['TX_COMMIT'],
      ['JUMP_IF_TRUE', 2],
      ['POP'],
      ['JUMP', 12],
      ['TX_REVERT'],
      ['RETURN'],
      ...END,
    ],
  ],
  ['an iterator that a return leaves behind', [...pushes(1), ['ITERATE'], ...END]],
  ['a failure within a try', [['SETUP_TRY', 3], ...pushes(1), ['THROW'], ['RETURN']]],
  [
    'two tries with the same handler, one after the other',
    [['SETUP_TRY', 4], ['POP_TRY'], ['SETUP_TRY', 4], ['JUMP', 5], ['RETURN'], ['POP_TRY'], ...END],
  ],
  [
    'a checkpoint that a try leaves open',
    [['SETUP_TRY', 5], ['TX_BEGIN'], ['POP_TRY'], ['TX_COMMIT'], ['JUMP', 6], ['RETURN'], ...END],
  ],
  ['a map of the state as a value', [['STATE_READ', 'balances'], ['RETURN']]],
  ['an inner map of the state as a value', [...pushes(1), ['MAP_READ', 'notes', 1], ['RETURN']]],
  ['an enumerable map that is written', [...pushes(1), ['STATE_WRITE', 'scores'], ...END]],
  ['a list in a plain map that is written', [...pushes(2), ['MAP_WRITE', 'groups', 1], ...END]],
])('accepts %s', (_what, lines) => {
  expect(() => verifyContainer(container(lines))).not.toThrow();
});

it('accepts actions of all roles', () => {
  const role = (name: string, parts: Partial<ContainerAction>) => (same: Container) => ({
    ...same,
    actions: [...same.actions, { ...same.actions[1]!, exportedAs: undefined, name, ...parts }],
  });
  const bytes = { name: 'data', type: 'bytes' };
  const withAll = (same: Container): Container => ({
    ...[
      role('setUp', { parameters: [{ name: 'v', type: 'string[]' }] }),
      role('others', { parameters: [bytes], result: { name: '', type: 'bytes' } }),
      role('paid', { mutability: 'payable' }),
    ].reduce((before, change) => change(before), same),
    init: 2,
    fallback: 3,
    receive: 4,
  });
  expect(() => verifyContainer(container(END, withAll))).not.toThrow();
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
