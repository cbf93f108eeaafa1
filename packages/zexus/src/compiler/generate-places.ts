import { plainDepth } from '../layout/schema.ts';
import type { BinaryOperator } from '../syntax/ast.ts';
import type { ActionContext } from './generate-context.ts';
import {
  type Expression,
  type IndexReference,
  isBoxed,
  type Local,
  type LocalReference,
  type StateReference,
  type StoreStatement,
  type Variable,
} from './tree.ts';

/** The instruction of each operator of two operands that are both evaluated. */
export const OPERATIONS: Readonly<Record<BinaryOperator, string>> = {
  '+': 'ADD',
  '-': 'SUB',
  '*': 'MUL',
  '/': 'DIV',
  '%': 'MOD',
  '**': 'POW',
  '==': 'EQ',
  '!=': 'NEQ',
  '<': 'LT',
  '>': 'GT',
  '<=': 'LTE',
  '>=': 'GTE',
};

/** How a value changes the place that it is assigned to. */
type Assigned = Pick<StoreStatement, 'operator' | 'value'>;

/** → value */
export function readLocal(context: ActionContext, { local }: LocalReference): void {
  context.load(local.name);
  if (!isBoxed(local)) return;
  context.number(0);
  context.assembler.emit('INDEX');
}

/** → value */
export function readIndex(context: ActionContext, { object, key, isMember }: IndexReference): void {
  context.value(object);
  context.value(key);
  context.assembler.emit(isMember ? 'GET_ATTR' : 'INDEX');
}

/** → value. Plain maps take keys at once; what is behind them is a value, or a handle. */
export function readState(context: ActionContext, reference: StateReference): void {
  const { direct, further } = splitKeys(reference);
  readDirect(context, reference.variable, direct);
  for (const key of further) {
    context.value(key);
    context.assembler.emit('INDEX');
  }
}

/** The keys that instructions for maps of the state take, and those that lead on from there. */
function splitKeys({ variable, keys }: StateReference): {
  readonly direct: readonly Expression[];
  readonly further: readonly Expression[];
} {
  const { depth } = plainDepth(variable.shape);
  return { direct: keys.slice(0, depth), further: keys.slice(depth) };
}

function readDirect(context: ActionContext, variable: Variable, keys: readonly Expression[]): void {
  const name = context.name(variable.name);
  context.values(keys);
  if (keys.length === 0) context.assembler.emit('STATE_READ', [name]);
  else context.assembler.emit('MAP_READ', [name, keys.length], keys.length);
}

/** The objects and keys of the target are evaluated once, then its old value is read, then the value. */
export function store(context: ActionContext, { target, operator, value }: StoreStatement): void {
  const assigned: Assigned = { operator, value };
  switch (target.kind) {
    case 'local':
      storeLocal(context, target, assigned);
      return;
    case 'index': {
      const { object, key, isMember } = target;
      context.value(object);
      storeEntry(context, key, assigned, isMember ? 'GET_ATTR' : 'INDEX');
      return;
    }
    case 'state':
      storeState(context, target, assigned);
  }
}

/** value → ; gives the variable its first value: one that functions share gets a list to live in. */
export function declareLocal(context: ActionContext, local: Local): void {
  if (isBoxed(local)) context.assembler.emit('BUILD_LIST', [1], 1);
  context.store(local.name);
}

function storeLocal(
  context: ActionContext,
  reference: LocalReference,
  { operator, value }: Assigned,
): void {
  const { local, span } = reference;
  const { assembler } = context;
  const isDeclaration = span.start === local.span.start && span.end === local.span.end;
  const isShared = isBoxed(local) && !isDeclaration;
  if (isShared) {
    context.load(local.name);
    context.number(0);
  }
  if (operator !== undefined) {
    if (isShared) {
      assembler.emit('DUP2');
      assembler.emit('INDEX');
    } else {
      context.value(reference);
    }
  }
  context.value(value);
  if (operator !== undefined) assembler.emit(OPERATIONS[operator]);
  if (isShared) assembler.emit('STORE_INDEX');
  else declareLocal(context, local);
}

/** object → */
function storeEntry(
  context: ActionContext,
  key: Expression,
  { operator, value }: Assigned,
  read: 'GET_ATTR' | 'INDEX',
): void {
  const { assembler } = context;
  context.value(key);
  if (operator !== undefined) {
    assembler.emit('DUP2');
    assembler.emit(read);
  }
  context.value(value);
  if (operator !== undefined) assembler.emit(OPERATIONS[operator]);
  assembler.emit('STORE_INDEX');
}

function storeState(context: ActionContext, target: StateReference, assigned: Assigned): void {
  const { assembler } = context;
  const { direct, further } = splitKeys(target);
  const last = further.at(-1);
  if (last !== undefined) {
    readState(context, { ...target, keys: target.keys.slice(0, -1) });
    storeEntry(context, last, assigned, 'INDEX');
    return;
  }
  const { operator, value } = assigned;
  if (direct.length === 0) {
    if (operator !== undefined) context.value(target);
    context.value(value);
    if (operator !== undefined) assembler.emit(OPERATIONS[operator]);
    assembler.emit('STATE_WRITE', [context.name(target.variable.name)]);
    return;
  }
  const map = context.name(target.variable.name);
  const count = direct.length;
  if (operator === undefined) {
    context.values(direct);
    context.value(value);
  } else {
    keysTwice(context, direct);
    assembler.emit('MAP_READ', [map, count], count);
    context.value(value);
    assembler.emit(OPERATIONS[operator]);
  }
  assembler.emit('MAP_WRITE', [map, count], count);
}

/** → keys, keys: each evaluated once, and kept in variables when there are several */
function keysTwice(context: ActionContext, keys: readonly Expression[]): void {
  const { assembler } = context;
  if (keys.length === 1) {
    context.values(keys);
    assembler.emit('DUP');
    return;
  }
  const temporaries = keys.map(() => context.takeTemporary());
  const names = temporaries.map((temporary) => context.name(temporary));
  for (const [position, key] of keys.entries()) {
    context.value(key);
    assembler.emit('STORE_NAME', [names[position] as number]);
  }
  for (const name of [...names, ...names]) assembler.emit('LOAD_NAME', [name]);
  context.releaseTemporaries(temporaries);
}
