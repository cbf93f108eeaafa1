import { bytesToBigInt, concatBytes, toHexKey } from '@lucerna/base';
import {
  type AbiType,
  type AbiValue,
  encodeAbi,
  encodeErrorString,
  parseAbiTypes,
  parseSignature,
  selectorOfSignature,
} from '@lucerna/protocol';
import { executionErrors } from '../errors.ts';
import type { FrameOutcome } from '../outcome.ts';
import { CalldataReader } from './calldata-reader.ts';
import { type NativeRun, Revert } from './native-run.ts';

/** A function of the contract. */
type NativeFunction = {
  /** How many it takes; none takes more than a word in its place. */
  readonly arguments: number;
  readonly results: readonly AbiType[];
  readonly isPayable: boolean;
  readonly run: (args: CalldataReader, run: NativeRun) => readonly AbiValue[];
};

const SELECTOR_BYTES = 4;
const WORD_BYTES = 32;
/** Places of the arguments: behind the selector, a word each. */
const FIRST = SELECTOR_BYTES;
const SECOND = FIRST + WORD_BYTES;
/** Beside its data a result takes an offset, whether it succeeded, an offset and a length. */
const RESULT_FRAME_BYTES = 4 * WORD_BYTES;
/** Blocks whose hashes a contract can ask for. */
const KNOWN_HASHES = 256n;
const ZERO_HASH: Uint8Array = new Uint8Array(WORD_BYTES);

const CALL_FAILED: Uint8Array = encodeErrorString('Multicall3: call failed');
/** The published contract returns one word too many here. */
const VALUE_CALL_FAILED: Uint8Array = concatBytes(CALL_FAILED, new Uint8Array(WORD_BYTES));
const VALUE_MISMATCH: Uint8Array = encodeErrorString('Multicall3: value mismatch');

/** One of the calls to make. */
type Call = {
  readonly target: Uint8Array;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly mayFail: boolean;
};

/** The functions by their selectors as hexadecimal digits. */
const functions: ReadonlyMap<string, NativeFunction> = new Map([
  payable('aggregate((address,bytes)[])', '(uint256,bytes[])', (args, run) => {
    const outcomes = callAll(run, plainCalls(args, FIRST, false), CALL_FAILED);
    return [height(run), outcomes.map(({ returnData }) => returnData)];
  }),
  payable('tryAggregate(bool,(address,bytes)[])', '((bool,bytes)[])', (args, run) => [
    results(run, plainCalls(args, SECOND, !args.bool(FIRST))),
  ]),
  payable(
    'tryBlockAndAggregate(bool,(address,bytes)[])',
    '(uint256,bytes32,(bool,bytes)[])',
    // Nobody knows the hash of the block that is being made: it is zero.
    (args, run) => [
      height(run),
      ZERO_HASH,
      results(run, plainCalls(args, SECOND, !args.bool(FIRST))),
    ],
  ),
  payable(
    'blockAndAggregate((address,bytes)[])',
    '(uint256,bytes32,(bool,bytes)[])',
    (args, run) => [height(run), ZERO_HASH, results(run, plainCalls(args, FIRST, false))],
  ),
  payable('aggregate3((address,bool,bytes)[])', '((bool,bytes)[])', (args, run) => [
    results(run, callsWithFlags(args)),
  ]),
  payable('aggregate3Value((address,bool,uint256,bytes)[])', '((bool,bytes)[])', (args, run) => {
    let sum = 0n;
    const counted = function* (): Generator<Call> {
      for (const call of callsWithValues(args)) {
        sum = BigInt.asUintN(256, sum + call.value);
        yield call;
      }
    };
    const made = results(run, counted(), VALUE_CALL_FAILED);
    if (sum !== run.context.value) throw new Revert(VALUE_MISMATCH);
    return [made];
  }),
  view('getBlockHash(uint256)', '(bytes32)', (args, run) => [blockHash(run, args.uint256(FIRST))]),
  view('getLastBlockHash()', '(bytes32)', (_args, run) => [blockHash(run, height(run) - 1n)]),
  view('getBlockNumber()', '(uint256)', (_args, run) => [height(run)]),
  view('getCurrentBlockCoinbase()', '(address)', (_args, { block }) => [block.coinbase]),
  // What was the difficulty is the RANDAO mix (EIP-4399).
  view('getCurrentBlockDifficulty()', '(uint256)', (_args, { block }) => [
    bytesToBigInt(block.mixHash),
  ]),
  view('getCurrentBlockGasLimit()', '(uint256)', (_args, { block }) => [block.gasLimit]),
  view('getCurrentBlockTimestamp()', '(uint256)', (_args, { block }) => [BigInt(block.timestamp)]),
  view('getEthBalance(address)', '(uint256)', (args, run) => [run.balance(args.address(FIRST))]),
  view('getBasefee()', '(uint256)', (_args, { block }) => [block.baseFeePerGas]),
  view('getChainId()', '(uint256)', (_args, { block }) => [block.chainId]),
]);

/**
 * Multicall3, with which libraries make many calls in one: the functions, results and revert data of
 * the contract that is published at 0xcA11…CA11 on other chains.
 */
export function multicall3(calldata: Uint8Array, run: NativeRun): Uint8Array {
  const called = functions.get(toHexKey(calldata.subarray(0, SELECTOR_BYTES)));
  if (called === undefined || (!called.isPayable && run.context.value > 0n)) throw new Revert();
  const args = new CalldataReader(calldata, called.arguments);
  return encodeAbi(called.results, called.run(args, run));
}

function payable(
  signature: string,
  results: string,
  run: NativeFunction['run'],
): [string, NativeFunction] {
  return entry(signature, results, true, run);
}

function view(
  signature: string,
  results: string,
  run: NativeFunction['run'],
): [string, NativeFunction] {
  return entry(signature, results, false, run);
}

function entry(
  signature: string,
  results: string,
  isPayable: boolean,
  run: NativeFunction['run'],
): [string, NativeFunction] {
  const { length } = parseSignature(signature).types;
  const called = { arguments: length, results: parseAbiTypes(results), isPayable, run };
  return [toHexKey(selectorOfSignature(signature)), called];
}

function height({ block }: NativeRun): bigint {
  return BigInt(block.height);
}

/** The calls of the functions that say for all of them at once whether they may fail. */
function* plainCalls(args: CalldataReader, at: number, mayFail: boolean): Generator<Call> {
  for (const tuple of args.tuples(at, 2)) {
    const target = args.address(tuple);
    yield { target, value: 0n, data: args.bytes(tuple, tuple + WORD_BYTES), mayFail };
  }
}

/** The calls of `aggregate3`. */
function* callsWithFlags(args: CalldataReader): Generator<Call> {
  for (const tuple of args.tuples(FIRST, 3)) {
    yield {
      target: args.address(tuple),
      value: 0n,
      data: args.bytes(tuple, tuple + 2 * WORD_BYTES),
      mayFail: args.hasBits(tuple + WORD_BYTES),
    };
  }
}

/** The calls of `aggregate3Value`. */
function* callsWithValues(args: CalldataReader): Generator<Call> {
  for (const tuple of args.tuples(FIRST, 4)) {
    yield {
      target: args.address(tuple),
      value: args.uint256(tuple + 2 * WORD_BYTES),
      data: args.bytes(tuple, tuple + 3 * WORD_BYTES),
      mayFail: args.hasBits(tuple + WORD_BYTES),
    };
  }
}

/** Makes the calls one after the other. @throws Revert with `failed` when one fails that must not */
function callAll(run: NativeRun, calls: Iterable<Call>, failed: Uint8Array): FrameOutcome[] {
  const outcomes: FrameOutcome[] = [];
  for (const { target, value, data, mayFail } of calls) {
    const outcome = run.call(target, value, data);
    if (outcome.status === 0 && !mayFail) throw new Revert(failed);
    run.reserve(RESULT_FRAME_BYTES + outcome.returnData.length);
    outcomes.push(outcome);
  }
  return outcomes;
}

function results(run: NativeRun, calls: Iterable<Call>, failed = CALL_FAILED): AbiValue {
  return callAll(run, calls, failed).map(({ status, returnData }) => [status === 1, returnData]);
}

/** Hash of one of the last 256 blocks; zero for any other number. */
function blockHash(run: NativeRun, number: bigint): Uint8Array {
  const present = height(run);
  if (number < 0n || number >= present || number < present - KNOWN_HASHES) return ZERO_HASH;
  const hash = run.block.hashAt(Number(number));
  if (hash === undefined) {
    // Not the failure of the call: a node that has the block would see another result.
    throw executionErrors.create('BLOCK_HASH_MISSING', `block ${number}`, { height: number });
  }
  return hash;
}
