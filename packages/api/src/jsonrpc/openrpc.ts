import type { JsonObject, JsonValue } from '@lucerna/protocol';
import { defineMethod, type Method } from './method.ts';
import type { Param } from './params.ts';
import { RESULT_SCHEMAS, SHARED_SCHEMAS } from './result-schemas.ts';

/** A method without its other names, once. */
export function distinctMethods(table: Iterable<Method>): readonly Method[] {
  return [...new Set(table)].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/**
 * The document that describes the API (OpenRPC 1.3, spec.open-rpc.org). Other names of a method are
 * in `x-aliases`; `x-restricted` marks what pages of other origins may not call.
 */
function openRpcDocument(methods: readonly Method[], clientVersion: string): JsonObject {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Lucerna JSON-RPC',
      version: clientVersion.replace(/^[^/]*\/v?/, ''),
      license: { name: 'Apache-2.0' },
    },
    methods: methods.map((method) => ({
      name: method.name,
      summary: method.summary,
      paramStructure: 'by-position',
      params: method.params.map(describeParam),
      result: {
        name: method.result.name,
        description: method.result.summary,
        schema: resultSchema(method),
      },
      'x-aliases': method.aliases,
      'x-restricted': method.restricted,
    })),
    components: { schemas: SHARED_SCHEMAS },
  };
}

/** The JSON schema of what a method answers; it may refer to the shared ones of the document. */
export function resultSchema({ name }: Method): JsonValue {
  return RESULT_SCHEMAS[name] ?? {};
}

function describeParam({ name, summary, form, required }: Param<unknown>): JsonObject {
  return { name, description: summary, required, schema: form.schema };
}

/** The method that answers the document; `others` are all methods but itself. */
export function discoverMethod(others: readonly Method[]): Method {
  const discover: Method = defineMethod({
    name: 'rpc.discover',
    aliases: ['rpc_discover'],
    summary: 'Describes all methods.',
    params: [],
    result: { name: 'document', summary: 'An OpenRPC document.' },
    handler: (node) => openRpcDocument(distinctMethods([...others, discover]), node.clientVersion),
  });
  return discover;
}
