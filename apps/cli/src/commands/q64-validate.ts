import { formatCount, toJsonLine } from '../db/format.ts';
import { withWork } from '../db/work.ts';
import { writeResult } from '../output.ts';
import { openByteInput } from '../q64/byte-input.ts';
import { validateText } from '../q64/decode-text.ts';
import { checkEncodingOptions } from '../q64/encodings.ts';
import type { ValidateOptions } from './q64-options.ts';

/** `lucerna q64 validate`. @throws the error that decoding would meet */
export async function runQ64Validate(file: string, options: ValidateOptions): Promise<void> {
  const { encoding, json = false } = options;
  checkEncodingOptions(options);
  const characters = await withWork({ json, endsAtTurn: false }, async (work) => {
    const input = await openByteInput(file, work);
    return validateText(input.chunks(work.bar.step('Checking', 'bytes')), options);
  });
  writeResult(
    json
      ? toJsonLine({ file, encoding, valid: true, characters })
      : `${formatCount(characters)} characters of ${encoding}, all valid`,
  );
}
