import { assert, concatBytes, equalBytes, isLucernaError, toHex } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { decodeContainer } from '../src/bytecode/decode-container.ts';
import { disassemble } from '../src/bytecode/disassemble.ts';
import { encodeContainer } from '../src/bytecode/encode-container.ts';
import { splitInitData } from '../src/bytecode/init-data.ts';
import { container, counter, sealed } from './support/containers.ts';
import { dumpContainer } from './support/dump-container.ts';

/** The rule that refuses the bytes, or undefined when they decode to what encodes to them again. */
function ruleOrCanonical(bytes: Uint8Array): string | undefined {
  try {
    const again = encodeContainer(decodeContainer(bytes));
    assert(equalBytes(again, bytes), `${toHex(bytes)} encodes to ${toHex(again)}`);
    return undefined;
  } catch (error) {
    if (!isLucernaError(error) || !error.code.startsWith('ZXC_')) throw error;
    const offset = error.fields['offset'];
    assert(typeof offset === 'number', 'every rule names a byte');
    assert(offset >= 0 && offset <= bytes.length, `byte ${offset} of ${bytes.length}`);
    assert(error.message.includes(`at byte ${offset}`), error.message);
    return error.code;
  }
}

describe('containers', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(container, (value) => {
        expect(decodeContainer(encodeContainer(value))).toEqual(value);
      }),
      runs(500),
    );
  });

  it('hold what an independent reader of the specification finds, byte for byte', () => {
    fc.assert(
      fc.property(container, (value) => {
        const encoded = encodeContainer(value);
        const fields = dumpContainer(encoded);
        expect(toHex(concatBytes(...fields.map(({ bytes }) => bytes)))).toBe(toHex(encoded));
      }),
      runs(200),
    );
  });

  it('are split off the arguments behind them', () => {
    fc.assert(
      fc.property(container, fc.uint8Array({ maxLength: 100 }), (value, tail) => {
        const code = encodeContainer(value);
        const split = splitInitData(concatBytes(code, tail));
        expect(toHex(split.code)).toBe(toHex(code));
        expect(toHex(split.args)).toBe(toHex(tail));
      }),
      runs(100),
    );
  });

  it('can be shown to people, whatever their code is', () => {
    fc.assert(
      fc.property(container, (value) => {
        const lines = disassemble(value).split('\n');
        expect(lines[0]).toContain(value.name);
        const instructions = value.actions.reduce((sum, { code }) => sum + code.length, 0);
        expect(lines.length).toBeGreaterThan(instructions);
      }),
      runs(100),
    );
  });
});

describe('damage', () => {
  const fixed = fc
    .sample(container, { seed: 7, numRuns: 40 })
    .map((value) => encodeContainer(value));
  const victims = [
    encodeContainer(counter),
    ...fixed.sort((left, right) => right.length - left.length).slice(0, 4),
  ];

  /** What a byte is changed by: telling ones first, all 255 with a budget 37 times the ordinary one. */
  const telling = [0x01, 0x02, 0x04, 0x10, 0x7f, 0x80, 0xff];
  const all = Array.from({ length: 255 }, (_, index) => index + 1);
  const changes = [...new Set([...telling, ...all])].slice(0, runs(telling.length).numRuns);

  it('of one byte, forged to fit the seals, is refused by a rule or is a container', () => {
    const refusals = new Map<string, number>();
    let accepted = 0;
    for (const victim of victims) {
      for (let offset = 0; offset < victim.length; offset += 1) {
        for (const change of changes) {
          const mutant = victim.slice();
          mutant[offset] = (mutant[offset] as number) ^ change;
          const isSeal = offset >= victim.length - 4 || (offset >= 8 && offset < 40);
          const rule = ruleOrCanonical(isSeal ? mutant : sealed(mutant));
          assert(!isSeal || rule === 'ZXC_CRC', `byte ${offset} is under the checksum`);
          if (rule === undefined) accepted += 1;
          else refusals.set(rule, 1 + (refusals.get(rule) ?? 0));
        }
      }
    }
    // A constant's digit, a letter of a parameter's name: other contracts, and as good.
    expect(accepted).toBeGreaterThan(1_000);
    const expected = [
      ...[
        'CONSTANT',
        'CRC',
        'EVENT_INDEXED',
        'FLAG',
        'INIT',
        'INTEGER',
        'LENGTH',
        'LIMIT',
        'MAGIC',
      ],
      ...['NAME', 'NUMBER', 'OPCODE', 'SECTION', 'SECTION_LENGTH', 'SELECTOR', 'TEXT', 'TRUNCATED'],
      ...['TRAILING_BYTES', 'TYPE', 'VERSION'],
    ];
    expect([...refusals.keys()]).toEqual(
      expect.arrayContaining(expected.map((rule) => `ZXC_${rule}`)),
    );
  });

  it('of one byte is seen by the checksum', () => {
    for (const victim of victims) {
      for (let offset = 40; offset < victim.length - 4; offset += 1) {
        const mutant = victim.slice();
        mutant[offset] = (mutant[offset] as number) ^ 0x20;
        assert(ruleOrCanonical(mutant) === 'ZXC_CRC', `byte ${offset}`);
      }
    }
  });

  it('by cutting anywhere is refused', () => {
    for (const victim of victims) {
      for (let length = 0; length < victim.length; length += 1) {
        const rule = ruleOrCanonical(victim.subarray(0, length));
        assert(rule === (length < 3 ? 'ZXC_MAGIC' : 'ZXC_TRUNCATED'), `${length} bytes: ${rule}`);
      }
    }
  });

  it('of many kinds at once, forged to fit the seals, is refused by a rule or is a container', () => {
    const edit = fc.record({
      at: fc.nat(),
      removed: fc.nat(3),
      added: fc.uint8Array({ maxLength: 3 }),
    });
    const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(container, edits, (value, changes) => {
        let body = [...encodeContainer(value).slice(40, -4)];
        for (const { at, removed, added } of changes) {
          const from = body.length === 0 ? 0 : at % body.length;
          body = [...body.slice(0, from), ...added, ...body.slice(from + removed)];
        }
        const header = [
          0xef,
          0x5a,
          0x58,
          2,
          0,
          0,
          (body.length + 44) >> 8,
          (body.length + 44) & 255,
        ];
        const forged = [...header, ...new Uint8Array(32), ...body, 0, 0, 0, 0];
        ruleOrCanonical(sealed(Uint8Array.from(forged)));
      }),
      runs(1_000),
    );
  });
});
