import { bytesToBigInt } from '@lucerna/base';
import { eventLayout, selectorOfSignature, signatureText } from '@lucerna/protocol';
import type {
  Constant,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
} from '../bytecode/container.ts';
import { decodeContainer } from '../bytecode/decode-container.ts';
import { variableSlot } from '../layout/slots.ts';
import { boundaryTypeOf } from './boundary-type.ts';
import { lowerAction } from './lowering.ts';
import { PlaceTable } from './places.ts';
import type {
  Program,
  ProgramAction,
  ProgramError,
  ProgramEvent,
  ProgramVariable,
} from './program.ts';
import { ProgramTrace } from './program-trace.ts';
import { Address, integer, type Value } from './value.ts';
import { analyseContainer } from './verifier.ts';
import type { StackAnalysis } from './verify-action.ts';

/**
 * The program that the bytes of a container hold, verified and lowered. Depends on the bytes alone:
 * callers keep it by their hash and by the version of the rules.
 *
 * @throws `ZXC_*` as `decodeContainer`, `PROGRAM_REFUSED` as `verifyContainer`
 */
export function loadProgram(code: Uint8Array, options: LoadOptions = {}): Program {
  return lowerContainer(decodeContainer(code), options);
}

export type LoadOptions = {
  /**
   * Whether runs of the program can be traced: it does the same for the same gas, but takes more
   * memory and time. Default: false.
   */
  readonly traced?: boolean;
};

/** As {@link loadProgram}, from the container itself. @throws `PROGRAM_REFUSED` */
export function lowerContainer(container: Container, { traced }: LoadOptions = {}): Program {
  const analyses = analyseContainer(container);
  const trace = traced === true ? new ProgramTrace(container, analyses) : undefined;
  const places = new PlaceTable(container.schema);
  const code: number[] = [];
  const actions = container.actions.map((action, index): ProgramAction => {
    const analysis = analyses[index] as StackAnalysis;
    const entry = code.length;
    lowerAction(container, action, analysis, places, code, trace?.starts[index]);
    return programAction(container, action, index, analysis, entry);
  });
  const at = (index: number | undefined): ProgramAction | undefined =>
    index === undefined ? undefined : actions[index];
  return {
    code: Int32Array.from(code),
    constants: container.constants.map(constantValue),
    actions,
    variables: container.schema.map(
      ({ name, shape }): ProgramVariable => ({ name, slot: variableSlot(name), shape }),
    ),
    places: places.places,
    events: container.events.map(programEvent),
    errors: container.errors.map(programError),
    functions: functionTable(container, actions),
    named: nameTable(container, actions),
    init: at(container.init),
    fallback: at(container.fallback),
    receive: at(container.receive),
    trace,
  };
}

function programAction(
  container: Container,
  action: ContainerAction,
  index: number,
  analysis: StackAnalysis,
  entry: number,
): ProgramAction {
  const { init, fallback, receive } = container;
  const isCallable = action.exportedAs !== undefined || [init, fallback, receive].includes(index);
  return {
    name: action.name,
    entry,
    parameterCount: action.parameters.length,
    localCount: analysis.locals.size,
    registerCount: analysis.locals.size + analysis.maxDepth,
    isView: action.mutability === 'view' || action.mutability === 'pure',
    isPayable: action.mutability === 'payable',
    gasLimit: action.gasLimit ?? Number.POSITIVE_INFINITY,
    parameterTypes: isCallable ? action.parameters.map(boundaryTypeOf) : [],
    resultType:
      isCallable && action.result !== undefined ? boundaryTypeOf(action.result) : undefined,
  };
}

function programEvent({ name, fields }: ContainerEvent): ProgramEvent {
  const types = fields.map(boundaryTypeOf);
  const layout = eventLayout(
    name,
    fields.map(({ indexed }, index) => ({
      type: (types[index] as (typeof types)[0]).abi,
      indexed,
    })),
  );
  return { layout, types };
}

function programError({ name, fields }: ContainerError): ProgramError {
  const types = fields.map(boundaryTypeOf);
  const signature = signatureText(
    name,
    types.map(({ abi }) => abi),
  );
  return {
    name,
    selector: selectorOfSignature(signature),
    fields: fields.map((field) => field.name),
    types,
  };
}

function functionTable(
  container: Container,
  actions: readonly ProgramAction[],
): ReadonlyMap<number, ProgramAction> {
  const functions = new Map<number, ProgramAction>();
  container.actions.forEach(({ exportedAs }, index) => {
    if (exportedAs === undefined) return;
    const action = actions[index] as ProgramAction;
    const signature = signatureText(
      exportedAs,
      action.parameterTypes.map(({ abi }) => abi),
    );
    functions.set(Number(bytesToBigInt(selectorOfSignature(signature))), action);
  });
  return functions;
}

function nameTable(
  container: Container,
  actions: readonly ProgramAction[],
): ReadonlyMap<string, ProgramAction> {
  const named = new Map<string, ProgramAction>();
  container.actions.forEach(({ exportedAs, name }, index) => {
    if (exportedAs === undefined) return;
    named.set(name, actions[index] as ProgramAction);
  });
  // The first of those that share a name in the ABI has it; what a source calls an action comes first.
  container.actions.forEach(({ exportedAs }, index) => {
    if (exportedAs === undefined || named.has(exportedAs)) return;
    named.set(exportedAs, actions[index] as ProgramAction);
  });
  return named;
}

function constantValue(constant: Constant): Value {
  switch (constant.kind) {
    case 'null':
      return null;
    case 'integer':
      return integer(constant.value);
    case 'address':
      return new Address(constant.value);
    default:
      return constant.value;
  }
}
