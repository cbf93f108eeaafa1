import { toHexKey } from '@lucerna/base';
import { ADDRESS_BYTES } from '@lucerna/protocol';
import type {
  Constant,
  Container,
  ContainerAction,
  ContainerEvent,
} from '../bytecode/container.ts';
import { MAX_INDEXED_FIELDS } from '../bytecode/format.ts';
import { functionSelector } from '../bytecode/selector.ts';
import { isSourceMap } from '../bytecode/source-map.ts';
import { cellTypeCode, cellTypeOfCode, typeCode } from '../bytecode/type-codes.ts';
import type { StateVariable } from '../layout/schema.ts';
import { zexusLimits } from '../limits.ts';
import { MAX_INTEGER } from './arithmetic.ts';
import { utf8Bytes } from './text.ts';
import { type StackAnalysis, verifyAction } from './verify-action.ts';
import { refuse } from './verify-rule.ts';

/**
 * Checks everything that the interpreter relies on: what instructions refer to, that the stack has
 * the same depth on all ways to an instruction and stays within its limit, that nothing runs off the
 * end. What a decoded container obeys already is checked again, so that containers from elsewhere are
 * as safe.
 *
 * @throws `PROGRAM_REFUSED` with the fields `rule` (of `VERIFIER_RULES`), `action`, `instruction`
 */
export function verifyContainer(container: Container): void {
  analyseContainer(container);
}

/** As {@link verifyContainer}; returns what it found out about each action. */
export function analyseContainer(container: Container): readonly StackAnalysis[] {
  container.constants.forEach(verifyConstant);
  verifySchema(container);
  container.events.forEach(verifyEvent);
  verifySignatures(container.actions);
  verifyInit(container);
  verifySourceMap(container);
  const variables = new Map(container.schema.map((variable) => [variable.name, variable]));
  return container.actions.map((action) => verifyAction(container, variables, action));
}

function verifyConstant(constant: Constant, index: number): void {
  if (!isConstant(constant)) refuse('constant-value', `constant ${index}`);
}

function isConstant(constant: Constant): boolean {
  const { stringBytes } = zexusLimits.values;
  switch (constant.kind) {
    case 'integer':
      return constant.value <= MAX_INTEGER && constant.value >= -MAX_INTEGER;
    case 'string':
      return constant.value.isWellFormed() && utf8Bytes(constant.value) <= stringBytes;
    case 'bytes':
      return constant.value.length <= stringBytes;
    case 'address':
      return constant.value.length === ADDRESS_BYTES;
    default:
      return true;
  }
}

function verifySchema({ schema }: Container): void {
  const twice = duplicate(schema.map(({ name }) => name));
  if (twice !== undefined) refuse('state-schema', `two variables ${twice}`);
  for (const variable of schema) {
    if (!isVariable(variable)) refuse('state-schema', variable.name);
  }
}

function isVariable(variable: StateVariable): boolean {
  const code = cellTypeCode(variable.type);
  if (code === undefined || cellTypeOfCode(code) !== variable.type) return false;
  if (variable.kind === 'cell') return true;
  const { depth } = variable;
  return Number.isInteger(depth) && depth >= 1 && depth <= zexusLimits.values.containerMapDepth;
}

function verifyEvent({ name, fields }: ContainerEvent): void {
  const indexed = fields.filter((field) => field.indexed);
  const isTyped = fields.every(({ type }) => typeCode(type) !== undefined);
  if (!isTyped || indexed.length > MAX_INDEXED_FIELDS) refuse('event-fields', name);
}

function verifySignatures(actions: readonly ContainerAction[]): void {
  const name = duplicate(actions.map((action) => action.name));
  if (name !== undefined) refuse('action-names', name);
  const functions = actions.filter((action) => action.exportedAs !== undefined);
  for (const action of functions) verifyTypes(action);
  const selector = duplicate(functions.map(selectorText));
  if (selector !== undefined) refuse('action-selector', `0x${selector}`);
}

function verifyTypes({ name, parameters, result }: ContainerAction): void {
  const types = parameters.map(({ type }) => type);
  if (result !== undefined) types.push(result);
  const unknown = types.find((type) => typeCode(type) === undefined);
  if (unknown !== undefined) refuse('action-type', unknown || 'no type', { action: name });
}

function selectorText({ exportedAs, parameters }: ContainerAction): string {
  const types = parameters.map(({ type }) => type);
  return toHexKey(functionSelector(exportedAs ?? '', types));
}

function verifyInit({ actions, init }: Container): void {
  if (init === undefined) return;
  const action = actions[init];
  if (
    action === undefined ||
    action.exportedAs !== undefined ||
    action.mutability === 'view' ||
    action.result !== undefined
  ) {
    refuse('init-action', action?.name ?? `action ${init}`);
  }
  verifyTypes(action);
}

function verifySourceMap({ sourceMap, actions }: Container): void {
  if (sourceMap === undefined || isSourceMap(sourceMap, actions)) return;
  refuse('source-map', sourceMap.file);
}

/** The first text that occurs a second time. */
function duplicate(texts: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return texts.find((text) => {
    if (seen.has(text)) return true;
    seen.add(text);
    return false;
  });
}
