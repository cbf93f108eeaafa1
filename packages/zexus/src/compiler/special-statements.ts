import { zexusLimits } from '../limits.ts';
import type * as Ast from '../syntax/ast.ts';
import type { ActionScope, Resolver } from './action-scope.ts';
import { checkCount, nullAt } from './call-arguments.ts';
import { scalarOf } from './fold.ts';
import type { Expression, Statement } from './tree.ts';

type Call = Extract<Ast.Expression, { kind: 'call' }>;

/** What a call as a statement does; nothing where an error was found. */
type SpecialStatement = (
  call: Call,
  values: readonly Expression[],
  scope: ActionScope,
) => readonly Statement[];

const STATEMENTS: ReadonlyMap<string, SpecialStatement> = new Map<string, SpecialStatement>([
  ['ledger_append', ledgerAppend],
  ['audit_log', auditLog],
  ['audit', auditLog],
  ['gas_charge', gasCharge],
  ['log', log],
]);

/** Whether calls of the name are statements: they give no value. */
export function isSpecialStatement(name: string): boolean {
  return STATEMENTS.has(name);
}

/** What a call that is a statement does; undefined when it is a call like others. */
export function specialStatement(
  expression: Ast.Expression,
  resolver: Resolver,
): readonly Statement[] | undefined {
  if (expression.kind !== 'call' || expression.callee.kind !== 'name') return undefined;
  const { name } = expression.callee;
  const { scope } = resolver;
  const isHidden = scope.knows(name) !== undefined || scope.variables.has(name);
  if (isHidden || scope.names.find(name) !== undefined) return undefined;
  const special = STATEMENTS.get(name);
  if (special === undefined) return undefined;
  const values = expression.arguments.map((argument) => resolver.expression(argument));
  return special(expression, values, scope);
}

/** `ledger_append(value)` */
function ledgerAppend(
  { span }: Call,
  values: readonly Expression[],
  scope: ActionScope,
): readonly Statement[] {
  const { sink } = scope.contract;
  if (!checkCount({ least: 1, most: 1 }, values.length, 'ledger_append', span, sink)) return [];
  scope.writes('appends to the ledger', span);
  return [{ kind: 'operation', opcode: 'LEDGER_APPEND', arguments: values, span }];
}

/** `audit_log(action, data)`; null is logged for data that are left out. */
function auditLog(
  { span }: Call,
  values: readonly Expression[],
  scope: ActionScope,
): readonly Statement[] {
  const { sink } = scope.contract;
  if (!checkCount({ least: 1, most: 2 }, values.length, 'audit_log', span, sink)) return [];
  scope.writes('logs', span);
  const all = values.length === 2 ? values : [...values, nullAt(span)];
  return [{ kind: 'operation', opcode: 'AUDIT_LOG', arguments: all, span }];
}

/** `gas_charge(amount)`; the amount is part of the code. */
function gasCharge(
  { span }: Call,
  values: readonly Expression[],
  scope: ActionScope,
): readonly Statement[] {
  const { sink } = scope.contract;
  if (!checkCount({ least: 1, most: 1 }, values.length, 'gas_charge', span, sink)) return [];
  const [value] = values;
  const amount = value === undefined ? undefined : scalarOf(value);
  if (typeof amount !== 'bigint') {
    scope.report(
      'ARGUMENT_NOT_WRITTEN',
      value?.span ?? span,
      'the amount of gas is a written integer',
      {
        hint: 'write a number or a constant',
      },
    );
    return [];
  }
  const { chargedGas } = zexusLimits.values;
  if (amount < 0n || amount > BigInt(chargedGas)) {
    const message = `gas_charge takes from 0 to ${chargedGas}`;
    scope.report('LITERAL_RANGE', value?.span ?? span, message);
    return [];
  }
  return [{ kind: 'gasCharge', amount: Number(amount), span }];
}

/** `log(value)`; several values are a list. */
function log(
  { span }: Call,
  values: readonly Expression[],
  scope: ActionScope,
): readonly Statement[] {
  scope.writes('logs', span);
  const [first, second] = values;
  const value: Expression =
    first !== undefined && second === undefined ? first : { kind: 'list', items: values, span };
  return [{ kind: 'emitValue', name: 'Log', value, span }];
}
