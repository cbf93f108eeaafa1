import { describe, expect, it } from 'vitest';
import { formatExactJson, isInt64, parseExactJson } from '../src/json.ts';
import { vectorLimits } from '../src/limits.ts';

function codeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('parseExactJson', () => {
  it('tells integers from floats by their literals', () => {
    expect(parseExactJson('[1, 1.0, 1e0, -3, -0, 0, 1E2, -0.0]')).toEqual([
      1n,
      1,
      1,
      -3n,
      -0,
      0n,
      100,
      -0,
    ]);
    expect(parseExactJson('1')).toBe(1n);
    expect(parseExactJson('1.0')).toBe(1);
    expect(parseExactJson(' {"a": 7, "b": [0.5, 2]} ')).toEqual({ a: 7n, b: [0.5, 2n] });
  });

  it('keeps 64 bits exactly and makes floats of larger integers', () => {
    const text = '[9223372036854775807,-9223372036854775808,9007199254740993]';
    expect(parseExactJson(text)).toEqual([2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]);
    expect(parseExactJson('9223372036854775807')).toBe(2n ** 63n - 1n);
    expect(parseExactJson('9223372036854775808')).toBe(2 ** 63);
    expect(parseExactJson('[-9223372036854775809]')).toEqual([-(2 ** 63)]);
    expect(parseExactJson('100000000000000000000')).toBe(1e20);
  });

  it('reads strings, escapes, words and spaces as JSON.parse does', () => {
    const texts = [
      '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"',
      '"a long text that is longer than what is copied"',
      '"short\\\\"',
      ' \t\r\n[ ]\n',
      '{ }',
      '[null,true,false,"",{"":""},[[]]]',
      '"\u2028\u007f"',
    ];
    for (const text of texts) expect(parseExactJson(text)).toEqual(JSON.parse(text));
  });

  it('takes the last of equal keys, and __proto__ for a key like any other', () => {
    expect(parseExactJson('{"a":1,"a":"x"}')).toEqual({ a: 'x' });
    const object = parseExactJson('{"__proto__":{"polluted":1}}') as object;
    expect(Object.keys(object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });

  it('refuses what is no JSON, with the offset', () => {
    const texts = [
      '',
      '{',
      '[1,',
      '[1 2]',
      '[1,]',
      '{"a" 1}',
      '{"a":1,}',
      '{a:1}',
      '01',
      '[01]',
      '1.',
      '-',
      '+1',
      '.5',
      '"\n"',
      '"a text with a raw \u0001 control character"',
      '"\\x"',
      '"\\u12"',
      '"unfinished',
      '"unfinished\\"',
      'nul',
      'truex',
      '[1]]',
      '1 1',
      'NaN',
      'Infinity',
      "{'a':1}",
      '\ufeff1',
      '\u00a01',
    ];
    for (const text of texts)
      expect([text, codeOf(() => parseExactJson(text))]).toEqual([text, 'JSON_INVALID']);
    expect(() => parseExactJson('[true, x]')).toThrow(
      expect.objectContaining({ fields: { offset: 7 } }),
    );
  });

  it('refuses numbers beyond the floats', () => {
    for (const text of ['1e400', '[0.5, -1e400]', '{"plain":[1e400]}', `1${'0'.repeat(400)}`]) {
      expect(codeOf(() => parseExactJson(text, { plainMembers: ['plain'] }))).toBe('JSON_INVALID');
    }
  });

  it('stops at the depth of the limit', () => {
    const depth = vectorLimits.values.jsonDepth;
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(codeOf(() => parseExactJson(nested(depth)))).not.toBe('JSON_INVALID');
    expect(codeOf(() => parseExactJson(nested(depth + 1)))).toBe('JSON_INVALID');
    expect(parseExactJson(`[${'[[0.5]],{},'.repeat(depth)}1]`)).toHaveLength(2 * depth + 1);
    const plain = { plainMembers: ['p'] };
    expect(codeOf(() => parseExactJson(`{"p":${nested(depth - 1)}}`, plain))).not.toBe(
      'JSON_INVALID',
    );
    expect(codeOf(() => parseExactJson(`{"p":${nested(100_000)}}`, plain))).toBe('JSON_INVALID');
    expect(codeOf(() => parseExactJson('{"a":'.repeat(100_000)))).toBe('JSON_INVALID');
  });

  it('stops at the most values and members that it is told', () => {
    const rules = { maxValues: 4, maxMembers: 2, plainMembers: ['plain'] };
    const taken = ['[1,2]', '[[],[],{}]', '{"a":[1],"b":2}', '{"plain":[[1,2,3,4,5]]}'];
    for (const text of taken) {
      expect(parseExactJson(text, rules)).toEqual(
        parseExactJson(text, { plainMembers: ['plain'] }),
      );
    }
    const refused = [
      '[1,2,3,4]',
      '["a","b","c","d"]',
      '[[],[],[],[]]',
      '[[1],[2]]',
      '{"a":1,"b":2,"c":3}',
      '{"a":1,"a":2,"a":3}',
      '{"plain":[{},{},[]]}',
    ];
    for (const text of refused) {
      expect(codeOf(() => parseExactJson(text, rules))).toBe('JSON_INVALID');
      expect(codeOf(() => parseExactJson(text))).not.toBe('JSON_INVALID');
    }
  });

  it('leaves the numbers of plain members to JSON.parse, in the outermost object only', () => {
    const text = '{"embeddings": [[1, 2.5], "AA=]\\"}"] , "inner": {"embeddings": [1]}, "n": 1}';
    expect(parseExactJson(text, { plainMembers: ['embeddings'] })).toEqual({
      embeddings: [[1, 2.5], 'AA=]"}'],
      inner: { embeddings: [1n] },
      n: 1n,
    });
    for (const bad of [
      '{"e":[1 2]}',
      '{"e":}',
      '{"e":[1}',
      '{"e":[1],}',
      '{"e":"x',
      '{"e":[1]',
      '{"e":1]',
    ]) {
      expect([bad, codeOf(() => parseExactJson(bad, { plainMembers: ['e'] }))]).toEqual([
        bad,
        'JSON_INVALID',
      ]);
    }
  });

  it('keeps the values of lists in which something else follows the numbers', () => {
    expect(parseExactJson('[1,null,"]",[2.0],{"a":3}]')).toEqual([1n, null, ']', [2], { a: 3n }]);
  });
});

describe('formatExactJson', () => {
  it('writes integers as digits and floats with a point or an exponent', () => {
    expect(formatExactJson([1n, 1, -0, 0.1, 1e21, 1e-7, 2 ** 63, -5n])).toBe(
      '[1,1.0,-0.0,0.1,1e+21,1e-7,9223372036854776000.0,-5]',
    );
  });

  it('treats what JSON cannot say as JSON.stringify does', () => {
    expect(formatExactJson({ a: undefined, b: Number.NaN, c: Infinity, d: null })).toBe(
      '{"b":null,"c":null,"d":null}',
    );
    expect(formatExactJson([undefined, 'é"\n'])).toBe('[null,"é\\"\\n"]');
    expect(formatExactJson(Float32Array.of(1, 0.5))).toBe('[1.0,0.5]');
  });
});

describe('isInt64', () => {
  it('holds from -2^63 to 2^63 - 1', () => {
    expect([-(2n ** 63n) - 1n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 63n].map(isInt64)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
