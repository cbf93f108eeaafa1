import type * as Ast from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import { ActionScope } from './action-scope.ts';
import { declareParameters, makeAction } from './actions.ts';
import { checkCount } from './call-arguments.ts';
import type { ContractContext } from './contract-context.ts';
import { ActionResolver } from './resolve-action.ts';
import type { Action, Expression, LocalReference, Statement } from './tree.ts';

/** The two actions that a modifier becomes: what stands before `_`, and behind it. */
type ModifierParts = {
  readonly before: Action;
  /** Undefined when nothing stands behind. */
  readonly after: Action | undefined;
};

/** The parts of the contract's modifiers, made when the first action has them. */
export class Modifiers {
  readonly #context: ContractContext;
  readonly #parts = new Map<string, ModifierParts>();

  constructor(context: ContractContext) {
    this.#context = context;
  }

  /**
   * The action as a wrapper that calls the first parts of its modifiers in order, its own body as an
   * action of its own, and the second parts in reverse. The body is resolved later.
   */
  wrap(action: Action, declaration: Ast.ActionDeclaration): void {
    const context = this.#context;
    const { applied, body: block } = declaration;
    const body = makeAction({
      name: context.actionName(`__${action.name}_body`),
      span: action.span,
      source: action.source,
      isHidden: true,
      parameters: action.parameters,
      result: action.result,
      resultSpan: action.resultSpan,
      returnsValue: action.returnsValue,
      bodySpan: action.bodySpan,
      // What the body does, the action does.
      calls: action.calls,
      writes: action.writes,
      reads: action.reads,
    });
    context.added.push(body);
    const noResult = action.isInit ? 'init' : undefined;
    const { scope } = context;
    const finish = (): void => {
      action.returnsValue = body.returnsValue;
      action.valueReads.push(...body.valueReads);
      body.valueReads.length = 0;
      action.body = this.#wrapper(action, body, applied);
    };
    context.bodies.push({ action: body, block, scope, place: 'contract', noResult, finish });
  }

  /** Modifiers that no action has are looked at too, without becoming part of the code. */
  checkUnused(): void {
    for (const [name, modifier] of this.#context.modifiers) {
      if (!this.#parts.has(name)) this.#declare(modifier);
    }
  }

  #wrapper(
    action: Action,
    body: Action,
    applied: readonly Ast.AppliedModifier[],
  ): readonly Statement[] {
    const context = this.#context;
    const scope = new ActionScope(context, action, context.scope, { place: 'contract' });
    const resolver = new ActionResolver(scope);
    const statements: Statement[] = [];
    const afters: Statement[] = [];
    for (const { name, arguments: written } of applied) {
      const { span } = name;
      const parts = this.#find(name);
      const values = written.map((argument) => resolver.expression(argument));
      if (parts === undefined) continue;
      const count = parts.before.parameters.length;
      if (
        !checkCount({ least: count, most: count }, values.length, name.name, span, context.sink)
      ) {
        continue;
      }
      const { before, after } = parts;
      const kept = after === undefined ? undefined : values.map((value) => scope.keep(value));
      statements.push(...(kept ?? []).map(({ prepare }) => prepare));
      const again = kept?.map((each): LocalReference => each.kept);
      statements.push(callOf(before, again ?? values, span, scope));
      if (after !== undefined) afters.unshift(callOf(after, again ?? values, span, scope));
    }
    const call = bodyCall(body, action, scope);
    if (!body.returnsValue) {
      return [...statements, { kind: 'evaluate', expression: call, span: action.span }, ...afters];
    }
    if (afters.length === 0) {
      return [...statements, { kind: 'return', value: call, span: action.span }];
    }
    const { prepare, kept } = scope.keep(call);
    const end: Statement = { kind: 'return', value: kept, span: action.span };
    return [...statements, prepare, ...afters, end];
  }

  #find({ name, span }: Ast.Identifier): ModifierParts | undefined {
    const known = this.#parts.get(name);
    if (known !== undefined) return known;
    const modifier = this.#context.modifiers.get(name);
    if (modifier !== undefined) return this.#declare(modifier);
    const names = [...this.#context.modifiers.keys()];
    const hint =
      names.length === 0
        ? `declare it in the contract: modifier ${name}() { require(…); _ }`
        : `the contract's modifiers are ${names.join(', ')}`;
    this.#context.sink.report('MODIFIER_UNKNOWN', span, `there is no modifier ${name}`, { hint });
    return undefined;
  }

  #declare({ name, parameters, body }: Ast.ModifierDeclaration): ModifierParts {
    const context = this.#context;
    checkBody(body, context);
    const { statements, span } = body;
    const found = statements.findIndex(({ kind }) => kind === 'placeholder');
    const place = found < 0 ? statements.length : found;
    const part = (word: string, part: readonly Ast.Statement[]): Action => {
      const declared = declareParameters(parameters, name, { context, scope: context.scope });
      const action = makeAction({
        name: context.actionName(`__${name.name}_${word}`),
        span: name.span,
        source: context.source,
        isHidden: true,
        parameters: declared,
        bodySpan: span,
      });
      const block = { statements: part.filter(({ kind }) => kind !== 'placeholder'), span };
      context.add(action, { block, scope: context.scope, place: 'modifier' });
      return action;
    };
    const rest = statements.slice(place + 1);
    const before = part('before', statements.slice(0, place));
    const parts = { before, after: rest.length === 0 ? undefined : part('after', rest) };
    this.#parts.set(name.name, parts);
    if (parts.after !== undefined) shareTypes(parts.before, parts.after);
    return parts;
  }
}

/** Both parts get the same arguments. */
function shareTypes(before: Action, after: Action): void {
  after.parameters.forEach((parameter, position) => {
    const types = before.parameters[position]?.types;
    if (types !== undefined) Object.assign(parameter, { types });
  });
}

function callOf(
  action: Action,
  values: readonly Expression[],
  span: Span,
  scope: ActionScope,
): Statement {
  scope.calls(action, span);
  return {
    kind: 'evaluate',
    expression: { kind: 'action', action, arguments: values, span },
    span,
  };
}

function bodyCall(body: Action, { parameters, span }: Action, scope: ActionScope): Expression {
  scope.calls(body, span);
  const values = parameters.map((local): LocalReference => ({ kind: 'local', local, span }));
  return { kind: 'action', action: body, arguments: values, span };
}

/** `_` stands once and not in an inner block; a modifier does not return. */
function checkBody({ statements }: Ast.Block, { sink }: ContractContext): void {
  let placeholders = 0;
  const check = (statement: Ast.Statement, isInner: boolean): void => {
    const { span } = statement;
    if (statement.kind === 'return') {
      sink.report('MODIFIER_BODY', span, 'a modifier does not return', {
        hint: 'use if, or revert to keep the action from running',
      });
    }
    if (statement.kind === 'placeholder') {
      placeholders += 1;
      const message = isInner ? '_ stands in an inner block' : '_ stands here a second time';
      if (isInner || placeholders > 1) {
        sink.report('MODIFIER_BODY', span, message, {
          hint: 'the action runs once, whatever the modifier finds: put conditions into require',
        });
      }
    }
    for (const block of innerBlocks(statement)) {
      for (const inner of block.statements) check(inner, true);
    }
  };
  for (const statement of statements) check(statement, false);
}

function innerBlocks(statement: Ast.Statement): readonly Ast.Block[] {
  switch (statement.kind) {
    case 'if':
      return statement.otherwise === undefined
        ? [statement.then]
        : [statement.then, statement.otherwise];
    case 'while':
    case 'forEach':
    case 'tx':
    case 'block':
      return [statement.body];
    case 'match':
      return statement.arms.map(({ body }) => body);
    case 'try':
      return [statement.body, statement.handler, statement.cleanup].filter(
        (block) => block !== undefined,
      );
    default:
      return [];
  }
}
