import { apiErrors } from '../errors.ts';
import { type HttpMethod, type Operation, ROUTES, type Route } from './routes.ts';

/** The operation that a request means, with the names in its path. */
export type Match = {
  readonly operation: Operation;
  readonly path: { readonly [name: string]: string };
};

type Pattern = { readonly segments: readonly string[]; readonly route: Route };

const PATTERNS: readonly Pattern[] = ROUTES.map((route) => ({
  segments: route.path.split('/'),
  route,
}));

/**
 * Finds the operation of a method and a path without query string.
 *
 * @throws `CHROMA_METHOD_REFUSED` as {@link methodRefused} makes it, `CHROMA_ROUTE_UNKNOWN`,
 *   `CHROMA_VERSION_OLD`
 */
export function matchRoute(method: string, path: string): Match {
  if (path.startsWith('/api/v1')) throw apiErrors.create('CHROMA_VERSION_OLD');
  const segments = path.split('/').map(decoded);
  const allowed = new Set<string>();
  for (const { segments: pattern, route } of PATTERNS) {
    const names = namesIn(pattern, segments);
    if (names === undefined) continue;
    for (const method of Object.keys(route.operations)) allowed.add(method);
    // HEAD is GET without the body, which whoever sends the answer leaves out.
    const name = method === 'HEAD' ? 'GET' : method;
    if (!Object.hasOwn(route.operations, name)) continue;
    const operation = route.operations[name as HttpMethod];
    if (operation !== undefined) return { operation, path: names };
  }
  if (allowed.size === 0) throw apiErrors.create('CHROMA_ROUTE_UNKNOWN');
  throw methodRefused([...allowed]);
}

/** The error for another method than `methods`; its field `allow` lists what may be asked instead. */
export function methodRefused(methods: readonly string[]): Error {
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return apiErrors.create('CHROMA_METHOD_REFUSED', undefined, { allow: allowed.join(', ') });
}

function namesIn(
  pattern: readonly string[],
  segments: readonly (string | undefined)[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    if (!expected.startsWith('{')) {
      if (segment !== expected) return undefined;
    } else if (segment === undefined || segment === '') return undefined;
    else names[expected.slice(1, -1)] = segment;
  }
  return names;
}

/** A segment without percent-encoding; undefined where that is malformed, which no name is. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Values of a query string (without `?`) by name; of several the first. What is malformed is left out. */
export function queryValues(query: string): Readonly<Record<string, string>> {
  const values = new Map<string, string>();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const end = equals < 0 ? pair.length : equals;
    const name = decoded(pair.slice(0, end).replaceAll('+', ' '));
    const value = decoded(pair.slice(end + 1).replaceAll('+', ' '));
    if (name && value !== undefined && !values.has(name)) values.set(name, value);
  }
  return Object.fromEntries(values);
}
