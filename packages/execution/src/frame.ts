import {
  EMPTY_BYTES,
  equalBytes,
  isLucernaError,
  type LucernaError,
  present,
  toHex,
} from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import { decodeRevert } from '@lucerna/protocol';
import type { StateJournal } from '@lucerna/state';
import type { CallContext } from '@lucerna/zexus';
import type { BlockContext } from './context.ts';
import type { EngineOutcome, EngineRun } from './engine.ts';
import { engineOf } from './engines.ts';
import { executionErrors } from './errors.ts';
import { createHostState } from './host-state.ts';
import { executionLimits } from './limits.ts';
import type { TransactionScope } from './transaction-scope.ts';

/** What a frame works on. */
export type FrameEnvironment = {
  readonly journal: StateJournal;
  readonly context: BlockContext;
  readonly scope: TransactionScope;
};

/** A message to an account, or to the account that it creates. */
export type Message = {
  /** Who signed the transaction and sends the message. */
  readonly sender: Uint8Array;
  /** The account, which for a creation is the new contract. */
  readonly to: Uint8Array;
  /** Wei; the sender has them. */
  readonly value: bigint;
  /** Calldata, or init data. */
  readonly data: Uint8Array;
  /** What the frame may use. */
  readonly gas: bigint;
  /** Wei for one unit of gas. */
  readonly gasPrice: bigint;
};

/** What a frame came to. With status 0, all that it did to the journal is taken back. */
export type FrameOutcome = {
  readonly status: 0 | 1;
  readonly gasLeft: bigint;
  /** Of gas, before the cap of EIP-3529; 0 with status 0. */
  readonly refund: bigint;
  /** What the contract returned, the code of the new contract, or the data of a revert. */
  readonly returnData: Uint8Array;
  /** Why it failed; undefined with status 1. */
  readonly error: LucernaError | undefined;
};

/** The largest budget that a machine counts exactly. What is above it nobody can use up. */
const MAX_MACHINE_GAS = BigInt(Number.MAX_SAFE_INTEGER);

/** Moves the value and runs the code of the account, if it has any. */
export function callFrame(environment: FrameEnvironment, message: Message): FrameOutcome {
  const { journal } = environment;
  const checkpoint = journal.checkpoint();
  journal.transfer(message.sender, message.to, message.value);
  const codeHash = journal.codeHash(message.to);
  if (equalBytes(codeHash, EMPTY_KECCAK)) return success(message.gas, 0n, EMPTY_BYTES);
  const code = journal.code(codeHash);
  const engine = engineOf(code);
  const frame =
    engine === undefined
      ? failure('ENGINE_MISSING')
      : runEngine(environment, message, (run) =>
          engine.call({ code, codeHash }, message.data, run),
        );
  if (frame.status === 0) journal.revertTo(checkpoint);
  return frame;
}

/**
 * Creates the contract: an account with nonce 1 (EIP-161), the value, and the code that the init data
 * leads to. Fails where a contract, or a sender of transactions, already is (EIP-684).
 */
export function createFrame(environment: FrameEnvironment, message: Message): FrameOutcome {
  const { journal } = environment;
  const { to } = message;
  if (journal.nonce(to) !== 0n || !equalBytes(journal.codeHash(to), EMPTY_KECCAK)) {
    return failure('CREATE_COLLISION');
  }
  const checkpoint = journal.checkpoint();
  journal.setNonce(to, 1n);
  journal.transfer(message.sender, to, message.value);
  const frame = runInitData(environment, message);
  if (frame.status === 0) journal.revertTo(checkpoint);
  return frame;
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

function runEngine(
  environment: FrameEnvironment,
  message: Message,
  start: (run: EngineRun) => EngineOutcome,
): FrameOutcome {
  const { journal, context, scope } = environment;
  const machineGas = message.gas < MAX_MACHINE_GAS ? message.gas : MAX_MACHINE_GAS;
  const run = {
    context: callContext(context, message),
    host: createHostState(journal, scope, message.to),
    rules: context.rules,
    gas: Number(machineGas),
  };
  let outcome: EngineOutcome;
  try {
    outcome = start(run);
  } catch (error) {
    // So the host ends a run that logs too much.
    if (!isLucernaError(error, 'LOG_LIMIT')) throw error;
    return { ...FAILED, error };
  }
  const { status, returnData, error } = outcome;
  if (status === 'failure') return { ...FAILED, error: present(error, 'a failure has a reason') };
  const gasLeft = message.gas - machineGas + BigInt(outcome.gasLeft);
  if (status === 'success') return success(gasLeft, BigInt(outcome.refund), returnData);
  return { status: 0, gasLeft, refund: 0n, returnData, error: revertError(returnData) };
}

/** The circumstances that the contract can ask for. */
function callContext(context: BlockContext, message: Message): CallContext {
  const { chainId, height, timestamp, coinbase } = context;
  const { sender, to, value, gasPrice } = message;
  return {
    address: to,
    caller: sender,
    origin: sender,
    value,
    chainId,
    height,
    timestamp,
    coinbase,
    gasPrice,
  };
}

function success(gasLeft: bigint, refund: bigint, returnData: Uint8Array): FrameOutcome {
  return { status: 1, gasLeft, refund, returnData, error: undefined };
}

/** A failure that takes all the gas. */
const FAILED = { status: 0, gasLeft: 0n, refund: 0n, returnData: EMPTY_BYTES } as const;

function failure(code: Parameters<typeof executionErrors.create>[0]): FrameOutcome {
  return { ...FAILED, error: executionErrors.create(code) };
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
