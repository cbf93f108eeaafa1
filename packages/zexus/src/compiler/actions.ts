import { exportedName } from '../exports/exported-name.ts';
import { zexusLimits } from '../limits.ts';
import type * as Ast from '../syntax/ast.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { ContractContext } from './contract-context.ts';
import { typeIn } from './declared-types.ts';
import type { NameScope } from './names.ts';
import type { Action, Local, ProtocolAction } from './tree.ts';
import { declaredType, failedType, type TypeVariable, unknownType } from './types.ts';

/** An action of which only what is given is known: private, without parameters, result and body. */
export function makeAction(
  fields: Partial<Action> & Pick<Action, 'bodySpan' | 'name' | 'source' | 'span'>,
): Action {
  const parameters = fields.parameters ?? [];
  return {
    index: 0,
    isInit: false,
    isExported: false,
    exportedAs: undefined,
    isView: false,
    isPure: false,
    isPayable: false,
    entryPoint: undefined,
    isHidden: false,
    isInner: false,
    gasLimit: undefined,
    result: unknownType(),
    resultSpan: undefined,
    returnsValue: false,
    body: [],
    calls: [],
    writes: [],
    reads: [],
    valueReads: [],
    ...fields,
    parameters,
    locals: fields.locals ?? [...parameters],
  };
}

/** A local variable that nothing has used yet. */
export function makeLocal(fields: Partial<Local> & Pick<Local, 'name' | 'span'>): Local {
  return {
    types: unknownType(),
    isParameter: false,
    isConstant: false,
    isRead: false,
    isReassigned: false,
    isCaptured: false,
    nullComparison: undefined,
    ...fields,
  };
}

/** The parameters of an action, an event, an error: each name once, not too many. */
export function declareParameters(
  parameters: readonly Ast.Parameter[],
  owner: Ast.Identifier,
  {
    context,
    scope,
    promised,
  }: {
    readonly context: ContractContext;
    readonly scope: NameScope;
    readonly promised?: ProtocolAction | undefined;
  },
): readonly Local[] {
  const names = new Set<string>();
  const declared = parameters.map(({ name, type }, position) => {
    checkUnique(name, names, 'parameter', context.sink);
    const types =
      type === undefined
        ? (promised?.parameters[position]?.types ?? unknownType())
        : typeIn(context, scope, type);
    return makeLocal({ name: name.name, span: name.span, types, isParameter: true, isRead: true });
  });
  const limit = zexusLimits.values.containerParameters;
  checkLength(declared.length, limit, 'parameters', owner, context.sink);
  return declared;
}

export function checkUnique(
  { name, span }: Ast.Identifier,
  names: Set<string>,
  kind: string,
  sink: DiagnosticSink,
): void {
  if (names.has(name)) sink.report('NAME_DUPLICATE', span, `there is a ${kind} ${name} already`);
  names.add(name);
}

export function checkLength(
  count: number,
  limit: number,
  kind: string,
  { name, span }: Ast.Identifier,
  sink: DiagnosticSink,
): void {
  if (count <= limit) return;
  sink.report('LIMIT_EXCEEDED', span, `${name} has ${count} ${kind}; at most ${limit} are allowed`);
}

/** Names with two underscores in front are the compiler's own. */
export function checkNotReserved({ name, span }: Ast.Identifier, sink: DiagnosticSink): void {
  if (!name.startsWith('__')) return;
  sink.report(
    'RESERVED_NAME',
    span,
    `${name} is reserved: the compiler adds actions of such names`,
    {
      hint: 'begin it with one underscore at most',
    },
  );
}

/** An action of the contract itself. What a protocol promises counts as written where it is not. */
export function declareContractAction(
  context: ContractContext,
  declaration: Ast.ActionDeclaration,
  promised: ProtocolAction | undefined,
): Action {
  const { sink, scope } = context;
  const { name, modifiers } = declaration;
  const isInit = name.name === 'init';
  checkModifiers(declaration, isInit, sink);
  checkNotReserved(name, sink);
  const parameters = declareParameters(declaration.parameters, name, { context, scope, promised });
  const entryPoint = entryPointOf(declaration);
  const isHidden = modifiers.includes('private') || name.name.startsWith('_');
  const result = declareResult(context, declaration, { isInit, entryPoint, promised });
  return makeAction({
    name: name.name,
    span: name.span,
    source: context.source,
    isInit,
    isExported: !isInit && entryPoint === undefined && (modifiers.includes('public') || !isHidden),
    exportedAs: declaration.exportedAs?.name ?? promisedName(promised),
    isView: modifiers.includes('view'),
    isPure: modifiers.includes('pure'),
    isPayable: modifiers.includes('payable') || entryPoint === 'receive',
    entryPoint,
    gasLimit: gasLimitOf(declaration, sink),
    parameters: entryPoint === 'fallback' ? parameters.map(asBytes) : parameters,
    ...result,
    bodySpan: declaration.body.span,
  });
}

/** The name in the ABI that a protocol states with `as`. */
function promisedName(promised: ProtocolAction | undefined): string | undefined {
  if (promised === undefined) return undefined;
  const { name, exportedAs } = promised;
  return exportedAs === exportedName(name) ? undefined : exportedAs;
}

/** A fallback gets the whole calldata. */
function asBytes(parameter: Local): Local {
  return { ...parameter, types: declaredType('bytes', 'bytes') };
}

/**
 * `fallback` with nothing or bytes, and `receive` with nothing, which is payable, are what runs when no
 * action is called. Any other action of these names is one like all others.
 */
function entryPointOf({
  name,
  parameters,
  result,
  modifiers,
}: Ast.ActionDeclaration): Action['entryPoint'] {
  const [first, second] = parameters;
  const isPrivate = modifiers.includes('private');
  if (name.name === 'receive') {
    const isPlain = first === undefined && result === undefined;
    const isSilent = ['private', 'pure', 'view'].some((word) =>
      modifiers.includes(word as Ast.ActionModifier),
    );
    return isPlain && !isSilent ? 'receive' : undefined;
  }
  if (name.name !== 'fallback' || second !== undefined || isPrivate) return undefined;
  const takesBytes = first?.type === undefined || first.type.name === 'bytes';
  return takesBytes ? 'fallback' : undefined;
}

type Result = Pick<Action, 'result' | 'resultSpan' | 'returnsValue'>;

function declareResult(
  context: ContractContext,
  { name, result }: Ast.ActionDeclaration,
  {
    isInit,
    entryPoint,
    promised,
  }: {
    readonly isInit: boolean;
    readonly entryPoint: Action['entryPoint'];
    readonly promised: ProtocolAction | undefined;
  },
): Result {
  const none: Result = { result: unknownType(), resultSpan: undefined, returnsValue: false };
  if (isInit && result !== undefined) {
    context.sink.report('INIT_INVALID', result.span, 'init returns nothing');
    return none;
  }
  if (entryPoint === 'fallback') {
    if (result !== undefined && result.name !== 'bytes') {
      context.sink.report('ENTRY_POINT_INVALID', result.span, 'the result of fallback is bytes', {
        hint: 'it goes back to the caller as it is: encode it with abi_encode',
      });
      return { result: failedType(), resultSpan: result.span, returnsValue: true };
    }
    const types = declaredType('bytes', 'bytes');
    return { result: types, resultSpan: result?.span, returnsValue: result !== undefined };
  }
  if (result !== undefined) {
    const types = typeIn(context, context.scope, result);
    return { result: types, resultSpan: result.span, returnsValue: true };
  }
  if (promised?.result === undefined) return none;
  return { result: promised.result, resultSpan: name.span, returnsValue: true };
}

/** Numbers of containers have 32 bits. */
const MAX_GAS_LIMIT = 2n ** 32n - 1n;

function gasLimitOf({ limit }: Ast.ActionDeclaration, sink: DiagnosticSink): number | undefined {
  if (limit === undefined) return undefined;
  if (limit.value >= 1n && limit.value <= MAX_GAS_LIMIT) return Number(limit.value);
  const range = `from 1 to ${MAX_GAS_LIMIT}`;
  sink.report('LITERAL_RANGE', limit.span, `the limit of an action is an amount of gas ${range}`);
  return undefined;
}

/** Modifiers that contradict each other. */
const CONTRADICTIONS: readonly (readonly [Ast.ActionModifier, Ast.ActionModifier, string])[] = [
  ['private', 'public', 'an action is private or public'],
  ['view', 'payable', 'taking value is a write, which a view does not do'],
  ['pure', 'payable', 'taking value is a write, which a pure action does not do'],
  ['private', 'payable', 'only callers from outside send value, and they cannot call this'],
];

function checkModifiers(
  { name, modifiers, exportedAs }: Ast.ActionDeclaration,
  isInit: boolean,
  sink: DiagnosticSink,
): void {
  for (const [first, second, why] of CONTRADICTIONS) {
    if (modifiers.includes(first) && modifiers.includes(second)) {
      const words = `${first} and ${second} contradict each other: ${why}`;
      sink.report('MODIFIER_CONFLICT', name.span, words);
    }
  }
  const isHidden = modifiers.includes('private') || name.name.startsWith('_');
  if (exportedAs !== undefined && (isInit || (isHidden && !modifiers.includes('public')))) {
    const message = `${name.name} has no name in the ABI: nothing calls it from outside`;
    sink.report('MODIFIER_CONFLICT', exportedAs.span, message, { hint: 'remove `as`' });
  }
  const wrong = modifiers.find((modifier) => ['pure', 'view', 'private'].includes(modifier));
  if (isInit && wrong !== undefined) {
    sink.report('INIT_INVALID', name.span, `init cannot be ${wrong}`, {
      hint: 'init runs once, at deployment; it may be payable',
    });
  }
}

/** Words that say something about callers from outside, which an action without a contract has none of. */
export function checkInnerModifiers(
  { name, modifiers, applied, limit, exportedAs }: Ast.ActionDeclaration,
  what: string,
  sink: DiagnosticSink,
): void {
  const wrong = modifiers.find((modifier) => modifier === 'payable' || modifier === 'public');
  if (wrong !== undefined) {
    const message = `${what} cannot be ${wrong}: it is not called from outside`;
    sink.report('MODIFIER_CONFLICT', name.span, message);
  }
  if (exportedAs !== undefined) {
    const message = `${what} has no name in the ABI: it is not called from outside`;
    sink.report('MODIFIER_CONFLICT', exportedAs.span, message);
  }
  const [modifier] = applied;
  if (modifier !== undefined) {
    const message = `modifiers are for the actions of contracts, and this is ${what}`;
    sink.report('MODIFIER_UNKNOWN', modifier.name.span, message);
  }
  if (limit !== undefined) {
    sink.report('MODIFIER_CONFLICT', limit.span, `${what} has no limit: its callers have`);
  }
}

/** An action that belongs to the contract's code without being the contract's: private. */
export function declareInnerAction(
  context: ContractContext,
  scope: NameScope,
  declaration: Ast.ActionDeclaration,
  {
    name,
    self,
    isHidden,
  }: {
    readonly name: string;
    readonly self?: TypeVariable;
    readonly isHidden: boolean;
  },
): Action {
  const { result, modifiers } = declaration;
  const { span } = declaration.name;
  const declared = declareParameters(declaration.parameters, declaration.name, { context, scope });
  const receiver =
    self === undefined
      ? []
      : [makeLocal({ name: 'self', span, types: self, isParameter: true, isRead: true })];
  return makeAction({
    name,
    span,
    source: scope.source,
    isHidden,
    isInner: true,
    isView: modifiers.includes('view'),
    isPure: modifiers.includes('pure'),
    parameters: [...receiver, ...declared],
    result: result === undefined ? unknownType() : typeIn(context, scope, result),
    resultSpan: result?.span,
    returnsValue: result !== undefined,
    bodySpan: declaration.body.span,
  });
}

/** What a contract's action is for those that call the contract. */
export function asProtocolAction(action: Action): ProtocolAction {
  return {
    name: action.name,
    span: action.span,
    exportedAs: action.exportedAs ?? exportedName(action.name),
    parameters: action.parameters,
    result: action.returnsValue ? action.result : undefined,
    isView: action.isView || action.isPure,
    isPayable: action.isPayable,
  };
}
