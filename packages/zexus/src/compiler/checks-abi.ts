import { zexusLimits } from '../limits.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Span } from '../syntax/source.ts';
import type { Action, Contract, ErrorDefinition, Event } from './tree.ts';
import { abiField, isContract, isEntity, isKnown, type TypeVariable, typeName } from './types.ts';

/** Types of what callers send and get are fixed for ever: each had better be written. */
export function checkAbiTypes(action: Action, sink: DiagnosticSink): void {
  if (!action.isExported && !action.isInit) return;
  for (const { name, span, types, nullComparison } of action.parameters) {
    if (nullComparison !== undefined && isKnown(types)) {
      const message = `the parameter ${name} is never null: callers always send a value`;
      const hint = 'compare with the zero of its type';
      sink.report('NULL_COMPARISON', nullComparison, message, { hint });
    }
    checkNoFunction(types, span, `the parameter ${name}`, sink);
    checkForeign(types, span, `the parameter ${name}`, sink);
    if (types.isDeclared) continue;
    const text = `${name}: ${isKnown(types) ? typeText(types) : 'integer'}`;
    warnInferred(`the parameter ${name}`, types, text, span, sink);
  }
  if (!action.returnsValue) return;
  const { name, span, result, resultSpan } = action;
  checkNoFunction(result, resultSpan ?? span, `the result of ${name}`, sink);
  checkForeign(result, resultSpan ?? span, `the result of ${name}`, sink);
  if (resultSpan !== undefined || result.isDeclared) return;
  const text = isKnown(result) ? `-> ${typeText(result)}` : `action ${name}(…) -> integer`;
  warnInferred(`the result of ${name}`, result, text, span, sink);
}

/** What is kept in the state, logged or reverted with is no function. */
export function checkStoredTypes(
  { variables, events, errors }: Contract,
  sink: DiagnosticSink,
): void {
  for (const { name, span, types } of variables) checkNoFunction(types, span, name, sink);
  checkFieldTypes([...events, ...errors], sink);
}

/** What is logged or reverted with is no function. */
export function checkFieldTypes(
  declared: readonly (ErrorDefinition | Event)[],
  sink: DiagnosticSink,
): void {
  for (const { source, span, fields } of declared) {
    sink.within(source, () => {
      for (const { name, types } of fields) {
        checkNoFunction(types, span, `the field ${name}`, sink);
        checkForeign(types, span, `the field ${name}`, sink);
      }
    });
  }
}

function checkNoFunction(
  types: TypeVariable,
  span: Span,
  what: string,
  sink: DiagnosticSink,
): void {
  if (!holdsFunction(types, new Set())) return;
  sink.report('TYPE_INVALID', span, `${what} cannot be a function`, {
    hint: 'functions are values in local variables and arguments of private actions only',
  });
}

/** Where the ABI has no type, though it has one for others of the kind, it is encoded, and not in silence. */
function checkForeign(types: TypeVariable, span: Span, what: string, sink: DiagnosticSink): void {
  const { containerTypeDepth, abiTypeFields } = zexusLimits.values;
  const problem = abiProblem(types, [], { fields: abiTypeFields });
  if (problem === undefined) return;
  const reason = {
    deep: `more than ${containerTypeDepth} lists and entities within each other`,
    fields: `more than ${abiTypeFields} fields, with those of entities in it`,
    empty: 'an entity without fields',
  }[problem];
  const message = `${what} has ${reason}, which is encoded as bytes in the ABI`;
  sink.report('TYPE_ENCODED', span, message, {
    severity: 'warning',
    hint: 'write any, if that is meant',
  });
}

function abiProblem(
  { type, entries, fields }: TypeVariable,
  outer: readonly string[],
  left: { fields: number },
): 'deep' | 'empty' | 'fields' | undefined {
  // An entity within itself is encoded there: its type would have no end.
  if (outer.includes(type) && type !== 'list') return undefined;
  const inner = isEntity(type)
    ? fields?.map((field) => field.types)
    : type === 'list' && entries?.value.isDeclared
      ? [entries.value]
      : undefined;
  if (inner === undefined) return undefined;
  if (outer.length >= zexusLimits.values.containerTypeDepth) return 'deep';
  if (inner.length === 0) return 'empty';
  if (isEntity(type)) left.fields -= inner.length;
  if (left.fields < 0) return 'fields';
  for (const types of inner) {
    const problem = abiProblem(types, [...outer, type], left);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function holdsFunction(types: TypeVariable, seen: Set<TypeVariable>): boolean {
  if (seen.has(types)) return false;
  seen.add(types);
  if (types.type === 'function') return true;
  if (types.entries !== undefined && holdsFunction(types.entries.value, seen)) return true;
  return types.fields?.some((field) => holdsFunction(field.types, seen)) ?? false;
}

function warnInferred(
  what: string,
  types: TypeVariable,
  text: string,
  span: Span,
  sink: DiagnosticSink,
): void {
  if (!isKnown(types)) {
    const message = `the type of ${what} cannot be inferred: it is any value, encoded as bytes in the ABI`;
    sink.report('TYPE_UNRESOLVED', span, message, {
      severity: 'warning',
      hint: `write it, for example ${text}`,
    });
    return;
  }
  const abiType = abiField('', types)?.type;
  const written = typeText(types);
  const inAbi =
    abiType === undefined
      ? ', encoded as bytes in the ABI'
      : abiType === written
        ? ''
        : `, ${abiType} in the ABI`;
  sink.report('TYPE_INFERRED', span, `${what} is taken as ${written}${inAbi}`, {
    severity: 'warning',
    hint: `write it, so that no later change of the code changes the ABI: ${text}`,
  });
}

/** The type as a source writes it, with what is known of entries. */
function typeText(types: TypeVariable): string {
  const { type, entries } = types;
  if (isEntity(type) || isContract(type)) return typeName(type);
  // Only where the ABI has the type of the items, so that writing it changes nothing.
  if (type !== 'list' || entries === undefined || abiField('', types) === undefined) return type;
  return `list<${typeText(entries.value)}>`;
}
