import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/bytecode/container.ts';
import { functionSelector } from '../../src/bytecode/selector.ts';
import { call, type VmOutcome } from '../../src/vm/call.ts';
import { type GasSchedule, INITIAL_GAS } from '../../src/vm/gas.ts';
import { lowerContainer } from '../../src/vm/load.ts';
import { Address } from '../../src/vm/value.ts';
import { Assembler, account, EVENTS, MemoryHost, run, SCHEMA } from './support.ts';

/** Loops, writes, reads, hashes, calls, emits and returns a string: some of everything. */
function program(): Container {
  const assembler = new Assembler();
  assembler.schema = SCHEMA;
  assembler.events.push(...EVENTS);
  const helper = assembler.code(
    ['LOAD_NAME', 'v'],
    ['LOAD_CONST', 'x'],
    ['ADD'],
    ['CALL_BUILTIN', 'keccak256', 1],
    ['CALL_BUILTIN', 'hex', 1],
    ['RETURN'],
  );
  const parameters = [{ name: 'v', type: '' }];
  const called = assembler.action('helper', helper, { exportedAs: undefined, parameters });
  const code = assembler.code(
    ['LOAD_NAME', 'i'],
    ['LOAD_CONST', 2],
    ['LT'],
    ['JUMP_IF_FALSE', 16],
    ['LOAD_NAME', 'i'],
    ['LOAD_CONST', 'key'],
    ['STATE_READ', 'count'],
    ['LOAD_CONST', 'a note of more than thirty bytes, so that it has a tail'],
    ['MAP_WRITE', 'notes', 2],
    ['LOAD_CONST', 1],
    ['ADD'],
    ['STORE_NAME', 'i'],
    ['LOAD_NAME', 'i'],
    ['STATE_WRITE', 'count'],
    ['NOP'],
    ['JUMP', 0],
    ['LOAD_CONST', new Address(account(1))],
    ['LOAD_CONST', 'note'],
    ['STATE_READ', 'count'],
    ['LOAD_CONST', 'text'],
    ['EMIT', 1, 4],
    ['STATE_READ', 'count'],
    ['CALL_ACTION', called, 1],
    ['RETURN'],
  );
  assembler.action('main', code, { result: 'string' });
  return assembler.container();
}

/** Lists, maps, loops over them, functions as values, and failures that are caught: some of everything. */
function containersAndTries(): Container {
  const assembler = new Assembler();
  assembler.schema = SCHEMA;
  const parameters = [{ name: 'v', type: '' }];
  const hidden = { exportedAs: undefined };
  const add = assembler.code(['LOAD_NAME', 'v'], ['LOAD_CONST', 'x'], ['ADD'], ['RETURN']);
  assembler.action('add', add, { ...hidden, parameters });
  // Uses up its limit, after it has written.
  const costly = assembler.code(
    ['LOAD_CONST', 9],
    ['STATE_WRITE', 'count'],
    ['GAS_CHARGE', 5_000],
    ['LOAD_CONST', null],
    ['RETURN'],
  );
  const limited = assembler.action('costly', costly, { ...hidden, gasLimit: 5_000 });
  const code = assembler.code(
    ['LOAD_CONST', 'a'],
    ['LOAD_CONST', 1],
    ['LOAD_CONST', 'b'],
    ['LOAD_CONST', 'a text of more than thirty-two bytes'],
    ['BUILD_MAP', 2],
    ['STORE_NAME', 'm'],
    ['LOAD_NAME', 'm'],
    ['ITERATE'],
    ['ITER_NEXT_PAIR', 25],
    ['STORE_NAME', 'v'],
    ['STORE_NAME', 'k'],
    ['TX_BEGIN'],
    ['SETUP_TRY', 18],
    ['CALL_ACTION', limited, 0],
    ['POP'],
    ['POP_TRY'],
    ['TX_COMMIT'],
    ['JUMP', 8],
    ['TX_REVERT'],
    ['STORE_NAME', 'e'],
    ['LOAD_NAME', 'm'],
    ['LOAD_CONST', 'a'],
    ['LOAD_NAME', 'e'],
    ['STORE_INDEX'],
    ['JUMP', 8],
    ['MAKE_CLOSURE', 0, 0],
    ['LOAD_NAME', 'm'],
    ['LOAD_CONST', 'a'],
    ['INDEX'],
    ['CALL_TOP', 1],
    ['LOAD_NAME', 'm'],
    ['ADD'],
    ['RETURN'],
  );
  assembler.action('main', code, { result: 'string' });
  return assembler.container();
}

/** State a tenth as dear, so that there are fewer limits to try. */
const schedule: GasSchedule = { ...INITIAL_GAS, coldSlot: 210, slotSet: 2_000, slotReset: 290 };

describe.each([
  ['of everything simple', program()],
  ['of containers and tries', containersAndTries()],
])('a run %s with any gas', (_what, container) => {
  const lowered = lowerContainer(container);
  const calldata = functionSelector('main', []);
  const runWith = (gas: number): VmOutcome =>
    call(lowered, calldata, run(new MemoryHost(), { gas, schedule }));
  const plenty = 1_000_000;
  const need = plenty - runWith(plenty).gasLeft;

  it('succeeds with exactly what it needs and leaves nothing', () => {
    expect(runWith(need)).toMatchObject({ status: 'success', gasLeft: 0, error: undefined });
    expect(need).toBeGreaterThan(10_000);
  });

  it('fails with anything less, from 0 on, and never throws', () => {
    let failures = 0;
    for (let gas = 0; gas < need; gas += 1) {
      const outcome = runWith(gas);
      if (
        outcome.status === 'failure' &&
        outcome.gasLeft === 0 &&
        outcome.refund === 0 &&
        outcome.returnData.length === 0 &&
        outcome.error?.code === 'OUT_OF_GAS'
      ) {
        failures += 1;
      }
    }
    expect(failures).toBe(need);
  });

  it('leaves the rest when there is more', () => {
    expect(runWith(need + 123)).toMatchObject({ status: 'success', gasLeft: 123 });
  });
});
