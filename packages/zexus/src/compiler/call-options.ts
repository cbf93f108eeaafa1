import type * as Ast from '../syntax/ast.ts';
import type { Resolver } from './action-scope.ts';
import type { Expression } from './tree.ts';

/** What stands in `{value: wei, gas: limit}` before the arguments of a call. */
export function callOptions(
  { options }: Extract<Ast.Expression, { kind: 'call' }>,
  resolver: Resolver,
): { readonly value: Expression | undefined; readonly gas: Expression | undefined } {
  const { scope } = resolver;
  const found = new Map<string, Expression>();
  for (const { key, value } of options) {
    const name = key.kind === 'string' ? key.value : key.kind === 'name' ? key.name : '';
    const resolved = resolver.expression(value);
    if (name !== 'value' && name !== 'gas') {
      scope.report('CALL_OPTION', key.span, 'the options of a call are value and gas');
    } else if (found.has(name)) {
      scope.report('NAME_DUPLICATE', key.span, `${name} is given already`);
    }
    found.set(name, resolved);
  }
  return { value: found.get('value'), gas: found.get('gas') };
}
