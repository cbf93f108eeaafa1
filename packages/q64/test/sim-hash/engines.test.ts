import { seededRandom } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { q64Limits } from '../../src/limits.ts';
import { chooseSimHashEngine } from '../../src/sim-hash/chosen-sim-hash-engine.ts';
import { createKernelSimHashEngine } from '../../src/sim-hash/kernel-sim-hash-engine.ts';
import { GROUP_PLANES, groupsOf, laneOf, type Planes } from '../../src/sim-hash/planes.ts';
import { twinSimHashEngine } from '../../src/sim-hash/twin-sim-hash-engine.ts';

const kernel = createKernelSimHashEngine();
const engines = [kernel, twinSimHashEngine];

/** Planes of which each is given as its numbers. */
function planesOf(rows: readonly (readonly number[])[]): Planes {
  const dimensions = rows[0]?.length ?? 0;
  const values = new Float32Array(groupsOf(rows.length) * GROUP_PLANES * dimensions);
  rows.forEach((row, plane) => {
    const group = Math.floor(plane / GROUP_PLANES) * GROUP_PLANES * dimensions;
    row.forEach((value, dimension) => {
      values[group + dimension * GROUP_PLANES + laneOf(plane)] = value;
    });
  });
  return { dimensions, planes: rows.length, values };
}

/** The definition: a plain loop over the dimensions of each plane, with numbers of 32 bits. */
function modelHash(rows: readonly (readonly number[])[], bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(rows.length / 8);
  rows.forEach((row, plane) => {
    let sum = 0;
    row.forEach((value, dimension) => {
      const x = Math.fround(((bytes[dimension] as number) - 128) / 128);
      sum = Math.fround(sum + Math.fround(Math.fround(value) * x));
    });
    if (sum > 0) bits[plane >> 3] = (bits[plane >> 3] as number) | (128 >> (plane & 7));
  });
  return bits;
}

function hashOf(engine: (typeof engines)[number], planes: Planes, bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(planes.planes / 8).fill(0x55);
  engine.hash(planes, bytes, bits);
  return bits;
}

function repeated<T>(times: number, row: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: times }, () => row);
}

describe.each(engines)('the engine $name', (engine) => {
  it('sums in the order of the dimensions, rounded after each step', () => {
    // (2²⁴ + 1) - 2²⁴ is 0 in 32 bits, (2²⁴ - 2²⁴) + 1 is 1.
    const big = 2 ** 24;
    const rows = [...repeated(4, [big, 1, -big]), ...repeated(4, [big, -big, 1])];
    const bytes = Uint8Array.of(129, 129, 129);
    expect(hashOf(engine, planesOf(rows), bytes)).toEqual(Uint8Array.of(0x0f));
  });

  it('rounds products before it adds them', () => {
    // 3 · (1 + 2⁻²³) needs 25 bits, and is rounded to 3 + 2⁻²¹: one fused step would leave 2⁻²³.
    const rows = repeated(8, [3 + 2 ** -21, -(1 + 2 ** -23)]);
    expect(hashOf(engine, planesOf(rows), Uint8Array.of(129, 131))).toEqual(Uint8Array.of(0));
  });

  it('says 0 of sums that are exactly 0, and of none', () => {
    const rows = repeated(16, [1.5, -1.5]);
    expect(hashOf(engine, planesOf(rows), Uint8Array.of(200, 200))).toEqual(Uint8Array.of(0, 0));
    expect(hashOf(engine, planesOf(rows), Uint8Array.of(201, 200))).toEqual(
      Uint8Array.of(0xff, 0xff),
    );
    expect(hashOf(engine, planesOf(repeated(8, [])), new Uint8Array())).toEqual(Uint8Array.of(0));
  });

  it('puts the first plane into the highest bit', () => {
    const rows = Array.from({ length: 40 }, (_, plane) => [plane % 9 === 0 ? 1 : -1]);
    expect(hashOf(engine, planesOf(rows), Uint8Array.of(255))).toEqual(
      Uint8Array.of(0x80, 0x40, 0x20, 0x10, 0x08),
    );
  });

  it('is the definition for any number of planes and dimensions', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 60; round += 1) {
      const planes = 8 * (1 + random.below(18));
      const dimensions = random.below(80);
      // Few values, so that many sums are 0 or nearly so.
      const rows = Array.from({ length: planes }, () =>
        Array.from({ length: dimensions }, () => (random.below(7) - 3) * 0.1),
      );
      const bytes = Uint8Array.from({ length: dimensions }, () => 120 + random.below(17));
      expect(hashOf(engine, planesOf(rows), bytes)).toEqual(modelHash(rows, bytes));
    }
  });

  it('takes other planes in between, longer and shorter ones', () => {
    const short = planesOf(repeated(8, [1]));
    const long = planesOf(
      repeated(
        64,
        Array.from({ length: 3_000 }, () => 1),
      ),
    );
    const bytes = new Uint8Array(3_000).fill(130);
    for (let round = 0; round < 3; round += 1) {
      expect(hashOf(engine, short, Uint8Array.of(127))).toEqual(Uint8Array.of(0));
      expect(hashOf(engine, long, bytes)).toEqual(new Uint8Array(8).fill(0xff));
      expect(hashOf(engine, short, Uint8Array.of(129))).toEqual(Uint8Array.of(0xff));
    }
  });
});

it('leaves planes that its memory has no room for to the twin', () => {
  const { simHashDimensions, simHashMatrixBytes } = q64Limits.values;
  const groups = simHashMatrixBytes / (4 * GROUP_PLANES * simHashDimensions) + 1;
  const values = new Float32Array(groups * GROUP_PLANES * simHashDimensions);
  const planes = { dimensions: simHashDimensions, planes: groups * GROUP_PLANES, values };
  // Of the last plane the number of the last dimension.
  values[values.length - GROUP_PLANES + laneOf(GROUP_PLANES - 1)] = 1;
  const bits = hashOf(kernel, planes, new Uint8Array(simHashDimensions).fill(129));
  expect(bits.at(-1)).toBe(1);
  expect(bits.subarray(0, -1).every((byte) => byte === 0)).toBe(true);
  const small = planesOf(repeated(8, [1]));
  expect(hashOf(kernel, small, Uint8Array.of(129))).toEqual(Uint8Array.of(0xff));
});

it('is the twin where there is no WebAssembly, with the same hashes', () => {
  expect(chooseSimHashEngine().name).toBe('kernel');
  const platform = globalThis as { WebAssembly?: unknown };
  const { WebAssembly: present } = platform;
  platform.WebAssembly = undefined;
  try {
    expect(chooseSimHashEngine()).toBe(twinSimHashEngine);
  } finally {
    platform.WebAssembly = present;
  }
});
