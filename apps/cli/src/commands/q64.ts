import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseNumber } from '../arguments.ts';
import { TEXT_ENCODINGS } from '../q64/encodings.ts';
import type { DecodeOptions, EncodeOptions, ValidateOptions } from './q64-options.ts';

/** Adds `lucerna q64` and its commands. What they run is loaded only when they run. */
export function addQ64Command(program: Command): void {
  const q64 = program
    .command('q64')
    .description('Write embeddings as text that knows its positions, and read it back.');
  addEncodeCommand(q64);
  addDecodeCommand(q64);
  addValidateCommand(q64);
}

function addEncodeCommand(q64: Command): void {
  withEncoding(q64.command('encode'))
    .description('Encode the bytes of a file as text.')
    .argument('[file]', 'what to encode; - is standard input', '-')
    .option('-o, --output <file>', 'where the text is written to; - is standard output', '-')
    .option('--force', 'replace the file if there is one')
    .option('--no-newline', 'end behind the last character, without a newline')
    .addOption(
      new Option('--generator <name>', 'shq64: what draws the planes (default: chacha8)').choices([
        'chacha8',
        'pcg64',
      ]),
    )
    .option('--planes <number>', 'shq64: bits of the hash (default: 64)', parseNumber)
    .option('--seed <number>', 'shq64: what the planes begin with (default: 42)', parseSeed)
    .option('-k <number>', 't8q64: how many of the largest values (default: 8)', parseNumber)
    .option('--pad', 't8q64: fill up where there are fewer than k values')
    .option('--clamp', 't8q64: write the largest index for those that do not fit')
    .option('--levels <list>', 'mq64: lengths such as 64,128,256 (default: doubling)', parseLevels)
    .option('--truncate', 'mq64: the last level may be shorter than the input')
    .action(async (file: string, options: EncodeOptions) => {
      const { runQ64Encode } = await import('./q64-encode.ts');
      await runQ64Encode(file, options);
    });
}

function addDecodeCommand(q64: Command): void {
  withText(withEncoding(q64.command('decode')))
    .description('Decode text to the bytes, or to what the encoding has kept of them.')
    .argument(
      '[file]',
      'what to decode, with or without a newline at its end; - is standard input',
      '-',
    )
    .option(
      '-o, --output <file>',
      'where the bytes are written to; - is standard output, also a terminal',
    )
    .option('--force', 'replace the file if there is one')
    .action(async (file: string, options: DecodeOptions) => {
      const { runQ64Decode } = await import('./q64-decode.ts');
      await runQ64Decode(file, options);
    });
}

function addValidateCommand(q64: Command): void {
  withText(withEncoding(q64.command('validate')))
    .description('Check a text, and say where its first mistake is.')
    .argument(
      '[file]',
      'what to check, with or without a newline at its end; - is standard input',
      '-',
    )
    .action(async (file: string, options: ValidateOptions) => {
      const { runQ64Validate } = await import('./q64-validate.ts');
      await runQ64Validate(file, options);
    });
}

function withEncoding(command: Command): Command {
  return command
    .addOption(
      new Option('-e, --encoding <name>', 'which of the encodings')
        .choices(TEXT_ENCODINGS)
        .default('q64'),
    )
    .addOption(
      new Option(
        '--group <characters>',
        'eq64: a dot behind so many, 4 or 8 (default: none)',
      ).argParser(oneOf([4, 8])),
    )
    .addOption(
      new Option('--index-bits <bits>', 't8q64: bits of an index, 8 or 16 (default: 8)').argParser(
        oneOf([8, 16]),
      ),
    )
    .addOption(
      new Option('--form <form>', 'zoq64: how the bits are arranged (default: packed)').choices([
        'packed',
        'interleaved',
      ]),
    )
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines');
}

function withText(command: Command): Command {
  return command
    .option('--planes <number>', 'shq64: bits that the hash must have', parseNumber)
    .option('--ignore-whitespace', 'pass over spaces, tabs and newlines in the text');
}

function oneOf(numbers: readonly number[]): (text: string) => number {
  return (text) => {
    const number = numbers.find((allowed) => String(allowed) === text);
    if (number === undefined) throw new InvalidArgumentError(`It is ${numbers.join(' or ')}.`);
    return number;
  };
}

function parseSeed(text: string): bigint {
  if (!/^\d{1,20}$/.test(text)) throw new InvalidArgumentError('A seed is a whole number.');
  return BigInt(text);
}

function parseLevels(text: string): readonly number[] {
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text)) {
    throw new InvalidArgumentError('Levels are whole numbers with commas between them.');
  }
  return text.split(',').map(Number);
}
