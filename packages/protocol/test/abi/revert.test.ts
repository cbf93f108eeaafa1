import { concatBytes, fromHex, toHex } from '@lucerna/base';
import { expect, it } from 'vitest';
import { decodeRevert, encodeErrorString, encodePanic, PANIC_CODES } from '../../src/index.ts';

it('encodes a message as Error(string)', () => {
  const data = encodeErrorString('no');
  const word = (value: string): string => value.padStart(64, '0');
  expect(toHex(data)).toBe(`0x08c379a0${word('20')}${word('2')}${'6e6f'.padEnd(64, '0')}`);
  expect(decodeRevert(data)).toEqual({ kind: 'error', message: 'no' });
});

it('encodes a code as Panic(uint256)', () => {
  const data = encodePanic(PANIC_CODES.arithmetic);
  expect(toHex(data)).toBe(`0x4e487b71${'11'.padStart(64, '0')}`);
  expect(decodeRevert(data)).toEqual({ kind: 'panic', code: 0x11n });
});

it('tells declared errors, no data and garbage apart', () => {
  const custom = fromHex('0x12345678aa');
  expect(decodeRevert(custom)).toEqual({
    kind: 'custom',
    selector: custom.subarray(0, 4),
    arguments: custom.subarray(4),
  });
  expect(decodeRevert(new Uint8Array(0))).toEqual({ kind: 'empty' });
  for (const data of [
    fromHex('0x08c379'),
    fromHex('0x08c379a0'),
    encodeErrorString('no').subarray(0, 80),
    encodePanic(1).subarray(0, 20),
  ]) {
    expect(decodeRevert(data)).toEqual({ kind: 'unknown', data });
  }
});

it('reads a message with bytes behind it', () => {
  const data = concatBytes(encodeErrorString('no'), new Uint8Array(5));
  expect(decodeRevert(data)).toEqual({ kind: 'error', message: 'no' });
});
