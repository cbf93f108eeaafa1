import { assert, concatBytes, equalBytes, isLucernaError, toHex } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { crc32 } from '../../src/bytecode/crc32.ts';
import { disassembleModule } from '../../src/bytecode/zxc1/disassemble-module.ts';
import { deserialize, deserializeMulti } from '../../src/bytecode/zxc1/read-module.ts';
import { serialize, serializeMulti } from '../../src/bytecode/zxc1/write-module.ts';
import { module1 } from './arbitrary.ts';

/** The rule that refuses the bytes, or undefined when they are the one encoding of a module. */
function ruleOrCanonical(bytes: Uint8Array): string | undefined {
  try {
    const { hasChecksum, ...module } = deserialize(bytes);
    const again = serialize(module, { checksum: hasChecksum });
    assert(equalBytes(again, bytes), `${toHex(bytes)} is written as ${toHex(again)}`);
    return undefined;
  } catch (error) {
    if (!isLucernaError(error) || !error.code.startsWith('ZXC1_')) throw error;
    const offset = error.fields['offset'];
    assert(typeof offset === 'number', 'every rule names a byte');
    assert(offset >= 0 && offset <= bytes.length, `byte ${offset} of ${bytes.length}`);
    return error.code;
  }
}

function sealed(bytes: Uint8Array): Uint8Array {
  const content = bytes.subarray(0, -4);
  const checksum = new Uint8Array(4);
  new DataView(checksum.buffer).setUint32(0, crc32(content), true);
  return concatBytes(content, checksum);
}

describe('modules', () => {
  it('are read as they were written, with a checksum and without', () => {
    fc.assert(
      fc.property(module1, fc.boolean(), (module, checksum) => {
        const read = deserialize(serialize(module, { checksum }));
        expect(read).toEqual({ ...module, hasChecksum: checksum });
      }),
      runs(500),
    );
  });

  it('are found in a file of several', () => {
    fc.assert(
      fc.property(fc.array(module1, { maxLength: 4 }), fc.boolean(), (modules, checksum) => {
        const read = deserializeMulti(serializeMulti(modules, { checksum }));
        expect(read).toEqual(modules.map((module) => ({ ...module, hasChecksum: checksum })));
      }),
      runs(150),
    );
  });

  it('can be shown to people, whatever their code is', () => {
    fc.assert(
      fc.property(module1, (module) => {
        const count = module.constants.length + module.instructions.length;
        expect(disassembleModule(module).split('\n').length).toBeGreaterThan(count);
      }),
      runs(150),
    );
  });
});

describe('damage', () => {
  it('of one byte is found by the checksum, or makes a module that seems to have none', () => {
    fc.assert(
      fc.property(module1, fc.nat(), fc.integer({ min: 1, max: 255 }), (module, at, change) => {
        const bytes = serialize(module);
        const offset = at % bytes.length;
        bytes[offset] = (bytes[offset] as number) ^ change;
        // Nothing in the format says that there is a checksum: a damaged length can take it for content.
        if (ruleOrCanonical(bytes) === undefined)
          expect(deserialize(bytes).hasChecksum).toBe(false);
      }),
      runs(500),
    );
  });

  it('with the checksum renewed is refused by a rule or is a module', () => {
    const rules = new Set<string | undefined>();
    fc.assert(
      fc.property(
        module1,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (module, changes) => {
          const bytes = serialize(module);
          for (const [at, value] of changes) bytes[at % (bytes.length - 4)] = value;
          rules.add(ruleOrCanonical(sealed(bytes)));
        },
      ),
      runs(3_000),
    );
    const expected = [
      'FORM',
      'LIMIT',
      'MAGIC',
      'OPERAND',
      'TAG',
      'TEXT',
      'TRAILING_BYTES',
      'TRUNCATED',
      'VERSION',
    ];
    expect([...rules]).toEqual(expect.arrayContaining(expected.map((name) => `ZXC1_${name}`)));
    expect(rules).toContain(undefined);
  });

  it('by cutting anywhere is refused', () => {
    fc.assert(
      fc.property(module1, fc.nat(), (module, at) => {
        const bytes = serialize(module);
        const length = at % bytes.length;
        // Without its checksum a module is whole.
        const isWhole = length === bytes.length - 4;
        expect(ruleOrCanonical(bytes.subarray(0, length)) === undefined).toBe(isWhole);
      }),
      runs(500),
    );
  });
});
