import type * as Ast from '../syntax/ast.ts';
import { ActionScope, type Resolver } from './action-scope.ts';
import { checkUnique, makeAction, makeLocal } from './actions.ts';
import { typeIn } from './declared-types.ts';
import { resolveExpression } from './resolve-expression.ts';
import { resolveStatement } from './resolve-statement.ts';
import type { Expression, Statement } from './tree.ts';
import { unknownType } from './types.ts';

type FunctionValue = Extract<Ast.Expression, { kind: 'function' }>;

/** Finds out what the names in one action's body, or in one initial value, mean. */
export class ActionResolver implements Resolver {
  readonly scope: ActionScope;

  constructor(scope: ActionScope) {
    this.scope = scope;
  }

  /** The statements of the whole action. */
  body(block: Ast.Block): readonly Statement[] {
    // Parameters and the outermost statements are one block: a `let` may not repeat a parameter.
    return block.statements.flatMap((statement) => resolveStatement(statement, this));
  }

  block(block: Ast.Block): readonly Statement[] {
    this.scope.locals.open();
    const statements = this.body(block);
    this.scope.locals.close();
    return statements;
  }

  expression(expression: Ast.Expression): Expression {
    return resolveExpression(expression, this);
  }

  /**
   * A function as a value is a hidden action. The variables around it that it uses are its first
   * parameters, which it is made with; its own follow.
   */
  functionValue({ parameters, body, span }: FunctionValue): Expression {
    const { contract, names, place, variables, entity } = this.scope;
    const taken = new Set<string>();
    const own = parameters.map(({ name, type }) => {
      checkUnique(name, taken, 'parameter', contract.sink);
      const types = type === undefined ? unknownType() : typeIn(contract, names, type);
      const { span: nameSpan } = name;
      return makeLocal({ name: name.name, span: nameSpan, types, isParameter: true, isRead: true });
    });
    const action = makeAction({
      name: contract.lambdaName(),
      span,
      source: names.source,
      isHidden: true,
      parameters: own,
      bodySpan: body.span,
    });
    contract.added.push(action);
    const scope = new ActionScope(contract, action, names, {
      place,
      variables,
      entity,
      outer: this.scope,
    });
    action.body = new ActionResolver(scope).body(body);
    this.scope.calls(action, span);
    return { kind: 'function', action, captures: scope.captured, span };
  }
}
