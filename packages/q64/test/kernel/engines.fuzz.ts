import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { ALPHABETS } from '../../src/alphabet.ts';
import type { Phase } from '../../src/kernel/engine.ts';
import { createKernelEngine } from '../../src/kernel/kernel-engine.ts';
import { twinEngine } from '../../src/kernel/twin-engine.ts';

const kernel = createKernelEngine();
const phase: fc.Arbitrary<Phase> = fc.constantFrom(0, 1);
const bytes = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 900 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 60_000, maxLength: 140_000 }) },
);

it('encodes as its twin does, and both decode it', () => {
  const agree = (source: Uint8Array, at: Phase): void => {
    const text = kernel.encodeToText(source, at);
    expect(text === twinEngine.encodeToText(source, at)).toBe(true);
    for (const engine of [kernel, twinEngine]) {
      const back = new Uint8Array(source.length);
      expect(engine.decodeText(text, back, at)).toBe(-1);
      expect(back.every((byte, index) => byte === source[index])).toBe(true);
    }
  };
  fc.assert(fc.property(bytes, phase, agree), runs(300));
});

it('finds in any characters what its twin finds', () => {
  const character = fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...ALPHABETS.join('')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  );
  const text = fc
    .tuple(bytes, phase, fc.array(fc.tuple(fc.nat(), character), { maxLength: 3 }))
    .map(([source, at, changes]) => {
      let changed = twinEngine.encodeToText(source, at);
      for (const [place, unit] of changes) {
        const position = changed.length === 0 ? 0 : place % changed.length;
        changed = changed.slice(0, position) + unit + changed.slice(position + unit.length);
      }
      return { changed: changed.slice(0, changed.length & ~1), at };
    });
  const agree = ({ changed, at }: { readonly changed: string; readonly at: Phase }): void => {
    const one = new Uint8Array(changed.length / 2);
    const other = new Uint8Array(changed.length / 2);
    const wrong = twinEngine.decodeText(changed, one, at);
    expect(kernel.decodeText(changed, other, at)).toBe(wrong);
    expect(kernel.firstWrong(changed, at)).toBe(wrong);
    if (wrong < 0) expect(other.every((byte, index) => byte === one[index])).toBe(true);
    const codes = Uint8Array.from(changed, (unit) => Math.min(unit.charCodeAt(0), 255));
    expect(kernel.decode(codes, other, at)).toBe(twinEngine.decode(codes, one, at));
  };
  fc.assert(fc.property(text, agree), runs(300));
});
