import { assert, present } from '@lucerna/base';
import { protocolErrors } from './errors.ts';
import { protocolLimits } from './limits.ts';

/** The name of a number that consensus may change from some height on. */
export type RuleName =
  | 'gasTransaction'
  | 'gasCreation'
  | 'gasCalldataZero'
  | 'gasCalldataNonZero'
  | 'gasAccessListAddress'
  | 'gasAccessListStorageKey'
  | 'gasBlake3'
  | 'gasBlake3Word'
  | 'gasCodeByte'
  | 'gasCodeWord'
  | 'gasColdAccount'
  | 'gasColdSlot'
  | 'gasKeccak'
  | 'gasKeccakWord'
  | 'gasLog'
  | 'gasLogByte'
  | 'gasLogTopic'
  | 'gasNative'
  | 'gasNewAccount'
  | 'gasSha256'
  | 'gasSha256Word'
  | 'gasSignature'
  | 'gasSlotReset'
  | 'gasSlotSet'
  | 'gasTransferValue'
  | 'gasWarmRead'
  | 'gasWord'
  | 'maxCallDepth'
  | 'maxContainerBytes'
  | 'maxInitDataBytes'
  | 'maxNativeResultBytes'
  | 'maxTransactionFrames'
  | 'maxTransactionLogBytes'
  | 'maxTransactionLogs'
  | 'nativeMemoryQuotient'
  | 'subFrameGasQuotient'
  | 'refundQuotient'
  | 'refundSlotClear'
  | 'baseFeeElasticity'
  | 'baseFeeChangeDenominator'
  | 'gasLimitBoundDivisor'
  | 'minimumGasLimit';

/** Every number that consensus may change. */
export type RuleParameters = Readonly<Record<RuleName, bigint>>;

/** The parameters that hold at some height. */
export type Rules = RuleParameters & {
  /** Name of the last fork. */
  readonly name: string;
  /** Position of the last fork in the schedule. With a code hash it keys caches of compiled code. */
  readonly version: number;
};

/** A change of the rules: what it sets holds from `height` on. The first fork sets everything there was then. */
export type Fork = {
  readonly height: number;
  readonly name: string;
  readonly parameters: Readonly<Partial<RuleParameters>>;
};

type RuleDefinition = {
  readonly initial: bigint;
  /** What divides must not be zero. */
  readonly minimum: bigint;
  /** Default: 64 bits. */
  readonly maximum?: bigint;
  /**
   * There were schedules before there was this parameter: where a first fork does not name it, the
   * initial value holds. That value is then part of those chains and never changes.
   */
  readonly isLater?: true;
  readonly meaning: string;
};

/** The largest gas limit of a block: 63 bits, as in all clients (EIP-1985). */
export const MAX_BLOCK_GAS_LIMIT: bigint = 2n ** 63n - 1n;

/** Machines count gas in numbers: what they charge for must leave room for many sums. */
const MAX_MACHINE_GAS = 2n ** 32n - 1n;

/** Gas or a refund that the machine of a contract counts. */
function machineGas(initial: bigint, meaning: string): RuleDefinition {
  return { initial, minimum: 0n, maximum: MAX_MACHINE_GAS, meaning };
}

/** As {@link machineGas}, added after there were chains. */
function laterGas(initial: bigint, meaning: string): RuleDefinition {
  return { ...machineGas(initial, meaning), isLater: true };
}

/** What each parameter means, the value of the first rules, and the least that makes sense. */
export const ruleDefinitions: Readonly<Record<RuleName, RuleDefinition>> = {
  gasTransaction: { initial: 21_000n, minimum: 0n, meaning: 'gas of any transaction' },
  gasCreation: { initial: 32_000n, minimum: 0n, meaning: 'more gas when it creates (EIP-2)' },
  gasCalldataZero: { initial: 4n, minimum: 0n, meaning: 'gas of a zero byte of data' },
  gasCalldataNonZero: { initial: 16n, minimum: 0n, meaning: 'gas of another byte (EIP-2028)' },
  gasAccessListAddress: { initial: 2_400n, minimum: 0n, meaning: 'gas of an entry (EIP-2930)' },
  gasAccessListStorageKey: { initial: 1_900n, minimum: 0n, meaning: 'gas of a key (EIP-2930)' },
  gasBlake3: laterGas(60n, 'one BLAKE3'),
  gasBlake3Word: laterGas(12n, '32 bytes under BLAKE3'),
  gasCodeByte: { initial: 200n, minimum: 0n, meaning: 'gas of a byte of stored code' },
  gasCodeWord: machineGas(32n, '32 bytes of code that a call or a deployment loads'),
  gasColdAccount: machineGas(2_600n, 'first access to an account in a transaction (EIP-2929)'),
  gasColdSlot: machineGas(2_100n, 'first access to a slot in a transaction (EIP-2929)'),
  gasKeccak: machineGas(30n, 'one Keccak-256'),
  gasKeccakWord: machineGas(6n, '32 bytes under Keccak-256'),
  gasLog: machineGas(375n, 'one log'),
  gasLogByte: machineGas(8n, "one byte of a log's data"),
  gasLogTopic: machineGas(375n, 'one topic of a log'),
  gasNative: laterGas(200n, 'one call of a native contract'),
  gasNewAccount: machineGas(25_000n, 'more gas when wei reach an account that is empty'),
  gasSha256: machineGas(60n, 'one SHA-256'),
  gasSha256Word: machineGas(12n, '32 bytes under SHA-256'),
  gasSignature: laterGas(3_000n, 'checking a signature, or finding its key'),
  gasSlotReset: machineGas(2_900n, 'changing a slot that was not zero (EIP-2200, EIP-2929)'),
  gasSlotSet: machineGas(20_000n, 'setting a slot that was zero (EIP-2200)'),
  gasTransferValue: machineGas(9_000n, 'a contract sends wei'),
  gasWarmRead: machineGas(100n, 'any later access to a slot or an account (EIP-2929)'),
  gasWord: machineGas(3n, '32 bytes of strings, bytes and big integers'),
  maxCallDepth: {
    initial: 64n,
    minimum: 1n,
    maximum: 256n,
    isLater: true,
    meaning: 'calls within calls, that of the transaction counted',
  },
  maxContainerBytes: { initial: 49_152n, minimum: 0n, meaning: 'bytes of the code of a contract' },
  maxInitDataBytes: { initial: 98_304n, minimum: 0n, meaning: 'bytes of the data of a deployment' },
  maxNativeResultBytes: {
    initial: 4_194_304n,
    minimum: 0n,
    maximum: BigInt(protocolLimits.values.abiEncodedBytes / 2),
    isLater: true,
    meaning: 'bytes of the result of one call of a native contract',
  },
  maxTransactionFrames: {
    initial: 1_024n,
    minimum: 1n,
    isLater: true,
    meaning: 'calls and creations of one transaction, itself and those that fail counted',
  },
  maxTransactionLogBytes: {
    initial: 4_194_304n,
    minimum: 0n,
    maximum: BigInt(protocolLimits.values.logDataBytes),
    meaning: 'bytes of the data of all logs of one transaction',
  },
  maxTransactionLogs: {
    initial: 65_536n,
    minimum: 0n,
    maximum: BigInt(protocolLimits.values.logs),
    meaning: 'logs of one transaction',
  },
  nativeMemoryQuotient: {
    initial: 512n,
    minimum: 1n,
    isLater: true,
    meaning: 'w words of a native result cost w² / this more (Yellow Paper, appendix H.1)',
  },
  refundQuotient: { initial: 5n, minimum: 1n, meaning: 'refund ≤ used gas / this (EIP-3529)' },
  refundSlotClear: machineGas(4_800n, 'refund for a slot that becomes zero (EIP-3529)'),
  subFrameGasQuotient: {
    initial: 64n,
    minimum: 1n,
    isLater: true,
    meaning: 'a call gets all gas but 1 / this of what its caller has left (EIP-150)',
  },
  baseFeeElasticity: { initial: 2n, minimum: 1n, meaning: 'target = limit / this (EIP-1559)' },
  baseFeeChangeDenominator: {
    initial: 8n,
    minimum: 1n,
    meaning: 'the base fee changes by at most 1 / this a block (EIP-1559)',
  },
  gasLimitBoundDivisor: {
    initial: 1_024n,
    minimum: 1n,
    meaning: 'the gas limit changes by less than parent / this a block',
  },
  minimumGasLimit: {
    initial: 5_000n,
    minimum: 1n,
    maximum: MAX_BLOCK_GAS_LIMIT,
    meaning: 'gas limit of the smallest block; a fork that raises it lifts the limit at once',
  },
};

/** The names of all parameters, in order. */
export const RULE_NAMES: readonly RuleName[] = (Object.keys(ruleDefinitions) as RuleName[]).sort();

/** Rule numbers are gas amounts, ratios and sizes: 64 bits. */
const MAX_VALUE = (1n << 64n) - 1n;

const initialParameters = Object.fromEntries(
  RULE_NAMES.map((name) => [name, ruleDefinitions[name].initial]),
) as RuleParameters;

/** The schedule of a new chain: one fork, Ethereum's numbers as of London and Paris. */
export const INITIAL_FORKS: readonly Fork[] = [
  { height: 0, name: 'initial', parameters: initialParameters },
];

/**
 * Checks a schedule. What passes gives rules at every height.
 *
 * @throws `RULES_SCHEDULE`, `RULES_INCOMPLETE`, `RULES_PARAMETER`
 */
export function validateForks(forks: readonly Fork[]): void {
  const first = forks[0];
  if (first === undefined || first.height !== 0 || forks.length > protocolLimits.values.forks) {
    throw protocolErrors.create('RULES_SCHEDULE', undefined, { forks: forks.length });
  }
  const missing = RULE_NAMES.find(
    (name) => first.parameters[name] === undefined && ruleDefinitions[name].isLater === undefined,
  );
  if (missing !== undefined) {
    throw protocolErrors.create('RULES_INCOMPLETE', missing, { parameter: missing });
  }
  let previous = -1;
  let before: RuleParameters | undefined;
  for (const fork of forks) {
    if (!Number.isSafeInteger(fork.height) || fork.height <= previous) {
      throw protocolErrors.create('RULES_SCHEDULE', fork.name, { height: fork.height });
    }
    if (fork.name.length > protocolLimits.values.nameBytes || !/^[ -~]+$/.test(fork.name)) {
      throw protocolErrors.create('RULES_SCHEDULE', 'name of a fork', { height: fork.height });
    }
    previous = fork.height;
    validateParameters(fork);
    const rules: RuleParameters = { ...(before ?? initialParameters), ...fork.parameters };
    validateTarget(fork, rules, before ?? rules);
    before = rules;
  }
}

/** What a schedule that was checked comes to: the rules from the height of each fork on, in order. */
type Stage = { readonly height: number; readonly rules: Rules };

/** Every block and every call asks for its rules, and a chain has one schedule for all its life. */
const schedules = new WeakMap<readonly Fork[], readonly Stage[]>();

/**
 * The rules of the block at `height`. Depends on the arguments alone; the same object for all heights
 * between two forks of a schedule, which may not be changed any more.
 *
 * @throws as {@link validateForks}
 */
export function rulesAt(forks: readonly Fork[], height: number): Rules {
  assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
  let stages = schedules.get(forks);
  if (stages === undefined) {
    stages = stagesOf(forks);
    schedules.set(forks, stages);
  }
  const stage = stages.findLast((one) => one.height <= height);
  return present(stage, 'the first fork is at height 0').rules;
}

function stagesOf(forks: readonly Fork[]): readonly Stage[] {
  validateForks(forks);
  let rules: Rules = { ...initialParameters, name: '', version: -1 };
  return forks.map(({ height, name, parameters }, version) => {
    rules = Object.freeze({ ...rules, ...parameters, name, version });
    return { height, rules };
  });
}

/**
 * The base fee divides by the gas target, so that of the smallest parent must not be 0. The parent of
 * the fork's first block has a gas limit by the rules before it.
 */
function validateTarget(fork: Fork, rules: RuleParameters, before: RuleParameters): void {
  const { baseFeeElasticity, minimumGasLimit } = rules;
  if (baseFeeElasticity <= minimumGasLimit && baseFeeElasticity <= before.minimumGasLimit) return;
  const fields = { fork: fork.name, parameter: 'baseFeeElasticity', value: baseFeeElasticity };
  throw protocolErrors.create('RULES_PARAMETER', 'baseFeeElasticity above minimumGasLimit', fields);
}

function validateParameters(fork: Fork): void {
  for (const [name, value] of Object.entries(fork.parameters)) {
    const definition = Object.hasOwn(ruleDefinitions, name)
      ? ruleDefinitions[name as RuleName]
      : undefined;
    if (
      definition === undefined ||
      typeof value !== 'bigint' ||
      value < definition.minimum ||
      value > (definition.maximum ?? MAX_VALUE)
    ) {
      const fields = { fork: fork.name, parameter: name.slice(0, 80), value };
      throw protocolErrors.create('RULES_PARAMETER', `${fork.name}.${fields.parameter}`, fields);
    }
  }
}
