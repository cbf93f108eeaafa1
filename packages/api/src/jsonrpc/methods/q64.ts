import type { JsonValue } from '@lucerna/protocol';
import { apiLimits } from '../../limits.ts';
import { data } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import {
  formError,
  optional,
  type Param,
  type ParamSchema,
  paramError,
  required,
} from '../params.ts';
import { type TextRequest, textRequest } from '../text-request.ts';

const MAX_CHARS = apiLimits.values.q64TextChars;

/** Any text of a bounded length: what is wrong with it, decoding says with the position. */
const text: ParamSchema<string> = {
  expected: 'a text',
  schema: { type: 'string', maxLength: MAX_CHARS },
  parse: (value, path): string => {
    if (typeof value !== 'string') throw formError(path, text.expected, value);
    if (value.length > MAX_CHARS) throw paramError(`${path}: longer than ${MAX_CHARS} characters`);
    return value;
  },
};

function options(summary: string): Param<TextRequest> {
  return optional('options', textRequest, {}, summary);
}

/** Texts of embeddings. The encodings are loaded when they are needed: most nodes never meet them. */
export const q64Methods: readonly Method[] = [
  defineMethod({
    name: 'lucerna_q64Encode',
    summary: 'The text of some bytes, in which a piece says where it may stand.',
    params: [
      required('data', data, 'The bytes, such as an embedding in steps of 8 bits; 128 is 0.'),
      options(
        'encoding: q64 (the default), eq64 (group: 4 or 8), shq64 (planes, generator, seed), t8q64 (k, indexBits, pad, clamp), zoq64 (form), mq64 (levels, truncate). Options of another encoding are refused.',
      ),
    ],
    result: { name: 'text', summary: 'The text. Of q64 it has two characters for each byte.' },
    handler: async (_node, bytes, request): Promise<JsonValue> => {
      const { textOf } = await import('../q64-text.ts');
      return textOf(bytes, request);
    },
  }),
  defineMethod({
    name: 'lucerna_q64Decode',
    summary: 'What a text of lucerna_q64Encode stands for.',
    params: [
      required('text', text, 'The text, all of it. Whitespace is not passed over.'),
      options('As for lucerna_q64Encode; what says nothing about the text makes no difference.'),
    ],
    result: {
      name: 'content',
      summary:
        'The bytes of q64, eq64 and mq64 (its last level); the bits of shq64, indices of t8q64 and numbers of zoq64 as a list. What is wrong with a text is -32602, which names the position.',
    },
    handler: async (_node, given, request): Promise<JsonValue> => {
      const { contentOf } = await import('../q64-text.ts');
      return contentOf(given, request);
    },
  }),
];
