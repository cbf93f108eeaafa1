import { cliErrors } from '../errors.ts';

/** The encodings by their names on the command line. */
export const TEXT_ENCODINGS = ['q64', 'eq64', 'shq64', 't8q64', 'zoq64', 'mq64'] as const;

export type TextEncoding = (typeof TEXT_ENCODINGS)[number];

/** Encodings by the options that are theirs. */
const ENCODING_OF_OPTION = {
  group: ['eq64', '--group'],
  generator: ['shq64', '--generator'],
  planes: ['shq64', '--planes'],
  seed: ['shq64', '--seed'],
  k: ['t8q64', '-k'],
  indexBits: ['t8q64', '--index-bits'],
  pad: ['t8q64', '--pad'],
  clamp: ['t8q64', '--clamp'],
  form: ['zoq64', '--form'],
  levels: ['mq64', '--levels'],
  truncate: ['mq64', '--truncate'],
} as const;

/** An option of another encoding would be passed over: that is not what was meant. @throws `OPTIONS_CONFLICT` */
export function checkEncodingOptions(
  options: { readonly encoding: TextEncoding } & {
    readonly [Name in keyof typeof ENCODING_OF_OPTION]?: unknown;
  },
): void {
  for (const name of Object.keys(ENCODING_OF_OPTION) as (keyof typeof ENCODING_OF_OPTION)[]) {
    const [encoding, flag] = ENCODING_OF_OPTION[name];
    if (options[name] === undefined || options.encoding === encoding) continue;
    const detail = `${flag} is for ${encoding}, not for ${options.encoding}`;
    throw cliErrors.create('OPTIONS_CONFLICT', detail);
  }
}
