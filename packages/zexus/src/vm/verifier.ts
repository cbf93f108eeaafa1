import { toHexKey } from '@lucerna/base';
import { ADDRESS_BYTES } from '@lucerna/protocol';
import { type FieldType, isFieldType } from '../bytecode/abi-types.ts';
import type {
  Constant,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
} from '../bytecode/container.ts';
import { canBeFallback, canBeInit, canBeReceive } from '../bytecode/entry-points.ts';
import { MAX_INDEXED_FIELDS } from '../bytecode/format.ts';
import { functionSelector } from '../bytecode/selector.ts';
import { isShape } from '../bytecode/shape-codes.ts';
import { isSourceMap } from '../bytecode/source-map.ts';
import { zexusLimits } from '../limits.ts';
import { MAX_INTEGER } from './arithmetic.ts';
import { utf8Bytes } from './text.ts';
import { type StackAnalysis, verifyAction } from './verify-action.ts';
import { refuse, type VerifierRule } from './verify-rule.ts';

/** Numbers of containers are below this. */
const END_OF_NUMBERS = 2 ** 32;

/**
 * Checks everything that the interpreter relies on: what instructions refer to, that the stack has
 * the same depth and the same tries are open on all ways to an instruction, that nothing runs off the
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
  container.errors.forEach(verifyError);
  container.actions.forEach(verifyGasLimit);
  verifySignatures(container.actions);
  verifyEntryPoints(container);
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
  for (const { name, shape } of schema) if (!isShape(shape)) refuse('state-schema', name);
}

function verifyEvent({ name, fields }: ContainerEvent): void {
  const indexed = fields.filter((field) => field.indexed);
  if (!fields.every(isFieldType) || indexed.length > MAX_INDEXED_FIELDS) {
    refuse('event-fields', name);
  }
}

function verifyError({ name, fields }: ContainerError): void {
  if (!fields.every(isFieldType)) refuse('error-fields', name);
}

function verifyGasLimit({ name, gasLimit }: ContainerAction): void {
  if (gasLimit === undefined) return;
  if (Number.isInteger(gasLimit) && gasLimit >= 0 && gasLimit < END_OF_NUMBERS) return;
  refuse('action-gas-limit', `${gasLimit}`, { action: name });
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
  const fields: readonly FieldType[] = result === undefined ? parameters : [...parameters, result];
  const unknown = fields.find((field) => !isFieldType(field));
  if (unknown !== undefined) refuse('action-type', unknown.type || 'no type', { action: name });
}

function selectorText({ exportedAs, parameters }: ContainerAction): string {
  return toHexKey(functionSelector(exportedAs ?? '', parameters));
}

/** What runs without being called by a selector; no action has two such roles. */
function verifyEntryPoints(container: Container): void {
  const roles = [
    ['init-action', container.init, canBeInit],
    ['fallback-action', container.fallback, canBeFallback],
    ['receive-action', container.receive, canBeReceive],
  ] as const;
  const taken = new Set<number>();
  for (const [rule, index, canBe] of roles) {
    if (index !== undefined) verifyEntryPoint(container, rule, index, canBe, taken);
  }
}

function verifyEntryPoint(
  { actions }: Container,
  rule: VerifierRule,
  index: number,
  canBe: (action: ContainerAction) => boolean,
  taken: Set<number>,
): void {
  const action = actions[index];
  if (action === undefined || !canBe(action) || taken.has(index)) {
    refuse(rule, action?.name ?? `action ${index}`);
  }
  taken.add(index);
  verifyTypes(action);
}

function verifySourceMap({ sourceMap, actions }: Container): void {
  if (sourceMap === undefined || isSourceMap(sourceMap, actions)) return;
  refuse('source-map', sourceMap.files.join(', '));
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
