import { unreachable } from '@lucerna/base';
import type { Expression, Reason, Statement } from './tree.ts';

type Match = Extract<Statement, { kind: 'match' }>;

/** The lists of statements within a statement, each run as a whole, in the order of the text. */
export function innerBlocks(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case 'if':
      return [statement.then, statement.otherwise];
    case 'while':
    case 'forEach':
    case 'tx':
      return [statement.body];
    case 'match':
      return statement.arms.map(({ body }) => body);
    case 'try':
      return [statement.body, statement.handler ?? [], statement.cleanup];
    default:
      return [];
  }
}

/** Visits each statement, those within others behind them. */
export function visitStatements(
  statements: readonly Statement[],
  visit: (statement: Statement) => void,
): void {
  for (const statement of statements) {
    visit(statement);
    for (const block of innerBlocks(statement)) visitStatements(block, visit);
  }
}

/** Visits each expression of the statements, those within others behind them. */
export function visitExpressions(
  statements: readonly Statement[],
  visit: (expression: Expression) => void,
): void {
  const visitDeep = (expression: Expression): void => {
    visit(expression);
    for (const part of innerExpressions(expression)) visitDeep(part);
  };
  visitStatements(statements, (statement) => {
    for (const expression of ownExpressions(statement)) visitDeep(expression);
  });
}

/** The expressions of a statement, without those of statements and expressions within. */
export function ownExpressions(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'store':
      return [statement.target, statement.value];
    case 'if':
    case 'while':
      return [statement.condition];
    case 'forEach':
      return [statement.iterable];
    case 'match':
      return matchExpressions(statement);
    case 'throw':
    case 'emitValue':
      return [statement.value];
    case 'return':
      return present([statement.value]);
    case 'require':
      return [statement.condition, ...reasonExpressions(statement.reason)];
    case 'revert':
      return reasonExpressions(statement.reason);
    case 'emit':
    case 'operation':
      return statement.arguments;
    case 'evaluate':
      return [statement.expression];
    case 'try':
    case 'tx':
    case 'gasCharge':
    case 'break':
    case 'continue':
      return [];
    default:
      return unreachable(statement);
  }
}

function matchExpressions({ prepare, arms }: Pick<Match, 'arms' | 'prepare'>): Expression[] {
  return [prepare.value, ...arms.flatMap(({ patterns }) => patterns ?? [])];
}

function reasonExpressions(reason: Reason | undefined): readonly Expression[] {
  if (reason === undefined) return [];
  return reason.kind === 'message' ? [reason.message] : reason.arguments;
}

/** The expressions that an expression is made of. The body of a function is none of them. */
export function innerExpressions(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'hex':
    case 'local':
    case 'context':
    case 'function':
    case 'invalid':
      return [];
    case 'state':
      return expression.keys;
    case 'index':
      return [expression.object, expression.key];
    case 'list':
      return expression.items;
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'slice':
      return present([expression.object, expression.start, expression.end]);
    case 'builtin':
    case 'operation':
    case 'action':
      return expression.arguments;
    case 'method': {
      const { object, arguments: values, value, gas } = expression;
      return present([object, ...values, value, gas]);
    }
    case 'contractCall': {
      const { target, signature, arguments: values, value, gas } = expression;
      return present([target, signature, values, value, gas]);
    }
    case 'invoke':
      return [expression.callee, ...expression.arguments];
    case 'cast':
      return [expression.value];
    case 'conditional':
      return [expression.condition, expression.then, expression.otherwise];
    case 'match': {
      const { prepare, arms } = expression;
      const patterns = arms.flatMap((arm) => arm.patterns ?? []);
      return [prepare.value, ...patterns, ...arms.map(({ body }) => body)];
    }
    case 'unary':
      return [expression.operand];
    case 'binary':
    case 'logical':
      return [expression.left, expression.right];
    default:
      return unreachable(expression);
  }
}

function present(expressions: readonly (Expression | undefined)[]): readonly Expression[] {
  return expressions.filter((expression) => expression !== undefined);
}
