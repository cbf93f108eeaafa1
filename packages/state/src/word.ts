import { assert } from '@lucerna/base';
import { byteString, type Codec, fixed, protocolErrors } from '@lucerna/protocol';

/** Bytes of a storage slot's key and of its value. */
export const WORD_BYTES = 32;

/** The value of every slot that was never set. Never written to. */
export const ZERO_WORD: Uint8Array = new Uint8Array(WORD_BYTES);

/** True when all bytes of `word` are zero. */
export function isZeroWord(word: Uint8Array): boolean {
  for (let index = 0; index < word.length; index += 1) if (word[index] !== 0) return false;
  return true;
}

/** `word` without its leading zeros: how a slot's value is stored and hashed; zero is empty. */
export function trimWord(word: Uint8Array): Uint8Array {
  assert(word.length === WORD_BYTES, 'a word has 32 bytes');
  let start = 0;
  while (start < WORD_BYTES && word[start] === 0) start += 1;
  return word.subarray(start);
}

/** The inverse of {@link trimWord}; undefined when it is not the trimmed form of any word. */
export function padWord(trimmed: Uint8Array): Uint8Array | undefined {
  if (trimmed.length > WORD_BYTES || trimmed[0] === 0) return undefined;
  const word = new Uint8Array(WORD_BYTES);
  word.set(trimmed, WORD_BYTES - trimmed.length);
  return word;
}

/** A slot's value: 32 bytes in memory, trimmed in RLP. */
export const wordCodec: Codec<Uint8Array> = {
  toRlp: trimWord,
  fromRlp: (item, path) => {
    const trimmed = byteString(item, path);
    const word = padWord(trimmed);
    if (word !== undefined) return word;
    throw protocolErrors.create('RLP_LENGTH', path, { path, length: trimmed.length });
  },
  toJson: fixed(WORD_BYTES).toJson,
};
