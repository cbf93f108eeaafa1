import { BUILTIN_SIGNATURES } from './builtin-signatures.ts';
import { isLiteralZero } from './literal-range.ts';
import { METHOD_SIGNATURES, type MethodSignature, methodSignature } from './method-signatures.ts';
import { isPrelude } from './prelude.ts';
import type { Action, Contract, Expression, Statement, StoreStatement } from './tree.ts';
import { innerBlocks, innerExpressions, ownExpressions, visitExpressions } from './tree-walk.ts';
import { ensureEntries, isStatePlace, typesOf } from './typer-places.ts';
import { inferredEntries, type TypeVariable } from './types.ts';

/**
 * What a use needs of a map or list of the state, from less to more. `entry`: only what is under a key.
 * `counted`: all of it, but nothing keeps it. `shared`: it is handed on as a value.
 */
type Use = 'counted' | 'entry' | 'shared';

/** The kinds that uses point to, for places whose types do not say one. */
export type ContainerKinds = ReadonlyMap<TypeVariable, 'list' | 'map'>;

/** What is found about the places of the state. */
export type ContainerUses = {
  /**
   * What kind the places are taken for that stay without a type: a list when a method of lists alone is
   * called on it, a map when it has keys. What is written out, as in `data x = []`, is a type and no guess.
   */
  readonly kinds: ContainerKinds;
  /** Maps, and zeros that stand for entries that they lack. */
  readonly defaults: readonly (readonly [map: TypeVariable, zero: Expression])[];
};

/**
 * Marks how the places of the state are used as maps and lists: `isWhole`, `isShared`, `isAssigned`. This
 * depends on the text alone and comes before types are found.
 */
export function findContainerUses(contract: Contract, actions: readonly Action[]): ContainerUses {
  const finder = new UseFinder();
  const inner = innerCallees(contract, actions);
  for (const { types } of contract.variables) completeEntries(types);
  for (const initial of contract.initials) finder.store(initial, true);
  for (const action of actions) finder.action(action, inner.has(action));
  for (const { types } of contract.variables) {
    openShared(types, false);
    fillWithin(types, finder.filled);
  }
  return finder;
}

/** The actions whose result other actions get. What goes to callers from outside is copied. */
function innerCallees({ entities }: Contract, actions: readonly Action[]): ReadonlySet<Action> {
  const callees = new Set<Action>();
  for (const entity of entities.values()) {
    for (const action of entity.actions.values()) callees.add(action);
  }
  for (const action of actions) {
    if (action.isHidden) callees.add(action);
    for (const { target } of action.calls) callees.add(target);
    visitExpressions(action.body, (expression) => {
      const isCallee = expression.kind === 'action' || expression.kind === 'function';
      if (isCallee) callees.add(expression.action);
    });
  }
  return callees;
}

/** Of what is within a container that is handed on, nothing is known without a written type. */
function openShared({ entries, isShared }: TypeVariable, isOuterShared: boolean): void {
  if (entries === undefined) return;
  const isOpen = isShared || isOuterShared;
  for (const types of [entries.key, entries.value]) {
    if (isOpen && !types.isDeclared) types.isOpen = true;
    openShared(types, isOpen);
  }
}

/** A declared `map` or `list` of the state whose entries have no written type gets types to infer. */
function completeEntries(types: TypeVariable): void {
  if (types.type !== 'map' && types.type !== 'list') return;
  types.entries ??= inferredEntries(types.type);
  types.entries.value.isFlexible ||= !types.entries.value.isDeclared;
  types.entries.key.isFlexible ||= !types.entries.key.isDeclared;
  completeEntries(types.entries.value);
}

/** Who puts a container somewhere puts there what is within it as well. */
function fillWithin(types: TypeVariable, filled: Set<TypeVariable>): void {
  const { entries } = types;
  if (entries === undefined) return;
  if (filled.has(types)) {
    entries.value.isAssigned = true;
    filled.add(entries.value);
  }
  fillWithin(entries.value, filled);
}

class UseFinder {
  readonly kinds = new Map<TypeVariable, 'list' | 'map'>();
  readonly defaults: (readonly [map: TypeVariable, zero: Expression])[] = [];
  /** Places where something is put as a whole that may not be empty. */
  readonly filled = new Set<TypeVariable>();
  /** Whether what is returned stays within the contract. */
  #isInner = false;

  action({ body }: Action, isInner: boolean): void {
    this.#isInner = isInner;
    this.statements(body);
  }

  statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'store':
        this.store(statement, false);
        break;
      case 'forEach':
        this.#expression(statement.iterable, 'counted');
        this.#handOnEntries(statement.iterable);
        break;
      case 'match':
        this.store(statement.prepare, false);
        for (const pattern of statement.arms.flatMap((arm) => arm.patterns ?? [])) {
          this.#expression(pattern, 'counted');
        }
        break;
      case 'return':
        this.#all(ownExpressions(statement), this.#isInner ? 'shared' : 'counted');
        break;
      case 'throw':
        this.#all(ownExpressions(statement), 'shared');
        break;
      default:
        this.#all(ownExpressions(statement), 'counted');
    }
    for (const block of innerBlocks(statement)) this.statements(block);
  }

  store({ target, operator, value }: StoreStatement, isInitial: boolean): void {
    this.#expression(target, 'entry');
    // What is put into the state is copied; everything else keeps what it is given.
    this.#expression(value, isStatePlace(target) ? 'counted' : 'shared');
    if (!isStatePlace(target)) return;
    const types = this.#reach(target);
    if (types === undefined) return;
    const kind = operator === undefined || operator === '+' ? writtenKind(value) : undefined;
    if (kind !== undefined) becomeKind(types, kind);
    const isNull = value.kind === 'literal' && value.value === null;
    if (isNull || (isInitial && isWrittenEmpty(value))) return;
    types.isWhole = true;
    types.isAssigned = true;
    if (!isWrittenEmpty(value)) this.filled.add(types);
  }

  #expression(expression: Expression, use: Use): void {
    switch (expression.kind) {
      case 'state':
        for (const key of expression.keys) this.#expression(key, 'counted');
        this.#mark(this.#reach(expression), use);
        return;
      case 'index':
        this.#expression(expression.object, 'entry');
        this.#expression(expression.key, 'counted');
        if (isStatePlace(expression)) this.#mark(this.#reach(expression), use);
        return;
      case 'conditional':
        this.#expression(expression.condition, 'counted');
        this.#expression(expression.then, use);
        this.#expression(expression.otherwise, use);
        return;
      case 'logical': {
        const inner = expression.operator === '??' ? use : 'counted';
        this.#expression(expression.left, inner);
        this.#expression(expression.right, inner);
        return;
      }
      case 'match':
        this.store(expression.prepare, false);
        for (const { patterns, body } of expression.arms) {
          for (const pattern of patterns ?? []) this.#expression(pattern, 'counted');
          this.#expression(body, use);
        }
        return;
      case 'binary':
        this.#operands(expression);
        return;
      case 'slice':
        this.#all(innerExpressions(expression), 'counted');
        this.#handOnEntries(expression.object);
        return;
      default:
        this.#call(expression);
    }
  }

  #call(expression: Expression): void {
    switch (expression.kind) {
      case 'method': {
        const { object, name, arguments: values } = expression;
        this.#method(object, name, values);
        this.#all(innerExpressions(expression).slice(1), 'shared');
        return;
      }
      case 'builtin': {
        const [first, ...rest] = expression.arguments;
        if (first !== undefined) this.#method(first, expression.builtin.name, rest);
        this.#all(rest, 'shared');
        return;
      }
      case 'action':
        if (isPrelude(expression.action.source)) {
          this.#all(expression.arguments, 'counted');
          for (const value of expression.arguments) this.#handOnEntries(value);
        } else {
          this.#all(expression.arguments, 'shared');
        }
        return;
      case 'list':
      case 'map':
      case 'invoke':
        this.#all(innerExpressions(expression), 'shared');
        return;
      default:
        this.#all(innerExpressions(expression), 'counted');
    }
  }

  #all(expressions: readonly Expression[], use: Use): void {
    for (const expression of expressions) this.#expression(expression, use);
  }

  /** Asking for null needs nothing but the value; the sum of two lists keeps what is in them. */
  #operands({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): void {
    const isComparison = operator === '==' || operator === '!=';
    const isNull = [left, right].some((side) => side.kind === 'literal' && side.value === null);
    this.#all([left, right], isComparison && isNull ? 'entry' : 'counted');
    if (operator !== '+') return;
    this.#handOnEntries(left);
    this.#handOnEntries(right);
  }

  /** A method, or a builtin with its first argument before the dot. */
  #method(object: Expression, name: string, values: readonly Expression[]): void {
    const isPlain = !needsWhole(name, values);
    this.#expression(object, isPlain ? 'entry' : 'counted');
    if (!isStatePlace(object)) return;
    const types = this.#reach(object);
    if (types === undefined) return;
    const zero = name === 'get' ? values[1] : undefined;
    if (isPlain && zero !== undefined) this.defaults.push([types, zero]);
    const kind = onlyReceiver(name, values);
    if (kind !== undefined) this.#guess(types, kind);
    const entries = kind === undefined ? types.entries : ensureEntries(types);
    if (entries === undefined) return;
    if (putsIn(name)) {
      entries.value.isAssigned = true;
      this.filled.add(entries.value);
    }
    this.#handOnEntries(object);
  }

  /** What is within a place is handed on: containers in it can be changed from elsewhere. */
  #handOnEntries(object: Expression): void {
    if (!isStatePlace(object)) return;
    const value = this.#reach(object)?.entries?.value;
    if (value === undefined) return;
    this.#mark(value, 'shared');
  }

  /** The place, with entries for each key that leads to it. */
  #reach(place: Expression): TypeVariable | undefined {
    if (place.kind === 'index') {
      const types = this.#reach(place.object);
      if (types !== undefined) this.#key(types);
      return typesOf(place);
    }
    if (place.kind !== 'state') return undefined;
    let types: TypeVariable | undefined = place.variable.types;
    for (const [depth, key] of place.keys.entries()) {
      this.#key(types);
      types = typesOf({ ...place, keys: place.keys.slice(0, depth + 1), span: key.span });
      if (types === undefined) return undefined;
    }
    return types;
  }

  #key(types: TypeVariable): void {
    if (types.type !== 'unknown' && types.type !== 'map' && types.type !== 'list') return;
    if (ensureEntries(types) !== undefined && types.type === 'unknown') this.#guess(types, 'map');
  }

  /** Methods of lists say more than keys, which lists have as well. */
  #guess(types: TypeVariable, kind: 'list' | 'map'): void {
    if (types.type !== 'unknown' || types.isDeclared) return;
    if (kind === 'list' || !this.kinds.has(types)) this.kinds.set(types, kind);
  }

  #mark(types: TypeVariable | undefined, use: Use): void {
    if (types === undefined || use === 'entry') return;
    types.isWhole = true;
    if (use === 'shared') types.isShared = true;
  }
}

/** A place whose kind is written, or was found, becomes one of that kind. */
export function becomeKind(types: TypeVariable, kind: 'list' | 'map'): void {
  if (types.isDeclared || types.type !== 'unknown' || types.isMixed) return;
  types.type = kind;
  ensureEntries(types);
}

/** The kind that an expression shows by its form. */
function writtenKind(value: Expression): 'list' | 'map' | undefined {
  switch (value.kind) {
    case 'list':
      return 'list';
    case 'map':
      return value.entity === undefined ? 'map' : undefined;
    case 'binary': {
      if (value.operator !== '+') return undefined;
      const kinds = [writtenKind(value.left), writtenKind(value.right)];
      return kinds.includes('list') ? 'list' : undefined;
    }
    default:
      return undefined;
  }
}

function isWrittenEmpty(value: Expression): boolean {
  if (value.kind === 'list') return value.items.length === 0;
  return value.kind === 'map' && value.entries.length === 0;
}

function signaturesOf(name: string): readonly (MethodSignature & { readonly kind: string })[] {
  return [...METHOD_SIGNATURES.keys()].flatMap((kind) => {
    const signature = methodSignature(kind, name);
    return signature === undefined ? [] : [{ ...signature, kind }];
  });
}

/**
 * Whether a method needs more of a map than one entry. To tell an entry that is missing from a zero, the
 * map has to know which are there; a default that is the zero of its values needs no telling.
 */
function needsWhole(name: string, values: readonly Expression[]): boolean {
  const signatures = signaturesOf(name);
  if (signatures.length === 0) return BUILTIN_SIGNATURES.get(name)?.parameters[0] !== undefined;
  if (signatures.some(({ isWhole }) => isWhole)) return true;
  const [, fallback] = values;
  if (signatures[0]?.name !== 'get' || fallback === undefined) return false;
  const isNothing = fallback.kind === 'literal' && !fallback.value && fallback.value !== '';
  return !(isNothing || isLiteralZero(fallback));
}

/**
 * The kind of container that alone has the method. With more arguments than it takes it is a builtin of the
 * name, which may take something else first: `max(a, b)`.
 */
function onlyReceiver(name: string, values: readonly Expression[]): 'list' | 'map' | undefined {
  const [signature, other] = signaturesOf(name);
  if (signature === undefined || other !== undefined) return undefined;
  const given = values.filter((value) => !(value.kind === 'literal' && value.value === null));
  if (given.length > signature.parameters.length) return undefined;
  const { kind } = signature;
  return kind === 'list' || kind === 'map' ? kind : undefined;
}

/** Whether a method puts an argument into the container. */
function putsIn(name: string): boolean {
  return signaturesOf(name).some((signature) => ['push', 'insert', 'set'].includes(signature.name));
}
