import { zexusLimits } from '../limits.ts';
import type {
  ActionDeclaration,
  ActionModifier,
  ContractDeclaration,
  DataDeclaration,
  EventDeclaration,
  Identifier,
  Parameter,
} from '../syntax/ast.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import { scalarType, stateType } from './declared-types.ts';
import type { Action, Event, EventField, Local, Variable } from './tree.ts';
import { declaredMap, failedType, type TypeVariable, unknownType } from './types.ts';

/** The names of a contract: variables, actions and events each have their own. */
export type Declarations = {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly actions: ReadonlyMap<string, Action>;
  readonly events: ReadonlyMap<string, Event>;
};

/** What the members of a contract declare, without their bodies. */
export function declare(contract: ContractDeclaration, sink: DiagnosticSink): Declarations {
  const unique = <Declared>(
    kind: string,
    declarations: readonly { readonly name: Identifier }[],
    make: (position: number, index: number) => Declared,
  ): ReadonlyMap<string, Declared> => {
    const declared = new Map<string, Declared>();
    declarations.forEach(({ name }, position) => {
      const key = kind === 'an action' ? actionName(name.name) : name.name;
      if (declared.has(key)) {
        sink.report('NAME_DUPLICATE', name.span, `the contract has ${kind} ${key} already`);
      } else {
        declared.set(key, make(position, declared.size));
      }
    });
    return declared;
  };
  const at = <T>(list: readonly T[], index: number): T => list[index] as T;
  return {
    variables: unique('a variable', contract.data, (position, index) =>
      declareVariable(at(contract.data, position), index, sink),
    ),
    actions: unique('an action', contract.actions, (position, index) =>
      declareAction(at(contract.actions, position), index, sink),
    ),
    events: unique('an event', contract.events, (position, index) =>
      declareEvent(at(contract.events, position), index, sink),
    ),
  };
}

/** `constructor` is another word for `init`. */
function actionName(name: string): string {
  return name === 'constructor' ? 'init' : name;
}

function declareVariable(
  { name, type, initial }: DataDeclaration,
  index: number,
  sink: DiagnosticSink,
): Variable {
  return { name: name.name, span: name.span, index, types: variableType(type, initial, sink) };
}

function variableType(
  type: DataDeclaration['type'],
  initial: DataDeclaration['initial'],
  sink: DiagnosticSink,
): TypeVariable {
  if (type !== undefined) return stateType(type, sink);
  // The braces say that it is a map; what it leads to is found from its uses.
  if (initial?.kind === 'emptyMap') {
    return { ...declaredMap(unknownType(), unknownType()), isDeclared: false };
  }
  return unknownType();
}

function declareEvent(
  { name, fields }: EventDeclaration,
  index: number,
  sink: DiagnosticSink,
): Event {
  const names = new Set<string>();
  const declared: EventField[] = [];
  for (const field of fields) {
    checkUnique(field.name, names, 'field', sink);
    if (field.type === undefined) {
      sink.report('EVENT_FIELD_TYPE', field.name.span, `the field ${field.name.name} has no type`, {
        hint: `write its type: ${field.name.name}: integer`,
      });
    }
    const types = field.type === undefined ? failedType() : scalarType(field.type, sink);
    declared.push({ name: field.name.name, types, isIndexed: field.indexed });
  }
  const indexed = fields.filter((field) => field.indexed);
  const fourth = indexed[3];
  if (fourth !== undefined) {
    sink.report('EVENT_INDEXED_LIMIT', fourth.name.span, 'an event has at most 3 indexed fields');
  }
  checkCount(fields.length, zexusLimits.values.containerEventFields, 'fields', name, sink);
  return { name: name.name, span: name.span, index, fields: declared };
}

function declareAction(
  declaration: ActionDeclaration,
  index: number,
  sink: DiagnosticSink,
): Action {
  const { name, modifiers, result } = declaration;
  const isInit = actionName(name.name) === 'init';
  checkModifiers(declaration, isInit, sink);
  if (isInit && result !== undefined) {
    sink.report('INIT_INVALID', result.span, 'init returns nothing');
  }
  const parameters = declareParameters(declaration.parameters, sink);
  const limit = zexusLimits.values.containerParameters;
  checkCount(parameters.length, limit, 'parameters', name, sink);
  const isHidden = modifiers.includes('private') || name.name.startsWith('_');
  return {
    name: actionName(name.name),
    span: name.span,
    index,
    isInit,
    isExported: !isInit && (modifiers.includes('public') || !isHidden),
    isView: modifiers.includes('view'),
    isPayable: modifiers.includes('payable'),
    parameters,
    result: result === undefined || isInit ? unknownType() : scalarType(result, sink),
    resultSpan: isInit ? undefined : result?.span,
    returnsValue: !isInit && result !== undefined,
    bodySpan: declaration.body.span,
    body: [],
    locals: [...parameters],
    calls: [],
    writes: [],
    valueReads: [],
  };
}

function declareParameters(
  parameters: readonly Parameter[],
  sink: DiagnosticSink,
): readonly Local[] {
  const names = new Set<string>();
  return parameters.map(({ name, type }) => {
    checkUnique(name, names, 'parameter', sink);
    const types = type === undefined ? unknownType() : scalarType(type, sink);
    return {
      name: name.name,
      span: name.span,
      types,
      isParameter: true,
      isRead: true,
      nullComparison: undefined,
    };
  });
}

/** Modifiers that contradict each other. */
const CONTRADICTIONS: readonly (readonly [ActionModifier, ActionModifier, string])[] = [
  ['private', 'public', 'an action is private or public'],
  ['view', 'payable', 'taking value is a write, which a view does not do'],
  ['private', 'payable', 'only callers from outside send value, and they cannot call this'],
];

function checkModifiers(
  { name, modifiers }: ActionDeclaration,
  isInit: boolean,
  sink: DiagnosticSink,
): void {
  for (const [first, second, why] of CONTRADICTIONS) {
    if (modifiers.includes(first) && modifiers.includes(second)) {
      const words = `${first} and ${second} contradict each other: ${why}`;
      sink.report('MODIFIER_CONFLICT', name.span, words);
    }
  }
  const wrong = modifiers.find((modifier) => modifier === 'view' || modifier === 'private');
  if (isInit && wrong !== undefined) {
    sink.report('INIT_INVALID', name.span, `init cannot be ${wrong}`, {
      hint: 'init runs once, at deployment; it may be payable',
    });
  }
}

function checkUnique(
  { name, span }: Identifier,
  names: Set<string>,
  kind: string,
  sink: DiagnosticSink,
): void {
  if (names.has(name)) sink.report('NAME_DUPLICATE', span, `there is a ${kind} ${name} already`);
  names.add(name);
}

function checkCount(
  count: number,
  limit: number,
  kind: string,
  { name, span }: Identifier,
  sink: DiagnosticSink,
): void {
  if (count <= limit) return;
  sink.report('LIMIT_EXCEEDED', span, `${name} has ${count} ${kind}; at most ${limit} are allowed`);
}
