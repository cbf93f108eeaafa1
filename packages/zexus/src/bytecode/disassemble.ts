import { toHex, toHexKey } from '@lucerna/base';
import type { StateVariable } from '../layout/schema.ts';
import { variableSlot } from '../layout/slots.ts';
import type { Constant, Container, ContainerAction, ContainerEvent } from './container.ts';
import { CONTAINER_VERSION } from './format.ts';
import { type Instruction, opcodeByCode, TX_FIELDS } from './opcodes.ts';
import { functionSelector } from './selector.ts';

/** Text and bytes in comments are cut to this many characters. */
const COMMENT_CHARS = 60;

/**
 * A contract as text for people: everything that the container says, one line each, behind each
 * instruction what its operands mean, and before those of a place in the source that place. Works on
 * containers that the verifier refuses: what an operand does not find is shown as `?`.
 */
export function disassemble(container: Container): string {
  return [
    `contract ${container.name} ; version ${CONTAINER_VERSION}${sourceText(container)}`,
    ...part('constants', container.constants.map(constantLine)),
    ...part('state', container.schema.map(variableLine)),
    ...part('events', container.events.map(eventLine)),
    ...container.actions.flatMap((action, index) => ['', ...actionLines(container, action, index)]),
    ...part(
      'metadata',
      container.metadata.map(([key, value]) => `${JSON.stringify(key)} ${JSON.stringify(value)}`),
    ),
    '',
  ].join('\n');
}

function part(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ['', title, ...lines.map((line, index) => `  ${column(index)}  ${line}`)];
}

function column(index: number): string {
  return String(index).padStart(4);
}

function constantLine(constant: Constant): string {
  return `${constant.kind.padEnd(8)} ${constantText(constant)}`.trimEnd();
}

function constantText(constant: Constant): string {
  switch (constant.kind) {
    case 'null':
      return 'null';
    case 'string':
      return JSON.stringify(constant.value);
    case 'bytes':
    case 'address':
      return toHex(constant.value);
    default:
      return String(constant.value);
  }
}

function variableLine(variable: StateVariable): string {
  const keys = variable.kind === 'map' ? '[key]'.repeat(variable.depth) : '';
  return `${variable.name}${keys}: ${variable.type} ; slot ${toHex(variableSlot(variable.name))}`;
}

function eventLine({ name, fields }: ContainerEvent): string {
  const texts = fields.map((field) => fieldText(field) + (field.indexed ? ' indexed' : ''));
  return `${name}(${texts.join(', ')})`;
}

function fieldText({ name, type }: { readonly name: string; readonly type: string }): string {
  return type === '' ? name : `${name}: ${type}`;
}

function actionLines(container: Container, action: ContainerAction, index: number): string[] {
  const parameters = action.parameters.map(fieldText).join(', ');
  const result = action.result === undefined ? '' : ` -> ${action.result}`;
  const notes = [action.mutability === 'nonpayable' ? '' : action.mutability, exportText(action)];
  if (container.init === index) notes.push('runs at deployment');
  const comment = notes.filter((note) => note !== '').join(', ');
  const head = `action ${index} ${action.name}(${parameters})${result} ; ${comment}`;
  const places = container.sourceMap?.actions[index] ?? [];
  const placesByInstruction = new Map(places.map((place) => [place.instruction, place]));
  const lines = action.code.flatMap((instruction, position) => {
    const text = `  ${column(position)}  ${instructionText(container, action, instruction)}`;
    const place = placesByInstruction.get(position);
    return place === undefined ? [text] : [`  ; line ${place.line}:${place.column}`, text];
  });
  return [head, ...lines];
}

function sourceText({ sourceMap }: Container): string {
  return sourceMap === undefined ? '' : `, compiled from ${JSON.stringify(sourceMap.file)}`;
}

function exportText(action: ContainerAction): string {
  if (action.exportedAs === undefined) return 'not exported';
  const types = action.parameters.map(({ type }) => type);
  const selector = toHexKey(functionSelector(action.exportedAs, types));
  return `${selector} ${action.exportedAs}(${types.join(',')})`;
}

function instructionText(
  container: Container,
  action: ContainerAction,
  { opcode, operands }: Instruction,
): string {
  const rules = opcodeByCode(opcode);
  const name = rules?.name ?? `0x${opcode.toString(16)}`;
  const text = [name, ...operands].join(' ');
  if (rules === undefined || rules.operand === 'none') return text;
  const first = operands[0] as number;
  const meaning =
    rules.operand === 'jump'
      ? jumpText(action, first)
      : operandText(container, name, rules.operand, first);
  return `${text.padEnd(20)} ; ${cut(meaning ?? '?')}`;
}

/** What the first operand of an instruction refers to. */
function operandText(
  container: Container,
  name: string,
  kind: 'constant' | 'immediate' | 'pair',
  operand: number,
): string | undefined {
  if (name === 'EMIT') return container.events[operand]?.name;
  if (name === 'CALL_ACTION') return container.actions[operand]?.name;
  if (name === 'TX_READ') return TX_FIELDS[operand];
  if (kind === 'immediate') return String(operand);
  const constant = container.constants[operand];
  if (constant === undefined) return undefined;
  // A string that names something is shown as the name; only LOAD_CONST takes it as a value.
  const isName = name !== 'LOAD_CONST' && constant.kind === 'string';
  return isName && /^\w+$/.test(constant.value) ? constant.value : constantText(constant);
}

function jumpText(action: ContainerAction, target: number): string | undefined {
  return target < action.code.length ? `to ${target}` : undefined;
}

function cut(text: string): string {
  return text.length <= COMMENT_CHARS ? text : `${text.slice(0, COMMENT_CHARS)}…`;
}
