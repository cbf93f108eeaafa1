import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { isDeeperThan, isTextDeeperThan } from '../src/jsonrpc/json-depth.ts';

const value = fc.jsonValue({ maxDepth: 8, noUnicodeString: false });
const layout = fc.constantFrom(undefined, 1, '\t');

describe('the depth of JSON', () => {
  it('is the same in the text as in the value', () => {
    fc.assert(
      fc.property(value, layout, fc.integer({ min: 0, max: 9 }), (json, space, limit) => {
        const text = JSON.stringify(json, undefined, space);
        expect(isTextDeeperThan(text, limit)).toBe(isDeeperThan(json, limit));
      }),
      runs(300),
    );
  });

  it('counts no brackets in strings', () => {
    const json = ['[[[[', '"[', '\\', '\\"[[', { '{{{"': ']' }];
    expect(isTextDeeperThan(JSON.stringify(json), 2)).toBe(false);
    expect(isTextDeeperThan(JSON.stringify(json), 1)).toBe(true);
  });
});
