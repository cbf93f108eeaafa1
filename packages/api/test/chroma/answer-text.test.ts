import { type MetadataValue, parseExactJson } from '@lucerna/vector';
import { describe, expect, it } from 'vitest';
import { answerText } from '../../src/chroma/answer-text.ts';
import { apiLimits } from '../../src/limits.ts';

const noTurns = async (): Promise<void> => undefined;

describe('answers', () => {
  it('keep integers, floats and the order of keys', async () => {
    const value = {
      big: 9_223_372_036_854_775_807n,
      float: 1,
      half: 0.5,
      singles: Float32Array.of(0.1, 2),
      infinite: Number.POSITIVE_INFINITY,
      none: null,
      flag: true,
      text: 'a "quoted" \u2028 text',
      empty: [[], {}, new Map()],
      metadata: new Map<string, MetadataValue>([
        ['z', 1n],
        ['a', 1.5],
        ['list', [1n, 2n]],
        ['sparse', { indices: [3, 5], values: [0.1, 1], tokens: ['x', 'y'] }],
      ]),
    };
    const text = await answerText(value, noTurns);
    expect(text).toBe(
      '{"big":9223372036854775807,"float":1.0,"half":0.5,"singles":[0.1,2.0],"infinite":null,"none":null,"flag":true,"text":"a \\"quoted\\" \u2028 text","empty":[[],{},{}],"metadata":{"z":1,"a":1.5,"list":[1,2],"sparse":{"#type":"sparse_vector","indices":[3,5],"values":[0.1,1.0],"tokens":["x","y"]}}}',
    );
    expect(parseExactJson(text)).toMatchObject({ big: 9_223_372_036_854_775_807n, float: 1 });
  });

  it('let others go first when they are long', async () => {
    let turns = 0;
    const rows = Array.from({ length: 200 }, () => Float32Array.from({ length: 1_000 }, Math.sqrt));
    const text = await answerText({ embeddings: rows }, async () => {
      turns += 1;
    });
    expect(turns).toBeGreaterThan(10);
    expect(JSON.parse(text).embeddings).toHaveLength(200);
  });

  it('have a longest length', async () => {
    const megabyte = 'x'.repeat(1_000_000);
    const items = Array.from(
      { length: apiLimits.values.chromaAnswerChars / 1_000_000 },
      () => megabyte,
    );
    await expect(answerText({ items }, noTurns)).resolves.toHaveLength(
      items.length * 1_000_003 - 1 + 12,
    );
    await expect(answerText({ items: [...items, megabyte] }, noTurns)).rejects.toMatchObject({
      code: 'CHROMA_ANSWER_TOO_LARGE',
    });
  });
});
