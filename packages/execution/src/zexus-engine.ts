import {
  EMPTY_BYTES,
  equalBytes,
  isErrorOf,
  LruCache,
  type LucernaError,
  toHexKey,
} from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import type { Rules } from '@lucerna/protocol';
import {
  type CallPort,
  call,
  construct,
  hasZexusPrefix,
  loadProgram,
  type Program,
  programBytes,
  splitInitData,
  type VmRun,
  type VmTracer,
  zexusErrors,
} from '@lucerna/zexus';
import type { Engine, EngineOutcome, EngineRun, SubFrames } from './engine.ts';
import { executionErrors } from './errors.ts';
import { gasScheduleOf } from './gas-schedule.ts';
import { executionLimits } from './limits.ts';

/** Runs containers of the contract language, whose code begins with `EF 5A 58`. */
export const zexusEngine: Engine = {
  accepts: hasZexusPrefix,
  check: (code, rules) => {
    checkSize(code, rules);
    programOf(code, keccak256(code), rules, undefined);
  },
  create: (initData, run) => {
    const { rules } = run;
    const deployment = accepted(() => {
      const { code, args } = splitDeployment(initData, rules);
      const gas = gasAfterLoading(code, run.gas, rules);
      return { code, args, gas, program: programOf(code, keccak256(code), rules, run.tracer) };
    });
    if ('error' in deployment) return { outcome: refusal(deployment.error), code: EMPTY_BYTES };
    const { program, args, gas, code } = deployment.value;
    return { outcome: construct(program, args, machineRun(run, gas)), code };
  },
  call: ({ code, codeHash }, calldata, run) => {
    const { rules } = run;
    const loaded = accepted(() => {
      const gas = gasAfterLoading(code, run.gas, rules);
      return { gas, program: programOf(code, codeHash, rules, run.tracer) };
    });
    if ('error' in loaded) return refusal(loaded.error);
    const { gas, program } = loaded.value;
    return call(program, calldata, machineRun(run, gas));
  },
};

/** What the machine is given, with `gas` left behind the loading of the code. */
function machineRun(run: EngineRun, gas: number): VmRun {
  return {
    context: run.context,
    host: run.host,
    calls: callPort(run.frames, run.rules),
    signatures: run.signatures,
    gas,
    schedule: gasScheduleOf(run.rules),
    isStatic: run.isStatic,
    isReentrant: run.isReentrant,
    memory: run.memory,
    tracer: run.tracer,
  };
}

/** The other accounts, as the machine reaches them. */
function callPort(frames: SubFrames, rules: Rules): CallPort {
  return {
    call: ({ kind, to, value, data, gas, isStatic }) => {
      const isDelegate = kind === 'delegate';
      const outcome = frames.call({ to, value, data, gas, isStatic, isDelegate });
      const { status, returnData, gasLeft, refund, error } = outcome;
      return {
        isSuccess: status === 1,
        returnData,
        gasLeft: Number(gasLeft),
        refund: Number(refund),
        errorCode: error?.code === 'CALL_REVERTED' ? undefined : error?.code,
      };
    },
    hasCode: (address) => !equalBytes(frames.codeHash(address), EMPTY_KECCAK),
    codeHash: frames.codeHash,
    codeBytes: (address) => frames.code(frames.codeHash(address)).length,
    isDead: frames.isDead,
    schemaOf: (address) => {
      const codeHash = frames.codeHash(address);
      const code = frames.code(codeHash);
      if (!hasZexusPrefix(code)) return undefined;
      // What is refused has no variables: the call that comes next says why it does not run.
      const loaded = accepted(() => programOf(code, codeHash, rules, undefined));
      return 'error' in loaded ? undefined : loaded.value.variables;
    },
  };
}

/**
 * What is left of the gas for running the code. Every call pays for decoding, verifying and lowering
 * it: consensus cannot know which node has done that before.
 *
 * @throws `OUT_OF_GAS`
 */
function gasAfterLoading(code: Uint8Array, gas: number, { gasCodeWord }: Rules): number {
  const left = gas - Number(gasCodeWord) * Math.ceil(code.length / WORD_BYTES);
  if (left < 0) throw zexusErrors.create('OUT_OF_GAS');
  return left;
}

const WORD_BYTES = 32;

/**
 * Programs by code hash and version of the rules: what is refused or lowered otherwise after a fork
 * must not be found as it was before.
 */
const programs = new LruCache<string, Program>(
  executionLimits.values.programCacheBytes,
  programBytes,
);

/** The same programs lowered to be traced: apart, so that tracing never slows down what is not traced. */
const tracedPrograms = new LruCache<string, Program>(
  executionLimits.values.tracedProgramCacheBytes,
  programBytes,
);

/** The program that ran last without being traced: mostly the next one is the same. */
type LatestProgram = {
  readonly codeHash: Uint8Array;
  readonly version: number;
  readonly program: Program;
};

let latest: LatestProgram | undefined;

/** @throws what `loadProgram` throws */
function programOf(
  code: Uint8Array,
  codeHash: Uint8Array,
  { version }: Rules,
  tracer: VmTracer | undefined,
): Program {
  const traced = tracer !== undefined;
  if (!traced && latest?.version === version && equalBytes(latest.codeHash, codeHash)) {
    return latest.program;
  }
  const cache = traced ? tracedPrograms : programs;
  const key = `${toHexKey(codeHash)}:${version}`;
  let program = cache.get(key);
  if (program === undefined) {
    program = loadProgram(code, { traced });
    cache.set(key, program);
  }
  if (!traced) latest = { codeHash, version, program };
  return program;
}

/** @throws `INIT_DATA_TOO_LARGE`, `CODE_TOO_LARGE`, and what `splitInitData` throws */
function splitDeployment(
  initData: Uint8Array,
  rules: Rules,
): { readonly code: Uint8Array; readonly args: Uint8Array } {
  const { maxInitDataBytes } = rules;
  if (BigInt(initData.length) > maxInitDataBytes) {
    const detail = `${initData.length} of ${maxInitDataBytes} bytes`;
    throw executionErrors.create('INIT_DATA_TOO_LARGE', detail);
  }
  const { code, args } = splitInitData(initData);
  checkSize(code, rules);
  // A copy: a view would keep all of the transaction in memory with the code.
  return { code: code.slice(), args };
}

/** @throws `CODE_TOO_LARGE` */
function checkSize(code: Uint8Array, { maxContainerBytes }: Rules): void {
  if (BigInt(code.length) <= maxContainerBytes) return;
  const detail = `${code.length} of ${maxContainerBytes} bytes`;
  throw executionErrors.create('CODE_TOO_LARGE', detail);
}

/** What `load` returns, or why it refuses the bytes that it was given. */
function accepted<T>(load: () => T): { readonly value: T } | { readonly error: LucernaError } {
  try {
    return { value: load() };
  } catch (error) {
    if (!isErrorOf(error, zexusErrors, executionErrors)) throw error;
    return { error };
  }
}

function refusal(error: LucernaError): EngineOutcome {
  return { status: 'failure', returnData: EMPTY_BYTES, gasLeft: 0, refund: 0, error };
}
