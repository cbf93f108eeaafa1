import { canonicalType } from '../bytecode/abi-types.ts';
import type { AbiField } from '../bytecode/container.ts';
import type { ActionContext } from './generate-context.ts';
import { callArgument, callResult, fieldOf, isForeign } from './generate-foreign-values.ts';
import type {
  Action,
  ContractCallExpression,
  Expression,
  FunctionExpression,
  MethodCall,
  ProtocolAction,
} from './tree.ts';

type Builtin = Extract<Expression, { kind: 'builtin' }>;
type Invocation = Extract<Expression, { kind: 'invoke' }>;
type Operation = Extract<Expression, { kind: 'operation' }>;

/** → result; null for arguments that are left out */
export function callBuiltin(context: ActionContext, { builtin, arguments: values }: Builtin): void {
  const count = Math.max(builtin.parameters.length, values.length);
  context.values(values);
  for (let index = values.length; index < count; index += 1) context.constant({ kind: 'null' });
  context.assembler.emit('CALL_BUILTIN', [context.name(builtin.name), count], count);
}

/** → result */
export function callAction(
  context: ActionContext,
  action: Action,
  values: readonly Expression[],
): void {
  context.values(values);
  emitCallAction(context, action, values.length);
}

function emitCallAction(context: ActionContext, action: Action, count: number): void {
  context.assembler.emit('CALL_ACTION', [context.actionIndex(action), count], count);
}

/** → result; of a value's method, an entity's action, or another contract's action */
export function callMethod(context: ActionContext, call: MethodCall): void {
  const { object, name, arguments: values, value, gas, target } = call;
  context.value(object);
  if (target !== undefined) {
    if (!('body' in target)) {
      callPromised(context, call, target);
      return;
    }
    context.values(values);
    emitCallAction(context, target, values.length + 1);
    return;
  }
  if (value === undefined && gas === undefined) {
    context.values(values);
    context.assembler.emit('CALL_METHOD', [context.name(name), values.length], values.length);
    return;
  }
  // With value or gas it can only be another contract, of which nothing but the name is known.
  context.text(name);
  context.values(values);
  context.assembler.emit('BUILD_LIST', [values.length], values.length);
  context.valueOrNull(value);
  context.valueOrNull(gas);
  context.assembler.emit('CALL_CONTRACT');
}

/** target → result; of an action that a protocol promises */
function callPromised(
  context: ActionContext,
  { arguments: values, value, gas }: MethodCall,
  target: ProtocolAction,
): void {
  const { assembler } = context;
  const parameters = target.parameters.map(({ name, types }) => fieldOf(name, types));
  const result = target.result === undefined ? undefined : fieldOf('', target.result);
  context.text(signatureOf(target.exportedAs, parameters, result));
  for (const [index, argument] of values.entries()) {
    context.value(argument);
    const parameter = parameters[index];
    if (parameter !== undefined && isForeign(parameter)) callArgument(context, parameter);
  }
  assembler.emit('BUILD_LIST', [values.length], values.length);
  if (target.isView && value === undefined) {
    context.valueOrNull(gas);
    assembler.emit('STATIC_CALL');
  } else {
    context.valueOrNull(value);
    context.valueOrNull(gas);
    assembler.emit('CALL_CONTRACT');
  }
  if (result !== undefined && isForeign(result)) callResult(context, result);
}

/** `name(types)->(type)` */
function signatureOf(
  name: string,
  parameters: readonly AbiField[],
  result: AbiField | undefined,
): string {
  const results = result === undefined ? [] : [result];
  const [taken, given] = [parameters, results].map((fields) => fields.map(canonicalType).join());
  return `${name}(${taken})->(${given})`;
}

/** → result */
export function callContract(context: ActionContext, call: ContractCallExpression): void {
  context.value(call.target);
  context.value(call.signature);
  context.value(call.arguments);
  if (call.callKind === 'call') context.valueOrNull(call.value);
  context.valueOrNull(call.gas);
  const opcodes = { call: 'CALL_CONTRACT', delegate: 'DELEGATE_CALL', static: 'STATIC_CALL' };
  context.assembler.emit(opcodes[call.callKind]);
}

/** → result */
export function callFunction(
  context: ActionContext,
  { callee, arguments: values }: Invocation,
): void {
  context.value(callee);
  context.values(values);
  context.assembler.emit('CALL_TOP', [values.length], values.length);
}

/** → function. A variable that it shares with others is a list of one item, which it is given. */
export function makeFunction(
  context: ActionContext,
  { action, captures }: FunctionExpression,
): void {
  for (const { name } of captures) context.load(name);
  const operands = [context.actionIndex(action), captures.length];
  context.assembler.emit('MAKE_CLOSURE', operands, captures.length);
}

/** → result */
export function runOperation(
  context: ActionContext,
  { opcode, arguments: values }: Operation,
): void {
  context.values(values);
  const isCounted = opcode === 'MERKLE_ROOT' || opcode === 'BUILD_SET';
  if (isCounted) context.assembler.emit(opcode, [values.length], values.length);
  else context.assembler.emit(opcode);
}
