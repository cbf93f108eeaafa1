import { EMPTY_BYTES, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { zexusErrors } from '../errors.ts';
import { indexValue } from './containers.ts';
import { INITIAL_GAS } from './gas.ts';
import { Revert } from './halt.ts';
import type { HostState } from './host.ts';
import { type Machine, noStatistics } from './machine.ts';
import { MemoryHost, NO_CHAIN, NO_CONTRACTS } from './memory-host.ts';
import { Meter } from './meter.ts';
import type { Program } from './program.ts';
import { materialise } from './state-containers.ts';
import { readPlace } from './state-places.ts';
import type { Value } from './value.ts';

/**
 * What a variable of a contract's state holds, or what keys lead to within it, as a tool reads it: without
 * gas. Lists and maps are copies. What is not there is null, or the zero of its type.
 *
 * @param load the word in a slot of the contract's state
 * @throws `VARIABLE_UNREADABLE` when there is no variable of the name, when keys do not lead anywhere, for
 *   a map whose keys nobody knows, and for more than a run may hold
 */
export function readVariable(
  program: Program,
  name: string,
  keys: readonly Value[],
  load: HostState['load'],
): Value {
  const variable = program.variables.find((each) => each.name === name);
  if (variable === undefined) {
    throw zexusErrors.create('VARIABLE_UNREADABLE', `${name}: there is no such variable`, { name });
  }
  const machine = readingMachine(program, load);
  try {
    let value = readPlace(machine, variable.slot, variable.shape);
    for (const key of keys) value = indexValue(machine, value, key);
    return materialise(machine, value);
  } catch (halt) {
    if (!(halt instanceof Revert)) throw halt;
    const reason = halt.reason ?? toHex(halt.data);
    throw zexusErrors.create('VARIABLE_UNREADABLE', `${name}: ${reason}`, { name });
  }
}

/** A machine that only reads, with gas for everything. */
function readingMachine(program: Program, load: HostState['load']): Machine {
  return {
    program,
    context: NO_CHAIN,
    host: new ReadingHost(load),
    calls: NO_CONTRACTS,
    signatures: pureSignatureEngine,
    meter: new Meter(INITIAL_GAS, Number.MAX_SAFE_INTEGER),
    calldata: EMPTY_BYTES,
    isStatic: true,
    isReentrant: false,
    checkpoints: [],
    caught: [],
    statistics: noStatistics(),
  };
}

/** A host without anything but the words of a state. */
class ReadingHost extends MemoryHost {
  override readonly load: HostState['load'];

  constructor(load: HostState['load']) {
    super(NO_CHAIN.address);
    this.load = load;
  }
}
