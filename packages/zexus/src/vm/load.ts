import { bytesToBigInt } from '@lucerna/base';
import { type AbiType, eventLayout, parseAbiType } from '@lucerna/protocol';
import type { Constant, Container, ContainerAction } from '../bytecode/container.ts';
import { decodeContainer } from '../bytecode/decode-container.ts';
import { functionSelector } from '../bytecode/selector.ts';
import { variableSlot } from '../layout/slots.ts';
import { lowerAction } from './lowering.ts';
import type { Program, ProgramAction, ProgramVariable } from './program.ts';
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
  const variables = new Map(container.schema.map(({ name }, index) => [name, index]));
  const code: number[] = [];
  const actions = container.actions.map((action, index): ProgramAction => {
    const analysis = analyses[index] as StackAnalysis;
    const entry = code.length;
    lowerAction(container, action, analysis, variables, code, trace?.starts[index]);
    return programAction(container, action, index, analysis, entry);
  });
  return {
    code: Int32Array.from(code),
    constants: container.constants.map(constantValue),
    actions,
    variables: container.schema.map(
      (variable): ProgramVariable => ({
        slot: variableSlot(variable.name),
        type: variable.type,
        depth: variable.kind === 'map' ? variable.depth : 0,
      }),
    ),
    events: container.events.map(({ name, fields }) =>
      eventLayout(
        name,
        fields.map(({ type, indexed }) => ({ type: parseAbiType(type), indexed })),
      ),
    ),
    functions: functionTable(container, actions),
    init: container.init === undefined ? undefined : actions[container.init],
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
  const isCallable = action.exportedAs !== undefined || container.init === index;
  const parameterTypes = isCallable ? action.parameters.map(({ type }) => parseAbiType(type)) : [];
  const resultType: AbiType | undefined =
    isCallable && action.result !== undefined ? parseAbiType(action.result) : undefined;
  return {
    name: action.name,
    entry,
    parameterCount: action.parameters.length,
    localCount: analysis.locals.size,
    registerCount: analysis.locals.size + analysis.maxDepth,
    isView: action.mutability === 'view',
    isPayable: action.mutability === 'payable',
    parameterTypes,
    resultType,
  };
}

function functionTable(
  container: Container,
  actions: readonly ProgramAction[],
): ReadonlyMap<number, ProgramAction> {
  const functions = new Map<number, ProgramAction>();
  container.actions.forEach(({ exportedAs, parameters }, index) => {
    if (exportedAs === undefined) return;
    const types = parameters.map(({ type }) => type);
    const selector = functionSelector(exportedAs, types);
    functions.set(Number(bytesToBigInt(selector)), actions[index] as ProgramAction);
  });
  return functions;
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
