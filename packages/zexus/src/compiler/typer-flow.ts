import type { DiagnosticCode } from '../syntax/diagnostic-codes.ts';
import type { DiagnosticOptions, DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Span } from '../syntax/source.ts';
import { checkLiteralRange } from './literal-range.ts';
import type { Contract, Expression } from './tree.ts';
import { entriesOf, readType, typesOf } from './typer-places.ts';
import {
  anyType,
  describeType,
  holdsNull,
  inferredEntries,
  isCompatible,
  isContainerType,
  isEntity,
  join,
  type MapEntries,
  type StaticType,
  type TypeVariable,
  typeName,
} from './types.ts';

/** What a walk over the contract does beside letting types climb along with values. */
export type WalkMode = {
  /** Notes where values arrive about which nothing is known. */
  readonly opens: boolean;
  /** Takes uses for hints: what is still unknown, and not open, is what its use asks for. */
  readonly suggests: boolean;
};

/** How a value goes to its place. */
export type FlowOptions = {
  /** Null does no harm in the place although its type is declared. */
  readonly mayBeNull?: boolean;
  /** A value of unknown type makes the place one of unknown type. Default: true. */
  readonly opens?: boolean;
  /** What the place is known to be says nothing about a value of unknown type. */
  readonly isApart?: boolean;
  /** The place is in the state, where no function can be. */
  readonly isState?: boolean;
  /** Nothing else ever flows into the place: what a declared container holds is known there too. */
  readonly isOnly?: boolean;
};

/**
 * Lets types climb along the flow of values into places. What flows into a variable (assignments,
 * arguments, keys, results) makes its type climb. How an unknown one is used (arithmetic, comparison, as
 * a key) only suggests its first type.
 */
export abstract class TypeFlow {
  /** Set when any type has climbed. */
  hasChanged = false;
  readonly contract: Contract;
  readonly mode: WalkMode;
  readonly #sink: DiagnosticSink | undefined;

  constructor(contract: Contract, mode: WalkMode, sink: DiagnosticSink | undefined) {
    this.contract = contract;
    this.mode = mode;
    this.#sink = sink;
  }

  /**
   * The type of a value. `expected` is what its place suggests, when it leaves it open; `into` is the
   * place, for the items of a list or map that is written out there.
   */
  abstract typeOf(expression: Expression, expected?: StaticType, into?: TypeVariable): StaticType;

  /** Where to report to; undefined while types are still looked for. */
  get sink(): DiagnosticSink | undefined {
    return this.#sink;
  }

  report(code: DiagnosticCode, span: Span, message: string, options?: DiagnosticOptions): void {
    this.#sink?.report(code, span, message, options);
  }

  /** A value goes to where `target` is the type. `what` names the place in messages. */
  flow(value: Expression, target: TypeVariable, what: string, options: FlowOptions = {}): void {
    const expected = options.isApart === true && !target.isDeclared ? 'unknown' : target.type;
    const type = this.typeInto(value, expected, target);
    if (options.isOnly === true) this.#adoptEntries(value, type, target);
    if (target.isNullCompared) this.keepNull(value, target, what);
    this.flowType(type, value, target, what, options);
  }

  /** As {@link typeOf}; what a container that is passed on holds flows into the place as well. */
  typeInto(value: Expression, expected: StaticType, into: TypeVariable | undefined): StaticType {
    const type = this.typeOf(value, expected, into);
    if (into === undefined || !isContainerType(type) || isTakenApart(value)) return type;
    if (into.entries !== undefined) this.#flowEntries(entriesOf(value), into.entries, value.span);
    return type;
  }

  /** As {@link flow}, for a value whose type is known already. */
  flowType(
    type: StaticType,
    value: Expression,
    target: TypeVariable,
    what: string,
    { mayBeNull = false, opens = true, isState = false }: FlowOptions = {},
  ): void {
    if (type === 'unknown') {
      if (opens && this.mode.opens && isOpenValue(value)) this.open(target);
      return;
    }
    if (type === 'null') {
      this.#flowNull(value.span, target, what, mayBeNull);
      return;
    }
    if (type === 'function' && isState) {
      this.report('TYPE_MISMATCH', value.span, 'a function cannot be kept in the state');
      return;
    }
    this.climb(target, type);
    if (!isCompatible(type, target.type)) {
      const message = `${what} takes ${describeType(target.type)}, and this is ${describeType(type)}`;
      this.report('TYPE_MISMATCH', value.span, message);
      return;
    }
    const problem = checkLiteralRange(value, target);
    if (problem !== undefined) this.report('LITERAL_RANGE', value.span, `${what} ${problem}`);
  }

  /** A value of the type is among those of the variable. */
  climb(target: TypeVariable, type: StaticType): void {
    if (target.isDeclared || target.isMixed || type === 'unknown' || type === 'null') return;
    const joined = target.type === 'unknown' ? type : join(target.type, type);
    if (joined === target.type) return;
    if (joined === undefined) {
      if (target.isFlexible) this.mix(target);
      return;
    }
    target.type = joined as TypeVariable['type'];
    target.fields = isEntity(joined) ? this.fieldsOf(joined) : undefined;
    if (target.tracksEntries && (joined === 'list' || joined === 'map')) {
      target.entries ??= inferredEntries(joined);
    }
    this.hasChanged = true;
  }

  /** Values of several kinds are there: nothing more is inferred. */
  mix(target: TypeVariable): void {
    if (target.isMixed || target.isDeclared) return;
    target.type = 'unknown';
    target.fields = undefined;
    if (target.tracksEntries) target.entries = undefined;
    else if (target.entries !== undefined) target.entries = { key: anyType(), value: anyType() };
    target.isMixed = true;
    this.hasChanged = true;
    this.open(target);
  }

  /** A value of unknown type arrives, with entries of unknown types if it has any. */
  open(target: TypeVariable): void {
    if (target.isDeclared) {
      if (target.entries !== undefined) this.#openEntries(target.entries);
      return;
    }
    if (!target.isOpen) this.hasChanged = true;
    target.isOpen = true;
    if (target.entries !== undefined) this.#openEntries(target.entries);
  }

  #openEntries({ key, value }: MapEntries): void {
    for (const types of [key, value]) {
      if (types.isDeclared ? types.entries !== undefined : !types.isOpen) this.open(types);
    }
  }

  /** A use says what an unknown type may be; anything that is known stays. */
  suggest(expression: Expression, type: StaticType): void {
    if (expression.kind === 'logical' && expression.operator === '??') {
      this.suggest(expression.left, type);
      this.suggest(expression.right, type);
      return;
    }
    const types = typesOf(expression);
    if (types !== undefined) this.suggestFor(types, type);
  }

  suggestFor(types: TypeVariable, type: StaticType): void {
    if (!this.mode.suggests || types.type !== 'unknown') return;
    if (types.isDeclared || types.isOpen || types.isMixed || types.entries !== undefined) return;
    if (type === 'unknown' || type === 'null' || isContainerType(type)) return;
    types.type = type as TypeVariable['type'];
    this.hasChanged = true;
  }

  /** Two variables that are one: what a function captures, within it and around it. */
  link(first: TypeVariable, second: TypeVariable): void {
    if (first === second) return;
    for (const [from, to] of [
      [first, second],
      [second, first],
    ] as const) {
      this.climb(to, from.type);
      if (from.isMixed) this.mix(to);
      if (from.isOpen && !to.isOpen) this.open(to);
      if (from.isNullCompared) this.compareWithNull(to);
    }
  }

  /** The fields of the entity that a type names. */
  fieldsOf(type: `entity ${string}`): TypeVariable['fields'] {
    return this.contract.entities.get(typeName(type))?.fields;
  }

  #flowNull(span: Span, target: TypeVariable, what: string, mayBeNull: boolean): void {
    if (!target.isDeclared) {
      if (!target.isNullable) this.hasChanged = true;
      target.isNullable = true;
      return;
    }
    if (mayBeNull || holdsNull(target.type)) return;
    const message = `${what} is declared as ${describeType(target.type)} and cannot be null`;
    this.report('NULL_ASSIGNMENT', span, message, {
      hint: 'write the zero of the type, or leave the type out to keep null apart from zero',
    });
  }

  /** A variable takes over what is known of the one container that flows into it. */
  #adoptEntries(value: Expression, type: StaticType, target: TypeVariable): void {
    const source = typesOf(value);
    if (target.isDeclared || source === undefined || !isContainerType(type)) return;
    if (target.entries === undefined && source.isDeclared) target.entries = source.entries;
  }

  /** What the entries of a container are known to be flows into those of the place. */
  #flowEntries(entries: MapEntries | undefined, into: MapEntries, span: Span): void {
    if (entries === into) return;
    if (entries === undefined) {
      if (this.mode.opens) this.#openEntries(into);
      return;
    }
    this.#flowVariable(entries.key, into.key, span);
    this.#flowVariable(entries.value, into.value, span);
  }

  #flowVariable(from: TypeVariable, to: TypeVariable, span: Span): void {
    if (from === to) return;
    const type = readType(from, false);
    if (type === 'unknown') {
      if (this.mode.opens && (from.isDeclared || from.isOpen) && !to.isOpen) this.open(to);
    } else {
      this.climb(to, type);
      if (!isCompatible(type, to.type)) {
        const message = `what is in it is ${describeType(type)}, and ${describeType(to.type)} is expected`;
        this.report('TYPE_MISMATCH', span, message);
      }
    }
    if (from.isNullable && !to.isDeclared && !to.isNullable) {
      to.isNullable = true;
      this.hasChanged = true;
    }
    if (to.entries !== undefined) this.#flowEntries(from.entries, to.entries, span);
  }

  /**
   * An item or key of a container goes to a variable of those who go through it: what is known of it from the
   * kind of the container, or else from what flows into the container.
   */
  flowItem(type: StaticType, from: TypeVariable | undefined, to: TypeVariable | undefined): void {
    if (to === undefined) return;
    const known = type === 'unknown' && from !== undefined ? readType(from, true) : type;
    if (known !== 'unknown') {
      this.climb(to, known);
      if (from?.isDeclared && to.entries === undefined && !to.isDeclared) to.entries = from.entries;
      return;
    }
    const isOpen = from === undefined || from.isDeclared || from.isOpen || from.isMixed;
    if (isOpen && this.mode.opens && !to.isOpen) this.open(to);
  }

  compareWithNull(types: TypeVariable): void {
    if (!types.isNullCompared) this.hasChanged = true;
    types.isNullCompared = true;
  }

  /** Makes an inferred type keep null apart from zero; false for a declared one that cannot. */
  canBeNull(types: TypeVariable): boolean {
    if (types.isDeclared) return holdsNull(types.type);
    if (!types.isNullable) this.hasChanged = true;
    types.isNullable = true;
    return true;
  }

  /** A value flows to where it is compared with null: its source has to keep null apart from zero. */
  abstract keepNull(value: Expression, target: TypeVariable, what: string): void;
}

/** Whether typing such an expression lets its parts flow into the place by itself. */
function isTakenApart({ kind }: Expression): boolean {
  return (
    kind === 'list' ||
    kind === 'map' ||
    kind === 'conditional' ||
    kind === 'match' ||
    kind === 'logical' ||
    kind === 'binary'
  );
}

/** Whether an expression whose type is unknown can have any type whatever inference still finds. */
function isOpenValue(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
    case 'hex':
    case 'context':
    case 'unary':
      return false;
    case 'binary':
      return isOpenValue(expression.left) || isOpenValue(expression.right);
    case 'logical':
      return expression.operator === '??' && isOpenValue(expression.right);
    case 'conditional':
      return isOpenValue(expression.then) || isOpenValue(expression.otherwise);
    case 'match':
      return expression.arms.some(({ body }) => isOpenValue(body));
    case 'builtin':
      return expression.builtin.result === 'unknown';
    // What is wrong may be meant to be anything: nothing more is said about where it goes.
    case 'invalid':
      return true;
    default: {
      const types = typesOf(expression);
      return types === undefined || types.isDeclared || types.isOpen || types.isMixed;
    }
  }
}
