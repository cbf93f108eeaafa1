import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExactJson, formatExactJson, parseExactJson } from '../src/json.ts';

const exactJson = fc.letrec<{ value: ExactJson }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<ExactJson>(null, true, false),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -20n, max: 20n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

/** What `JSON.parse` would make of the same text. */
function asNumbers(value: ExactJson): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asNumbers);
  return Object.fromEntries(
    Object.entries(value as Record<string, ExactJson>).map(([key, member]) => [
      key,
      asNumbers(member),
    ]),
  );
}

describe('exact JSON', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(exactJson, (value) => {
        const text = formatExactJson(value);
        expect(parseExactJson(text)).toEqual(value);
        expect(JSON.parse(text)).toEqual(asNumbers(value));
      }),
    );
  });

  it('accepts what JSON.parse accepts, and nothing else', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'a',
      '"a"',
      '"\\u0041"',
      '1',
      '0',
      '-',
      '.5',
      '1.5',
      'e3',
      'null',
      'true',
      ' ',
      '\n',
      '\u0000',
      '"k":',
      '[1,2]',
      '[0.5,',
      '"p":',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.boolean(), (parts, isWrapped) => {
        const text = isWrapped ? `{"p":${parts.join('')}}` : parts.join('');
        let expected: unknown;
        let isJson = true;
        try {
          expected = JSON.parse(text);
        } catch {
          isJson = false;
        }
        for (const plainMembers of [[], ['p']]) {
          if (isJson) expect(asNumbers(parseExactJson(text, { plainMembers }))).toEqual(expected);
          else expect(() => parseExactJson(text, { plainMembers })).toThrow('The text is not JSON');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
