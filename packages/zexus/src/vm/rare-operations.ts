import { assert, present } from '@lucerna/base';
import { isTruthy, negate, power } from './arithmetic.ts';
import { runBuiltin } from './builtins.ts';
import { hashBlock } from './builtins-hashes.ts';
import { merkleRoot } from './builtins-merkle.ts';
import { verifySignature } from './builtins-signatures.ts';
import { attributeOf, buildList, buildMap, buildSet, sliceValue } from './containers.ts';
import { readContext } from './context-field.ts';
import { auditLog, emitEvent, emitValue } from './emit.ts';
import { callContract } from './external-call.ts';
import { revertWith, silentRevert } from './halt.ts';
import { iterate } from './iteration.ts';
import type { Machine } from './machine.ts';
import { runMethod } from './methods.ts';
import type { ProgramPlace } from './places.ts';
import { REGISTER_OPS } from './register-code.ts';
import type { RegisterWindow } from './register-window.ts';
import { declaredError, throwValue } from './revert.ts';
import { meteredEntrySlot } from './state-access.ts';
import { appendLedger, writePlace } from './state-containers.ts';
import { readPlace } from './state-places.ts';
import { Address, Closure, type Value } from './value.ts';
import { meteredText } from './value-text.ts';

/** An operation whose own work outweighs a call; its operands as `REGISTER_OPS` says. */
type RareOperation = (
  machine: Machine,
  window: RegisterWindow,
  a: number,
  b: number,
  c: number,
) => void;

type Operations = Partial<Readonly<Record<keyof typeof REGISTER_OPS, RareOperation>>>;

const ARITHMETIC: Operations = {
  POW: ({ meter }, window, a, b, c) =>
    window.write(a, power(meter, window.read(b), window.read(c))),
  NEG: ({ meter }, window, a, b) => window.write(a, negate(meter, window.read(b))),
  NOT: (machine, window, a, b) => window.write(a, !isTruthy(machine, window.read(b))),
  // Both values are there already, but the length of what is in the state is only read when it counts.
  AND: (machine, window, a, b, c) =>
    window.write(a, isTruthy(machine, window.read(b)) && isTruthy(machine, window.read(c))),
  OR: (machine, window, a, b, c) =>
    window.write(a, isTruthy(machine, window.read(b)) || isTruthy(machine, window.read(c))),
};

const CONTAINERS: Operations = {
  BUILD_LIST: ({ meter }, window, a, b, c) => window.write(a, buildList(meter, window.copy(b, c))),
  BUILD_MAP: ({ meter }, window, a, b, c) =>
    window.write(a, buildMap(meter, window.copy(b, 2 * c))),
  BUILD_SET: (machine, window, a, b, c) => window.write(a, buildSet(machine, window.copy(b, c))),
  SLICE: (machine, window, a, b) =>
    window.write(a, sliceValue(machine, window.read(b), window.read(b + 1), window.read(b + 2))),
  GET_ATTR: (machine, window, a, b, c) =>
    window.write(a, attributeOf(machine, window.read(b), window.read(c))),
  ITERATE: (_machine, window, a, b) => window.write(a, iterate(window.read(b))),
};

const HASHES: Operations = {
  HASH_BLOCK: (machine, window, a, b) => window.write(a, hashBlock(machine, window.read(b))),
  VERIFY_SIGNATURE: (machine, window, a, b) =>
    window.write(
      a,
      verifySignature(machine, window.read(b), window.read(b + 1), window.read(b + 2)),
    ),
  MERKLE_ROOT: (machine, window, a, b, c) =>
    window.write(a, merkleRoot(machine, window.copy(b, c))),
};

const STATE: Operations = {
  READ: (machine, window, a, b, c) => {
    const place = machine.program.places[b] as ProgramPlace;
    window.write(a, readPlace(machine, slotOf(machine, window, place, c), place.shape));
  },
  WRITE: (machine, window, a, b) => {
    const place = machine.program.places[a] as ProgramPlace;
    const value = window.read(b + place.keys);
    writePlace(machine, slotOf(machine, window, place, b), place.shape, value);
  },
  TX_BEGIN: ({ checkpoints, host, meter }) => {
    checkpoints.push({ checkpoint: host.checkpoint(), refund: meter.refund });
  },
  TX_COMMIT: ({ checkpoints }) => {
    present(checkpoints.pop(), 'a checkpoint is open');
  },
  TX_REVERT: ({ checkpoints, host, meter }) => {
    const { checkpoint, refund } = present(checkpoints.pop(), 'a checkpoint is open');
    host.revertTo(checkpoint);
    meter.refund = refund;
  },
  LEDGER_APPEND: (machine, window, a) => appendLedger(machine, window.read(a)),
};

/** The slot that consecutive keys lead to. */
function slotOf(
  { meter }: Machine,
  window: RegisterWindow,
  { slot, keys }: ProgramPlace,
  from: number,
): Uint8Array {
  let entry = slot;
  for (let level = 0; level < keys; level += 1) {
    entry = meteredEntrySlot(meter, entry, window.read(from + level));
  }
  return entry;
}

const CALLS: Operations = {
  BUILTIN: (machine, window, a, b, c) => {
    const { values } = window;
    const first = window.base + c;
    // Of fewer arguments the rest is whatever is in the registers: no builtin looks at more than it has.
    const result = runBuiltin(
      machine,
      b,
      values[first] ?? null,
      values[first + 1] ?? null,
      values[first + 2] ?? null,
      values[first + 3] ?? null,
    );
    window.write(a, result);
  },
  METHOD: (machine, window, a, b, c) => {
    const object = window.read(a);
    const name = window.read(~b) as string;
    const values = window.copy(a + 1, c);
    const result =
      object instanceof Address
        ? callContract(machine, 'call', object, name, buildList(machine.meter, values), null, null)
        : runMethod(machine, object, name, values);
    window.write(a, result);
  },
  MAKE_CLOSURE: ({ meter }, window, a, b, c) => {
    meter.hold('function');
    meter.chargeItems(c);
    window.write(b, new Closure(a, window.copy(b, c)));
  },
  CALL_CONTRACT: (machine, window, a, b) => {
    const [target, signature, args, value, gas] = window.copy(b, 5) as FiveValues;
    window.write(a, callContract(machine, 'call', target, signature, args, value, gas));
  },
  STATIC_CALL: (machine, window, a, b) => {
    const [target, signature, args, gas] = window.copy(b, 4) as FourValues;
    window.write(a, callContract(machine, 'static', target, signature, args, null, gas));
  },
  DELEGATE_CALL: (machine, window, a, b) => {
    const [target, signature, args, gas] = window.copy(b, 4) as FourValues;
    window.write(a, callContract(machine, 'delegate', target, signature, args, null, gas));
  },
};

type FourValues = [Value, Value, Value, Value];
type FiveValues = [Value, Value, Value, Value, Value];

const ENDS: Operations = {
  REQUIRE: (machine, window, a, b) => {
    if (!isTruthy(machine, window.read(a))) revertContract(machine, window.read(b));
  },
  REVERT: (machine, window, a) => revertContract(machine, window.read(a)),
  REVERT_ERROR: (machine, window, a, b) => {
    const error = present(machine.program.errors[a], 'the error is verified');
    throw declaredError(machine, error, window.copy(b, error.types.length));
  },
  THROW: (machine, window, a) => {
    throw throwValue(machine, window.read(a));
  },
};

/** Ends the run with the canonical text of `message`, or with nothing when it is null. */
function revertContract(machine: Machine, message: Value): never {
  if (message === null) throw silentRevert();
  throw revertWith(meteredText(machine, message));
}

const SURROUNDINGS: Operations = {
  CONTEXT: (machine, window, a, b) => window.write(a, readContext(machine, b)),
  EMIT: (machine, window, a, b) => {
    const event = present(machine.program.events[a], 'the event is verified');
    emitEvent(machine, event, window.copy(b, event.types.length));
  },
  EMIT_EVENT: (machine, window, a, b) =>
    emitValue(machine, window.read(a) as string, window.read(b)),
  AUDIT_LOG: (machine, window, a, b) => auditLog(machine, window.read(a), window.read(b)),
  TRACE: ({ trace, meter }, { values, base }, a, b) => {
    trace?.step(a, meter.total + b, values, base);
  },
};

/** The operations that the interpreter's switch does not have, by their numbers. */
export const RARE_OPERATIONS: readonly (RareOperation | undefined)[] = byNumber([
  ARITHMETIC,
  CONTAINERS,
  HASHES,
  STATE,
  CALLS,
  ENDS,
  SURROUNDINGS,
]);

function byNumber(groups: readonly Operations[]): (RareOperation | undefined)[] {
  const table: (RareOperation | undefined)[] = Object.values(REGISTER_OPS).map(() => undefined);
  for (const [name, operation] of groups.flatMap((group) => Object.entries(group))) {
    const number = REGISTER_OPS[name as keyof typeof REGISTER_OPS];
    assert(table[number] === undefined, `${name} is there once`);
    table[number] = operation;
  }
  return table;
}
