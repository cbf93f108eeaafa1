import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/vm/halt.ts';
import { List } from '../../src/vm/value.ts';
import type { Line } from './opcode-cases.ts';
import {
  type ActionParts,
  Assembler,
  EVENTS,
  evaluate,
  MemoryHost,
  panicCode,
  revertText,
  SCHEMA,
} from './support.ts';

type Action = readonly [name: string, lines: readonly Line[], parts?: ActionParts];

/** Runs the last of some actions, of which none is called from outside. */
function runLast(
  actions: readonly Action[],
  host: MemoryHost = new MemoryHost(),
  parts: { readonly gas?: number; readonly isStatic?: boolean } = {},
) {
  const assembler = new Assembler();
  assembler.schema = SCHEMA;
  assembler.events.push(...EVENTS);
  for (const [name, lines, more = {}] of actions) {
    assembler.action(name, assembler.code(...lines), { exportedAs: undefined, ...more });
  }
  return evaluate(assembler, host, parts);
}

const ONE: readonly Line[] = [['LOAD_CONST', 1], ['RETURN']];
const failing: Action = ['failing', [['LOAD_CONST', 'why'], ['THROW']]];

/** Catches what a call of the action does, and returns a list of it and of a variable. */
const catching = (index: number): readonly Line[] => [
  ['LOAD_CONST', 'kept'],
  ['STORE_NAME', 'x'],
  ['LOAD_CONST', 'below'],
  ['TX_BEGIN'],
  ['SETUP_TRY', 10],
  ['CALL_ACTION', index, 0],
  ['POP_TRY'],
  ['TX_COMMIT'],
  ['BUILD_LIST', 2],
  ['RETURN'],
  ['TX_REVERT'],
  ['LOAD_NAME', 'x'],
  ['BUILD_LIST', 3],
  ['RETURN'],
];

describe('a failure in a callee', () => {
  it('is caught in the frame of the try, with its registers as they were', () => {
    const { value } = runLast([failing, ['main', catching(0)]]);
    expect(value).toEqual(new List(['below', 'why', 'kept']));
  });

  it('is caught through several frames, functions as values among them', () => {
    const middle: Action = [
      'middle',
      [['LOAD_CONST', 7], ['MAKE_CLOSURE', 0, 0], ['CALL_TOP', 0], ['RETURN']],
    ];
    const { value } = runLast([failing, middle, ['main', catching(1)]]);
    expect(value).toEqual(new List(['below', 'why', 'kept']));
  });

  it('takes back what the callee wrote', () => {
    const host = new MemoryHost();
    const writing: Action = [
      'writing',
      [
        ['LOAD_CONST', 5],
        ['STATE_WRITE', 'count'],
        ['EMIT', 0, 0],
        ['LOAD_CONST', 1],
        ['LOAD_CONST', 0],
        ['MOD'],
        ['RETURN'],
      ],
    ];
    const { value, refund } = runLast([writing, ['main', catching(0)]], host);
    expect(value).toEqual(new List(['below', 'division by zero', 'kept']));
    expect(refund).toBe(0);
    expect(host.snapshot()).toEqual(new MemoryHost().snapshot());
  });

  it('of a view lets the caller write again', () => {
    const view: Action = ['view', failing[1], { mutability: 'view' }];
    const main: readonly Line[] = [
      ['SETUP_TRY', 4],
      ['CALL_ACTION', 0, 0],
      ['POP_TRY'],
      ['RETURN'],
      ['POP'],
      ['LOAD_CONST', 5],
      ['STATE_WRITE', 'count'],
      ['STATE_READ', 'count'],
      ['RETURN'],
    ];
    expect(runLast([view, ['main', main]]).value).toBe(5);
  });

  it('leaves the checkpoints of the frames that it ends', () => {
    const open: Action = ['open', [['TX_BEGIN'], ['TX_BEGIN'], ['LOAD_CONST', 'why'], ['THROW']]];
    const { value } = runLast([open, ['main', catching(0)]]);
    expect(value).toEqual(new List(['below', 'why', 'kept']));
  });

  it('is not caught by a try that the callee has left behind', () => {
    const tried: Action = ['tried', [['SETUP_TRY', 4], ['POP_TRY'], ...ONE, ['RETURN']]];
    const main: readonly Line[] = [['CALL_ACTION', 0, 0], ['THROW']];
    expect(revertText(runLast([tried, ['main', main]]))).toBe('1');
  });

  it('of the call depth is not caught', () => {
    const deep: Action = ['deep', [['CALL_ACTION', 0, 0], ['RETURN']]];
    expect(runLast([deep, ['main', catching(0)]]).halt).toEqual(new Failure('CALL_DEPTH'));
    const closure: Action = ['deep', [['MAKE_CLOSURE', 0, 0], ['CALL_TOP', 0], ['RETURN']]];
    expect(runLast([closure, ['main', catching(0)]]).halt).toEqual(new Failure('CALL_DEPTH'));
  });
});

describe('the limit of an action', () => {
  const LIMIT = 1_000;
  const spend = (gas: number): readonly Line[] => [['GAS_CHARGE', gas], ...ONE];
  const limited = (gas: number, gasLimit: number = LIMIT): Action => [
    'spend',
    spend(gas),
    { gasLimit },
  ];
  const call: Action = ['main', [['CALL_ACTION', 0, 0], ['RETURN']]];
  const used = 'gas limit of spend used up';

  it('is what it may use, to the last unit', () => {
    expect(runLast([limited(LIMIT - 3), call])).toMatchObject({ value: 1, gas: LIMIT + 10 + 2 });
    const beyond = runLast([limited(LIMIT - 2), call]);
    expect(revertText(beyond)).toBe(used);
    // What is used up is gone, the rest of the caller's is there.
    expect(beyond.gas).toBe(10 + LIMIT);
  });

  it('can be caught, and the caller goes on with what was set aside', () => {
    const { value, gas } = runLast([limited(LIMIT), ['main', catching(0)]]);
    expect(value).toEqual(new List(['below', used, 'kept']));
    const block = 1 + 3 + 1 + 20 + 3 + 10 + LIMIT + 20 + 2 + (5 + 3 + 9) + 2;
    expect(gas).toBe(block);
  });

  it('holds for a call from outside', () => {
    expect(runLast([limited(LIMIT - 3)])).toMatchObject({ value: 1, gas: LIMIT });
    const beyond = runLast([limited(LIMIT)]);
    expect(revertText(beyond)).toBe(used);
    expect(beyond.gas).toBe(LIMIT);
  });

  it('is not caught within the action', () => {
    const lines: Line[] = [
      ['SETUP_TRY', 5],
      ['GAS_CHARGE', LIMIT],
      ['POP_TRY'],
      ...ONE,
      ['RETURN'],
    ];
    const tried: Action = ['spend', lines, { gasLimit: LIMIT }];
    expect(revertText(runLast([tried, call]))).toBe(used);
    expect(revertText(runLast([tried]))).toBe(used);
  });

  it('counts what the action calls', () => {
    const outer: Action = ['outer', [['CALL_ACTION', 0, 0], ['RETURN']], { gasLimit: 500 }];
    const main: Action = ['main', [['CALL_ACTION', 1, 0], ['RETURN']]];
    // The inner one may use more than the outer one has: it is the outer limit that is used up.
    expect(revertText(runLast([limited(600), outer, main]))).toBe('gas limit of outer used up');
    const inner = runLast([limited(400, 300), outer, main]);
    expect(revertText(inner)).toBe('gas limit of spend used up');
    expect(inner.gas).toBe(10 + 10 + 300);
  });

  it('holds for a function as a value', () => {
    const main: Action = ['main', [['MAKE_CLOSURE', 0, 0], ['CALL_TOP', 0], ['RETURN']]];
    expect(revertText(runLast([limited(LIMIT), main]))).toBe(used);
    expect(runLast([limited(0), main]).gas).toBe(5 + 10 + 2 + 3);
  });

  it('makes no difference between any two amounts of gas that are enough', () => {
    const main: Action = ['main', catching(0)];
    const need = runLast([limited(LIMIT), main]).gas;
    let successes = 0;
    for (let gas = need - 50; gas < need + 50; gas += 1) {
      const {
        value,
        halt,
        gas: taken,
      } = runLast([limited(LIMIT), main], new MemoryHost(), { gas });
      if (gas < need) expect(halt).toEqual(new Failure('OUT_OF_GAS'));
      else {
        expect(value).toEqual(new List(['below', used, 'kept']));
        expect(taken).toBe(need);
        successes += 1;
      }
    }
    expect(successes).toBe(50);
  });

  it('is none where less is left: then all gas is used up', () => {
    const { halt } = runLast([limited(LIMIT), ['main', catching(0)]], new MemoryHost(), {
      gas: 900,
    });
    expect(halt).toEqual(new Failure('OUT_OF_GAS'));
  });
});

describe('a function as a value', () => {
  it('sees what it was given, in order, then its arguments', () => {
    const parameters = ['a', 'b', 'c'].map((name) => ({ name, type: '' }));
    const of: Action = [
      'of',
      [
        ['LOAD_NAME', 'a'],
        ['LOAD_NAME', 'b'],
        ['LOAD_NAME', 'c'],
        ['LOAD_NAME', 'local'],
        ['BUILD_LIST', 4],
        ['RETURN'],
      ],
      { parameters },
    ];
    const main: Action = [
      'main',
      [
        ['LOAD_CONST', 'below'],
        ['LOAD_CONST', 1],
        ['LOAD_CONST', 2],
        ['MAKE_CLOSURE', 0, 2],
        ['LOAD_CONST', 3],
        ['CALL_TOP', 1],
        ['BUILD_LIST', 2],
        ['RETURN'],
      ],
    ];
    expect(runLast([of, main]).value).toEqual(new List(['below', new List([1, 2, 3, null])]));
  });

  it('of a view may not write', () => {
    const view: Action = [
      'view',
      [['LOAD_CONST', 1], ['STATE_WRITE', 'count'], ...ONE],
      { mutability: 'pure' },
    ];
    const main: Action = ['main', [['MAKE_CLOSURE', 0, 0], ['CALL_TOP', 0], ['RETURN']]];
    expect(runLast([view, main]).halt).toEqual(new Failure('STATIC_WRITE'));
  });

  it('panics for another number of arguments, which can be caught', () => {
    const main: Action = [
      'main',
      [['MAKE_CLOSURE', 0, 0], ['LOAD_CONST', 1], ['CALL_TOP', 1], ['RETURN']],
    ];
    expect(panicCode(runLast([failing, main]))).toBe(0x51);
  });
});
