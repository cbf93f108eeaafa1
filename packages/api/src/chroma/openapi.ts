import { type Operation, ROUTES } from './routes.ts';
import { PROTOCOL_VERSION } from './system.ts';

/** The description of the interface (OpenAPI 3.1), made from the table of routes. */
export function openApiDocument(): string {
  const paths = ROUTES.map(({ path, operations }) => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
    const parameters = names.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    const methods = Object.entries(operations).map(([method, operation]) => [
      method.toLowerCase(),
      describe(operation),
    ]);
    return [path, { parameters, ...Object.fromEntries(methods) }];
  });
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Lucerna: the Chroma protocol', version: PROTOCOL_VERSION },
    paths: Object.fromEntries(paths),
    components: {
      schemas: {
        Error: {
          type: 'object',
          properties: { error: { type: 'string' }, message: { type: 'string' } },
          required: ['error', 'message'],
        },
      },
    },
  });
}

function describe({ summary, body, status = 200, query = [] }: Operation): object {
  const json = (schema: object): object => ({ 'application/json': { schema } });
  return {
    summary,
    ...(query.length === 0
      ? {}
      : { parameters: query.map((name) => ({ name, in: 'query', schema: { type: 'string' } })) }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body.schema) } }),
    responses: {
      [status]: { description: 'The answer', content: json({}) },
      default: {
        description: 'What went wrong',
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    },
  };
}
