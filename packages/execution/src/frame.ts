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
  /** The accounts on whose state frames around this one run. */
  readonly active: readonly Uint8Array[];
  /** Whether the frame around this one runs on a state that another one has not ended with. */
  readonly isReentrant: boolean;
};

/** A message to an account, or to the account that it creates. */
export type Message = {
  /**
   * `static`: a call in which nothing may be changed. `delegate`: one that runs other code as the account
   * that calls; sender and value are those of the frame around it, and no money moves.
   */
  readonly kind: 'call' | 'create' | 'create2' | 'delegate' | 'static';
  /** The account that sends the message: of the transaction, or the contract that calls. */
  readonly sender: Uint8Array;
  /** The account on whose state it runs, which for a creation is the new contract. */
  readonly to: Uint8Array;
  /** The account whose code runs; undefined when it is `to`. */
  readonly codeOf: Uint8Array | undefined;
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
  const { kind, value, gas, data: input } = message;
  const isCreation = kind === 'create' || kind === 'create2';
  const isPaid = kind !== 'delegate' && value > 0n;
  if (isStatic && (isCreation || isPaid)) throw executionErrors.create('STATIC_CALL');
  tracer?.enter({ kind, ...partiesOf(message), value, gas, input });
  const outcome = beginFrame(environment, message);
  tracer?.exit(outcome);
  return outcome;
}

/** Whom a trace names: of a delegate call the contract that makes it and the one whose code it runs. */
function partiesOf({ kind, sender, to, codeOf }: Message): { from: Uint8Array; to: Uint8Array } {
  return kind === 'delegate' ? { from: to, to: codeOf ?? to } : { from: sender, to };
}

function beginFrame(environment: FrameEnvironment, message: Message): FrameOutcome {
  const { journal, context, scope, depth } = environment;
  const { kind, sender, to, value, gas } = message;
  if (BigInt(depth) > context.rules.maxCallDepth) return unspent(gas, 'FRAME_DEPTH');
  if (kind !== 'delegate' && value > journal.balance(sender)) return unspent(gas, 'FRAME_FUNDS');
  if (kind === 'create2') {
    const nonce = journal.nonce(sender);
    if (nonce === LAST_NONCE) return unspent(gas, 'CREATE_NONCE_MAX');
    // Neither is taken back when the creation fails (EIP-2929).
    journal.setNonce(sender, nonce + 1n);
    scope.accessAddress(to);
  }
  const checkpoint = journal.checkpoint();
  const scopeCheckpoint = scope.checkpoint();
  const isCreation = kind === 'create' || kind === 'create2';
  const outcome = isCreation ? create(environment, message) : call(environment, message);
  if (outcome.status === 1) return outcome;
  journal.revertTo(checkpoint);
  scope.revertTo(scopeCheckpoint);
  return outcome;
}

/** Moves the value and runs the code of the account, if it has any. */
function call(environment: FrameEnvironment, message: Message): FrameOutcome {
  const { journal } = environment;
  const overflow = message.kind === 'delegate' ? undefined : moveValue(journal, message);
  if (overflow !== undefined) return { ...FAILED, error: overflow };
  const codeHash = journal.codeHash(message.codeOf ?? message.to);
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
  const isReentrant = isReentrantCall(environment, message);
  const machineGas = message.gas < MAX_MACHINE_GAS ? message.gas : MAX_MACHINE_GAS;
  const run = {
    context: new FrameContext(environment, message),
    block: context,
    host: createHostState(journal, scope, message.to, tracer),
    frames: createSubFrames({ ...environment, isStatic, isReentrant }, message),
    rules: context.rules,
    signatures: context.signatures,
    gas: Number(machineGas),
    isStatic,
    isReentrant,
    memory: scope.memory,
    tracer: tracer?.vm,
  };
  let outcome: EngineOutcome;
  try {
    outcome = start(run);
  } catch (error) {
    if (!isLucernaError(error, ...HOST_FAILURES)) throw error;
    return { ...FAILED, error };
  }
  const { status, returnData, error, statistics } = outcome;
  if (statistics !== undefined) scope.count(statistics);
  if (status === 'failure') return { ...FAILED, error: present(error, 'a failure has a reason') };
  const gasLeft = message.gas - machineGas + BigInt(outcome.gasLeft);
  if (status === 'success') return success(gasLeft, BigInt(outcome.refund), returnData);
  return { status: 0, gasLeft, refund: 0n, returnData, error: revertError(returnData) };
}

/**
 * Whether a frame around this one runs on the same state and waits. A delegate call goes on with what the
 * frame that makes it was doing: it is what that one is.
 */
function isReentrantCall(
  { active, isReentrant }: FrameEnvironment,
  { kind, to }: Message,
): boolean {
  if (kind === 'delegate') return isReentrant;
  return active.some((address) => equalBytes(address, to));
}

/** The frames within that of a message. */
function createSubFrames(outer: FrameEnvironment, message: Message): SubFrames {
  const { journal, scope, depth, active } = outer;
  const address = message.to;
  const begin = (inner: Message, isStatic = outer.isStatic): FrameOutcome => {
    scope.involve(inner.codeOf ?? inner.to);
    const environment = { ...outer, depth: depth + 1, isStatic, active: [...active, address] };
    return runFrame(environment, inner);
  };
  return {
    call: ({ to, value, data, gas: given, isStatic: isStaticCall, isDelegate }) => {
      const gas = BigInt(given);
      if (!isDelegate) {
        const kind = isStaticCall ? 'static' : 'call';
        return begin({ kind, sender: address, to, codeOf: undefined, value, data, gas });
      }
      const { sender, value: received } = message;
      const inner = { sender, to: address, codeOf: to, value: received, data, gas };
      return begin({ kind: 'delegate', ...inner }, outer.isStatic || isStaticCall);
    },
    create2: ({ salt, initData, value, gas }) => {
      const to = create2Address(address, salt, initData);
      const inner = { sender: address, to, codeOf: undefined, value, data: initData };
      return { ...begin({ kind: 'create2', ...inner, gas: BigInt(gas) }), address: to };
    },
    isDead: (account) => journal.isDead(account),
    codeHash: (account) => journal.codeHash(account),
    code: (codeHash) => journal.code(codeHash),
  };
}

/** The circumstances that the contract can ask for. */
class FrameContext implements CallContext {
  readonly address: Uint8Array;
  readonly caller: Uint8Array;
  readonly origin: Uint8Array;
  readonly value: bigint;
  readonly chainId: bigint;
  readonly height: number;
  readonly timestamp: number;
  readonly coinbase: Uint8Array;
  readonly gasPrice: bigint;
  readonly blockGasLimit: bigint;
  readonly #block: BlockContext;

  constructor({ context, origin, gasPrice }: FrameEnvironment, message: Message) {
    this.address = message.to;
    this.caller = message.sender;
    this.origin = origin;
    this.value = message.value;
    this.chainId = context.chainId;
    this.height = context.height;
    this.timestamp = context.timestamp;
    this.coinbase = context.coinbase;
    this.gasPrice = gasPrice;
    this.blockGasLimit = context.gasLimit;
    this.#block = context;
  }

  /** Looked up only by who asks for it. */
  get parentHash(): Uint8Array {
    return this.#block.hashAt(this.height - 1) ?? NO_HASH;
  }
}

/** Stands for the hash of a block that there is not: before block 0. */
const NO_HASH = new Uint8Array(32);

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
