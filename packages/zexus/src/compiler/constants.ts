import type * as Ast from '../syntax/ast.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Span } from '../syntax/source.ts';
import { builtinSignature } from './builtin-signatures.ts';
import { padArguments } from './call-arguments.ts';
import { fold, scalarOf } from './fold.ts';
import { type Declared, type DeclaredOf, describeDeclared, type NameScope } from './names.ts';
import type { Expression } from './tree.ts';

/** The members of an enum with their numbers. */
export type EnumMembers = ReadonlyMap<string, bigint>;

/** An entity of values in order, or with names. */
export type MakeEntity = (
  declared: DeclaredOf<'entity'>,
  values: readonly { readonly name: Ast.Identifier | undefined; readonly value: Expression }[],
  span: Span,
) => Expression;

/**
 * The values that are known when compiling: constants, members of enums, defaults of fields. They are
 * made of written values, operators, lists, maps, other constants, and builtins whose result depends on
 * their arguments alone.
 */
export class Constants {
  readonly #sink: DiagnosticSink;
  /** Undefined while a value is being found. */
  readonly #values = new Map<DeclaredOf<'constant'>, Expression | undefined>();
  readonly #enums = new Map<DeclaredOf<'enum'>, Map<string, bigint>>();
  /** Enums whose members are being counted: later members are not there yet. */
  readonly #open = new Set<DeclaredOf<'enum'>>();
  /** While a default is found: the contract's way of making entities. */
  #makeEntity: MakeEntity | undefined;

  constructor(sink: DiagnosticSink) {
    this.#sink = sink;
  }

  /** The value of a constant, as if it were written at `span`. */
  value(constant: DeclaredOf<'constant'>, span: Span): Expression {
    if (this.#values.has(constant)) {
      const known = this.#values.get(constant);
      return known === undefined ? this.#cycle(constant) : moved(known, span);
    }
    this.#values.set(constant, undefined);
    const { declaration, scope } = constant;
    const value = this.evaluate(declaration.value, scope);
    this.#values.set(constant, value);
    return moved(value, span);
  }

  /** The members of an enum; of one that is being counted, those before. */
  members(declared: DeclaredOf<'enum'>): EnumMembers {
    const known = this.#enums.get(declared);
    if (known !== undefined) return known;
    const members = new Map<string, bigint>();
    this.#enums.set(declared, members);
    this.#open.add(declared);
    this.#sink.within(declared.scope.source, () => {
      let next = 0n;
      for (const { name, value } of declared.declaration.members) {
        const number = value === undefined ? next : this.#memberValue(value, declared.scope);
        if (members.has(name.name)) {
          const message = `${declared.name} has a member ${name.name} already`;
          this.#sink.report('NAME_DUPLICATE', name.span, message);
          continue;
        }
        members.set(name.name, number);
        next = number + 1n;
      }
    });
    this.#open.delete(declared);
    return members;
  }

  /** `Enum.member`; reports that there is none. */
  member(
    declared: DeclaredOf<'enum'>,
    { name, span: nameSpan }: Ast.Identifier,
    span: Span,
  ): Expression {
    const number = this.members(declared).get(name);
    if (number !== undefined) return integer(number, span);
    const names = [...this.members(declared).keys()].join(', ');
    const hint = this.#open.has(declared) ? 'declare it before' : `the members are ${names}`;
    this.#sink.report('NAME_UNKNOWN', nameSpan, `${declared.name} has no member ${name}`, { hint });
    return { kind: 'invalid', span };
  }

  /** A value in which `scope` says what names mean; reports what is not known when compiling. */
  evaluate(expression: Ast.Expression, scope: NameScope, makeEntity?: MakeEntity): Expression {
    const outer = this.#makeEntity;
    this.#makeEntity = makeEntity;
    const value = this.#sink.within(scope.source, () => this.#evaluate(expression, scope));
    this.#makeEntity = outer;
    return value;
  }

  #memberValue(value: Ast.Expression, scope: NameScope): bigint {
    const evaluated = this.#evaluate(value, scope);
    const scalar = scalarOf(evaluated);
    if (typeof scalar === 'bigint') return scalar;
    if (evaluated.kind !== 'invalid') {
      this.#sink.report('CONSTANT_VALUE', value.span, 'the value of a member is an integer');
    }
    return 0n;
  }

  #evaluate(expression: Ast.Expression, scope: NameScope): Expression {
    const { span } = expression;
    const inner = (part: Ast.Expression): Expression => this.#evaluate(part, scope);
    switch (expression.kind) {
      case 'integer':
      case 'string':
      case 'boolean':
        return { kind: 'literal', value: expression.value, span };
      case 'null':
        return { kind: 'literal', value: null, span };
      case 'hex':
        return { kind: 'hex', text: expression.text, span, isAddress: false };
      case 'name':
      case 'member':
        return this.#named(expression, scope);
      case 'list':
        return { kind: 'list', items: expression.items.map(inner), span };
      case 'map': {
        const entries = expression.entries.map(({ key, value }) => ({
          key: inner(key),
          value: inner(value),
        }));
        return { kind: 'map', entries, entity: undefined, span };
      }
      case 'unary':
        return fold({ ...expression, operand: inner(expression.operand) });
      case 'binary':
      case 'logical': {
        const left = inner(expression.left);
        return fold({ ...expression, left, right: inner(expression.right) });
      }
      case 'conditional': {
        const condition = inner(expression.condition);
        const then = inner(expression.then);
        const otherwise = inner(expression.otherwise);
        return fold({ kind: 'conditional', condition, then, otherwise, span });
      }
      case 'call':
        return this.#call(expression, scope);
      case 'construct': {
        const path = pathOf(expression.entity);
        const declared = path === undefined ? undefined : scope.findPath(path);
        const values = expression.fields.map(({ name, value }) => ({ name, value: inner(value) }));
        const made = this.#entity(declared, values, span);
        return made ?? this.#refuse(span, 'this is not known when compiling');
      }
      default:
        return this.#refuse(span, 'this is not known when compiling');
    }
  }

  #named(
    expression: Extract<Ast.Expression, { kind: 'member' | 'name' }>,
    scope: NameScope,
  ): Expression {
    const { span } = expression;
    const path = pathOf(expression);
    const declared = path === undefined ? undefined : scope.findPath(path);
    if (declared?.kind === 'constant') return this.value(declared, span);
    if (expression.kind === 'member' && path !== undefined) {
      const owner = scope.findPath(path.slice(0, -1));
      if (owner?.kind === 'enum') return this.member(owner, expression.member, span);
    }
    const name = path?.join('.');
    if (name === undefined || name.startsWith('TX.') || name.startsWith('msg.')) {
      return this.#refuse(span, 'this is not known when compiling');
    }
    if (declared !== undefined)
      return this.#refuse(span, `${name} is ${describeDeclared(declared)}`);
    this.#sink.report('NAME_UNKNOWN', span, `there is no constant ${name} here`, {
      hint: 'a constant is made of written values and of other constants',
    });
    return { kind: 'invalid', span };
  }

  #call(call: Extract<Ast.Expression, { kind: 'call' }>, scope: NameScope): Expression {
    const { callee, span } = call;
    const path = pathOf(callee);
    const declared = path === undefined ? undefined : scope.findPath(path);
    if (declared?.kind === 'entity') {
      const values = call.arguments.map((argument) => ({
        name: undefined,
        value: this.#evaluate(argument, scope),
      }));
      const made = this.#entity(declared, values, span);
      if (made !== undefined) return made;
    }
    const builtin =
      callee.kind === 'name' && scope.find(callee.name) === undefined
        ? builtinSignature(callee.name)
        : undefined;
    if (builtin === undefined || builtin.reads || builtin.writes || builtin.mutates) {
      return this.#refuse(span, 'this call is not known when compiling');
    }
    const values = call.arguments.map((argument) => this.#evaluate(argument, scope));
    const padded = padArguments(builtin, values, span, this.#sink);
    if (padded === undefined) return { kind: 'invalid', span };
    return { kind: 'builtin', builtin, arguments: padded, span };
  }

  /** Entities belong to a contract: they are known in defaults, and not in constants. */
  #entity(
    declared: Declared | undefined,
    values: Parameters<MakeEntity>[1],
    span: Span,
  ): Expression | undefined {
    return declared?.kind === 'entity' ? this.#makeEntity?.(declared, values, span) : undefined;
  }

  #cycle(constant: DeclaredOf<'constant'>): Expression {
    const { span } = constant.declaration.name;
    this.#sink.within(constant.scope.source, () =>
      this.#sink.report('CONSTANT_CYCLE', span, `the value of ${constant.name} depends on itself`),
    );
    return { kind: 'invalid', span };
  }

  #refuse(span: Span, message: string): Expression {
    this.#sink.report('CONSTANT_VALUE', span, message, {
      hint: 'write it in an action, or keep it in a variable of the state',
    });
    return { kind: 'invalid', span };
  }
}

/** The names of `a.b.c`; undefined for other expressions. */
export function pathOf(expression: Ast.Expression): readonly string[] | undefined {
  if (expression.kind === 'name') return [expression.name];
  if (expression.kind !== 'member') return undefined;
  const object = pathOf(expression.object);
  return object === undefined ? undefined : [...object, expression.member.name];
}

/** An integer as it would be written. */
function integer(value: bigint, span: Span): Expression {
  if (value >= 0n) return { kind: 'literal', value, span };
  return {
    kind: 'unary',
    operator: '-',
    operand: { kind: 'literal', value: -value, span },
    span,
  };
}

/** A copy of a constant value that stands at `span`: messages about it are about that place. */
export function moved(expression: Expression, span: Span): Expression {
  const inner = (part: Expression): Expression => moved(part, span);
  switch (expression.kind) {
    case 'list':
      return { ...expression, items: expression.items.map(inner), span };
    case 'map': {
      const entries = expression.entries.map(({ key, value }) => ({
        key: inner(key),
        value: inner(value),
      }));
      return { ...expression, entries, span };
    }
    case 'builtin':
      return { ...expression, arguments: expression.arguments.map(inner), span };
    case 'unary':
      return { ...expression, operand: inner(expression.operand), span };
    case 'binary':
    case 'logical':
      return { ...expression, left: inner(expression.left), right: inner(expression.right), span };
    case 'conditional': {
      const condition = inner(expression.condition);
      const then = inner(expression.then);
      const otherwise = inner(expression.otherwise);
      return { ...expression, condition, then, otherwise, span };
    }
    default:
      return { ...expression, span };
  }
}
