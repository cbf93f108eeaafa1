import { assert, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { type CompiledContract, compile } from '../../../src/compiler/compile.ts';
import { variableSlot } from '../../../src/layout/slots.ts';
import { formatDiagnostic } from '../../../src/syntax/diagnostics.ts';
import { parse } from '../../../src/syntax/parser.ts';
import type { VmOutcome } from '../../../src/vm/call.ts';
import { INITIAL_GAS } from '../../../src/vm/gas.ts';
import { Revert } from '../../../src/vm/halt.ts';
import { loadProgram } from '../../../src/vm/load.ts';
import { type Machine, noStatistics } from '../../../src/vm/machine.ts';
import { Meter } from '../../../src/vm/meter.ts';
import {
  ledgerGet,
  ledgerLength,
  materialise,
  readNamed,
  stateIndex,
} from '../../../src/vm/state-containers.ts';
import { readPlace } from '../../../src/vm/state-places.ts';
import { StateHandle, type Value } from '../../../src/vm/value.ts';
import { CONTEXT, NO_CALLS } from '../../vm/support.ts';
import { argumentsOf, dataOf, type Message, messagesOf } from '../messages.ts';
import type { GeneratedProgram } from '../programs.ts';
import { Tape } from '../tape.ts';
import { World } from '../world.ts';
import { fromMachine, toMachine } from './convert.ts';
import {
  equal,
  isMemory,
  keyOf,
  RefList,
  type RefMap,
  type RefValue,
  type Scalar,
  StateContainer,
} from './values.ts';
import { RefWorld } from './world.ts';

/** How many messages ended in which way. */
export const tally = { programs: 0, calls: 0, success: 0, revert: 0, failure: 0, skipped: 0 };

const GAS = 50_000_000;

/** Runs a program in both ways, message by message. Throws when they differ. */
export function comparePrograms({ source }: GeneratedProgram, bytes: Uint8Array): void {
  const file = { name: 'generated.zx', text: source };
  const { contracts, diagnostics } = compile(file);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert(errors.length === 0, errors.map((error) => formatDiagnostic(error)).join('\n'));
  tally.programs += 1;
  const { program } = parse(file);
  const [world, reference] = [new World(), new RefWorld()];
  const placed = contracts.map((contract) => {
    const { address } = world.place(contract);
    const declaration = program.contracts.find(({ name }) => name.name === contract.name)!;
    reference.add({ address, program, declaration, container: contract.container });
    return { contract, address };
  });
  const tape = new Tape(bytes);
  for (const { contract, address } of placed) {
    for (const message of messagesOf(contract.container, tape)) {
      if (!compareMessage(world, reference, contract, address, message)) return;
    }
  }
  compareLogs(world, reference);
  for (const { contract, address } of placed) compareState(world, reference, contract, address);
}

/** Whether the comparison can go on. */
function compareMessage(
  world: World,
  reference: RefWorld,
  contract: CompiledContract,
  address: Uint8Array,
  message: Message,
): boolean {
  const { container } = contract;
  const { value } = message;
  const data = dataOf(message, container);
  const options = { value, gas: GAS };
  const outcome =
    message.action === undefined
      ? world.construct(address, data, options)
      : world.send(address, data, options);
  tally.calls += 1;
  // The reference has no gas, and no bounds of a run.
  if (outcome.error?.code === 'OUT_OF_GAS' || outcome.error?.code === 'CALL_DEPTH') {
    tally.skipped += 1;
    return false;
  }
  tally[outcome.status] += 1;
  const action = message.action === undefined ? undefined : container.actions[message.action];
  const expected = reference.send({ ...CONTEXT, address, value }, action, () =>
    argumentsOf(message),
  );
  const found = `${outcome.status} ${toHex(outcome.returnData)}`;
  const wanted = `${expected.status} ${toHex(expected.data)}`;
  const place = action?.name ?? 'constructor';
  assert(
    found === wanted,
    `${contract.name}.${place}: ${described(outcome)}\n${found}\nreference:\n${wanted}`,
  );
  for (const account of [address, CONTEXT.caller, CONTEXT.origin, CONTEXT.coinbase]) {
    assert(
      world.balance(account) === reference.balance(account),
      `${contract.name}.${place}: balance of ${toHex(account)}`,
    );
  }
  return true;
}

function described({ error }: VmOutcome): string {
  return error === undefined ? 'success' : error.message;
}

function compareLogs(world: World, reference: RefWorld): void {
  const found = world.logs.map(({ address, topics, data }) => [toHex(address), topics, data]);
  const wanted = reference.logs.map(({ address, topics, data }) => [address, topics, data]);
  assert(
    JSON.stringify(found) === JSON.stringify(wanted),
    `logs ${JSON.stringify(found)}\nreference:\n${JSON.stringify(wanted)}`,
  );
}

/** The content of each variable; of plain maps that of the entries that were written. */
function compareState(
  world: World,
  reference: RefWorld,
  { bytecode, container }: CompiledContract,
  address: Uint8Array,
): void {
  const machine: Machine = {
    program: loadProgram(bytecode),
    context: { ...CONTEXT, address },
    host: world.hostOf(address),
    calls: NO_CALLS,
    signatures: pureSignatureEngine,
    meter: new Meter(INITIAL_GAS, Number.MAX_SAFE_INTEGER),
    calldata: new Uint8Array(0),
    isStatic: true,
    isReentrant: false,
    checkpoints: [],
    caught: [],
    statistics: noStatistics(),
  };
  const { state } = reference;
  const check = (value: Value, expected: RefValue, name: string): void => {
    if (expected instanceof StateContainer && expected.shape.kind === 'map') {
      assert(value instanceof StateHandle, `${name} is a map of the state`);
      for (const place of expected.places.values()) {
        if (place.kind === 'cell') continue;
        const key = toMachine(place.parent!.key);
        check(stateIndex(machine, value, key), place, `${name}[${String(key)}]`);
      }
      for (const [text, place] of expected.places) {
        if (place.kind !== 'cell') continue;
        const key = expected.keysOfPlaces.get(text) as Scalar;
        check(stateIndex(machine, value, toMachine(key)), state.read(place), `${name}[${text}]`);
      }
      return;
    }
    const memory = fromMachine(copied(machine, value));
    const wanted = state.copy(expected);
    assert(
      equal(memory, wanted, MEMORY) && orderOf(memory) === orderOf(wanted),
      `${name}: ${shown(memory)}\nreference:\n${shown(wanted)}`,
    );
  };
  for (const { name, shape } of container.schema) {
    const root = state.root(toHex(address).slice(2), name, shape);
    check(readPlace(machine, variableSlot(name), shape), state.read(root), name);
  }
  const ledger = reference.named(address, 'ledger');
  assert(ledgerLength(machine) === ledger.length, 'length of the ledger');
  for (let at = 0; at < ledger.length; at += 1) {
    check(ledgerGet(machine, at), state.index(ledger, BigInt(at)), `ledger[${at}]`);
  }
  const named = reference.named(address, 'named');
  for (const key of named.keysOfPlaces.values()) {
    check(readNamed(machine, toMachine(key)), state.index(named, key), `state_read ${String(key)}`);
  }
}

function copied(machine: Machine, value: Value): Value {
  try {
    return materialise(machine, value);
  } catch (error) {
    assert(
      !(error instanceof Revert),
      `what is in the state can be read: ${(error as Revert).reason}`,
    );
    throw error;
  }
}

const MEMORY = {
  memory: (value: RefValue): RefValue => value,
  length: (): number => 0,
};

/** The keys of maps in their order. */
function orderOf(value: RefValue): string {
  return shown(value);
}

function shown(value: RefValue): string {
  if (!isMemory(value))
    return typeof value === 'object' && value !== null ? keyOf(value as Scalar) : String(value);
  if (value instanceof RefList) return `[${value.items.map(shown).join(', ')}]`;
  return `{${[...(value as RefMap).entries].map(([key, entry]) => `${key}: ${shown(entry.value)}`).join(', ')}}`;
}
