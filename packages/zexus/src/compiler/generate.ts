import type {
  AbiField,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
  Mutability,
} from '../bytecode/container.ts';
import { exportedName } from '../exports/exported-name.ts';
import { indexedFields } from '../exports/standard-events.ts';
import { zexusLimits } from '../limits.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import { ConstantPool } from './assembler.ts';
import { type GeneratedCode, generateAction } from './generate-action.ts';
import type { ContractCode } from './generate-context.ts';
import { fieldOf } from './generate-foreign-values.ts';
import { hexBytes } from './hex-literals.ts';
import { type PlacesOfFiles, SourceFiles } from './source-places.ts';
import type {
  Action,
  Contract,
  ErrorDefinition,
  Event,
  Expression,
  StoreStatement,
} from './tree.ts';
import { visitExpressions } from './tree-walk.ts';
import { abiField, type TypeVariable } from './types.ts';

/**
 * The container of a contract without errors, whose types and shapes are known; with a source map when
 * the `places` of sources are given.
 */
export function generate(
  contract: Contract,
  metadata: Container['metadata'],
  sink: DiagnosticSink,
  places?: PlacesOfFiles,
): Container {
  const initials = contract.initials.filter(setsSomething);
  // A contract without `init` needs the one that was added only if there is something to set.
  const actions = contract.actions.filter(
    ({ isInit, bodySpan, span }) => !isInit || bodySpan !== span || initials.length > 0,
  );
  const code: ContractCode = {
    pool: new ConstantPool(),
    actionIndexes: new Map(actions.map((action, index) => [action, index])),
    captured: capturedParameters(contract),
  };
  const generated = actions.map((action) =>
    generateAction(action.isInit ? initials : [], action, code, places?.of(action.source)),
  );
  for (const [index, action] of actions.entries()) {
    sink.within(action.source, () => {
      checkLimits(action, generated[index] as GeneratedCode, sink);
    });
  }
  const indexOf = (isMeant: (action: Action) => boolean): number | undefined => {
    const index = actions.findIndex(isMeant);
    return index < 0 ? undefined : index;
  };
  const container: Container = {
    name: contract.name,
    actions: actions.map((action, index) => containerAction(action, generated[index])),
    constants: code.pool.constants,
    schema: contract.variables.map(({ name, shape }) => ({ name, shape })),
    events: contract.events.map(containerEvent),
    errors: contract.errors.map(containerError),
    init: indexOf(({ isInit }) => isInit),
    fallback: indexOf(({ entryPoint }) => entryPoint === 'fallback'),
    receive: indexOf(({ entryPoint }) => entryPoint === 'receive'),
    metadata,
  };
  if (places === undefined) return container;
  const files = new SourceFiles(places, contract.source);
  const mapped = actions.map(({ source }, index) => ({
    file: files.indexOf(source),
    places: generated[index]?.places ?? [],
  }));
  return { ...container, sourceMap: { files: files.names, actions: mapped } };
}

function capturedParameters({ actions, initials }: Contract): ReadonlyMap<Action, number> {
  const counts = new Map<Action, number>();
  for (const body of [initials, ...actions.map((action) => action.body)]) {
    visitExpressions(body, (expression) => {
      if (expression.kind === 'function') counts.set(expression.action, expression.captures.length);
    });
  }
  return counts;
}

/**
 * Whether an initial value has to be written: a typed cell begins as the zero of its type, so that a
 * written zero costs nothing, and maps and lists begin empty.
 */
function setsSomething({ target, value }: StoreStatement): boolean {
  if (target.kind !== 'state') return true;
  const { shape } = target.variable;
  if (shape.kind !== 'cell') return !isWrittenEmpty(value);
  return shape.type === 'untyped' || !isWrittenZero(value);
}

function isWrittenZero(value: Expression): boolean {
  if (value.kind === 'literal') return value.value === 0n || value.value === false;
  return value.kind === 'hex' && hexBytes(value).every((byte) => byte === 0);
}

function isWrittenEmpty(value: Expression): boolean {
  if (value.kind === 'list') return value.items.length === 0;
  return value.kind === 'map' && value.entries.length === 0;
}

function containerAction(action: Action, generated: GeneratedCode | undefined): ContainerAction {
  const { name, isExported, isInit, isHidden, isInner, result, returnsValue, gasLimit } = action;
  const exportedAs = action.exportedAs ?? exportedName(name);
  // What has no type is encoded for whoever calls from outside, and is any value within. The types of
  // what the compiler added, of functions and of the actions of entities say nothing to anybody.
  const field = (fieldName: string, types: TypeVariable): AbiField => {
    if (isExported || isInit) return fieldOf(fieldName, types);
    const known = isHidden || isInner ? undefined : abiField(fieldName, types);
    return known ?? { name: fieldName, type: '' };
  };
  const resultField = returnsValue ? field('', result) : undefined;
  return {
    name,
    exportedAs: isExported ? exportedAs : undefined,
    mutability: mutabilityOf(action),
    parameters: action.parameters.map((parameter) => field(parameter.name, parameter.types)),
    result: resultField?.type === '' ? undefined : resultField,
    gasLimit,
    code: generated?.code ?? [],
  };
}

function mutabilityOf({ isPure, isView, isPayable }: Action): Mutability {
  if (isPure) return 'pure';
  if (isView) return 'view';
  return isPayable ? 'payable' : 'nonpayable';
}

function containerEvent({ name, fields }: Event): ContainerEvent {
  const declared = fields.map((field) => ({
    ...fieldOf(field.name, field.types),
    indexed: field.isIndexed,
  }));
  return { name, fields: indexedFields(name, declared) };
}

function containerError({ name, fields }: ErrorDefinition): ContainerError {
  return { name, fields: fields.map((field) => fieldOf(field.name, field.types)) };
}

function checkLimits(action: Action, generated: GeneratedCode, sink: DiagnosticSink): void {
  const { localVariables, stackDepth } = zexusLimits.values;
  const names = new Set([...action.locals.map(({ name }) => name), ...generated.temporaries]);
  if (names.size > localVariables) {
    const message = `${action.name} has ${names.size} local variables; at most ${localVariables} are allowed`;
    sink.report('LIMIT_EXCEEDED', action.span, message, {
      hint: 'move part of it to another action',
    });
  }
  if (generated.maxStackDepth > stackDepth) {
    const message = `${action.name} has ${generated.maxStackDepth} values at hand at once; at most ${stackDepth} are allowed`;
    sink.report('LIMIT_EXCEEDED', action.span, message, {
      hint: 'keep parts of its longest expression in local variables',
    });
  }
}
