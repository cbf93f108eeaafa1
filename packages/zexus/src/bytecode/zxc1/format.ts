import type { LucernaError } from '@lucerna/base';
import { zexusErrors } from '../../errors.ts';

// The numbers of `.zxc` version 1: docs/spec/zxc1.md. All of them are little-endian in the file.

/** `ZXC` and a zero byte. */
export const ZXC1_MAGIC: Uint8Array = Uint8Array.of(0x5a, 0x58, 0x43, 0x00);
/** `ZXCM`, the beginning of several modules in one file. */
export const ZXCM_MAGIC: Uint8Array = Uint8Array.of(0x5a, 0x58, 0x43, 0x4d);
export const ZXC1_VERSION = 1;

/** Magic, version, flags, number of constants, number of instructions. */
export const ZXC1_HEADER_BYTES = 16;
export const ZXC1_CRC_BYTES = 4;
/** Opcode and kind of the operand. */
export const SMALLEST_INSTRUCTION_BYTES = 3;

export const TAGS = {
  null: 0x00,
  boolean: 0x01,
  int32: 0x02,
  int64: 0x03,
  float64: 0x04,
  string: 0x05,
  description: 0x06,
  list: 0x07,
  map: 0x08,
  /** A pickle, which can run any code of whoever reads it: neither written nor read. */
  opaque: 0xff,
} as const;

export const OPERANDS = { none: 0, u32: 1, i64: 2, pair: 3, triple: 4 } as const;

/** A code of the rules of version 1. */
export type Zxc1Code = Extract<Parameters<typeof zexusErrors.create>[0], `ZXC1_${string}`>;

/** The error of a rule that the byte at `offset` breaks. */
export function malformed1(code: Zxc1Code, offset: number, detail?: string): LucernaError {
  const place = `at byte ${offset}`;
  const text = detail === undefined ? place : `${place}: ${detail}`;
  return zexusErrors.create(code, text, { offset });
}

/** Whether an integer fits the shorter of the two tags. */
export function isInt32(value: bigint): boolean {
  return value >= -(2n ** 31n) && value < 2n ** 31n;
}

/** Whether an integer has 64 bits with its sign. */
export function isInt64(value: bigint): boolean {
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

/** Whether the bytes begin with these. */
export function beginsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
  return magic.every((byte, offset) => bytes[offset] === byte);
}
