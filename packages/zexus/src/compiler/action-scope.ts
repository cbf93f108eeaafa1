import type * as Ast from '../syntax/ast.ts';
import type { DiagnosticCode } from '../syntax/diagnostic-codes.ts';
import type { DiagnosticOptions } from '../syntax/diagnostics.ts';
import type { Span } from '../syntax/source.ts';
import { makeLocal } from './actions.ts';
import {
  type BodyPlace,
  type ContractContext,
  type ContractEntity,
  uniqueName,
} from './contract-context.ts';
import type { NameScope } from './names.ts';
import { Scope } from './scope.ts';
import type {
  Action,
  Expression,
  Local,
  LocalReference,
  StoreStatement,
  Variable,
} from './tree.ts';
import type { TypeVariable } from './types.ts';

/** What `this` is called among local names in an action of an entity; no name of the source is it. */
const SELF = 'this';

type Options = {
  readonly place: BodyPlace;
  /** Variables of the state that can be used; without, all that the place lets see. */
  readonly variables?: ReadonlyMap<string, Variable> | undefined;
  /** Where a function as a value stands. */
  readonly outer?: ActionScope | undefined;
  /** What returns nothing, in words, when the action may not return a value. */
  readonly noResult?: string | undefined;
  /** Whose action it is, when the place is an entity. */
  readonly entity?: ContractEntity | undefined;
};

/** What names mean in the body of one action, and what the body is found to do. */
export class ActionScope {
  readonly contract: ContractContext;
  readonly action: Action;
  /** The names around the action. */
  readonly names: NameScope;
  readonly place: BodyPlace;
  readonly locals: Scope = new Scope();
  readonly variables: ReadonlyMap<string, Variable>;
  /** Loops around the statement that is being resolved. */
  loops = 0;
  /** In a function as a value: the variables around it that it uses, in the order of its parameters. */
  readonly captured: Local[] = [];
  readonly outer: ActionScope | undefined;
  readonly entity: ContractEntity | undefined;
  readonly noResult: string | undefined;
  /** Names of the action's variables; shared by what is resolved for one action. */
  readonly #taken: Set<string>;

  constructor(contract: ContractContext, action: Action, names: NameScope, options: Options) {
    const { place, outer, entity } = options;
    this.contract = contract;
    this.action = action;
    this.names = names;
    this.place = place;
    this.outer = outer;
    this.entity = entity;
    this.noResult = options.noResult;
    const seesState = place === 'contract' || place === 'modifier';
    this.variables = options.variables ?? (seesState ? contract.variables : new Map());
    this.#taken = new Set(action.locals.map(({ name }) => name));
    // What runs before `init` is not given its arguments; a function as a value in it has its own.
    const isInitial = place === 'initial' && outer === undefined;
    const parameters = isInitial ? [] : action.parameters;
    parameters.forEach((parameter, position) => {
      const isSelf = place === 'entity' && outer === undefined && position === 0;
      this.locals.declare(isSelf ? SELF : parameter.name, parameter);
    });
  }

  /** The local variable that a name means; one from around a function as a value is captured. */
  find(name: string): Local | undefined {
    const own = this.locals.find(name);
    if (own !== undefined) return own;
    const outer = this.outer?.find(name);
    return outer === undefined ? undefined : this.#capture(name, outer);
  }

  /** As {@link find}, without using it. */
  knows(name: string): Local | undefined {
    return this.locals.find(name) ?? this.outer?.knows(name);
  }

  /** Whether the name is that of a variable in a block that has ended. */
  hasEnded(name: string): boolean {
    return this.locals.hasEnded(name) || (this.outer?.hasEnded(name) ?? false);
  }

  /** The names that are values here, for hints. */
  *values(): Generator<string> {
    yield* this.locals.names();
    if (this.outer !== undefined) yield* this.outer.values();
    yield* this.variables.keys();
    yield* this.names.known();
  }

  /** `this` in an action of an entity. */
  self(): Local | undefined {
    return this.find(SELF);
  }

  /** Declares a variable that the source names. */
  declare(
    { name, span }: Ast.Identifier,
    types: TypeVariable,
    { isConstant = false }: { readonly isConstant?: boolean } = {},
  ): Local {
    this.#checkFree(name, span);
    const local = makeLocal({ name: this.#unique(name), span, types, isConstant });
    this.locals.declare(name, local);
    this.action.locals.push(local);
    return local;
  }

  /** A variable of the compiler's own that holds the value, and the statement that sets it. */
  keep(value: Expression): { readonly prepare: StoreStatement; readonly kept: LocalReference } {
    const { span } = value;
    let number = 1;
    while (this.#taken.has(`$${number}`)) number += 1;
    const local = makeLocal({ name: this.#unique(`$${number}`), span, isRead: true });
    this.action.locals.push(local);
    const kept: LocalReference = { kind: 'local', local, span };
    return { prepare: { kind: 'store', target: kept, operator: undefined, value, span }, kept };
  }

  report(code: DiagnosticCode, span: Span, message: string, options?: DiagnosticOptions): void {
    this.contract.sink.report(code, span, message, options);
  }

  /** Reports, and stands for what is wrong. */
  invalid(
    code: DiagnosticCode,
    span: Span,
    message: string,
    options?: DiagnosticOptions,
  ): Expression {
    this.report(code, span, message, options);
    return { kind: 'invalid', span };
  }

  /** The action calls another one of the contract. */
  calls(target: Action, span: Span): void {
    this.action.calls.push({ target, span });
  }

  writes(what: string, span: Span): void {
    this.action.writes.push({ what, span });
  }

  reads(what: string, span: Span): void {
    this.action.reads.push({ what, span });
  }

  #unique(name: string): string {
    return uniqueName(name, this.#taken, '$');
  }

  #checkFree(name: string, span: Span): void {
    const known = this.knows(name);
    if (known !== undefined) {
      const kind = known.isParameter && !known.isCaptured ? 'parameter' : 'local variable';
      this.report('NAME_DUPLICATE', span, `${name} is a ${kind} already`, {
        hint: `to give it another value write ${name} = … without let`,
      });
    } else if (this.contract.variables.has(name) && this.place !== 'function') {
      this.report('NAME_DUPLICATE', span, `${name} is a variable of the state`, {
        hint: `to set it write ${name} = … without let; or choose another name`,
      });
    } else if (this.contract.scope.own(name) !== undefined && this.place !== 'function') {
      this.report('NAME_DUPLICATE', span, `${name} is declared in the contract`, {
        hint: 'choose another name',
      });
    }
  }

  #capture(name: string, outer: Local): Local {
    outer.isCaptured = true;
    outer.isRead = true;
    const inner = makeLocal({
      name: this.#unique(name === SELF ? 'self' : name),
      span: outer.span,
      types: outer.types,
      isParameter: true,
      isConstant: outer.isConstant,
      isRead: true,
      isCaptured: true,
    });
    const parameters = this.action.parameters as Local[];
    parameters.splice(this.captured.length, 0, inner);
    this.action.locals.push(inner);
    this.captured.push(outer);
    this.contract.captures.push({ outer, inner });
    this.locals.declareOutermost(name, inner);
    return inner;
  }
}

/** Resolves what stands in the body of an action, for the files that know one subject each. */
export type Resolver = {
  readonly scope: ActionScope;
  expression(expression: Ast.Expression): Expression;
  block(block: Ast.Block): Action['body'];
  /** The function as a value: an action of its own. */
  functionValue(expression: Extract<Ast.Expression, { kind: 'function' }>): Expression;
};

/**
 * A variable that a function as a value shares is shared from both sides: assigned inside or outside,
 * it lives in a list of one item everywhere. Called when all bodies are resolved.
 */
export function settleCaptures({ captures }: ContractContext): void {
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const { outer, inner } of captures) {
      const isReassigned = outer.isReassigned || inner.isReassigned;
      hasChanged ||= outer.isReassigned !== inner.isReassigned;
      outer.isReassigned = isReassigned;
      inner.isReassigned = isReassigned;
    }
  }
}
