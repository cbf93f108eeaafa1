import { unreachable } from '@lucerna/base';
import type * as Ast from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import type { Resolver } from './action-scope.ts';
import { typeIn } from './declared-types.ts';
import { resolveAssignment } from './resolve-assignment.ts';
import { resolveEmit, resolveEmitValue } from './resolve-event.ts';
import { matchArms } from './resolve-expression.ts';
import { declaredReason, resolveReason } from './resolve-failure.ts';
import { specialStatement } from './special-statements.ts';
import type { Expression, Local, Statement, StoreStatement } from './tree.ts';
import { type TypeVariable, unknownType } from './types.ts';

type StatementOf<Kind extends Ast.Statement['kind']> = Extract<Ast.Statement, { kind: Kind }>;

/** What a statement means: nothing where an error was found that leaves nothing to go on with. */
export function resolveStatement(
  statement: Ast.Statement,
  resolver: Resolver,
): readonly Statement[] {
  const { span } = statement;
  switch (statement.kind) {
    case 'let':
      return resolveLet(statement, resolver);
    case 'assign':
      return resolveAssignment(statement, resolver);
    case 'if': {
      const condition = resolver.expression(statement.condition);
      const then = resolver.block(statement.then);
      const otherwise = blockOrNothing(statement.otherwise, resolver);
      return [{ kind: 'if', condition, then, otherwise, span }];
    }
    case 'while':
    case 'forEach':
    case 'break':
    case 'continue':
      return resolveLoop(statement, resolver);
    case 'match': {
      const { prepare, kept } = resolver.scope.keep(resolver.expression(statement.subject));
      const arms = matchArms(statement.arms, resolver, (body) => resolver.block(body));
      return [{ kind: 'match', prepare, subject: kept, arms, span }];
    }
    case 'try':
      return [resolveTry(statement, resolver)];
    case 'tx':
      return [{ kind: 'tx', body: resolver.block(statement.body), span }];
    case 'block':
      return resolver.block(statement.body);
    case 'emit':
      return resolveEmit(statement, resolver);
    case 'emitValue':
      return resolveEmitValue(statement, resolver);
    case 'placeholder':
      resolver.scope.report(
        'PLACEHOLDER_OUTSIDE',
        span,
        '_ stands for the action in a modifier only',
      );
      return [];
    case 'expression':
      return evaluation(statement, resolver);
    case 'throw':
    case 'return':
    case 'require':
    case 'revert':
      return resolveEnd(statement, resolver);
    default:
      return unreachable(statement);
  }
}

function blockOrNothing(block: Ast.Block | undefined, resolver: Resolver): readonly Statement[] {
  return block === undefined ? [] : resolver.block(block);
}

// Variables

function resolveLet(statement: StatementOf<'let'>, resolver: Resolver): readonly Statement[] {
  const { pattern, value, isConstant, span } = statement;
  const { scope } = resolver;
  if (pattern.kind === 'name') {
    const types = declaredOrUnknown(pattern.type, resolver);
    if (value.kind === 'function') return letFunction(statement, pattern.name, types, resolver);
    // The value comes first: it cannot mean the variable that it begins.
    const resolved = resolver.expression(value);
    const local = scope.declare(pattern.name, types, { isConstant });
    return [declaration(local, resolved, span)];
  }
  const { prepare, kept } = scope.keep(resolver.expression(value));
  const names =
    pattern.kind === 'list'
      ? pattern.names.map((local, index) => ({ local, key: BigInt(index) as bigint | string }))
      : pattern.names.map(({ key, local }) => ({ local, key: key.name }));
  const parts = names.map(({ local: name, key }): StoreStatement => {
    const local = scope.declare(name, unknownType(), { isConstant });
    const part: Expression = {
      kind: 'index',
      object: kept,
      key: { kind: 'literal', value: key, span: name.span },
      isMember: pattern.kind === 'map',
      // What cannot be taken apart is one mistake, however many names there are.
      span: pattern.span,
    };
    return declaration(local, part, span);
  });
  return [prepare, ...parts];
}

function declaredOrUnknown(type: Ast.TypeReference | undefined, { scope }: Resolver): TypeVariable {
  return type === undefined ? unknownType() : typeIn(scope.contract, scope.names, type);
}

function declaration(local: Local, value: Expression, span: Span): StoreStatement {
  const target = { kind: 'local', local, span: local.span } as const;
  return { kind: 'store', target, operator: undefined, value, span };
}

/** A function may call itself by the name of the variable that it is the value of. */
function letFunction(
  { value, isConstant, span }: StatementOf<'let'>,
  name: Ast.Identifier,
  types: TypeVariable,
  resolver: Resolver,
): readonly Statement[] {
  const local = resolver.scope.declare(name, types, { isConstant });
  const resolved = resolver.expression(value);
  if (!local.isCaptured) return [declaration(local, resolved, span)];
  // It shares the variable, which has to be there before it.
  local.isReassigned = true;
  local.isRead = false;
  const nothing: Expression = { kind: 'literal', value: null, span: name.span };
  const target = { kind: 'local', local, span } as const;
  return [
    declaration(local, nothing, span),
    { kind: 'store', target, operator: undefined, value: resolved, span },
  ];
}

// Loops

function resolveLoop(
  statement: StatementOf<'break' | 'continue' | 'forEach' | 'while'>,
  resolver: Resolver,
): readonly Statement[] {
  const { span } = statement;
  const { scope } = resolver;
  switch (statement.kind) {
    case 'while': {
      const condition = resolver.expression(statement.condition);
      return [{ kind: 'while', condition, body: loopBody(statement.body, resolver), span }];
    }
    case 'forEach': {
      const iterable = resolver.expression(statement.iterable);
      scope.locals.open();
      const key = statement.key && scope.declare(statement.key, unknownType());
      const value = scope.declare(statement.value, unknownType());
      // A loop is as good as any reason to have them, though only one of the two is of use.
      if (key !== undefined) value.isRead = true;
      const body = loopBody(statement.body, resolver);
      scope.locals.close();
      return [{ kind: 'forEach', key, value, iterable, body, span }];
    }
    default:
      if (scope.loops > 0) return [{ kind: statement.kind, span }];
      scope.report('LOOP_OUTSIDE', span, `there is no loop around this ${statement.kind}`);
      return [];
  }
}

function loopBody(block: Ast.Block, resolver: Resolver): readonly Statement[] {
  resolver.scope.loops += 1;
  const body = resolver.block(block);
  resolver.scope.loops -= 1;
  return body;
}

// Failures

function resolveTry(
  { body, error, handler, cleanup, span }: StatementOf<'try'>,
  resolver: Resolver,
): Statement {
  const { locals } = resolver.scope;
  const resolved = resolver.block(body);
  locals.open();
  const caught = error === undefined ? undefined : resolver.scope.declare(error, unknownType());
  // What failed has to have a name, but need not be looked at.
  if (caught !== undefined) caught.isRead = true;
  const handled = handler === undefined ? undefined : resolver.block(handler);
  locals.close();
  return {
    kind: 'try',
    body: resolved,
    error: caught,
    handler: handled,
    cleanup: blockOrNothing(cleanup, resolver),
    span,
  };
}

function resolveEnd(
  statement: StatementOf<'require' | 'return' | 'revert' | 'throw'>,
  resolver: Resolver,
): readonly Statement[] {
  const { span } = statement;
  switch (statement.kind) {
    case 'require': {
      const condition = resolver.expression(statement.condition);
      const reason = resolveReason(statement.message, resolver);
      return [{ kind: 'require', condition, reason, span }];
    }
    case 'revert':
      return [{ kind: 'revert', reason: resolveReason(statement.message, resolver), span }];
    case 'throw': {
      const reason = declaredReason(statement.value, resolver);
      if (reason !== undefined) return [{ kind: 'revert', reason, span }];
      return [{ kind: 'throw', value: resolver.expression(statement.value), span }];
    }
    case 'return':
      return resolveReturn(statement, resolver);
  }
}

/** What `init` returns, as upstream's contracts do, goes nowhere. */
function resolveReturn(
  { value, span }: StatementOf<'return'>,
  resolver: Resolver,
): readonly Statement[] {
  const { action, noResult } = resolver.scope;
  if (value === undefined) return [{ kind: 'return', value: undefined, span }];
  const resolved = resolver.expression(value);
  if (noResult === undefined) {
    action.returnsValue = true;
    return [{ kind: 'return', value: resolved, span }];
  }
  resolver.scope.report('INIT_RESULT', value.span, `${noResult} returns nothing`, {
    severity: 'warning',
    hint: 'write return alone, the value goes nowhere',
  });
  const end: Statement = { kind: 'return', value: undefined, span };
  return resolved.kind === 'literal'
    ? [end]
    : [{ kind: 'evaluate', expression: resolved, span }, end];
}

// Values that are not used

const WITH_EFFECT: ReadonlySet<Expression['kind']> = new Set([
  'action',
  'builtin',
  'conditional',
  'contractCall',
  'invalid',
  'invoke',
  'logical',
  'match',
  'method',
]);

function evaluation(
  { expression, span }: StatementOf<'expression'>,
  resolver: Resolver,
): readonly Statement[] {
  const special = specialStatement(expression, resolver);
  if (special !== undefined) return special;
  const resolved = resolver.expression(expression);
  if (!WITH_EFFECT.has(resolved.kind)) {
    resolver.scope.report('NO_EFFECT', expression.span, 'this value is computed and dropped', {
      severity: 'warning',
      hint: 'a comparison is ==, an assignment is =',
    });
  }
  return [{ kind: 'evaluate', expression: resolved, span }];
}
