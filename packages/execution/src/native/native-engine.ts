import { EMPTY_BYTES, type LucernaError } from '@lucerna/base';
import { isReservedForNatives, type NativeName, nativeNameOf } from '@lucerna/protocol';
import type { Engine, EngineOutcome } from '../engine.ts';
import { executionErrors } from '../errors.ts';
import { create2Factory } from './create2-factory.ts';
import { multicall3 } from './multicall3.ts';
import { Failure, NativeRun, Revert } from './native-run.ts';

/** What a native contract does with calldata: its result. @throws Revert, Failure */
type NativeContract = (calldata: Uint8Array, run: NativeRun) => Uint8Array;

const CONTRACTS: Readonly<Record<NativeName, NativeContract>> = {
  multicall3,
  'create2-factory': create2Factory,
};

/** Runs the contracts that are part of the node, whose code begins with `EF 5A 4E`. */
export const nativeEngine: Engine = {
  accepts: isReservedForNatives,
  check: (code) => {
    if (nativeNameOf(code) === undefined) throw executionErrors.create('ENGINE_MISSING');
  },
  create: () => ({
    outcome: failure(executionErrors.create('NATIVE_CODE_RESERVED')),
    code: EMPTY_BYTES,
  }),
  call: ({ code }, calldata, engineRun) => {
    const name = nativeNameOf(code);
    if (name === undefined) return failure(executionErrors.create('ENGINE_MISSING'));
    const run = new NativeRun(engineRun);
    try {
      run.begin(calldata);
      const returnData = CONTRACTS[name](calldata, run);
      const { gasLeft, refund } = run;
      return { status: 'success', returnData, gasLeft, refund, error: undefined };
    } catch (error) {
      if (error instanceof Failure) return failure(error.error);
      if (!(error instanceof Revert)) throw error;
      const { data: returnData } = error;
      return { status: 'revert', returnData, gasLeft: run.gasLeft, refund: 0, error: undefined };
    }
  },
};

function failure(error: LucernaError): EngineOutcome {
  return { status: 'failure', returnData: EMPTY_BYTES, gasLeft: 0, refund: 0, error };
}
