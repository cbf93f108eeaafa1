import { toHex, toHexKey } from '@lucerna/base';
import { plainDepth, type StateShape, type StateVariable } from '../layout/schema.ts';
import { variableSlot } from '../layout/slots.ts';
import type { FieldType } from './abi-types.ts';
import type {
  AbiField,
  Constant,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
  SourceMap,
} from './container.ts';
import { CONTAINER_VERSION } from './format.ts';
import { type Instruction, type OperandKind, opcodeByCode, TX_FIELDS } from './opcodes.ts';
import { functionSelector, signatureOf } from './selector.ts';

/** Text and bytes in comments are cut to this many characters. */
const COMMENT_CHARS = 60;

/**
 * A contract as text for people: everything that the container says, one line each, behind each
 * instruction what its operands mean, and before those of a place in the source that place: line,
 * column, and the file when there are several. Works on containers that the verifier refuses: what an operand does not find is shown as `?`.
 */
export function disassemble(container: Container): string {
  return [
    `contract ${container.name} ; version ${CONTAINER_VERSION}${sourceText(container)}`,
    ...part('constants', container.constants.map(constantLine)),
    ...part('state', container.schema.map(variableLine)),
    ...part('events', container.events.map(eventLine)),
    ...part('errors', container.errors.map(errorLine)),
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

function variableLine({ name, shape }: StateVariable): string {
  const { depth, leaf } = plainDepth(shape);
  const keys = '[key]'.repeat(depth);
  return `${name}${keys}: ${shapeText(leaf)} ; slot ${toHex(variableSlot(name))}`;
}

/** How something is stored, in words: `list of integer`. */
export function shapeText(shape: StateShape): string {
  switch (shape.kind) {
    case 'cell':
      return shape.type;
    case 'list':
      return `list of ${shapeText(shape.element)}`;
    default:
      return `${shape.kind === 'map' ? 'plain map' : 'map'} of ${shapeText(shape.value)}`;
  }
}

function eventLine({ name, fields }: ContainerEvent): string {
  const texts = fields.map((field) => fieldText(field) + (field.indexed ? ' indexed' : ''));
  return `${name}(${texts.join(', ')})`;
}

function errorLine({ name, fields }: ContainerError): string {
  const selector = toHexKey(functionSelector(name, fields));
  return `${name}(${fields.map(fieldText).join(', ')}) ; ${selector}`;
}

function fieldText(field: AbiField): string {
  return field.type === '' ? field.name : `${field.name}: ${typeText(field)}`;
}

/** A type with the names of a tuple's components: `(amount: uint256, to: address)[]`. */
export function typeText({ type, components }: FieldType): string {
  if (components === undefined) return type;
  return `(${components.map(fieldText).join(', ')})${type.slice('tuple'.length)}`;
}

function actionLines(container: Container, action: ContainerAction, index: number): string[] {
  const parameters = action.parameters.map(fieldText).join(', ');
  const result = action.result === undefined ? '' : ` -> ${typeText(action.result)}`;
  const comment = actionNotes(container, action, index).join(', ');
  const head = `action ${index} ${action.name}(${parameters})${result} ; ${comment}`;
  const { file = 0, places = [] } = container.sourceMap?.actions[index] ?? {};
  const fileText = ofFile(container.sourceMap, file);
  const placesByInstruction = new Map(places.map((place) => [place.instruction, place]));
  const lines = action.code.flatMap((instruction, position) => {
    const text = `  ${column(position)}  ${instructionText(container, action, instruction)}`;
    const place = placesByInstruction.get(position);
    if (place === undefined) return [text];
    return [`  ; line ${place.line}:${place.column}${fileText}`, text];
  });
  return [head, ...lines];
}

function actionNotes(container: Container, action: ContainerAction, index: number): string[] {
  const { gasLimit, mutability } = action;
  const notes: string[] = mutability === 'nonpayable' ? [] : [mutability];
  notes.push(exportText(action));
  if (container.init === index) notes.push('runs at deployment');
  if (container.fallback === index) notes.push('takes calls without a function');
  if (container.receive === index) notes.push('takes calls without data');
  if (gasLimit !== undefined) notes.push(`at most ${gasLimit} gas`);
  return notes;
}

/** Which file, where there is more than one. */
function ofFile(sourceMap: SourceMap | undefined, file: number): string {
  if (sourceMap === undefined || sourceMap.files.length < 2) return '';
  return ` of ${JSON.stringify(sourceMap.files[file] ?? '?')}`;
}

function sourceText({ sourceMap }: Container): string {
  if (sourceMap === undefined) return '';
  return `, compiled from ${sourceMap.files.map((file) => JSON.stringify(file)).join(', ')}`;
}

function exportText({ exportedAs, parameters }: ContainerAction): string {
  if (exportedAs === undefined) return 'not exported';
  const selector = toHexKey(functionSelector(exportedAs, parameters));
  return `${selector} ${signatureOf(exportedAs, parameters)}`;
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
  kind: OperandKind,
  operand: number,
): string | undefined {
  switch (name) {
    case 'EMIT':
      return container.events[operand]?.name;
    case 'REVERT_ERROR':
      return container.errors[operand]?.name;
    case 'CALL_ACTION':
    case 'MAKE_CLOSURE':
      return container.actions[operand]?.name;
    case 'TX_READ':
      return TX_FIELDS[operand];
    default:
      if (kind === 'count') return countText(name, operand);
      return kind === 'immediate' ? String(operand) : constantOperandText(container, name, operand);
  }
}

/** What an instruction takes from the stack as often as its operand says. */
function countText(name: string, count: number): string {
  const [one, many] = COUNTED[name] ?? ['item', 'items'];
  return `${count} ${count === 1 ? one : many}`;
}

const COUNTED: Readonly<Record<string, readonly [one: string, many: string]>> = {
  BUILD_MAP: ['entry', 'entries'],
  CALL_TOP: ['argument', 'arguments'],
  MERKLE_ROOT: ['leaf', 'leaves'],
};

function constantOperandText(
  { constants }: Container,
  name: string,
  operand: number,
): string | undefined {
  const constant = constants[operand];
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
