import { type KernelConstant, type KernelMemory, loadKernel } from '@lucerna/wasm';
import { textOfAscii, writeAscii } from './ascii-text.ts';
import type { Phase, Q64Engine } from './engine.ts';
import { Q64_KERNEL } from './q64-kernel.ts';
import { decodeBytes, decodeCharacters, encodeBytes, findWrong } from './twin-engine.ts';

/** The exports of `assembly/q64.ts`, where they are described. */
type Q64Exports = {
  readonly memory: KernelMemory;
  readonly INPUT: KernelConstant;
  readonly OUTPUT: KernelConstant;
  readonly CAPACITY: KernelConstant;
  readonly encode: (length: number, phase: Phase) => void;
  readonly decode: (length: number, phase: Phase) => number;
};

/** Up to so many bytes the way into the kernel and back takes longer than the loop in TypeScript. */
const SHORT_BYTES = 16;

/**
 * The engine with vectors of 128 bits in WebAssembly. What it works on is copied into the kernel's memory
 * piece by piece, and stays there until the next call; nothing but results is allocated.
 *
 * @throws `KERNEL_UNAVAILABLE` where WebAssembly or its vectors are missing or forbidden
 */
export function createKernelEngine(): Q64Engine {
  const kernel = loadKernel<Q64Exports>(Q64_KERNEL);
  // The memory never grows, so the views stay valid.
  const { buffer } = kernel.memory;
  const capacity = kernel.CAPACITY.value;
  // Smaller pieces would stay in the nearest cache, too, and are no faster. Copies as long as these leave
  // out the reading of what they are about to overwrite, which is a fifth of the time of large inputs.
  const pieceBytes = capacity / 2;
  const input = new Uint8Array(buffer, kernel.INPUT.value, capacity);
  const output = new Uint8Array(buffer, kernel.OUTPUT.value, capacity);

  // Embeddings of one program mostly have the same length: the view of the last result serves again.
  let lastResult = output;
  const resultOf = (length: number): Uint8Array => {
    if (lastResult.length !== length) lastResult = output.subarray(0, length);
    return lastResult;
  };

  const encodePiece = (piece: Uint8Array, phase: Phase): Uint8Array => {
    input.set(piece);
    kernel.encode(piece.length, phase);
    return resultOf(2 * piece.length);
  };

  const encode = (source: Uint8Array, target: Uint8Array, phase: Phase): void => {
    const { length } = source;
    if (length <= SHORT_BYTES) encodeBytes(source, target, phase);
    else if (length <= pieceBytes) target.set(encodePiece(source, phase));
    else {
      for (let start = 0; start < length; start += pieceBytes) {
        const piece = source.subarray(start, start + pieceBytes);
        target.set(encodePiece(piece, phase), 2 * start);
      }
    }
  };

  /** Decodes into `target`, or to nowhere to find what is wrong. */
  const decodePieces = (
    text: string | Uint8Array,
    target: Uint8Array | undefined,
    phase: Phase,
  ): number => {
    for (let start = 0; start < text.length; start += capacity) {
      const piece = pieceOf(text, start, capacity);
      if (typeof piece !== 'string') input.set(piece);
      else if (!writeAscii(piece, input)) return start + findWrong(piece, phase);
      const wrong = kernel.decode(piece.length, phase);
      if (wrong >= 0) return start + wrong;
      target?.set(resultOf(piece.length / 2), start / 2);
    }
    return -1;
  };

  return {
    name: 'kernel',
    encode,
    decode: (text, target, phase) =>
      text.length <= 2 * SHORT_BYTES
        ? decodeBytes(text, target, phase)
        : decodePieces(text, target, phase),
    encodeToText: (source, phase) => {
      if (source.length <= pieceBytes) return textOfAscii(encodePiece(source, phase));
      // Engines put pieces together when the string is first read: still less than to have all of its
      // characters as bytes first, for which there is no memory yet.
      let text = '';
      for (let start = 0; start < source.length; start += pieceBytes) {
        const piece = source.subarray(start, start + pieceBytes);
        text += textOfAscii(encodePiece(piece, phase));
      }
      return text;
    },
    decodeText: (text, target, phase) =>
      text.length <= 2 * SHORT_BYTES
        ? decodeCharacters(text, target, phase)
        : decodePieces(text, target, phase),
    firstWrong: (text, phase) =>
      text.length <= 2 * SHORT_BYTES
        ? findWrong(text, phase)
        : decodePieces(text, undefined, phase),
  };
}

function pieceOf(text: string | Uint8Array, start: number, length: number): string | Uint8Array {
  if (text.length <= length) return text;
  return typeof text === 'string'
    ? text.slice(start, start + length)
    : text.subarray(start, start + length);
}
