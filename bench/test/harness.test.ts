import { describe, expect, test } from 'vitest';
import { type Case, type Measure, median, type Peer, ratioOf, runCase } from '../src/harness.ts';

/** Gives the values one after the other, and notes each turn. */
function measuring(
  name: string,
  values: readonly number[],
  turns: string[] = [],
  hash?: string,
): Measure {
  let at = 0;
  return async () => {
    turns.push(name);
    const value = values[at % values.length] ?? 0;
    at += 1;
    return hash === undefined ? { value } : { value, hash };
  };
}

function caseOf(ours: Measure, peer: Peer, change: Partial<Case> = {}): Case {
  return {
    id: 'case',
    unit: 'ms',
    better: 'lower',
    target: 2,
    rounds: 3,
    prepare: async () => ({ ours, peer, close: async () => {} }),
    ...change,
  };
}

const options = { quick: false, conditions: 'here' };

describe('median', () => {
  test.each([
    [[5], 5],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])('of %o is %d', (samples, expected) => {
    expect(median(samples)).toBe(expected);
  });

  test('leaves its samples as they were and refuses none', () => {
    const samples = [3, 1, 2];
    median(samples);
    expect(samples).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow(RangeError);
  });
});

test('a ratio above 1 is better for us, whichever way the unit runs', () => {
  expect(ratioOf(50, 100, 'lower')).toBe(2);
  expect(ratioOf(100, 50, 'higher')).toBe(2);
  expect(ratioOf(100, 50, 'lower')).toBe(0.5);
});

describe('runCase', () => {
  test('takes turns and compares the medians', async () => {
    const turns: string[] = [];
    const peer: Peer = {
      kind: 'measured',
      name: 'rival',
      measure: measuring('peer', [40, 60, 1000], turns),
    };
    const row = await runCase(
      'suite',
      caseOf(measuring('ours', [20, 30, 900], turns), peer),
      options,
    );
    expect(turns).toEqual(['ours', 'peer', 'peer', 'ours', 'ours', 'peer']);
    expect(row).toEqual({
      suite: 'suite',
      case: 'case',
      unit: 'ms',
      ours: 30,
      peer: 60,
      peerName: 'rival',
      ratio: 2,
      target: 2,
      rounds: 3,
      level: null,
      hash: null,
      conditions: 'here',
    });
  });

  test('compares with a figure', async () => {
    const peer: Peer = { kind: 'figure', name: 'limit:700ms', value: 700 };
    const row = await runCase('suite', caseOf(measuring('ours', [350]), peer), options);
    expect(row).toMatchObject({ peer: 700, peerName: 'limit:700ms', ratio: 2 });
  });

  test('names a peer that is not installed and compares nothing', async () => {
    const peer: Peer = { kind: 'absent', name: 'rival' };
    const subject = caseOf(measuring('ours', [1]), peer, { target: undefined, level: 'power' });
    expect(await runCase('suite', subject, options)).toMatchObject({
      peer: null,
      peerName: 'rival (not installed)',
      ratio: null,
      target: null,
      level: 'power',
    });
  });

  test('has cases without a peer, and figures that depend on more', async () => {
    const ours = measuring('ours', [1]);
    const prepare: Case['prepare'] = async () => ({
      ours,
      peer: { kind: 'none' },
      close: async () => {},
      detail: 'N = 100',
    });
    const subject = caseOf(ours, { kind: 'none' }, { cpuTime: true, prepare });
    expect(await runCase('suite', subject, options)).toMatchObject({
      peer: null,
      peerName: 'no peer',
      ratio: null,
      conditions: 'here, CPU time, N = 100',
    });
  });

  test('measures once when it is to be quick', async () => {
    const turns: string[] = [];
    const peer: Peer = { kind: 'absent', name: 'rival' };
    const subject = caseOf(measuring('ours', [1], turns), peer);
    expect((await runCase('suite', subject, { ...options, quick: true })).rounds).toBe(1);
    expect(turns).toHaveLength(1);
  });

  test('refuses results that differ and keeps a hash that all agree on', async () => {
    const peerWith = (hash: string): Peer => ({
      kind: 'measured',
      name: 'rival',
      measure: measuring('peer', [1], [], hash),
    });
    const ours = measuring('ours', [1], [], 'aa');
    expect((await runCase('suite', caseOf(ours, peerWith('aa')), options)).hash).toBe('aa');
    await expect(runCase('suite', caseOf(ours, peerWith('bb')), options)).rejects.toThrow(
      'case: results differ: aa, bb',
    );
  });

  test('compares round by round where every round computes something else', async () => {
    const hashing = (hashes: readonly string[]): Measure => {
      const left = [...hashes];
      return async () => ({ value: 1, hash: left.shift() ?? '' });
    };
    const rowOf = (ours: readonly string[], peer: readonly string[]) =>
      runCase(
        'suite',
        caseOf(hashing(ours), { kind: 'measured', name: 'rival', measure: hashing(peer) }),
        options,
      );
    const row = await rowOf(['aa', 'bb', 'cc'], ['aa', 'bb', 'cc']);
    expect(row.hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await rowOf(['aa', 'bb', 'dd'], ['aa', 'bb', 'dd'])).hash).not.toBe(row.hash);
    await expect(rowOf(['aa', 'bb', 'cc'], ['aa', 'cc', 'bb'])).rejects.toThrow(
      'case: results differ: bb, cc',
    );
  });

  test('says so when times are CPU time', async () => {
    const peer: Peer = { kind: 'absent', name: 'rival' };
    const subject = caseOf(measuring('ours', [1]), peer, { cpuTime: true });
    expect((await runCase('suite', subject, options)).conditions).toBe('here, CPU time');
  });

  test('closes what it prepared, also after a failure', async () => {
    let closed = 0;
    const ours: Measure = async () => {
      throw new Error('broken');
    };
    const subject = caseOf(
      ours,
      { kind: 'absent', name: 'rival' },
      {
        prepare: async () => ({
          ours,
          peer: { kind: 'absent', name: 'rival' },
          close: async () => {
            closed += 1;
          },
        }),
      },
    );
    await expect(runCase('suite', subject, options)).rejects.toThrow('broken');
    expect(closed).toBe(1);
  });
});
