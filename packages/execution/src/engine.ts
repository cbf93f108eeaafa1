import type { Rules } from '@lucerna/protocol';
import type {
  CallContext,
  HostState,
  RunMemory,
  RunStatistics,
  VmOutcome,
  VmTracer,
} from '@lucerna/zexus';
import type { BlockContext } from './context.ts';
import type { FrameOutcome } from './outcome.ts';

/** What an engine is given beside code and data: circumstances, the ledger, and a budget. */
export type EngineRun = {
  readonly context: CallContext;
  readonly block: BlockContext;
  readonly host: HostState;
  readonly frames: SubFrames;
  readonly rules: Rules;
  readonly signatures: BlockContext['signatures'];
  /** At most 2⁵³ − 1. */
  readonly gas: number;
  /** The run must not change anything. */
  readonly isStatic: boolean;
  /** A frame around this one runs on the state of the same account, and waits. */
  readonly isReentrant: boolean;
  /** What the runs hold that wait for this one. */
  readonly memory: RunMemory;
  /** Is told the instructions. */
  readonly tracer?: VmTracer | undefined;
};

/** A call of the running contract to another account, or to itself. */
export type SubCall = {
  readonly to: Uint8Array;
  /** Wei of the contract. */
  readonly value: bigint;
  readonly data: Uint8Array;
  /** What the frame may use: the engine has taken it from what the contract has left. */
  readonly gas: number;
  /** Nothing may be changed in this call, nor in any within it. */
  readonly isStatic: boolean;
  /**
   * The code of `to` runs as the running contract, on its state, with its caller and value; `value` is 0.
   */
  readonly isDelegate: boolean;
};

/** A contract that the running contract creates at an address that it can tell beforehand (EIP-1014). */
export type SubCreation = {
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly initData: Uint8Array;
  /** Wei of the contract. */
  readonly value: bigint;
  /** As in {@link SubCall}. */
  readonly gas: number;
};

/**
 * The frames that a running contract begins. The engine charges for them before; the outcome says
 * what is left of the gas it gave. One that cannot begin (call depth, funds) fails with all its gas
 * left. The refund of an outcome is for the engine to add to its own.
 */
export type SubFrames = {
  /** @throws what ends the running contract: `FRAME_LIMIT`, `STATIC_CALL`; let it through */
  readonly call: (call: SubCall) => FrameOutcome;
  /** @throws as `call` */
  readonly create2: (
    creation: SubCreation,
  ) => FrameOutcome & { /** Of the new contract. */ readonly address: Uint8Array };
  /** True for an account that is absent or empty (EIP-161). */
  readonly isDead: (address: Uint8Array) => boolean;
  /** Keccak-256 of an account's code: that of nothing for an account without. */
  readonly codeHash: (address: Uint8Array) => Uint8Array;
  /** The code with that hash, which an account has. */
  readonly code: (codeHash: Uint8Array) => Uint8Array;
};

/** What a run came to. The effects of one that did not succeed are for the caller to take back. */
export type EngineOutcome = Omit<VmOutcome, 'statistics'> & {
  /** What the code has done, where its engine counts it. */
  readonly statistics?: RunStatistics;
};

/**
 * Runs the code of contracts. What it does depends on the arguments alone; what the host throws it
 * lets through.
 */
export type Engine = {
  /** Whether code and init data that begin like this are its own. */
  readonly accepts: (code: Uint8Array) => boolean;
  /** Throws the coded error why bytes that it accepts cannot be the code of a contract. */
  readonly check: (code: Uint8Array, rules: Rules) => void;
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
