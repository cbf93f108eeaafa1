import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type Parts, regrouped } from '../src/q64/parts.ts';
import { DenseText, withoutFinalNewline, withoutWhitespace } from '../src/q64/text-input.ts';

/** The text in parts of these lengths; what is left over is the last one. All are in the same memory. */
async function* partsOf(text: string, lengths: readonly number[]): Parts {
  const room = new Uint8Array(text.length);
  let start = 0;
  for (const length of [...lengths, text.length]) {
    const part = new TextEncoder().encode(text.slice(start, start + length));
    room.set(part);
    yield room.subarray(0, part.length);
    start += part.length;
  }
}

async function joined(parts: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const part of parts) text += new TextDecoder().decode(part);
  return text;
}

const texts = fc.string({ unit: fc.constantFrom('A', 'B', '\n', '\r', ' ') });
const cuts = fc.array(fc.integer({ min: 0, max: 4 }));

describe('a text that is read', () => {
  it('loses one newline at its end, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(texts, cuts, async (text, lengths) => {
        const expected = text.replace(/\r?\n$/, '');
        expect(await joined(withoutFinalNewline(partsOf(text, lengths)))).toBe(expected);
      }),
      runs(300),
    );
  });

  it('loses its whitespace, and knows where the rest of it stood', async () => {
    await fc.assert(
      fc.asyncProperty(texts, cuts, fc.nat({ max: 20 }), async (text, lengths, forgotten) => {
        const dense = new DenseText();
        const found = await joined(withoutWhitespace(partsOf(text, lengths), dense));
        expect(found).toBe(text.replace(/\s/g, ''));
        const places = [...text].flatMap((character, place) =>
          /\s/.test(character) ? [] : [place],
        );
        const first = Math.min(forgotten, found.length);
        dense.forget(first);
        for (let position = first; position < found.length; position += 1) {
          expect(dense.originalPosition(position)).toBe(places[position]);
        }
        expect(dense.originalPosition(found.length)).toBe(text.length);
      }),
      runs(300),
    );
  });

  it('comes in pieces of one length, the last of which is told apart', async () => {
    await fc.assert(
      fc.asyncProperty(
        texts,
        cuts,
        fc.integer({ min: 1, max: 5 }),
        async (text, lengths, length) => {
          const pieces: (readonly [string, boolean])[] = [];
          for await (const { bytes, isLast } of regrouped(partsOf(text, lengths), length)) {
            pieces.push([new TextDecoder().decode(bytes), isLast]);
          }
          const count = Math.max(1, Math.ceil(text.length / length));
          expect(pieces).toEqual(
            Array.from({ length: count }, (_, index) => [
              text.slice(index * length, (index + 1) * length),
              index === count - 1,
            ]),
          );
        },
      ),
    );
  });
});
