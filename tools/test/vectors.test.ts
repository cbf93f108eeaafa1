import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkVectorCount, findVectorFolder } from '../src/vectors.ts';

const here = dirname(fileURLToPath(import.meta.url));
const nowhere = `${here}/there is no such folder`;

describe('findVectorFolder', () => {
  it('prefers the folder that was named', () => {
    expect(findVectorFolder({ LUCERNA_VECTORS: here }, nowhere)).toBe(here);
    expect(findVectorFolder({ CI: '1' }, here)).toBe(here);
  });

  it('lets the default folder be absent, except with CI=1', () => {
    expect(findVectorFolder({}, nowhere)).toBeUndefined();
    expect(() => findVectorFolder({ CI: '1' }, nowhere)).toThrow('absent');
  });

  it('does not let a named folder be absent', () => {
    expect(() => findVectorFolder({ LUCERNA_VECTORS: nowhere }, here)).toThrow('absent');
  });
});

describe('checkVectorCount', () => {
  const committed = { 'rlp/some.json': 3 };

  it('accepts as many cases as were committed, and more', () => {
    expect(() => checkVectorCount('rlp/some.json', 3, committed)).not.toThrow();
    expect(() => checkVectorCount('rlp/some.json', 4, committed)).not.toThrow();
  });

  it('fails when cases got lost, and when a file was never counted', () => {
    expect(() => checkVectorCount('rlp/some.json', 2, committed)).toThrow('fewer');
    expect(() => checkVectorCount('rlp/other.json', 2, committed)).toThrow('vector-counts.json');
  });
});
