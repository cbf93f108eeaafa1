import { openArchiveOutput } from '../db/archive-output.ts';
import { formatCount, formatLabelled, formatSize, toJsonLine } from '../db/format.ts';
import { withWork } from '../db/work.ts';
import { writeResult } from '../output.ts';
import { openByteInput } from '../q64/byte-input.ts';
import { type Decoded, decodeText } from '../q64/decode-text.ts';
import { checkEncodingOptions, type TextEncoding } from '../q64/encodings.ts';
import { counted, framed, inHex, type Parts } from '../q64/parts.ts';
import { progressOf } from '../q64/progress.ts';
import type { DecodeOptions } from './q64-options.ts';

/** What `q64 decode` has written to a file. */
type DecodeReport = {
  readonly file: string;
  readonly encoding: TextEncoding;
  /** Of the text, without whitespace that was passed over. */
  readonly characters: number;
  /** Of the file. */
  readonly bytes: number;
};

/** `lucerna q64 decode`. */
export async function runQ64Decode(file: string, options: DecodeOptions): Promise<void> {
  const { encoding, output: target = '-', json = false, force = false } = options;
  checkEncodingOptions(options);
  const isText = json || options.output === '-' || !GIVES_BYTES.has(encoding);
  const output = await openArchiveOutput(target, force, isText);
  const report = await withWork({ json, endsAtTurn: !output.isStdout }, async (work) => {
    const input = await openByteInput(file, work);
    const onProgress = progressOf(work, 'Decoding', output);
    const decoded = await decodeText(input.chunks(onProgress), options);
    const inJson = json && output.isStdout;
    const bytes = await output.write(inJson ? resultInJson(decoded, encoding) : resultOf(decoded));
    return { file: target, encoding, characters: decoded.characters(), bytes };
  });
  if (output.isStdout) return;
  writeResult(json ? toJsonLine(report) : formatReport(report));
}

/** Encodings of which bytes come back; a terminal shows those only when it is named. */
const GIVES_BYTES: ReadonlySet<TextEncoding> = new Set(['q64', 'eq64', 'mq64']);

function resultOf({ result }: Decoded): Parts {
  if (result.kind === 'parts') return result.parts;
  return framed('', nothing(), () => `${result.values.join(' ')}\n`);
}

function resultInJson({ result, characters }: Decoded, encoding: TextEncoding): Parts {
  if (result.kind === 'values') {
    const { name, values } = result;
    const line = { encoding, [name]: values, characters: characters() };
    return framed('', nothing(), () => `${toJsonLine(line)}\n`);
  }
  let bytes = 0;
  const hex = inHex(
    counted(result.parts, (length) => {
      bytes += length;
    }),
  );
  return framed(`{"encoding":"${encoding}","data":"0x`, hex, () => {
    return `",${toJsonLine({ characters: characters(), bytes }).slice(1)}\n`;
  });
}

async function* nothing(): Parts {}

function formatReport({ file, encoding, characters, bytes }: DecodeReport): string {
  return formatLabelled([
    ['File', file],
    ['Encoding', encoding],
    ['Text', `${formatCount(characters)} characters`],
    ['Size', formatSize(bytes)],
  ]);
}
