import { apiLimits, METHODS, resultSchema } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import { type Q64Problem, q64Limits, validateQ64 } from '@lucerna/q64';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import { createFakeNode } from './support/fake-node.ts';

let client: Client;

beforeAll(async () => {
  client = createClient(await createFakeNode());
});

const encode = (data: unknown, options?: object): Promise<Answer> =>
  client.result('lucerna_q64Encode', data, options);
const decode = (text: unknown, options?: object): Promise<Answer> =>
  client.result('lucerna_q64Decode', text, options);
const refusal = async (method: string, ...params: readonly unknown[]): Promise<string> => {
  const { code, message, data } = await client.error(method, ...params);
  expect([code, data], message).toEqual([-32_602, undefined]);
  return message;
};

/** Bytes that grow by 7 modulo 256: none of the first 256 is there twice. */
const steps = (length: number): string =>
  toHex(Uint8Array.from({ length }, (_, index) => (index * 7) % 256));

describe('lucerna_q64Encode', () => {
  it('puts characters of four alphabets in turn', async () => {
    expect(await encode('0x')).toBe('');
    expect(await encode('0x00102030')).toBe('AQhwCQjw');
    expect(await encode('0xFFff', {})).toBe('Pfv_');
    expect(await encode('0x00', { encoding: 'q64' })).toBe('AQ');
    expect(await encode('0x00', null as never)).toBe('AQ');
  });

  it('knows the other encodings and their options', async () => {
    const bytes = '0x0010203040';
    expect(await encode(bytes, { encoding: 'eq64' })).toBe('AQhwCQjwEQ');
    expect(await encode(bytes, { encoding: 'eq64', group: 4 })).toBe('AQhw.CQjw.EQ');
    expect(await encode(bytes, { encoding: 'eq64', group: 8 })).toBe('AQhwCQjw.EQ');
    expect(await encode(bytes, { encoding: 'mq64', levels: [1, '0x2', '5'] })).toBe(
      'AQ:AQhw:AQhwCQjwEQ',
    );
    expect(await encode(bytes, { encoding: 'mq64', levels: [2], truncate: true })).toBe('AQhw');
    // The two largest are at 3 and 4.
    expect(await encode(bytes, { encoding: 't8q64', k: 2 })).toBe('ATg0');
    expect(await encode(bytes, { encoding: 't8q64', k: 2, indexBits: 16 })).toBe('AQgzAQg0');
    expect(await encode(bytes, { encoding: 't8q64', k: 6, pad: true })).toHaveLength(12);
    expect(await encode(bytes, { encoding: 'zoq64' })).toHaveLength(8);
    expect(await encode(bytes, { encoding: 'shq64', planes: 128 })).toHaveLength(32);
  });

  it('hashes alike with the same planes only', async () => {
    const hash = (options: object): Promise<string> =>
      encode(steps(256), { encoding: 'shq64', ...options });
    const usual = await hash({});
    expect(await hash({ generator: 'chacha8', planes: 64, seed: 42 })).toBe(usual);
    expect(await hash({ seed: '0x2a' })).toBe(usual);
    const others = [{ seed: 43 }, { seed: '0xffffffffffffffff' }, { generator: 'pcg64' }];
    const all = new Set([usual, ...(await Promise.all(others.map(hash)))]);
    expect(all.size).toBe(4);
  });

  it('takes no bytes that are none', async () => {
    for (const data of ['00', '0x0', '0xgg', 5, [1, 2], { length: 3 }]) {
      expect(await refusal('lucerna_q64Encode', data)).toContain('argument 0 (data)');
    }
    expect(await refusal('lucerna_q64Encode')).toContain('missing value');
  });
});

describe('lucerna_q64Decode', () => {
  it('gives bytes back', async () => {
    for (const length of [0, 1, 2, 3, 64, 65, 1_536]) {
      const bytes = steps(length);
      const all = [
        {},
        { encoding: 'eq64' },
        { encoding: 'eq64', group: 4 },
        { encoding: 'eq64', group: 8 },
        { encoding: 'mq64' },
      ];
      for (const options of all) {
        expect(await decode(await encode(bytes, options), options)).toBe(bytes);
      }
    }
  });

  it('gives what the other encodings have kept', async () => {
    const bytes = steps(16);
    const kept = async (options: object): Promise<Answer> =>
      decode(await encode(bytes, options), options);
    const largest = [12, 13, 14, 15];
    expect(await kept({ encoding: 't8q64', k: 4 })).toEqual(largest);
    expect(await kept({ encoding: 't8q64', k: 4, indexBits: 16 })).toEqual(largest);
    expect(await kept({ encoding: 't8q64', k: 20, pad: true })).toHaveLength(16);
    const highest = (bits: number, count: number): number[] =>
      Array.from({ length: count }, (_, index) => (index * 7) >> (8 - bits));
    expect(await kept({ encoding: 'zoq64' })).toEqual(highest(2, 16));
    expect(await kept({ encoding: 'zoq64', form: 'interleaved' })).toEqual(highest(4, 8));
    const bits = await kept({ encoding: 'shq64', planes: 24, seed: 1 });
    expect(bits).toHaveLength(24);
    const packed = await decode(await encode(bytes, { encoding: 'shq64', planes: 24, seed: 1 }));
    expect(BigInt(`0b${bits.join('')}`)).toBe(BigInt(packed));
  });

  const wrong: readonly (readonly [string, object, number])[] = [
    ['AQh', {}, 3],
    ['AQhwCQjZ', {}, 7],
    ['AQ hw ', {}, 2],
    ['AQhw\n', {}, 5],
    ['AQhé', {}, 3],
    ['QA', {}, 0],
    ['AQhwCQjwEQ', { encoding: 'eq64', group: 4 }, 4],
    ['AQhwC.QjwEQ', { encoding: 'eq64', group: 4 }, 4],
    ['AQhw.EQ', { encoding: 'eq64' }, 7],
    ['AQ:AQhwCQ!w', { encoding: 'mq64' }, 9],
    ['AR:AQhw', { encoding: 'mq64' }, 4],
    ['AQhw:AQ', { encoding: 'mq64' }, 5],
    ['AQhw', { encoding: 'shq64', planes: 8 }, 2],
    ['ATgy', { encoding: 't8q64' }, 2],
    ['AQhwCQjwEQ', { encoding: 'zoq64' }, 8],
  ];

  it.each(wrong)('names the position of what is wrong: %j %j', async (text, options, position) => {
    const message = await refusal('lucerna_q64Decode', text, options);
    expect(message).toMatch(new RegExp(`: at ${position}(?:,|$)`));
  });

  it('says what would have been right', async () => {
    const found = validateQ64('AQhwCQjZ') as Q64Problem;
    expect(found).toMatchObject({ code: 'Q64_CHARACTER_MISPLACED', position: 7 });
    expect(await refusal('lucerna_q64Decode', 'AQhwCQjZ')).toMatch(
      /expected one of wxyz0123456789-_/,
    );
  });

  it('takes no text that is none', async () => {
    for (const text of [5, ['AQ'], { text: 'AQ' }, true]) {
      expect(await refusal('lucerna_q64Decode', text)).toContain('argument 0 (text)');
    }
  });
});

describe('options', () => {
  it.each<readonly [object, string]>([
    [{ encoding: 'base64' }, '.encoding'],
    [{ encoding: 'Q64' }, '.encoding'],
    [{ encoding: 8 }, '.encoding'],
    [{ planes: 64 }, '.planes: for shq64, not for q64'],
    [{ encoding: 'zoq64', group: 4 }, '.group: for eq64, not for zoq64'],
    [{ encoding: 'shq64', plane: 64 }, 'no option is called plane'],
    [{ toString: 1 }, 'no option is called toString'],
    [{ encoding: 'eq64', group: 5 }, '.group'],
    [{ encoding: 'eq64', group: '4' }, '.group'],
    [{ encoding: 'shq64', planes: 12 }, 'multiple of 8'],
    [{ encoding: 'shq64', planes: 0 }, 'planes'],
    [{ encoding: 'shq64', planes: 1.5 }, '.planes'],
    [{ encoding: 'shq64', planes: '0xffffffffffffffff' }, 'planes'],
    [{ encoding: 'shq64', seed: -1 }, '.seed'],
    [{ encoding: 'shq64', seed: 2 ** 53 }, '.seed'],
    [{ encoding: 'shq64', seed: '0x10000000000000000' }, '.seed'],
    [{ encoding: 'shq64', generator: 'mt19937' }, '.generator'],
    [{ encoding: 't8q64', k: 0 }, 'k is'],
    [{ encoding: 't8q64', k: 17 }, '17'],
    [{ encoding: 't8q64', pad: 1 }, '.pad'],
    [{ encoding: 'zoq64', form: 'morton' }, '.form'],
    [{ encoding: 'mq64', levels: 4 }, '.levels'],
    [{ encoding: 'mq64', levels: [] }, 'levels'],
    [{ encoding: 'mq64', levels: [2, 1] }, '1 after 2'],
    [{ encoding: 'mq64', levels: [2, -1] }, '.levels[1]'],
    [{ encoding: 'mq64', levels: [8] }, '8 of 16 bytes'],
  ])('that are not valid are refused: %j', async (options, part) => {
    expect(await refusal('lucerna_q64Encode', steps(16), options)).toContain(part);
  });

  it('may be null', async () => {
    const options = { encoding: null, group: null, levels: null };
    expect(await decode(await encode('0x00ff', options), options)).toBe('0x00ff');
  });

  it('are an object', async () => {
    for (const options of ['eq64', [4], 7]) {
      expect(await refusal('lucerna_q64Decode', 'AQ', options)).toContain('argument 1 (options)');
    }
  });
});

describe('limits', () => {
  const { paramDataBytes, q64Levels, q64PlaneNumbers, q64TextChars } = apiLimits.values;

  it('let the largest data become text and come back', async () => {
    const bytes = steps(paramDataBytes);
    for (const options of [{}, { encoding: 'eq64', group: 4 }, { encoding: 'mq64' }]) {
      const text = await encode(bytes, options);
      expect(text.length).toBeLessThanOrEqual(q64TextChars);
      expect((await decode(text, options)) === bytes).toBe(true);
    }
    expect(await refusal('lucerna_q64Encode', `${bytes}00`)).toContain('longer than');
  });

  it('bound the text', async () => {
    const text = 'AQhw'.repeat(q64TextChars / 4);
    expect(await decode(text)).toHaveLength(2 + q64TextChars);
    expect(await refusal('lucerna_q64Decode', `${text}AQ`)).toContain(`${q64TextChars}`);
  });

  it('bound what levels repeat', async () => {
    const length = 65_536;
    const bytes = steps(length);
    const levels = (count: number): number[] =>
      Array.from({ length: count }, (_, index) => length - count + 1 + index);
    const most = Math.floor(q64TextChars / (2 * length));
    const encoding = 'mq64';
    expect(await encode(bytes, { encoding, levels: levels(most - 1) })).toContain(':');
    const message = await refusal('lucerna_q64Encode', bytes, {
      encoding,
      levels: levels(most + 1),
    });
    expect(message).toContain('levels');
    // Those beyond the input are left out.
    const beyond = [length, ...levels(60).map((level) => 100 * level)];
    expect(await encode(bytes, { encoding, levels: beyond })).toHaveLength(2 * length);
    expect(q64Levels).toBe(q64Limits.values.levels);
    const many = await refusal('lucerna_q64Encode', bytes, { encoding, levels: levels(65) });
    expect(many).toContain(`${q64Levels}`);
  });

  it('bound how many numbers a hash draws', async () => {
    const encoding = 'shq64';
    const hash = await encode(steps(q64PlaneNumbers / 64), { encoding });
    expect(hash).toHaveLength(16);
    const larger = steps(q64PlaneNumbers / 64 + 1);
    expect(await refusal('lucerna_q64Encode', larger, { encoding })).toContain('planes');
    expect(await encode(larger, { encoding, planes: 56 })).toHaveLength(14);
  });
});

it('is open to pages of other origins, and runs in batches', async () => {
  const calls = ['0x00', '0x0010', 'x'].map((data, id) => ({
    ...{ jsonrpc: '2.0', id, method: 'lucerna_q64Encode' },
    params: [data],
  }));
  const answers = await client.send(JSON.stringify(calls), { origin: 'https://example.org' });
  expect(answers.map(({ result, error }: Answer) => result ?? error.code)).toEqual([
    'AQ',
    'AQhw',
    -32_602,
  ]);
});

it('answers in the form of its schema', async () => {
  const document = await client.result('rpc.discover');
  const ajv = new Ajv2019({ strict: false });
  const judge = (name: string): ((value: unknown) => boolean) => {
    const method = METHODS.get(name);
    if (method === undefined) throw new Error(`${name} is in the table`);
    const schema = resultSchema(method) as object;
    return ajv.compile({ ...schema, components: document.components });
  };
  expect(judge('lucerna_q64Encode')(await encode('0x00'))).toBe(true);
  const isContent = judge('lucerna_q64Decode');
  for (const options of [{}, { encoding: 'shq64' }, { encoding: 't8q64' }, { encoding: 'zoq64' }]) {
    expect(isContent(await decode(await encode(steps(9), options), options))).toBe(true);
  }
});
