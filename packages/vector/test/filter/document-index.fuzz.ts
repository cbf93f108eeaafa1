import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentIndex, type Requirement } from '../../src/filter/document-index.ts';
import { eachRow } from '../../src/filter/words.ts';

const ROWS = 256;
const word = fc.constantFrom(
  'the ',
  'fox',
  'foxes ',
  '東',
  '京',
  '東京都',
  'é',
  '😀',
  'a',
  'ab',
  ' ',
  '\n',
);
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));
const document = fc.oneof(
  text,
  text.map((part) => part.repeat(40)),
);
const requirement = fc.letrec<{ requirement: Requirement }>((tie) => ({
  requirement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('text' as const), text }),
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      parts: fc.array(tie('requirement'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).requirement;

function isFulfilled(wanted: Requirement, candidate: string): boolean {
  if (wanted.kind === 'text') return candidate.includes(wanted.text);
  if (wanted.kind === 'all') return wanted.parts.every((part) => isFulfilled(part, candidate));
  return wanted.parts.some((part) => isFulfilled(part, candidate));
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ row: fc.nat({ max: ROWS - 1 }), document }) },
  {
    weight: 1,
    arbitrary: fc.record({ row: fc.nat({ max: ROWS - 1 }), document: fc.constant(undefined) }),
  },
);

describe('DocumentIndex', () => {
  it('leaves every document that fulfils the requirement, and every one that it has not', () => {
    fc.assert(
      fc.property(
        fc.array(step, { size: 'large', maxLength: 300 }),
        fc.array(requirement),
        (steps, wanted) => {
          const index = new DocumentIndex();
          const documents = new Map<number, string>();
          for (const { row, document: added } of steps) {
            index.delete(row);
            documents.delete(row);
            if (added === undefined) continue;
            index.add(row, added);
            documents.set(row, added);
          }
          const candidates = new Uint32Array(ROWS / 32).fill(0xffff_ffff);
          for (const one of wanted) {
            const left = new Set<number>();
            eachRow(index.narrow(candidates, one), (row) => left.add(row));
            for (let row = 0; row < ROWS; row += 1) {
              const known = documents.get(row);
              expect(index.has(row)).toBe(known !== undefined);
              if (known === undefined || isFulfilled(one, known)) expect(left.has(row)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves few others', () => {
    const index = new DocumentIndex();
    for (let row = 0; row < 4_096; row += 1) {
      const words = Array.from(
        { length: 60 },
        (_, place) => Math.imul(row * 60 + place, 0x9e3779b1) >>> 0,
      );
      index.add(row, words.map((number) => number.toString(36)).join(' '));
    }
    const candidates = new Uint32Array(128).fill(0xffff_ffff);
    let left = 0;
    eachRow(index.narrow(candidates, { kind: 'text', text: 'nowhere' }), () => {
      left += 1;
    });
    expect(left).toBeLessThan(4_096 / 20);
  });

  it('counts nothing out by texts that are too short to be looked up', () => {
    const index = new DocumentIndex();
    index.add(0, 'abc');
    for (const short of ['', 'x', 'xy']) {
      expect(index.narrow(Uint32Array.of(1), { kind: 'text', text: short })[0]).toBe(1);
    }
    expect(index.narrow(Uint32Array.of(1), { kind: 'text', text: 'xyz' })[0]).toBe(0);
    expect(index.narrow(Uint32Array.of(1), { kind: 'text', text: '東京' })[0]).toBe(0);
  });

  it('forgets what was in a place before', () => {
    const index = new DocumentIndex();
    index.add(0, 'a neighbour');
    for (let change = 0; change < 500; change += 1) {
      index.delete(7);
      index.add(7, `document ${change * 7_919}`);
    }
    const candidates = Uint32Array.of(1 << 7);
    expect(index.narrow(candidates, { kind: 'text', text: `${499 * 7_919}` })[0]).toBe(1 << 7);
    expect(index.narrow(candidates, { kind: 'text', text: `${498 * 7_919}` })[0]).toBe(0);
  });

  it('still tells documents apart after most of their neighbours have gone', () => {
    const index = new DocumentIndex();
    const textOf = (row: number): string => `number ${(row + 1) * 104_729}`;
    const known = new Set<number>();
    for (let round = 0; round < 8; round += 1) {
      for (let row = 0; row < ROWS; row += 1) {
        const isKept = Math.imul(row * 8 + round, 0x9e3779b1) >>> 0 < 0x3000_0000;
        if (!known.has(row)) index.add(row, textOf(row));
        else if (!isKept) index.delete(row);
        if (known.has(row) && !isKept) known.delete(row);
        else known.add(row);
      }
      const found = new Uint32Array(ROWS / 32);
      let others = 0;
      for (const row of known) {
        eachRow(
          index.narrow(found.fill(0xffff_ffff), { kind: 'text', text: textOf(row) }),
          (one) => {
            if (one === row) expect(index.has(row)).toBe(true);
            else if (index.has(one)) others += 1;
          },
        );
        const only = new Uint32Array(ROWS / 32);
        only[row >>> 5] = 1 << (row & 31);
        const left = index.narrow(only, { kind: 'text', text: textOf(row) });
        expect(left[row >>> 5]).toBe(only[row >>> 5]);
      }
      expect(others).toBeLessThan(known.size * 4);
    }
  });
});
