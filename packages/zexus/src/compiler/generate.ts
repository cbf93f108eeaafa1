import type { Container, ContainerAction, ContainerEvent } from '../bytecode/container.ts';
import { exportedName } from '../exports/exported-name.ts';
import { indexedFields } from '../exports/standard-events.ts';
import type { CellType, StateSchema, StateVariable } from '../layout/schema.ts';
import { zexusLimits } from '../limits.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import { ConstantPool } from './assembler.ts';
import { type GeneratedCode, generateAction } from './generate-action.ts';
import { hexBytes } from './hex-literals.ts';
import type { SourcePlaces } from './source-places.ts';
import type { Action, Contract, Event, Expression, StoreStatement, Variable } from './tree.ts';
import { abiTypeOf, holdsNull, type TypeVariable } from './types.ts';

/**
 * The container of a contract without errors, whose types are known; with a source map when the
 * `places` of its source are given.
 */
export function generate(
  contract: Contract,
  metadata: Container['metadata'],
  sink: DiagnosticSink,
  places?: SourcePlaces,
): Container {
  const pool = new ConstantPool();
  const initials = contract.initials.filter(setsSomething);
  // A contract without `init` needs the one that was added only if there is something to set.
  const actions = contract.actions.filter(
    ({ isInit, bodySpan, span }) => !isInit || bodySpan !== span || initials.length > 0,
  );
  const init = actions.findIndex(({ isInit }) => isInit);
  const generated = actions.map((action) =>
    generateAction(action.isInit ? initials : [], action, pool, places),
  );
  const container: Container = {
    name: contract.name,
    actions: actions.map((action, index) => {
      const code = generated[index] as GeneratedCode;
      checkLimits(action, code, sink);
      return containerAction(action, code);
    }),
    constants: pool.constants,
    schema: schemaOf(contract),
    events: contract.events.map(containerEvent),
    init: init < 0 ? undefined : init,
    metadata,
  };
  if (places === undefined) return container;
  const { file } = places;
  return { ...container, sourceMap: { file, actions: generated.map((code) => code.places) } };
}

/**
 * Whether an initial value has to be written: a typed cell begins as the zero of its type, so that a
 * written zero costs nothing.
 */
function setsSomething({ target, value }: StoreStatement): boolean {
  if (target.kind === 'local' || cellType(target.variable.types) === 'untyped') return true;
  return !isWrittenZero(value);
}

function isWrittenZero(value: Expression): boolean {
  if (value.kind === 'literal') return value.value === 0n || value.value === false;
  return value.kind === 'hex' && hexBytes(value).every((byte) => byte === 0);
}

function schemaOf({ variables }: Contract): StateSchema {
  return variables.map(stateVariable);
}

function stateVariable({ name, types }: Variable): StateVariable {
  let depth = 0;
  let leaf = types;
  while (leaf.entries !== undefined) {
    leaf = leaf.entries.value;
    depth += 1;
  }
  const type = cellType(leaf);
  return depth === 0 ? { kind: 'cell', name, type } : { kind: 'map', name, depth, type };
}

/** Text and bytes of any length, what has no type, and what must keep null apart stay untyped. */
function cellType({ type, isDeclared, isNullable }: TypeVariable): CellType {
  if (type === 'map' || holdsNull(type) || (isNullable && !isDeclared)) return 'untyped';
  return type as CellType;
}

function containerAction(action: Action, { code }: GeneratedCode): ContainerAction {
  const mutability = action.isView ? 'view' : action.isPayable ? 'payable' : 'nonpayable';
  return {
    name: action.name,
    exportedAs: action.isExported ? exportedName(action.name) : undefined,
    mutability,
    parameters: action.parameters.map(({ name, types }) => ({
      name,
      type: abiTypeOf(types) ?? '',
    })),
    result: action.returnsValue ? abiTypeOf(action.result) : undefined,
    code,
  };
}

function containerEvent({ name, fields }: Event): ContainerEvent {
  const declared = fields.map((field) => ({
    name: field.name,
    type: abiTypeOf(field.types) ?? '',
    indexed: field.isIndexed,
  }));
  return { name, fields: indexedFields(name, declared) };
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
