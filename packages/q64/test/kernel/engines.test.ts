import { afterEach, describe, expect, it, vi } from 'vitest';
import { ALPHABETS, alphabetOf } from '../../src/alphabet.ts';
import { chooseEngine } from '../../src/kernel/chosen-engine.ts';
import type { Phase, Q64Engine } from '../../src/kernel/engine.ts';
import { createKernelEngine } from '../../src/kernel/kernel-engine.ts';
import { twinEngine } from '../../src/kernel/twin-engine.ts';

const kernel = createKernelEngine();
const engines: readonly Q64Engine[] = [kernel, twinEngine];
const phases: readonly Phase[] = [0, 1];

/** Around what one vector, one turn of the loop and one piece of memory hold. */
const lengths = [
  ...Array.from({ length: 301 }, (_, length) => length),
  ...[4_095, 4_096, 8_193, 65_535, 65_536, 65_537, 65_568, 131_072, 131_077, 200_001],
];

/** The definition, character by character. */
function encodePlainly(bytes: Uint8Array, phase: Phase): string {
  let text = '';
  bytes.forEach((byte, index) => {
    const alphabet = 2 * ((index + phase) & 1);
    text += `${ALPHABETS[alphabet]?.[byte >> 4]}${ALPHABETS[alphabet + 1]?.[byte & 15]}`;
  });
  return text;
}

/** Every byte value at every place within a few bytes. */
function someBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index * 167 + (index >> 8) * 59);
}

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the engine', () => {
  it('is the kernel where there is WebAssembly', () => {
    expect(chooseEngine().name).toBe('kernel');
  });

  it('is the twin where there is none', () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(chooseEngine().name).toBe('twin');
  });

  it('is the twin where modules cannot be compiled', () => {
    const Module = function Refusing(): never {
      throw new TypeError('forbidden');
    };
    const { WebAssembly: whole } = globalThis as unknown as { readonly WebAssembly: object };
    vi.stubGlobal('WebAssembly', Object.create(whole, { Module: { value: Module } }));
    expect(chooseEngine().name).toBe('twin');
  });

  it('hides no failure of another kind', () => {
    const Instance = function Broken(): never {
      throw new RangeError('out of memory');
    };
    const { WebAssembly: whole } = globalThis as unknown as { readonly WebAssembly: object };
    vi.stubGlobal('WebAssembly', Object.create(whole, { Instance: { value: Instance } }));
    expect(() => chooseEngine()).toThrow(RangeError);
  });
});

for (const engine of engines) {
  describe(`the ${engine.name}`, () => {
    it.each(phases)('encodes and decodes every length, phase %i', (phase) => {
      for (const length of lengths) {
        const bytes = someBytes(length);
        const text = encodePlainly(bytes, phase);
        const characters = new Uint8Array(2 * length);
        engine.encode(bytes, characters, phase);
        const back = new Uint8Array(length);
        const found = {
          text: engine.encodeToText(bytes, phase) === text,
          characters: new TextDecoder().decode(characters) === text,
          decode: engine.decode(characters, back, phase),
          bytes: back.every((byte, index) => byte === bytes[index]),
          decodeText: engine.decodeText(text, back.fill(0), phase),
          sameBytes: back.every((byte, index) => byte === bytes[index]),
          firstWrong: engine.firstWrong(text, phase) + engine.firstWrong(characters, phase),
        };
        const right = { text: true, characters: true, bytes: true, sameBytes: true };
        expect({ length, ...found }).toEqual({
          length,
          ...right,
          ...{ decode: -1, decodeText: -1, firstWrong: -2 },
        });
      }
    });

    it.each(phases)('encodes and decodes arrays at any place of a buffer, phase %i', (phase) => {
      for (const length of [15, 33, 300, 1_001]) {
        for (let offset = 0; offset < 8; offset += 1) {
          const source = new Uint8Array(new ArrayBuffer(length + 8), offset, length);
          source.set(someBytes(length));
          const surroundings = new Uint8Array(2 * length + 16).fill(7);
          const target = surroundings.subarray(8 - offset, 8 - offset + 2 * length);
          engine.encode(source, target, phase);
          expect(new TextDecoder().decode(target)).toBe(encodePlainly(source, phase));
          expect(surroundings.subarray(0, 8 - offset).every((byte) => byte === 7)).toBe(true);
          expect(surroundings.subarray(8 - offset + 2 * length).every((b) => b === 7)).toBe(true);
          const back = new Uint8Array(length + 2).fill(7);
          expect(engine.decode(target, back.subarray(1, 1 + length), phase)).toBe(-1);
          expect([...back]).toEqual([7, ...source, 7]);
        }
      }
    });

    it.each(phases)('finds every code that does not belong, phase %i', (phase) => {
      const length = 48;
      const text = ascii(encodePlainly(someBytes(length), phase));
      const target = new Uint8Array(length);
      for (let position = 0; position < text.length; position += 1) {
        const right = text[position] as number;
        const expected = (position + 2 * phase) & 3;
        for (let code = 0; code < 256; code += 1) {
          text[position] = code;
          const wrong = alphabetOf(code) === expected ? -1 : position;
          const found = [engine.decode(text, target, phase), engine.firstWrong(text, phase)];
          if (found[0] !== wrong || found[1] !== wrong) {
            expect({ position, code, found }).toEqual({ position, code, found: [wrong, wrong] });
          }
        }
        text[position] = right;
      }
      expect(engine.decode(text, target, phase)).toBe(-1);
    });

    it.each(phases)('finds characters of strings that do not belong, phase %i', (phase) => {
      const units = ['\0', ' ', '.', '\x7f', '\x80', 'é', 'ÿ', 'Α', '€', '\ud83d', '\udca9', '￿'];
      for (const length of [2, 16, 17, 40, 600]) {
        const text = encodePlainly(someBytes(length), phase);
        const target = new Uint8Array(length);
        for (let position = 0; position < text.length; position += length > 40 ? 77 : 1) {
          for (const unit of [...units, ...[...ALPHABETS].map((alphabet) => alphabet[3])]) {
            const changed = `${text.slice(0, position)}${unit}${text.slice(position + 1)}`;
            const belongs =
              alphabetOf(changed.charCodeAt(position)) === ((position + 2 * phase) & 3);
            const wrong = belongs ? -1 : position;
            const found = engine.decodeText(changed, target, phase);
            const same = engine.firstWrong(changed, phase);
            expect({ length, position, unit, found, same }).toEqual({
              ...{ length, position, unit },
              ...{ found: wrong, same: wrong },
            });
          }
        }
      }
    });

    it('finds the first of several, in the first piece and in later ones', () => {
      const length = 100_000;
      const text = encodePlainly(someBytes(length), 0);
      const target = new Uint8Array(length);
      const inserted = (...places: readonly [number, string][]): string =>
        places.reduce(
          (whole, [place, unit]) => whole.slice(0, place) + unit + whole.slice(place + 1),
          text,
        );
      const cases: readonly [string, number][] = [
        [inserted([7, '!'], [9, '!'], [150_000, '!']), 7],
        [inserted([131_071, '!'], [131_072, '!']), 131_071],
        [inserted([131_072, 'é'], [131_080, '!']), 131_072],
        [inserted([199_999, '!']), 199_999],
        [inserted([150_000, '!'], [150_001, 'é']), 150_000],
      ];
      for (const [changed, position] of cases) {
        expect(engine.decodeText(changed, target, 0)).toBe(position);
        expect(engine.firstWrong(changed, 0)).toBe(position);
        if (changed.includes('é')) continue;
        expect(engine.decode(ascii(changed), target, 0)).toBe(position);
      }
    });

    it('reads from shared memory and writes to it', () => {
      const shared = (length: number): Uint8Array<SharedArrayBuffer> =>
        new Uint8Array(new SharedArrayBuffer(length));
      for (const length of [5, 100, 1_000, 70_000]) {
        const source = shared(length);
        source.set(someBytes(length));
        const target = shared(2 * length);
        engine.encode(source, target, 0);
        const text = encodePlainly(source, 0);
        expect(engine.encodeToText(source, 0) === text).toBe(true);
        expect(new TextDecoder().decode(target.slice()) === text).toBe(true);
        const back = shared(length);
        expect(engine.decode(target, back, 0)).toBe(-1);
        expect(back.every((byte, index) => byte === source[index])).toBe(true);
      }
    });
  });
}

it('gives results that later calls leave alone', () => {
  const bytes = someBytes(200);
  const target = new Uint8Array(400);
  kernel.encode(bytes, target, 0);
  const text = kernel.encodeToText(bytes, 0);
  kernel.encodeToText(new Uint8Array(200), 1);
  expect(new TextDecoder().decode(target)).toBe(text);
  expect(text).toBe(encodePlainly(bytes, 0));
});
