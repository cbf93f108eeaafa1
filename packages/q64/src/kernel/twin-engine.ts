import { textOfAscii } from './ascii-text.ts';
import type { Phase, Q64Engine } from './engine.ts';
import {
  bytesOfPairsAt,
  charactersOfPairsAt,
  codesOfHalves,
  highHalves,
  lowHalves,
  NOT_A_BYTE,
  NOT_A_HALF,
} from './pair-tables.ts';

/** The tables by code end with it. */
const MAX_CODE = 255;

/** Bytes from which on it pays to look at two of them at once, and to have tables for that. */
const PAIRS_FROM_BYTES = 256;

/** As `encode` of an engine, byte by byte: what short inputs are encoded with in every engine. */
export function encodeBytes(source: Uint8Array, target: Uint8Array, phase: Phase): void {
  let alphabets = phase << 5;
  let to = 0;
  for (let index = 0; index < source.length; index += 1) {
    const byte = source[index] as number;
    target[to] = codesOfHalves[alphabets | (byte >> 4)] as number;
    target[to + 1] = codesOfHalves[alphabets | 16 | (byte & 15)] as number;
    to += 2;
    alphabets ^= 32;
  }
}

/** As `decode` of an engine, byte by byte. */
export function decodeBytes(text: Uint8Array, target: Uint8Array, phase: Phase): number {
  let table = phase << 8;
  for (let position = 0; position < text.length; position += 2) {
    const high = highHalves[table | (text[position] as number)] as number;
    const byte = high + (lowHalves[table | (text[position + 1] as number)] as number);
    if (byte >= NOT_A_HALF) return high >= NOT_A_HALF ? position : position + 1;
    target[position >>> 1] = byte;
    table ^= 256;
  }
  return -1;
}

/** As `decodeText` of an engine, byte by byte. */
export function decodeCharacters(text: string, target: Uint8Array, phase: Phase): number {
  let table = phase << 8;
  for (let position = 0; position < text.length; position += 2) {
    const first = text.charCodeAt(position);
    const second = text.charCodeAt(position + 1);
    if ((first | second) > MAX_CODE) return findWrong(text, phase);
    const high = highHalves[table | first] as number;
    const byte = high + (lowHalves[table | second] as number);
    if (byte >= NOT_A_HALF) return high >= NOT_A_HALF ? position : position + 1;
    target[position >> 1] = byte;
    table ^= 256;
  }
  return -1;
}

/** As `firstWrong` of an engine, character by character. */
export function findWrong(text: string | Uint8Array, phase: Phase): number {
  for (let position = 0; position < text.length; position += 1) {
    const code = typeof text === 'string' ? text.charCodeAt(position) : (text[position] as number);
    const table = ((phase << 1) ^ (position & 2)) << 7;
    const half = code > MAX_CODE ? NOT_A_HALF : halvesAt(position)[table | code];
    if (half === NOT_A_HALF) return position;
  }
  return -1;
}

function halvesAt(position: number): Uint16Array {
  return (position & 1) === 0 ? highHalves : lowHalves;
}

/** The engine without WebAssembly: slower, with the same results. */
export const twinEngine: Q64Engine = {
  name: 'twin',
  encode,
  decode,
  encodeToText: (source, phase) => {
    const characters = new Uint8Array(2 * source.length);
    encode(source, characters, phase);
    return textOfAscii(characters);
  },
  decodeText: decodeCharacters,
  firstWrong: findWrong,
};

function encode(source: Uint8Array, target: Uint8Array, phase: Phase): void {
  // Numbers of 16 and 32 bits can be read and written only where they are aligned.
  const aligned = source.byteOffset % 2 === 0 && target.byteOffset % 4 === 0;
  if (!aligned || source.length < PAIRS_FROM_BYTES) {
    encodeBytes(source, target, phase);
    return;
  }
  const pairs = Math.floor(source.length / 2);
  const from = new Uint16Array(source.buffer, source.byteOffset, pairs);
  const to = new Uint32Array(target.buffer, target.byteOffset, pairs);
  const table = charactersOfPairsAt(phase);
  for (let index = 0; index < pairs; index += 1) {
    to[index] = table[from[index] as number] as number;
  }
  if (source.length % 2 === 1) {
    encodeBytes(source.subarray(2 * pairs), target.subarray(4 * pairs), phase);
  }
}

function decode(text: Uint8Array, target: Uint8Array, phase: Phase): number {
  const bytes = Math.floor(text.length / 2);
  if (text.byteOffset % 2 === 1 || bytes < PAIRS_FROM_BYTES) {
    return decodeBytes(text, target, phase);
  }
  const from = new Uint16Array(text.buffer, text.byteOffset, bytes);
  const table = bytesOfPairsAt(phase);
  const nextTable = bytesOfPairsAt((phase ^ 1) as Phase);
  const even = bytes - (bytes % 2);
  for (let index = 0; index < even; index += 2) {
    const byte = table[from[index] as number] as number;
    const next = nextTable[from[index + 1] as number] as number;
    if ((byte | next) === NOT_A_BYTE) return findWrong(text, phase);
    target[index] = byte;
    target[index + 1] = next;
  }
  if (even === bytes) return -1;
  const wrong = decodeBytes(text.subarray(2 * even), target.subarray(even), phase);
  return wrong < 0 ? wrong : 2 * even + wrong;
}
