import type * as Ast from '../syntax/ast.ts';
import type { Resolver } from './action-scope.ts';
import { checkCount, nullAt } from './call-arguments.ts';
import { callOptions } from './call-options.ts';
import { scalarOf } from './fold.ts';
import type { ContractCallExpression, Expression } from './tree.ts';
import type { StaticType } from './types.ts';

type Call = Extract<Ast.Expression, { kind: 'call' }>;
type Operation = Extract<Expression, { kind: 'operation' }>['opcode'];

/** What a call of a name means; undefined when it is the builtin of the name. */
type SpecialCall = (call: Call, resolver: Resolver) => Expression | undefined;

/** Functions that are no builtins: operations of the machine, and calls of other contracts. */
export const SPECIAL_CALLS: ReadonlyMap<string, SpecialCall> = new Map<string, SpecialCall>([
  ['contract_call', (call, resolver) => contractCall('call', call, resolver)],
  ['static_call', (call, resolver) => contractCall('static', call, resolver)],
  ['delegate_call', (call, resolver) => contractCall('delegate', call, resolver)],
  ['merkle_root', merkleRoot],
  ['hash', hash],
  ['crypto_hash', hash],
  ['verify_signature', verifySignature],
  ['verify_sig', verifySignature],
  ['set_of', (call, resolver) => operation('BUILD_SET', 'list', call, resolver)],
]);

/**
 * `contract_call(target, name, arguments, value, gas)`, of which all from the arguments on may be left
 * out; the other kinds take no value. Value and gas can also stand in braces before the arguments.
 */
function contractCall(
  callKind: ContractCallExpression['callKind'],
  call: Call,
  resolver: Resolver,
): Expression {
  const { span } = call;
  const { scope } = resolver;
  const values = call.arguments.map((argument) => resolver.expression(argument));
  const options = callOptions(call, resolver);
  const most = callKind === 'call' ? 5 : 4;
  const name = call.callee.kind === 'name' ? call.callee.name : callKind;
  const isRight = checkCount({ least: 2, most }, values.length, name, span, scope.contract.sink);
  const [target, signature, list] = values;
  if (!isRight || target === undefined || signature === undefined) return { kind: 'invalid', span };
  const [value, gas] = callKind === 'call' ? [values[3], values[4]] : [undefined, values[3]];
  if (callKind !== 'call' && options.value !== undefined) {
    return scope.invalid('CALL_OPTION', options.value.span, `${name} sends no value`);
  }
  if ((value !== undefined && options.value) || (gas !== undefined && options.gas)) {
    return scope.invalid('CALL_OPTION', span, 'value or gas is given twice');
  }
  if (callKind === 'static') scope.reads('calls another contract', span);
  else scope.writes('calls another contract', span);
  return {
    kind: 'contractCall',
    callKind,
    target,
    signature,
    arguments: list ?? noArguments(signature),
    value: value ?? options.value,
    gas: gas ?? options.gas,
    span,
  };
}

/** What stands for arguments that are left out: no values, or no calldata where there is no signature. */
function noArguments(signature: Expression): Expression {
  const { span } = signature;
  return scalarOf(signature) === null ? nullAt(span) : { kind: 'list', items: [], span };
}

/** The items one by one; of one list it is the builtin. */
function merkleRoot(call: Call, resolver: Resolver): Expression | undefined {
  if (call.arguments.length < 2) return undefined;
  return operation('MERKLE_ROOT', 'bytes32', call, resolver);
}

/** With an algorithm it is the builtin. */
function hash(call: Call, resolver: Resolver): Expression | undefined {
  if (call.arguments.length !== 1) return undefined;
  return operation('HASH_BLOCK', 'bytes32', call, resolver);
}

/** signature, message, public key */
function verifySignature(call: Call, resolver: Resolver): Expression {
  const count = call.arguments.length;
  const { sink } = resolver.scope.contract;
  const name = 'verify_signature';
  if (!checkCount({ least: 3, most: 3 }, count, name, call.span, sink)) {
    return { kind: 'invalid', span: call.span };
  }
  return operation('VERIFY_SIGNATURE', 'bool', call, resolver);
}

function operation(
  opcode: Operation,
  result: StaticType,
  call: Call,
  resolver: Resolver,
): Expression {
  const values = call.arguments.map((argument) => resolver.expression(argument));
  return { kind: 'operation', opcode, arguments: values, result, span: call.span };
}
