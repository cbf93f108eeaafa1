import { describe, expect, it } from 'vitest';
import {
  type Fork,
  INITIAL_FORKS,
  intrinsicGas,
  nextBaseFee,
  protocolLimits,
  RULE_NAMES,
  type RuleParameters,
  ruleDefinitions,
  rulesAt,
  validateForks,
} from '../src/index.ts';

const initial = INITIAL_FORKS[0] as Fork;
const schedule: readonly Fork[] = [
  initial,
  { height: 10, name: 'dear', parameters: { gasTransaction: 42_000n, baseFeeElasticity: 4n } },
  { height: 11, name: 'cheap', parameters: { gasTransaction: 1_000n } },
];

function codeOf(forks: readonly Fork[]): string {
  try {
    validateForks(forks);
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
  return 'valid';
}

describe('rulesAt', () => {
  it('begins with the numbers of London and Paris', () => {
    expect(rulesAt(INITIAL_FORKS, 0)).toMatchObject({
      name: 'initial',
      version: 0,
      gasTransaction: 21_000n,
      gasCreation: 32_000n,
      gasCalldataNonZero: 16n,
      gasColdSlot: 2_100n,
      gasColdAccount: 2_600n,
      gasWarmRead: 100n,
      gasSlotSet: 20_000n,
      gasSlotReset: 2_900n,
      refundSlotClear: 4_800n,
      refundQuotient: 5n,
      gasLog: 375n,
      gasLogTopic: 375n,
      gasLogByte: 8n,
      gasKeccak: 30n,
      gasKeccakWord: 6n,
      baseFeeElasticity: 2n,
      baseFeeChangeDenominator: 8n,
    });
  });

  it('changes at the height of a fork, and keeps what the fork does not name', () => {
    const at = (height: number): readonly unknown[] => {
      const { version, name, gasTransaction, baseFeeElasticity } = rulesAt(schedule, height);
      return [version, name, gasTransaction, baseFeeElasticity];
    };
    expect(at(9)).toEqual([0, 'initial', 21_000n, 2n]);
    expect(at(10)).toEqual([1, 'dear', 42_000n, 4n]);
    expect(at(11)).toEqual([2, 'cheap', 1_000n, 4n]);
    expect(at(Number.MAX_SAFE_INTEGER)).toEqual(at(11));
  });

  it('reaches gas and base fee on a chain that crosses a fork', () => {
    const tx = { to: new Uint8Array(20), data: new Uint8Array(0) };
    const parent = { baseFeePerGas: 1_000n, gasUsed: 10_000_000n, gasLimit: 20_000_000n };
    const before = rulesAt(schedule, 9);
    const after = rulesAt(schedule, 10);
    expect([intrinsicGas(tx, before), intrinsicGas(tx, after)]).toEqual([21_000n, 42_000n]);
    // Half full is on target before, and twice the target after.
    expect([nextBaseFee(parent, before), nextBaseFee(parent, after)]).toEqual([1_000n, 1_125n]);
  });

  it('gives the same answer whatever was asked before', () => {
    const heights = [11, 0, 10, 9, 12, 0, 11, 10];
    const alone = new Map(heights.map((height) => [height, rulesAt([...schedule], height)]));
    for (const height of [...heights, ...heights.toReversed()]) {
      expect(rulesAt(schedule, height)).toEqual(alone.get(height));
    }
  });
});

describe('validateForks', () => {
  const later = (height: number): Fork => ({ height, name: `fork ${height}`, parameters: {} });

  it('accepts up to the limit of forks', () => {
    const { forks } = protocolLimits.values;
    const many = Array.from({ length: forks - 1 }, (_, index) => later(index + 1));
    expect(codeOf([initial, ...many])).toBe('valid');
    expect(codeOf([initial, ...many, later(forks)])).toBe('RULES_SCHEDULE');
  });

  it('refuses schedules out of order', () => {
    expect(codeOf([])).toBe('RULES_SCHEDULE');
    expect(codeOf([{ ...initial, height: 1 }])).toBe('RULES_SCHEDULE');
    expect(codeOf([initial, later(0)])).toBe('RULES_SCHEDULE');
    expect(codeOf([initial, later(5), later(5)])).toBe('RULES_SCHEDULE');
    expect(codeOf([initial, later(5), later(4)])).toBe('RULES_SCHEDULE');
    expect(codeOf([initial, later(1.5)])).toBe('RULES_SCHEDULE');
    expect(codeOf([initial, { ...later(1), name: '' }])).toBe('RULES_SCHEDULE');
    expect(codeOf([initial, { ...later(1), name: 'x'.repeat(65) }])).toBe('RULES_SCHEDULE');
  });

  it('wants everything from the first fork that there was before the first chain', () => {
    for (const name of RULE_NAMES) {
      const parameters: Partial<Record<keyof RuleParameters, bigint>> = { ...initial.parameters };
      delete parameters[name];
      const { isLater } = ruleDefinitions[name];
      expect(codeOf([{ ...initial, parameters }])).toBe(isLater ? 'valid' : 'RULES_INCOMPLETE');
    }
  });

  it('gives an older schedule the initial values of what came later, for ever the same', () => {
    const older = { ...initial, parameters: { ...initial.parameters } } as Record<string, unknown>;
    const parameters = older['parameters'] as Record<string, bigint>;
    const later = RULE_NAMES.filter((name) => ruleDefinitions[name].isLater);
    for (const name of later) delete parameters[name];
    expect(rulesAt([older as Fork], 3)).toEqual(rulesAt(INITIAL_FORKS, 3));
    expect(Object.fromEntries(later.map((name) => [name, ruleDefinitions[name].initial]))).toEqual({
      gasBlake3: 60n,
      gasBlake3Word: 12n,
      gasNative: 200n,
      gasSignature: 3_000n,
      maxCallDepth: 64n,
      maxNativeResultBytes: 4_194_304n,
      maxTransactionFrames: 1_024n,
      nativeMemoryQuotient: 512n,
      subFrameGasQuotient: 64n,
    });
  });

  it('refuses unknown parameters and impossible values', () => {
    const sets = (parameters: object): string =>
      codeOf([initial, { ...later(1), parameters: parameters as Fork['parameters'] }]);
    expect(sets({ gasTransactoin: 1n })).toBe('RULES_PARAMETER');
    expect(sets({ constructor: 1n })).toBe('RULES_PARAMETER');
    expect(sets({ gasTransaction: -1n })).toBe('RULES_PARAMETER');
    expect(sets({ gasTransaction: 2n ** 64n })).toBe('RULES_PARAMETER');
    expect(sets({ gasTransaction: 21_000 })).toBe('RULES_PARAMETER');
    expect(sets({ gasTransaction: undefined })).toBe('RULES_PARAMETER');
    for (const name of RULE_NAMES) {
      const { minimum, maximum } = ruleDefinitions[name];
      expect(sets({ baseFeeElasticity: 1n, [name]: minimum })).toBe('valid');
      expect(sets({ [name]: minimum - 1n })).toBe('RULES_PARAMETER');
      if (maximum === undefined) continue;
      expect(sets({ [name]: maximum })).toBe('valid');
      expect(sets({ [name]: maximum + 1n })).toBe('RULES_PARAMETER');
    }
  });

  it('keeps the bounds of a receipt above what rules allow a transaction to log', () => {
    const { logs, logDataBytes } = protocolLimits.values;
    expect(ruleDefinitions.maxTransactionLogs.maximum).toBe(BigInt(logs));
    expect(ruleDefinitions.maxTransactionLogBytes.maximum).toBe(BigInt(logDataBytes));
  });

  it('leaves the smallest block a base-fee target, also in the block after a fork', () => {
    const sets = (height: number, baseFeeElasticity: bigint, minimumGasLimit: bigint): Fork => ({
      ...later(height),
      parameters: { baseFeeElasticity, minimumGasLimit },
    });
    const largest = sets(1, 5_000n, 5_000n);
    expect(codeOf([initial, largest])).toBe('valid');
    const parent = { baseFeePerGas: 8n, gasUsed: 3n, gasLimit: 5_000n };
    expect(nextBaseFee(parent, rulesAt([initial, largest], 1))).toBe(10n);
    expect(codeOf([initial, sets(1, 5_001n, 5_000n)])).toBe('RULES_PARAMETER');
    // The parent of the fork's first block has a gas limit by the rules before it.
    expect(codeOf([initial, sets(1, 5_001n, 9_000n)])).toBe('RULES_PARAMETER');
    expect(codeOf([initial, sets(1, 2n, 9_000n), sets(2, 9_000n, 9_000n)])).toBe('valid');
  });
});
