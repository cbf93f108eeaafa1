import { fromHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import {
  address20,
  addressOrNull,
  bit,
  bytes,
  type Codec,
  decodeWith,
  encodeWith,
  fixed,
  list,
  type RlpItem,
  record,
  safeUint,
  text,
  uint64,
  uint256,
} from '../src/index.ts';

type Sample = { readonly nonce: bigint; readonly items: readonly { readonly name: string }[] };

const sample = record<Sample>(
  { nonce: uint64, items: list(record<{ readonly name: string }>({ name: text(4) }), 2) },
  { nonce: 'count' },
);

function refusal<T>(codec: Codec<T>, item: RlpItem): object {
  try {
    codec.fromRlp(item, 'sample');
  } catch (error) {
    return error as object;
  }
  throw new Error('decoded');
}

const hex = (digits: string): Uint8Array => fromHex(`0x${digits}`);

describe('record', () => {
  it('has the order of its fields in RLP, and renamed fields in JSON', () => {
    const value = { nonce: 7n, items: [{ name: 'a' }, { name: 'b' }] };
    expect(sample.toRlp(value)).toEqual([hex('07'), [[hex('61')], [hex('62')]]]);
    expect(sample.toJson(value)).toEqual({ count: '0x7', items: [{ name: 'a' }, { name: 'b' }] });
    expect(decodeWith(sample, encodeWith(sample, value), 'sample')).toEqual(value);
  });

  it('says where the fault is', () => {
    const cases: readonly [item: RlpItem, code: string, path: string][] = [
      [hex('00'), 'RLP_TYPE', 'sample'],
      [[hex('')], 'RLP_FIELD_COUNT', 'sample'],
      [[hex(''), [], []], 'RLP_FIELD_COUNT', 'sample'],
      [[hex('00'), []], 'RLP_LEADING_ZERO', 'sample.nonce'],
      [[hex('010000000000000000'), []], 'RLP_RANGE', 'sample.nonce'],
      [[[], []], 'RLP_TYPE', 'sample.nonce'],
      [[hex(''), hex('')], 'RLP_TYPE', 'sample.items'],
      [[hex(''), [[hex('')], [hex('')], [hex('')]]], 'RLP_LIMIT', 'sample.items'],
      [[hex(''), [[hex('')], hex('')]], 'RLP_TYPE', 'sample.items[1]'],
      [[hex(''), [[hex('6162636465')]]], 'RLP_LIMIT', 'sample.items[0].name'],
      [[hex(''), [[hex('0a')]]], 'RLP_TEXT', 'sample.items[0].name'],
    ];
    for (const [item, code, path] of cases) {
      expect(refusal(sample, item)).toMatchObject({ code, fields: { path } });
    }
  });
});

describe('numbers', () => {
  it('have the empty string for zero, and no other form with a leading zero', () => {
    for (const codec of [uint64, uint256]) {
      expect(codec.toRlp(0n)).toEqual(hex(''));
      expect(codec.fromRlp(hex(''), 'n')).toBe(0n);
      expect(refusal(codec, hex('00'))).toMatchObject({ code: 'RLP_LEADING_ZERO' });
      expect(refusal(codec, hex('0001'))).toMatchObject({ code: 'RLP_LEADING_ZERO' });
    }
  });

  it('hold what their bits hold', () => {
    expect(uint64.fromRlp(hex('ff'.repeat(8)), 'n')).toBe(2n ** 64n - 1n);
    expect(refusal(uint64, hex(`01${'00'.repeat(8)}`))).toMatchObject({ code: 'RLP_RANGE' });
    expect(uint256.fromRlp(hex('ff'.repeat(32)), 'n')).toBe(2n ** 256n - 1n);
    expect(refusal(uint256, hex(`01${'00'.repeat(32)}`))).toMatchObject({ code: 'RLP_RANGE' });
    expect(() => uint64.toRlp(2n ** 64n)).toThrow('assertion');
    expect(() => uint64.toRlp(-1n)).toThrow('assertion');
  });

  it('are exact when they are JavaScript numbers', () => {
    const largest = hex('1fffffffffffff');
    expect(safeUint.fromRlp(largest, 'n')).toBe(Number.MAX_SAFE_INTEGER);
    expect(safeUint.toRlp(Number.MAX_SAFE_INTEGER)).toEqual(largest);
    expect(refusal(safeUint, hex('20000000000000'))).toMatchObject({ code: 'RLP_RANGE' });
    expect(refusal(safeUint, hex('0100000000000000'))).toMatchObject({ code: 'RLP_RANGE' });
    expect(() => safeUint.toRlp(0.5)).toThrow('assertion');
    expect(bit.fromRlp(hex('01'), 'b')).toBe(1);
    expect(refusal(bit, hex('02'))).toMatchObject({ code: 'RLP_RANGE' });
  });
});

describe('byte strings', () => {
  it('have their length', () => {
    expect(refusal(address20, hex('00'.repeat(19)))).toMatchObject({ code: 'RLP_LENGTH' });
    expect(refusal(fixed(8), hex('00'.repeat(9)))).toMatchObject({ code: 'RLP_LENGTH' });
    expect(refusal(bytes(2), hex('000000'))).toMatchObject({ code: 'RLP_LIMIT' });
    expect(bytes(2).fromRlp(hex('0000'), 'b')).toEqual(hex('0000'));
    expect(() => fixed(8).toRlp(hex(''))).toThrow('assertion');
  });

  it('are a recipient or nothing', () => {
    expect(addressOrNull.fromRlp(hex(''), 'to')).toBeNull();
    expect(addressOrNull.toRlp(null)).toEqual(hex(''));
    expect(addressOrNull.toJson(null)).toBeNull();
    const address = hex('11'.repeat(20));
    expect(addressOrNull.fromRlp(address, 'to')).toEqual(address);
    expect(refusal(addressOrNull, hex('11'))).toMatchObject({ code: 'RLP_LENGTH' });
  });
});
