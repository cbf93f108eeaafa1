import type { Rules } from '@lucerna/protocol';
import type { CallContext, HostState, VmOutcome } from '@lucerna/zexus';

/** What an engine is given beside code and data: circumstances, the ledger, and a budget. */
export type EngineRun = {
  readonly context: CallContext;
  readonly host: HostState;
  readonly rules: Rules;
  /** At most 2⁵³ − 1. */
  readonly gas: number;
};

/** What a run came to. The effects of one that did not succeed are for the caller to take back. */
export type EngineOutcome = VmOutcome;

/**
 * Runs the code of contracts. What it does depends on the arguments alone; what the host throws it
 * lets through.
 */
export type Engine = {
  /** Whether code and init data that begin like this are its own. */
  readonly accepts: (code: Uint8Array) => boolean;
  /** Runs init data; `code` is what the contract is from then on, when the run succeeds. */
  readonly create: (
    initData: Uint8Array,
    run: EngineRun,
  ) => { readonly outcome: EngineOutcome; readonly code: Uint8Array };
  /** Calls code that `create` accepted, maybe by older rules. */
  readonly call: (
    contract: { readonly code: Uint8Array; readonly codeHash: Uint8Array },
    calldata: Uint8Array,
    run: EngineRun,
  ) => EngineOutcome;
};
