import { unreachable } from '@lucerna/base';
import { zexusLimits } from '../limits.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Action, Contract, Expression, Statement, StoreStatement } from './tree.ts';
import { Typer, typesOf } from './typer.ts';

/**
 * Finds the types of a contract's cells, keys, parameters, results and local variables: walks the
 * whole contract until no type climbs any more, then once more to report what does not fit.
 */
export function inferTypes(contract: Contract, sink: DiagnosticSink): void {
  const limit = zexusLimits.values.inferencePasses;
  for (let pass = 0; pass < limit; pass += 1) {
    const typer = new Typer(undefined);
    visitContract(contract, typer);
    if (!typer.hasChanged) {
      visitContract(contract, new Typer(sink));
      return;
    }
  }
  const message = `types are not found after ${limit} passes over the contract`;
  sink.report('INFERENCE_LIMIT', contract.span, message, {
    hint: 'write the types of parameters and results',
  });
}

function visitContract({ initials, actions }: Contract, typer: Typer): void {
  for (const initial of initials) visitStore(initial, typer);
  for (const action of actions) visitStatements(action.body, action, typer);
}

function visitStatements(statements: readonly Statement[], action: Action, typer: Typer): void {
  for (const statement of statements) visitStatement(statement, action, typer);
}

function visitStatement(statement: Statement, action: Action, typer: Typer): void {
  switch (statement.kind) {
    case 'store':
      visitStore(statement, typer);
      return;
    case 'if':
      typer.typeOf(statement.condition);
      visitStatements(statement.then, action, typer);
      visitStatements(statement.otherwise, action, typer);
      return;
    case 'while':
      typer.typeOf(statement.condition);
      visitStatements(statement.body, action, typer);
      return;
    case 'return':
      if (statement.value === undefined) return;
      if (action.isInit) typer.typeOf(statement.value);
      else typer.flow(statement.value, action.result, `the result of ${action.name}`, true);
      return;
    case 'require':
      typer.typeOf(statement.condition);
      visitMessage(statement.message, typer);
      return;
    case 'revert':
      visitMessage(statement.message, typer);
      return;
    case 'emit':
      statement.event.fields.forEach((field, position) => {
        const value = statement.arguments[position];
        if (value !== undefined) typer.flow(value, field.types, `the field ${field.name}`, true);
      });
      return;
    case 'evaluate':
      if (statement.expression.kind === 'action') typer.call(statement.expression);
      else typer.typeOf(statement.expression);
      return;
    case 'break':
    case 'continue':
      return;
    default:
      unreachable(statement);
  }
}

function visitStore({ target, operator, value, span }: StoreStatement, typer: Typer): void {
  const name = target.kind === 'local' ? target.local.name : target.variable.name;
  if (operator !== undefined) {
    const type = typer.operate(operator, target, value, span);
    const types = typesOf(target);
    if (types !== undefined && types.type !== 'map')
      typer.flowType(type, value, types, name, false);
    return;
  }
  const types = target.kind === 'local' ? target.local.types : typer.place(target);
  if (types.type !== 'map') {
    typer.flow(value, types, name, false);
    return;
  }
  typer.report('MAP_VALUE', target.span, `${name} is a map here, which cannot be set as a whole`, {
    hint: `set an entry: ${name}[key] = …; clearing maps is not supported yet`,
  });
  typer.typeOf(value);
}

function visitMessage(message: Expression | undefined, typer: Typer): void {
  if (message === undefined) return;
  const type = typer.typeOf(message, 'string');
  if (type === 'string' || type === 'unknown' || type === 'null') return;
  typer.report('MESSAGE_TYPE', message.span, 'the message of a revert is a string', {
    hint: 'string(x) makes text of any value',
  });
}
