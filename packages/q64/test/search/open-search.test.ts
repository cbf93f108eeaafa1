import { expect, test } from 'vitest';
import { encodeQ64 } from '../../src/q64.ts';
import {
  openSearchFragment,
  openSearchIndex,
  openSearchPrefix,
  openSearchTokens,
} from '../../src/search/open-search.ts';
import { positionTokens } from '../../src/search/tokens.ts';
import { expectCode } from '../codes.ts';

test('the index keeps the case and cuts n-grams of four', () => {
  const body = openSearchIndex({ texts: ['code'], tokens: ['bands', 'top'], prefixes: ['cell'] });
  expect(JSON.parse(JSON.stringify(body))).toEqual({
    settings: {
      analysis: {
        tokenizer: { q64_fragments: { type: 'ngram', min_gram: 4, max_gram: 4 } },
        analyzer: {
          q64_fragments: { type: 'custom', tokenizer: 'q64_fragments', filter: [] },
        },
      },
    },
    mappings: {
      properties: {
        code: { type: 'text', analyzer: 'q64_fragments', norms: false },
        bands: { type: 'keyword' },
        top: { type: 'keyword' },
        cell: { type: 'keyword' },
      },
    },
  });
  expect(openSearchIndex({})).toMatchObject({ mappings: { properties: {} } });
  expectCode('Q64_ARGUMENT_INVALID', () => openSearchIndex({ texts: ['a'], tokens: ['a'] }));
  expect(openSearchIndex({ tokens: ['constructor'] })).toMatchObject({
    mappings: { properties: { constructor: { type: 'keyword' } } },
  });
});

test('a piece is a phrase of n-grams, which follow each other', () => {
  const text = encodeQ64(Uint8Array.from({ length: 32 }, (_, index) => (index * 37) & 0x33));
  const grams = (of: string): readonly string[] =>
    Array.from({ length: Math.max(0, of.length - 3) }, (_, start) => of.slice(start, start + 4));
  const isPhrase = (piece: string): boolean => {
    const [wanted, all] = [grams(piece), grams(text)];
    return all.some((_, start) => wanted.every((gram, place) => all[start + place] === gram));
  };
  for (let start = 0; start < text.length - 4; start += 1) {
    for (const size of [4, 5, 9]) {
      const piece = text.slice(start, start + size);
      if (piece.length < 4) continue;
      expect(openSearchFragment('code', piece)).toEqual({ match_phrase: { code: piece } });
      expect(isPhrase(piece)).toBe(true);
    }
  }
  expect(isPhrase(`${text.slice(0, 4)}${text.slice(8, 12)}`)).toBe(false);
  expectCode('Q64_ARGUMENT_INVALID', () => openSearchFragment('code', 'AQg'));
  expectCode('Q64_CHARACTER_MISPLACED', () => openSearchFragment('code', 'AQAQ'));
});

test('tokens are counted, each once', () => {
  const tokens = positionTokens('AQgxASgz');
  expect(openSearchTokens('bands', [...tokens, '0:AQgx'], { least: 2 })).toEqual({
    bool: {
      should: [
        { constant_score: { filter: { term: { bands: '0:AQgx' } }, boost: 1 } },
        { constant_score: { filter: { term: { bands: '4:ASgz' } }, boost: 1 } },
      ],
      minimum_should_match: 2,
    },
  });
  expect(openSearchTokens('bands', tokens)).toMatchObject({ bool: { minimum_should_match: 1 } });
  const many = Array.from({ length: 1_025 }, (_, index) => String(index));
  for (const refused of [
    () => openSearchTokens('bands', []),
    () => openSearchTokens('bands', many),
    () => openSearchTokens('bands', tokens, { least: 0 }),
    () => openSearchTokens('bands', tokens, { least: 3 }),
    () => openSearchTokens('bands', tokens, { least: 1.5 }),
  ]) {
    expectCode('Q64_ARGUMENT_INVALID', refused);
  }
});

test('a prefix has whole characters', () => {
  expect(openSearchPrefix('cell', 'AQgxASgz', 3)).toEqual({ prefix: { cell: { value: 'AQg' } } });
  for (const characters of [0, 9, 1.5]) {
    expectCode('Q64_ARGUMENT_INVALID', () => openSearchPrefix('cell', 'AQgxASgz', characters));
  }
  expectCode('Q64_CHARACTER_MISPLACED', () => openSearchPrefix('cell', 'QA', 1));
});
