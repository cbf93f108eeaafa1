import { fromHex, isHex } from '@lucerna/base';
import { messageDigest } from '@lucerna/crypto';
import { typedDataDigest } from '@lucerna/protocol';
import { InvalidArgumentError } from 'commander';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { decodeText, readInput } from './secret-file.ts';

/** What is signed, of which there is one. */
export type MessageOptions = {
  readonly hex?: Uint8Array;
  /** `-`: standard input. */
  readonly file?: string;
  /** JSON of EIP-712; `-`: standard input. */
  readonly typedData?: string;
};

/** Bytes as 0x-hex. */
export function parseBytes(text: string): Uint8Array {
  if (!isHex(text)) throw new InvalidArgumentError('Bytes are 0x and pairs of hex digits.');
  return fromHex(text);
}

/** Whether an option says what is signed. */
export function hasMessage({ hex, file, typedData }: MessageOptions): boolean {
  return hex !== undefined || file !== undefined || typedData !== undefined;
}

/**
 * The digest of what is to be signed: of a message with the prefix of EIP-191, of typed data as EIP-712
 * has it. A file counts to its last byte, also a line end.
 *
 * @throws `OPTIONS_CONFLICT` for none or several; `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`,
 *   `TYPED_DATA_INVALID`
 */
export async function digestToSign(
  text: string | undefined,
  options: MessageOptions,
): Promise<Uint8Array> {
  const { hex, file, typedData } = options;
  const count = [text, hex, file, typedData].filter((each) => each !== undefined).length;
  if (count !== 1) {
    const detail = `one of a text, --hex, --file and --typed-data, and there are ${count}`;
    throw cliErrors.create('OPTIONS_CONFLICT', detail);
  }
  const limit = cliLimits.values.messageBytes;
  if (typedData !== undefined) {
    return typedDataDigest(decodeText(await readInput(typedData, limit), '--typed-data'));
  }
  if (hex !== undefined) return messageDigest(hex);
  if (file !== undefined) return messageDigest(await readInput(file, limit));
  return messageDigest(new TextEncoder().encode(text));
}
