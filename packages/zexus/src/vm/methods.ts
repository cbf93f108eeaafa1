import { BUILTINS, type Builtin } from './builtin-table.ts';
import { runBuiltin } from './builtins.ts';
import { PANIC, panic } from './halt.ts';
import { kindName } from './kind-name.ts';
import type { Machine } from './machine.ts';
import { methodCounts, methodPosition, RECEIVERS, type Receiver } from './method-table.ts';
import { CellHandle, type Value } from './value.ts';

/**
 * Runs a method of a text, of bytes, of a list or of a map, wherever it is. What the method takes is
 * charged here, its base costs are the instruction's.
 *
 * @param object no address: its actions are those of another contract
 * @param values the arguments; what is left out at their end is null
 * @throws `Revert` Panic 0x51 when values of the kind have no such method, or for a number of arguments
 *   that it does not take; as the builtin of the name
 */
export function runMethod(
  machine: Machine,
  object: Value,
  name: string,
  values: readonly Value[],
): Value {
  const position = positionFor(machine, object, name);
  if (position === undefined) throw panic(PANIC.call);
  const { fewest, most } = methodCounts(BUILTINS[position] as Builtin);
  if (values.length < fewest || values.length > most) throw panic(PANIC.call);
  const [first = null, second = null, third = null] = values;
  return runBuiltin(machine, position, object, first, second, third);
}

function positionFor(machine: Machine, object: Value, name: string): number | undefined {
  if (object instanceof CellHandle) {
    // A name that lists and maps share means the same builtin, which finds out which of them it has.
    const ofList = methodPosition('list', name);
    const ofMap = methodPosition('map', name);
    if (ofList === ofMap) return ofList;
  }
  const kind = kindName(machine, object);
  const receiver = RECEIVERS.find((candidate: Receiver) => candidate === kind);
  return receiver === undefined ? undefined : methodPosition(receiver, name);
}
