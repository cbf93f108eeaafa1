import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../tools/src/fuzz-runs.ts';
import { maskSource } from '../../tools/src/tidy/mask-source.ts';

/** Pieces of source whose code contains `CODE` where it counts and `TEXT` where it does not. */
const piece = fc.constantFrom(
  'CODE(1);\n',
  "const a = 'TEXT \\' TEXT';\n",
  'const b = "TEXT // TEXT";\n',
  '// TEXT " TEXT\n',
  '/* TEXT \n ` TEXT */\n',
  'const c = `TEXT ${CODE(`TEXT ${CODE({ d: "TEXT" })} TEXT`)} TEXT \\` TEXT`;\n',
  'const e = /TEXT["`/]\\/TEXT/g;\n',
  'const f = CODE / 2 / CODE;\n',
  'const g = (CODE) / 2; // TEXT\n',
  'return /TEXT/.test(CODE);\n',
);

describe('maskSource', () => {
  test('keeps code, blanks text, and moves nothing, however the pieces are joined', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const { code } = maskSource(text);
        expect(code).toHaveLength(text.length);
        expect(code).not.toContain('TEXT');
        expect(code.match(/CODE/g) ?? []).toHaveLength((text.match(/CODE/g) ?? []).length);
        expect(code.split('\n')).toHaveLength(text.split('\n').length);
        for (const match of code.matchAll(/CODE/g)) {
          expect(text.startsWith('CODE', match.index)).toBe(true);
        }
      }),
      runs(100),
    );
  });

  test('ends on any input', () => {
    const characters = fc.constantFrom(...'\'"`/\\*{}$[]()\n a');
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 60 }), (text) => {
        expect(maskSource(text).code).toHaveLength(text.length);
      }),
      runs(100),
    );
  });
});
