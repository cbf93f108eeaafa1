import { fixedBytes, fromHex, toHex, toHexKey } from '@lucerna/base';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { decodeDerSignature, decodePublicKey, pureSignatureEngine } from '../src/index.ts';

const hex = (digits: string): Uint8Array => fromHex(`0x${digits.replaceAll(' ', '')}`);
const refused = (code: string, detail: string): object =>
  expect.objectContaining({ code, message: expect.stringContaining(detail) });

describe('decodeDerSignature', () => {
  it('gives r and s with 32 bytes each', () => {
    const zeros = '00'.repeat(31);
    expect(toHexKey(decodeDerSignature(hex('3006 020101 020102')))).toBe(`${zeros}01${zeros}02`);
    expect(toHexKey(decodeDerSignature(hex('3007 02020080 02017f')))).toBe(`${zeros}80${zeros}7f`);
    expect(toHexKey(decodeDerSignature(hex('3006 020100 020100')))).toBe('00'.repeat(64));
    const full = 'ff'.repeat(32);
    expect(toHexKey(decodeDerSignature(hex(`3046 022100${full} 022100${full}`)))).toBe(full + full);
  });

  it.each([
    ['', 'not a sequence'],
    ['30', 'length of the sequence'],
    ['3106 020101 020102', 'not a sequence'],
    ['3007 020101 020102', 'length of the sequence'],
    ['3005 020101 020102', 'length of the sequence'],
    ['308106 020101 020102', 'length of the sequence'],
    ['3080 020101 020102 0000', 'length of the sequence'],
    ['3000', 'not an integer'],
    ['3003 020101', 'not an integer'],
    ['3006 030101 020102', 'not an integer'],
    ['3006 020101 040102', 'not an integer'],
    ['3004 0201 0102', 'length of an integer'],
    ['3005 0200 020102', 'length of an integer'],
    ['3006 020101 020202', 'length of an integer'],
    ['3007 02810101 020102', 'length of an integer'],
    ['3006 020181 020102', 'negative integer'],
    ['3007 02020001 020102', 'superfluous zero'],
    ['3007 020101 02020000', 'superfluous zero'],
    [`3026 022101${'ff'.repeat(32)} 020101`, 'integer of over 32 bytes'],
    [`3027 02220080${'ff'.repeat(32)} 020101`, 'integer of over 32 bytes'],
    ['3009 020101 020102 020103', 'bytes behind s'],
  ])('refuses %s: %s', (digits, reason) => {
    const attempt = (): unknown => decodeDerSignature(hex(digits));
    expect(attempt).toThrow(refused('SIGNATURE_INVALID', reason));
  });

  it('refuses a long form of the length whose byte would fit a short one', () => {
    // 0x81 announces one more byte of length, it is not the length 129.
    const bytes = new Uint8Array(131);
    bytes.set(hex('3081 020101 020102'));
    expect(() => decodeDerSignature(bytes)).toThrow(refused('SIGNATURE_INVALID', 'behind s'));
  });
});

describe('decodePublicKey', () => {
  const generator = toHex(pureSignatureEngine.publicKey(fixedBytes(1n, 32)));
  const point = (prefix: string, ...parts: string[]): Uint8Array => hex(prefix + parts.join(''));
  const x = generator.slice(4, 68);
  const y = generator.slice(68);
  const prime = secp256k1.Point.Fp.ORDER;
  const word = (value: bigint): string => toHexKey(fixedBytes(value, 32));

  it('takes both forms, and both parities', () => {
    expect(toHex(decodePublicKey(point('04', x, y)))).toBe(generator);
    expect(toHex(decodePublicKey(point('02', x)))).toBe(generator);
    const negative = word(prime - BigInt(`0x${y}`));
    expect(toHexKey(decodePublicKey(point('03', x)))).toBe(`04${x}${negative}`);
  });

  it('gives bytes of its own', () => {
    const given = point('04', x, y);
    decodePublicKey(given).fill(0);
    expect(toHex(given)).toBe(generator);
  });

  it.each([
    ['nothing', ''],
    ['the point at infinity', '00'],
    ['65 bytes with the first byte of 33', `02${x}${y}`],
    ['33 bytes with the first byte of 65', `04${x}`],
    ['a hybrid form', `06${x}${y}`],
    ['the other hybrid form', `07${x}${y}`],
    ['no first byte', `${x}${y}`],
    ['a byte too many', `02${x}00`],
  ])('refuses %s', (_, digits) => {
    const attempt = (): unknown => decodePublicKey(hex(digits));
    expect(attempt).toThrow(refused('PUBLIC_KEY_INVALID', 'length or first byte'));
  });

  it.each([
    // 5³ + 7 = 132 is no square modulo p.
    ['an x that no point has', `02${word(5n)}`],
    ['a y of another point', `04${x}${word(BigInt(`0x${y}`) + 1n)}`],
    ['an x that is not below p', `02${word(prime + 1n)}`],
    ['the same, uncompressed', `04${word(prime + 1n)}${word(1n)}`],
    ['zeros', `04${'00'.repeat(64)}`],
  ])('refuses %s', (_, digits) => {
    const attempt = (): unknown => decodePublicKey(hex(digits));
    expect(attempt).toThrow(refused('PUBLIC_KEY_INVALID', 'no point'));
  });
});
