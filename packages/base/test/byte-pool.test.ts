import { expect, it } from 'vitest';
import { BytePool, seededRandom } from '../src/index.ts';

it('gives zero bytes of every length, which no others overlap', () => {
  const pool = new BytePool();
  const random = seededRandom(1);
  const lengths = Array.from({ length: 500 }, () =>
    random.below(random.below(9) === 0 ? 6000 : 200),
  );
  const taken = lengths.map((length, index) => {
    const bytes = pool.take(length);
    expect(bytes).toEqual(new Uint8Array(length));
    return bytes.fill(1 + (index % 255));
  });
  for (const [index, bytes] of taken.entries()) {
    expect(bytes).toEqual(new Uint8Array(lengths[index] as number).fill(1 + (index % 255)));
  }
});

it('copies parts of any length', () => {
  const pool = new BytePool();
  const source = Uint8Array.from({ length: 9000 }, (_, index) => index % 251);
  for (const [start, end] of [
    [0, 0],
    [3, 4],
    [1, 65],
    [1, 66],
    [700, 1900],
    [0, 9000],
  ] as const) {
    const copy = pool.copy(source, start, end);
    expect(copy).toEqual(source.slice(start, end));
    copy.fill(255);
  }
  expect(source[3]).toBe(3);
});
