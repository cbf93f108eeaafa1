import { isLucernaError } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { isChromaPath } from '../../src/chroma/paths.ts';
import { matchRoute, queryValues } from '../../src/chroma/route-match.ts';
import { ROUTES } from '../../src/chroma/routes.ts';

const codeOf = (method: string, path: string): unknown => {
  try {
    matchRoute(method, path);
    return 'found';
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
};

describe('routes', () => {
  it('are found by every method that they have', () => {
    for (const { path, operations } of ROUTES) {
      const filled = path.replaceAll(/\{(\w+)\}/g, 'some-$1');
      for (const [method, operation] of Object.entries(operations)) {
        const match = matchRoute(method, filled);
        expect(match.operation, `${method} ${path}`).toBe(operation);
        const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, `some-${name}`]);
        expect(match.path).toEqual(Object.fromEntries(names));
      }
    }
  });

  it('decode the names in them', () => {
    const { path } = matchRoute('GET', '/api/v2/tenants/a%20b%2Fc/databases/%E2%82%AC');
    expect(path).toEqual({ tenant: 'a b/c', database: '€' });
  });

  it('prefer names to braces', () => {
    const { path } = matchRoute('GET', '/api/v2/tenants/t/databases/d/collections/by-id/x');
    expect(path['collection']).toBe('x');
  });

  it('answer HEAD as GET', () => {
    expect(matchRoute('HEAD', '/api/v2/version')).toEqual(matchRoute('GET', '/api/v2/version'));
  });

  it.each([
    ['GET', '/api/v2/nothing', 'CHROMA_ROUTE_UNKNOWN'],
    ['GET', '/api/v2/', 'CHROMA_ROUTE_UNKNOWN'],
    ['GET', '/api/v2/tenants/', 'CHROMA_ROUTE_UNKNOWN'],
    ['GET', '/api/v2/tenants/%zz', 'CHROMA_ROUTE_UNKNOWN'],
    ['GET', '/api/v2/version/', 'CHROMA_ROUTE_UNKNOWN'],
    ['DELETE', '/api/v2/version', 'CHROMA_METHOD_REFUSED'],
    ['__proto__', '/api/v2/version', 'CHROMA_METHOD_REFUSED'],
    ['POST', '/api/v1/collections', 'CHROMA_VERSION_OLD'],
  ])('%s %s is %s', (method, path, code) => {
    expect(codeOf(method, path)).toBe(code);
  });

  it('name the methods that they take, where another is refused', () => {
    const allowed = (method: string, path: string): unknown => {
      try {
        return matchRoute(method, path);
      } catch (error) {
        return isLucernaError(error) && error.fields['allow'];
      }
    };
    expect(allowed('DELETE', '/api/v2/version')).toBe('GET, HEAD');
    expect(allowed('GET', '/api/v2/reset')).toBe('POST');
    expect(allowed('PATCH', '/api/v2/tenants/t/databases')).toBe('GET, HEAD, POST');
  });

  it('are told from those of others', () => {
    const own = ['/api/v2', '/api/v2/x', '/api/v1', '/api/v1/x', '/openapi.json'];
    expect(own.filter(isChromaPath)).toEqual(own);
    expect(['/', '/api', '/api/v22', '/api/v3', '/healthz'].filter(isChromaPath)).toEqual([]);
  });
});

describe('query strings', () => {
  it('are read by name', () => {
    expect(queryValues('limit=1&offset=2&limit=3&a+b=c%20d+e&=x&flag&bad=%zz')).toEqual({
      limit: '1',
      offset: '2',
      'a b': 'c d e',
      flag: '',
    });
    expect(queryValues('')).toEqual({});
  });
});
