import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CatalogChange,
  decodeChanges,
  encodeChanges,
} from '../../src/catalog/catalog-change.ts';
import { metadataPatch } from '../collection/support.ts';

const text = fc.string({ unit: 'binary', maxLength: 60 });
const optional = fc.option(text, { nil: undefined });
const metadata = metadataPatch.map(
  (patch) => new Map([...patch].flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
);

const change: fc.Arbitrary<CatalogChange> = fc.oneof(
  fc.record({ kind: fc.constant('tenant' as const), tenant: text, attribute: optional }),
  fc.record({
    kind: fc.constant('database' as const),
    entry: fc.record({ tenant: text, database: text, id: fc.uuid() }),
  }),
  fc.record({ kind: fc.constant('databaseDeleted' as const), tenant: text, database: text }),
  fc.record({
    kind: fc.constant('collection' as const),
    definition: fc.record({
      id: fc.uuid(),
      tenant: text,
      database: text,
      name: text,
      metadata: fc.option(metadata, { nil: undefined }),
      attributes: optional,
      index: fc.record({
        metric: fc.constantFrom('cosine', 'l2', 'ip'),
        mode: fc.constantFrom('exact', 'hnsw', 'auto', 'binary'),
        maxNeighbors: fc.nat(),
        efConstruction: fc.nat(),
        efSearch: fc.nat(),
      }),
      identity: fc.record({
        model: optional,
        dimension: fc.option(fc.integer({ min: 1, max: 4096 }), { nil: undefined }),
        isNormalised: fc.option(fc.boolean(), { nil: undefined }),
      }),
    }),
  }),
  fc.record({ kind: fc.constant('collectionDeleted' as const), id: fc.uuid() }),
  fc.constant<CatalogChange>({ kind: 'cleared' }),
);

describe('changes of the catalog', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        expect(decodeChanges(encodeChanges(changes), 'VECTOR_LOG_CORRUPT')).toEqual(changes);
      }),
    );
  });

  it('one behind the other are the same as all together', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const joined = Uint8Array.from(changes.flatMap((each) => [...encodeChanges([each])]));
        expect(joined).toEqual(encodeChanges(changes));
      }),
    );
  });

  it('that nobody has written are refused, or are changes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          decodeChanges(bytes, 'VECTOR_SNAPSHOT_CORRUPT');
        } catch (error) {
          expect(error).toMatchObject({ code: 'VECTOR_SNAPSHOT_CORRUPT' });
        }
      }),
    );
  });

  it('that are cut short are refused', () => {
    fc.assert(
      fc.property(change, fc.nat(), (each, cut) => {
        const bytes = encodeChanges([each]);
        if (bytes.length < 2) return;
        const short = bytes.subarray(0, 1 + (cut % (bytes.length - 1)));
        const read = (): unknown => decodeChanges(short, 'VECTOR_LOG_CORRUPT');
        expect(read).toThrow(expect.objectContaining({ code: 'VECTOR_LOG_CORRUPT' }));
      }),
    );
  });
});
