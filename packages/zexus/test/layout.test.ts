import { AssertionError, fromHex, toHex, toHexKey } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { variableSlot } from '../src/layout/slots.ts';
import { decodeTypedCell, encodeTypedCell } from '../src/layout/typed-cell.ts';
import {
  encodeUntypedCell,
  parseUntypedHead,
  readUntypedCell,
  writeUntypedCell,
} from '../src/layout/untyped-cell.ts';
import { zexusLimits } from '../src/limits.ts';
import { Address } from '../src/vm/value.ts';

const max = 2n ** 256n - 1n;
const filled = (length: number): Uint8Array => new Uint8Array(length).fill(0xee);

describe('typed cells', () => {
  it('refuse what they cannot hold, by its kind or its range', () => {
    expect(toHex(encodeTypedCell('integer', max) as Uint8Array)).toBe(`0x${'f'.repeat(64)}`);
    expect(encodeTypedCell('integer', max + 1n)).toBe('range');
    expect(encodeTypedCell('integer', -1)).toBe('range');
    expect(encodeTypedCell('signed', 2n ** 255n)).toBe('range');
    expect(encodeTypedCell('signed', -(2n ** 255n) - 1n)).toBe('range');
    expect(toHex(encodeTypedCell('signed', -1) as Uint8Array)).toBe(`0x${'f'.repeat(64)}`);
    expect(toHex(encodeTypedCell('signed', -(2n ** 255n)) as Uint8Array)).toBe(
      `0x80${'0'.repeat(62)}`,
    );
    expect(encodeTypedCell('bool', 1)).toBe('kind');
    expect(encodeTypedCell('integer', true)).toBe('kind');
    expect(encodeTypedCell('integer', '1')).toBe('kind');
    expect(encodeTypedCell('address', filled(20))).toBe('kind');
    expect(encodeTypedCell('bytes20', new Address(filled(20)))).toBe('kind');
    expect(encodeTypedCell('bytes4', filled(3))).toBe('kind');
    expect(encodeTypedCell('bytes4', filled(5))).toBe('kind');
  });

  it('are zero where nothing was written, and where null was', () => {
    const zero = new Uint8Array(32);
    for (const type of ['integer', 'signed', 'bool', 'address', 'bytes3'] as const) {
      expect(encodeTypedCell(type, null)).toEqual(zero);
      expect(encodeTypedCell(type, decodeTypedCell(type, zero))).toEqual(zero);
    }
    expect(decodeTypedCell('integer', zero)).toBe(0);
    expect(decodeTypedCell('bool', zero)).toBe(false);
    expect(decodeTypedCell('bytes3', zero)).toEqual(new Uint8Array(3));
    expect(decodeTypedCell('address', zero)).toEqual(new Address(new Uint8Array(20)));
  });

  it('read numbers in the one form of the language', () => {
    expect(decodeTypedCell('integer', filled(32))).toBe(BigInt(toHex(filled(32))));
    expect(decodeTypedCell('signed', new Uint8Array(32).fill(255))).toBe(-1);
  });
});

describe('untyped cells', () => {
  it('tell an absent value from zero, false and the empty text', () => {
    const heads = [null, 0, false, '', new Uint8Array(0)].map((item) =>
      toHexKey(encodeUntypedCell(item)[0] as Uint8Array).replace(/0{60}$/, ''),
    );
    expect(heads).toEqual(['0000', '1000', '0100', '0500', '1200']);
  });

  it('hold up to a mebibyte', () => {
    const cells = new Map<string, Uint8Array>();
    const store = {
      load: (slot: Uint8Array): Uint8Array => cells.get(toHexKey(slot)) ?? new Uint8Array(32),
      store: (slot: Uint8Array, word: Uint8Array): void => {
        cells.set(toHexKey(slot), word);
      },
    };
    const largest = filled(zexusLimits.values.stringBytes);
    const slot = variableSlot('largest');
    writeUntypedCell(store, slot, largest);
    expect(cells.size).toBe(1 + 32_768);
    expect(readUntypedCell(store, slot)).toEqual(largest);
    expect(() => encodeUntypedCell(filled(largest.length + 1))).toThrow(AssertionError);
    writeUntypedCell(store, slot, null);
    expect([...cells.values()].every((word) => word.every((byte) => byte === 0))).toBe(true);
  });

  it('have no value where a tool left what no value has', () => {
    const head = (digits: string): Uint8Array => fromHex(`0x${digits.padEnd(64, '0')}`);
    expect(parseUntypedHead(head('05ff0000001e61'))).toBeUndefined();
    expect(parseUntypedHead(head('05ff00100001'))).toBeUndefined();
    expect(parseUntypedHead(head('05ffffffffff'))).toBeUndefined();
    expect(parseUntypedHead(head('051f'))).toBeUndefined();
    expect(parseUntypedHead(head('05016161'))).toBeUndefined();
    const read = (digits: string): unknown =>
      readUntypedCell({ load: () => head(digits), store: () => undefined }, new Uint8Array(32));
    const none = ['000100', '010102', '100100', '1100', '1301', '1400', '0501ff', '000101'];
    expect(none.map(read)).toEqual(none.map(() => undefined));
    expect(['100101', '110101', '010101'].map(read)).toEqual([1, -1, true]);
  });
});
