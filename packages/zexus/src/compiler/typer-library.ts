import type { ActionCallExpression, FunctionExpression } from './tree.ts';
import type { TypeFlow } from './typer-flow.ts';
import { mergeTypes } from './typer-operators.ts';
import { entriesOf, readType } from './typer-places.ts';
import type { StaticType, TypeVariable } from './types.ts';

/**
 * A method that takes a function, which stands in the call: only the compiler's library calls it, so that
 * its parameters are what is in the map or list. The type of the call's result; undefined when the library
 * declares it.
 */
export function typeLibraryCall(
  flow: TypeFlow,
  { action, arguments: values }: ActionCallExpression,
  f: FunctionExpression,
): StaticType | undefined {
  const [items, , initial] = values;
  if (items === undefined) return undefined;
  flow.typeOf(items);
  typeCaptures(flow, f);
  const own = f.action.parameters.slice(f.captures.length).map(({ types }) => types);
  const item = entriesOf(items)?.value;
  switch (action.name) {
    case '__reduce':
    case '__reduce_all': {
      const [result, next] = own;
      let type: StaticType = 'null';
      if (initial !== undefined) {
        type = flow.typeOf(initial);
        if (result !== undefined) flow.flowType(type, initial, result, 'the first value');
      } else {
        flow.flowItem('unknown', item, result);
        type = itemType(item);
      }
      flow.flowItem('unknown', f.action.result, result);
      flow.flowItem('unknown', item, next);
      return mergeTypes(type, readType(f.action.result, false));
    }
    case '__find':
      flow.flowItem('unknown', item, own[0]);
      return itemType(item);
    default:
      flow.flowItem('unknown', item, own[0]);
      return undefined;
  }
}

/** The variables around a function that it uses are those within it. */
export function typeCaptures(flow: TypeFlow, { action, captures }: FunctionExpression): void {
  for (const [position, captured] of captures.entries()) {
    const parameter = action.parameters[position];
    if (parameter !== undefined) flow.link(captured.types, parameter.types);
  }
}

function itemType(item: TypeVariable | undefined): StaticType {
  return item === undefined ? 'unknown' : readType(item, true);
}
