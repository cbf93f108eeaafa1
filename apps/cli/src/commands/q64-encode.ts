import { openArchiveOutput } from '../db/archive-output.ts';
import { formatCount, formatLabelled, formatSize, toJsonLine } from '../db/format.ts';
import { withWork } from '../db/work.ts';
import { writeResult } from '../output.ts';
import { openByteInput } from '../q64/byte-input.ts';
import { encodeParts } from '../q64/encode-parts.ts';
import { checkEncodingOptions, type TextEncoding } from '../q64/encodings.ts';
import { counted, framed, type Parts } from '../q64/parts.ts';
import { progressOf } from '../q64/progress.ts';
import type { EncodeOptions } from './q64-options.ts';

/** What `q64 encode` has written to a file. */
type EncodeReport = {
  readonly file: string;
  readonly encoding: TextEncoding;
  /** Of the input. */
  readonly bytes: number;
  /** Of the text, without a newline. */
  readonly characters: number;
};

/** `lucerna q64 encode`. */
export async function runQ64Encode(file: string, options: EncodeOptions): Promise<void> {
  const { encoding, json = false, force = false } = options;
  checkEncodingOptions(options);
  const output = await openArchiveOutput(options.output, force, true);
  const counts = { bytes: 0, characters: 0 };
  await withWork({ json, endsAtTurn: !output.isStdout }, async (work) => {
    const input = await openByteInput(file, work);
    const onProgress = progressOf(work, 'Encoding', output);
    const bytes = counted(input.chunks(onProgress), (length) => {
      counts.bytes += length;
    });
    const text = counted(encodeParts(bytes, options), (length) => {
      counts.characters += length;
    });
    const inJson = json && output.isStdout;
    await output.write(inJson ? textInJson(text, encoding, counts) : withNewline(text, options));
  });
  if (output.isStdout) return;
  const report = { file: options.output, encoding, ...counts };
  writeResult(json ? toJsonLine(report) : formatReport(report));
}

function withNewline(text: Parts, { newline }: EncodeOptions): Parts {
  return framed('', text, () => (newline ? '\n' : ''));
}

/** The characters of no encoding need to be escaped. */
function textInJson(text: Parts, encoding: TextEncoding, counts: object): Parts {
  return framed(`{"encoding":"${encoding}","text":"`, text, () => {
    return `",${toJsonLine(counts).slice(1)}\n`;
  });
}

function formatReport({ file, encoding, bytes, characters }: EncodeReport): string {
  return formatLabelled([
    ['File', file],
    ['Encoding', encoding],
    ['Input', formatSize(bytes)],
    ['Text', `${formatCount(characters)} characters`],
  ]);
}
