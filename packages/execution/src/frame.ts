import {
  EMPTY_BYTES,
  equalBytes,
  isLucernaError,
  type LucernaError,
  present,
  toHex,
} from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import { create2Address, decodeRevert } from '@lucerna/protocol';
import type { StateJournal } from '@lucerna/state';
import type { CallContext } from '@lucerna/zexus';
import type { BlockContext } from './context.ts';
import type { EngineOutcome, EngineRun, SubFrames } from './engine.ts';
import { engineOf } from './engines.ts';
import { executionErrors } from './errors.ts';
import { createHostState } from './host-state.ts';
import { executionLimits } from './limits.ts';
import type { FrameOutcome } from './outcome.ts';
import type { CallTracer } from './trace/tracer.ts';
import type { TransactionScope } from './transaction-scope.ts';

/** What a frame works on. */
export type FrameEnvironment = {
  readonly journal: StateJournal;
  readonly context: BlockContext;
  readonly scope: TransactionScope;
  readonly tracer: CallTracer | undefined;
  /** Who sends the transaction. */
  readonly origin: Uint8Array;
  /** Wei for one unit of gas. */
  readonly gasPrice: bigint;
  /** 1 for the frame of the transaction itself. */
  readonly depth: number;
  /** Nothing may be changed. */
  readonly isStatic: boolean;
};

/** A message to an account, or to the account that it creates. */
export type Message = {
  /** `static`: a call in which nothing may be changed. */
  readonly kind: 'call' | 'static' | 'create' | 'create2';
  /** The account that sends the message: of the transaction, or the contract that calls. */
  readonly sender: Uint8Array;
  /** The account, which for a creation is the new contract. */
  readonly to: Uint8Array;
  /** Wei. */
  readonly value: bigint;
  /** Calldata, or init data. */
  readonly data: Uint8Array;
  /** What the frame may use. */
  readonly gas: bigint;
};

/** The largest budget that a machine counts exactly. What is above it nobody can use up. */
const MAX_MACHINE_GAS = BigInt(Number.MAX_SAFE_INTEGER);

/** The nonce after which there is none (EIP-2681). */
const LAST_NONCE = 2n ** 64n - 1n;

/**
 * Moves the value and runs the code of the account, or creates the contract. Whatever fails is taken
 * back as a whole: value, storage, logs, new accounts, and what counts as accessed.
 *
 * @throws `FRAME_LIMIT`, `STATIC_CALL`, which are the failure of the frame that calls
 */
export function runFrame(environment: FrameEnvironment, message: Message): FrameOutcome {
  const { scope, tracer, isStatic } = environment;
  scope.countFrame();
  const { kind, sender: from, to, value, gas, data: input } = message;
  const isCreation = kind === 'create' || kind === 'create2';
  if (isStatic && (isCreation || value > 0n)) throw executionErrors.create('STATIC_CALL');
  tracer?.enter({ kind, from, to, value, gas, input });
  const outcome = beginFrame(environment, message);
  tracer?.exit(outcome);
  return outcome;
}

function beginFrame(environment: FrameEnvironment, message: Message): FrameOutcome {
  const { journal, context, scope, depth } = environment;
  const { kind, sender, to, value, gas } = message;
  if (BigInt(depth) > context.rules.maxCallDepth) return unspent(gas, 'FRAME_DEPTH');
  if (value > journal.balance(sender)) return unspent(gas, 'FRAME_FUNDS');
  if (kind === 'create2') {
    const nonce = journal.nonce(sender);
    if (nonce === LAST_NONCE) return unspent(gas, 'CREATE_NONCE_MAX');
    // Neither is taken back when the creation fails (EIP-2929).
    journal.setNonce(sender, nonce + 1n);
    scope.accessAddress(to);
  }
  const checkpoint = journal.checkpoint();
  const scopeCheckpoint = scope.checkpoint();
  const isCall = kind === 'call' || kind === 'static';
  const outcome = isCall ? call(environment, message) : create(environment, message);
  if (outcome.status === 1) return outcome;
  journal.revertTo(checkpoint);
  scope.revertTo(scopeCheckpoint);
  return outcome;
}

/** Moves the value and runs the code of the account, if it has any. */
function call(environment: FrameEnvironment, message: Message): FrameOutcome {
  const { journal } = environment;
  const overflow = moveValue(journal, message);
  if (overflow !== undefined) return { ...FAILED, error: overflow };
  const codeHash = journal.codeHash(message.to);
  if (equalBytes(codeHash, EMPTY_KECCAK)) return success(message.gas, 0n, EMPTY_BYTES);
  const code = journal.code(codeHash);
  const engine = engineOf(code);
  if (engine === undefined) return failure('ENGINE_MISSING');
  return runEngine(environment, message, (run) =>
    engine.call({ code, codeHash }, message.data, run),
  );
}

/**
 * Creates the contract: an account with nonce 1 (EIP-161), the value, and the code that the init data
 * leads to. Fails where a contract, or a sender of transactions, already is (EIP-684).
 */
function create(environment: FrameEnvironment, message: Message): FrameOutcome {
  const { journal } = environment;
  const { to } = message;
  if (journal.nonce(to) !== 0n || !equalBytes(journal.codeHash(to), EMPTY_KECCAK)) {
    return failure('CREATE_COLLISION');
  }
  journal.setNonce(to, 1n);
  const overflow = moveValue(journal, message);
  if (overflow !== undefined) return { ...FAILED, error: overflow };
  return runInitData(environment, message);
}

/** Why the receiver cannot take the value: only where a cheat has made somebody that rich. */
function moveValue(
  journal: StateJournal,
  { sender, to, value }: Message,
): LucernaError | undefined {
  try {
    journal.transfer(sender, to, value);
    return undefined;
  } catch (error) {
    if (!isLucernaError(error, 'BALANCE_OVERFLOW')) throw error;
    return error;
  }
}

/** Runs the init data, pays for the code and stores it. */
function runInitData(environment: FrameEnvironment, message: Message): FrameOutcome {
  const engine = engineOf(message.data);
  if (engine === undefined) return failure('ENGINE_MISSING');
  let code = EMPTY_BYTES;
  const frame = runEngine(environment, message, (run) => {
    const creation = engine.create(message.data, run);
    code = creation.code;
    return creation.outcome;
  });
  if (frame.status === 0) return frame;
  const deposit = BigInt(code.length) * environment.context.rules.gasCodeByte;
  if (deposit > frame.gasLeft) return failure('CODE_STORE_OUT_OF_GAS');
  environment.journal.setCode(message.to, code);
  return success(frame.gasLeft - deposit, frame.refund, code);
}

/** What the host may throw to end a run. */
const HOST_FAILURES = ['LOG_LIMIT', 'FRAME_LIMIT', 'STATIC_CALL', 'BALANCE_OVERFLOW'] as const;

function runEngine(
  environment: FrameEnvironment,
  message: Message,
  start: (run: EngineRun) => EngineOutcome,
): FrameOutcome {
  const { journal, context, scope, tracer } = environment;
  const isStatic = environment.isStatic || message.kind === 'static';
  const machineGas = message.gas < MAX_MACHINE_GAS ? message.gas : MAX_MACHINE_GAS;
  const run = {
    context: callContext(environment, message),
    block: context,
    host: createHostState(journal, scope, message.to, tracer),
    frames: createSubFrames(environment, message.to, isStatic),
    rules: context.rules,
    gas: Number(machineGas),
    isStatic,
    tracer: tracer?.vm,
  };
  let outcome: EngineOutcome;
  try {
    outcome = start(run);
  } catch (error) {
    if (!isLucernaError(error, ...HOST_FAILURES)) throw error;
    return { ...FAILED, error };
  }
  const { status, returnData, error } = outcome;
  if (status === 'failure') return { ...FAILED, error: present(error, 'a failure has a reason') };
  const gasLeft = message.gas - machineGas + BigInt(outcome.gasLeft);
  if (status === 'success') return success(gasLeft, BigInt(outcome.refund), returnData);
  return { status: 0, gasLeft, refund: 0n, returnData, error: revertError(returnData) };
}

/** The frames within that of the contract at `address`. */
function createSubFrames(
  outer: FrameEnvironment,
  address: Uint8Array,
  isStatic: boolean,
): SubFrames {
  const environment = { ...outer, depth: outer.depth + 1, isStatic };
  const begin = (message: Omit<Message, 'sender'>): FrameOutcome => {
    environment.scope.involve(message.to);
    return runFrame(environment, { ...message, sender: address });
  };
  return {
    call: (request) =>
      begin({
        kind: request.isStatic ? 'static' : 'call',
        to: request.to,
        value: request.value,
        data: request.data,
        gas: BigInt(request.gas),
      }),
    create2: ({ salt, initData, value, gas }) => {
      const to = create2Address(address, salt, initData);
      const outcome = begin({ kind: 'create2', to, value, data: initData, gas: BigInt(gas) });
      return { ...outcome, address: to };
    },
    isDead: (account) => environment.journal.isDead(account),
  };
}

/** The circumstances that the contract can ask for. */
function callContext(
  { context, origin, gasPrice }: FrameEnvironment,
  message: Message,
): CallContext {
  const { chainId, height, timestamp, coinbase } = context;
  const { sender: caller, to: address, value } = message;
  return { address, caller, origin, value, chainId, height, timestamp, coinbase, gasPrice };
}

function success(gasLeft: bigint, refund: bigint, returnData: Uint8Array): FrameOutcome {
  return { status: 1, gasLeft, refund, returnData, error: undefined };
}

/** A failure that takes all the gas. */
const FAILED = { status: 0, gasLeft: 0n, refund: 0n, returnData: EMPTY_BYTES } as const;

type ErrorCode = Parameters<typeof executionErrors.create>[0];

function failure(code: ErrorCode): FrameOutcome {
  return { ...FAILED, error: executionErrors.create(code) };
}

/** A frame that could not begin: the caller has its gas back. */
function unspent(gasLeft: bigint, code: ErrorCode): FrameOutcome {
  return { ...failure(code), gasLeft };
}

/** `CALL_REVERTED` with the words that the data have, and the data as hex in the field `data`. */
function revertError(data: Uint8Array): LucernaError {
  return executionErrors.create('CALL_REVERTED', revertText(data), { data: toHex(data) });
}

function revertText(data: Uint8Array): string | undefined {
  const reason = decodeRevert(data);
  if (reason.kind === 'error') {
    return reason.message.slice(0, executionLimits.values.revertReasonCharacters);
  }
  if (reason.kind === 'panic') return `panic 0x${reason.code.toString(16).padStart(2, '0')}`;
  return undefined;
}
