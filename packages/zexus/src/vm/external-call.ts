import { concatBytes, EMPTY_BYTES, isLucernaError, LruCache } from '@lucerna/base';
import {
  type AbiValue,
  decodeAbi,
  encodeAbi,
  parseAbiTypes,
  parseSignature,
  selectorOfSignature,
  signatureText,
} from '@lucerna/protocol';
import { decodeValue } from '../layout/value-encoding.ts';
import { zexusLimits } from '../limits.ts';
import { isInteger, MAX_INTEGER } from './arithmetic.ts';
import { abiBytes, encodedValue, fromAbi, listItems, toAbi } from './boundary.ts';
import { type BoundaryType, boundaryOfAbi } from './boundary-type.ts';
import { Failure, foreignRevert, PANIC, panic, type Revert, revertWith } from './halt.ts';
import type { ContractCallOutcome } from './host.ts';
import { requireCompatibleLayout } from './layout-registry.ts';
import { type Machine, requireWritable } from './machine.ts';
import type { Meter } from './meter.ts';
import { affordableUtf8 } from './text.ts';
import { Address, List, type Value } from './value.ts';

/** The function through which any exported action can be called by its name, with values of any kind. */
const DYNAMIC_CALL = 'zx_call(string,bytes)';
/** Its selector, `0x` and 8 digits as four bytes. */
export const DYNAMIC_SELECTOR: Uint8Array = selectorOfSignature(DYNAMIC_CALL);
/** The types of its parameters, and of its result. */
export const DYNAMIC_PARAMETERS: readonly BoundaryType[] =
  parseAbiTypes('(string,bytes)').map(boundaryOfAbi);
export const DYNAMIC_RESULT: BoundaryType = boundaryOfAbi(
  parseAbiTypes('(bytes)')[0] as BoundaryType['abi'],
);

/** A function of another contract, as a signature says it. */
type Target = {
  readonly selector: Uint8Array;
  readonly parameters: readonly BoundaryType[];
  /** None: the result is null; several: a list. */
  readonly results: readonly BoundaryType[];
};

/** How a contract is called; see `ContractCall`. */
export type CallKind = 'call' | 'delegate' | 'static';

/** Signatures that were read: they depend on their text alone. */
const targets = new LruCache<string, { readonly text: string; readonly target: Target }>(
  zexusLimits.values.cachedSignatureChars,
  ({ text }) => text.length,
);

/**
 * Calls the contract at an address.
 *
 * @param signature `name(types)->(types)` of the ABI; a bare name: an action of this language
 *   (`zx_call`); null: `args` are the calldata, as bytes, and so is the result
 * @param args a list; bytes or null for raw calldata
 * @param value wei of a `call`; null is none
 * @param gas what the callee may use at most; null: as much as the rules allow
 * @throws `Revert` of the callee as it is; Panic 0x01 for arguments of the wrong kind; `Failure` when
 *   there is too little gas
 */
export function callContract(
  machine: Machine,
  kind: CallKind,
  target: Value,
  signature: Value,
  args: Value,
  value: Value,
  gas: Value,
): Value {
  if (!(target instanceof Address)) throw panic(PANIC.kind);
  const wei = amount(value);
  if (wei > 0n) requireWritable(machine);
  const { meter, calls } = machine;
  const to = target.bytes;
  const request = encodeRequest(machine, signature, args);
  meter.chargeBytes(request.data.length);
  chargeAccount(machine, to, wei);
  if (!calls.hasCode(to) && (request.kind !== 'raw' || kind === 'delegate')) {
    throw revertWith('no contract at the address');
  }
  if (kind === 'delegate') requireCompatibleLayout(machine, to);
  const [given, isCapped] = gasFor(meter, gas);
  machine.statistics.calls += 1;
  meter.gas -= given;
  const outcome = calls.call({
    kind: kind === 'delegate' ? 'delegate' : 'call',
    isStatic: machine.isStatic || kind === 'static',
    to,
    value: wei,
    data: request.data,
    gas: given,
  });
  meter.gas += outcome.gasLeft;
  meter.refund += outcome.refund;
  // What a callee says when it fails is read as well.
  meter.chargeBytes(outcome.returnData.length);
  if (!outcome.isSuccess) throw failureOf(outcome, isCapped);
  return decodeResult(meter, request, outcome.returnData);
}

type Request =
  | { readonly kind: 'dynamic' | 'raw'; readonly data: Uint8Array }
  | { readonly kind: 'abi'; readonly data: Uint8Array; readonly results: readonly BoundaryType[] };

function encodeRequest(machine: Machine, signature: Value, args: Value): Request {
  const { meter } = machine;
  if (signature === null) {
    if (args === null) return { kind: 'raw', data: EMPTY_BYTES };
    if (args instanceof Uint8Array) return { kind: 'raw', data: args };
    throw panic(PANIC.kind);
  }
  if (typeof signature !== 'string') throw panic(PANIC.kind);
  meter.chargeKeccak(affordableUtf8(meter, signature));
  if (!signature.includes('(')) {
    const list = args === null ? new List([]) : args;
    // Of a list only: a callee would refuse anything else.
    listItems(machine, list);
    const data = encodeCall(machine, DYNAMIC_SELECTOR, DYNAMIC_PARAMETERS, [
      signature,
      encodedValue(machine, list),
    ]);
    return { kind: 'dynamic', data };
  }
  const { selector, parameters, results } = targetOf(meter, signature);
  const values = args === null ? [] : listItems(machine, args);
  if (values.length !== parameters.length) throw panic(PANIC.call);
  return { kind: 'abi', data: encodeCall(machine, selector, parameters, values), results };
}

function encodeCall(
  machine: Machine,
  selector: Uint8Array,
  parameters: readonly BoundaryType[],
  values: readonly Value[],
): Uint8Array {
  const types = parameters.map(({ abi }) => abi);
  const encodable: AbiValue[] = parameters.map((type, index) =>
    toAbi(machine, type, values[index] as Value),
  );
  machine.meter.chargeBytes(abiBytes(machine.meter, types, encodable));
  return concatBytes(selector, encodeAbi(types, encodable));
}

/** @throws `Revert` Error when the text is no signature */
function targetOf(meter: Meter, text: string): Target {
  const known = targets.get(text);
  if (known !== undefined) return known.target;
  const arrow = text.indexOf('->');
  const [called, result] =
    arrow < 0 ? [text, '()'] : [text.slice(0, arrow), text.slice(arrow + '->'.length)];
  try {
    const { name, types } = parseSignature(called);
    const target: Target = {
      selector: selectorOfSignature(signatureText(name, types)),
      parameters: types.map(boundaryOfAbi),
      results: parseAbiTypes(result).map(boundaryOfAbi),
    };
    targets.set(text, { text, target });
    return target;
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    // As of the builtins that read types.
    meter.charge(meter.schedule.warmRead);
    throw revertWith('call: malformed signature');
  }
}

function decodeResult(meter: Meter, request: Request, data: Uint8Array): Value {
  if (request.kind === 'raw') return data.slice();
  const results = request.kind === 'abi' ? request.results : [DYNAMIC_RESULT];
  const types = results.map(({ abi }) => abi);
  let values: readonly AbiValue[];
  try {
    values = decodeAbi(types, data, 'ignore');
  } catch (error) {
    if (isLucernaError(error)) throw revertWith('call: malformed result');
    throw error;
  }
  if (request.kind === 'dynamic') {
    const value = decodeValue(meter, values[0] as Uint8Array);
    if (value === undefined) throw revertWith('call: malformed result');
    return value;
  }
  const items = results.map((type, index) => fromAbi(meter, type, values[index] as AbiValue));
  if (items.length === 0) return null;
  return items.length === 1 ? (items[0] as Value) : new List(items);
}

function amount(value: Value): bigint {
  if (value === null) return 0n;
  if (!isInteger(value)) throw panic(PANIC.kind);
  if (value < 0 || value > MAX_INTEGER) throw panic(PANIC.overflow);
  return BigInt(value);
}

function chargeAccount({ host, meter, calls }: Machine, to: Uint8Array, wei: bigint): void {
  const { coldAccount, warmRead, transferValue, newAccount } = meter.schedule;
  meter.charge(host.accessAddress(to) ? coldAccount : warmRead);
  if (wei === 0n) return;
  meter.charge(transferValue);
  if (calls.isDead(to)) meter.charge(newAccount);
}

/** What the callee is given, and whether that is less than it could have been (EIP-150). */
function gasFor({ gas: left, schedule }: Meter, asked: Value): [gas: number, isCapped: boolean] {
  const allowed = left - Math.floor(left / schedule.subCallGasQuotient);
  if (asked === null) return [allowed, false];
  if (!isInteger(asked) || asked < 0) throw panic(PANIC.kind);
  return asked <= allowed ? [Number(asked), true] : [allowed, false];
}

/** Codes of failures of a callee that has used up what it was given. */
const OUT_OF_GAS: readonly (string | undefined)[] = ['OUT_OF_GAS', 'CODE_STORE_OUT_OF_GAS'];

/**
 * Why the call failed. A callee that has used up all that the caller could give ends the caller as well:
 * otherwise what a contract does would depend on how much gas is left, and no least amount could be
 * found for a transaction.
 */
function failureOf(
  { returnData, errorCode }: ContractCallOutcome,
  isCapped: boolean,
): Revert | Failure {
  if (OUT_OF_GAS.includes(errorCode)) {
    return isCapped ? revertWith('the call used up its gas') : new Failure('OUT_OF_GAS');
  }
  if (errorCode === undefined) return foreignRevert(returnData);
  return revertWith(FAILURE_TEXTS.get(errorCode) ?? 'the call failed');
}

/** What a caller is told of a callee that has failed without a word. Part of the rules of consensus. */
const FAILURE_TEXTS: ReadonlyMap<string, string> = new Map([
  ['FRAME_FUNDS', 'the call sends more than there is'],
  ['FRAME_DEPTH', 'the call is too deep'],
  ['STATIC_WRITE', 'the call writes, which it must not'],
]);
