import { describe, expect, it } from 'vitest';
import { changedDefinition, newDefinition } from '../../src/catalog/check-definition.ts';
import { randomUuid } from '../../src/catalog/uuid.ts';
import { type CreateCollection, DEFAULT_DATABASE } from '../../src/collection-api.ts';
import { DEFAULT_INDEX } from '../../src/configuration.ts';
import { vectorLimits } from '../../src/limits.ts';

const LIMITS = vectorLimits.values;
const ID = '6b1f0a52-7a55-4c3f-8f5d-0d7a3c1f9e11';

function define(options: Partial<CreateCollection>) {
  return newDefinition(ID, DEFAULT_DATABASE, { name: 'things', ...options });
}

/** As from a caller without types. */
function untyped(options: object): Partial<CreateCollection> {
  return options as Partial<CreateCollection>;
}

describe('a definition', () => {
  it('has what is not said from the defaults', () => {
    expect(define({})).toEqual({
      id: ID,
      ...DEFAULT_DATABASE,
      name: 'things',
      metadata: undefined,
      attributes: undefined,
      index: DEFAULT_INDEX,
      identity: { model: undefined, dimension: undefined, isNormalised: undefined },
    });
    const index = { metric: 'l2', efSearch: undefined };
    expect(define(untyped({ index })).index).toEqual({ ...DEFAULT_INDEX, metric: 'l2' });
  });

  it('takes null for no attributes', () => {
    expect(define(untyped({ attributes: null })).attributes).toBeUndefined();
  });

  it('is the same whatever the caller does with the metadata later', () => {
    const metadata = new Map([['a', 1n]]);
    const definition = define({ metadata });
    metadata.set('b', 2n);
    expect(definition.metadata).toEqual(new Map([['a', 1n]]));
  });

  it.each([
    { name: '' },
    { name: 'x'.repeat(LIMITS.nameCharacters + 1) },
    { name: 'half \ud800' },
    untyped({ name: 7 }),
    untyped({ attributes: 7 }),
    { attributes: '\udc00' },
    { attributes: 'x'.repeat(LIMITS.definitionBytes + 1) },
    { attributes: 'x'.repeat(LIMITS.definitionBytes) },
    { metadata: new Map([['long', 'x'.repeat(LIMITS.definitionBytes)]]) },
    untyped({ index: { metric: 'hamming' } }),
    untyped({ index: { mode: 'ivf' } }),
    { index: { maxNeighbors: 1 } },
    { index: { maxNeighbors: LIMITS.maxNeighbors + 1 } },
    { index: { efConstruction: 0 } },
    { index: { efConstruction: LIMITS.efConstruction + 1 } },
    { index: { efSearch: 0.5 } },
    { index: { efSearch: LIMITS.efSearch + 1 } },
    { identity: { dimension: 0 } },
    { identity: { dimension: LIMITS.dimension + 1 } },
    { identity: { model: '' } },
    { identity: { model: 'x'.repeat(LIMITS.modelCharacters + 1) } },
    { identity: { model: '\ud800' } },
    untyped({ identity: { isNormalised: 1 } }),
  ])('is refused: case %#', (options) => {
    expect(() => define(options)).toThrow(
      expect.objectContaining({ code: 'VECTOR_ARGUMENT_INVALID' }),
    );
  });

  it.each([
    new Map([['a', 2n ** 63n]]),
    new Map([['a', Number.NaN]]),
    new Map([['', 1n]]),
    new Map(),
    new Map([['#a', 1n]]),
    'text',
    new Map([['a', { b: 1 }]]),
  ])('is refused for its metadata: case %#', (metadata) => {
    const invalid = expect.objectContaining({ code: 'METADATA_INVALID' });
    expect(() => define(untyped({ metadata }))).toThrow(invalid);
    const change = untyped({ metadata }) as { metadata: Map<string, bigint> };
    expect(() => changedDefinition(define({}), change)).toThrow(invalid);
  });
});

describe('a change of a definition', () => {
  const before = define({ metadata: new Map([['a', 1n]]), attributes: '{}' });

  it('leaves what it does not name', () => {
    expect(changedDefinition(before, {})).toEqual(before);
    expect(changedDefinition(before, { name: 'others' })).toEqual({ ...before, name: 'others' });
    const index = { ...before.index, efSearch: 5 };
    expect(changedDefinition(before, { efSearch: 5 })).toEqual({ ...before, index });
  });

  it('replaces metadata and attributes as a whole, or takes them away', () => {
    const metadata = new Map([['b', 2n]]);
    expect(changedDefinition(before, { metadata, attributes: '[]' })).toEqual({
      ...before,
      metadata,
      attributes: '[]',
    });
    expect(changedDefinition(before, { metadata: null, attributes: null })).toEqual({
      ...before,
      metadata: undefined,
      attributes: undefined,
    });
  });

  it.each([{ name: '' }, { efSearch: 0 }, { attributes: '\ud800' }])('is refused: %j', (change) => {
    expect(() => changedDefinition(before, change)).toThrow(
      expect.objectContaining({ code: 'VECTOR_ARGUMENT_INVALID' }),
    );
  });
});

it('a UUID says that it is random', () => {
  const ones = { bytes: (length: number) => new Uint8Array(length).fill(0xff) };
  expect(randomUuid(ones)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  const zeros = { bytes: (length: number) => new Uint8Array(length) };
  expect(randomUuid(zeros)).toBe('00000000-0000-4000-8000-000000000000');
});
