import { concatBytes, isLucernaError, toHex, toHexKey } from '@lucerna/base';
import {
  decodeAbi,
  decodeRevert,
  encodeAbi,
  encodeEvent,
  eventLayout,
  signatureHash,
} from '@lucerna/protocol';
import type { AbiField, Container, ContainerAction } from '../../../src/bytecode/container.ts';
import { functionSelector } from '../../../src/bytecode/selector.ts';
import type { CallContext } from '../../../src/vm/host.ts';
import { abiTypeOf, decoded, encoded, fitted, toAbiValue } from './convert.ts';
import { Frame } from './frame.ts';
import type { RefContract, RefLedger, RefRequest } from './ledger.ts';
import { RefState } from './state.ts';
import {
  Failed,
  failedWith,
  panic,
  RefList,
  type RefValue,
  Reverted,
  requireInteger,
  type StateContainer,
  silent,
} from './values.ts';

// Contracts that call each other, as docs/spec/zexus.md says it: the tree of the source is walked over, and
// values and state are those of `values.ts` and `state.ts`. Of what the compiler has made of the source
// only the interface is used: the types of the ABI, and how variables are stored.

export type RefLog = {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
};

/** What a message came to. */
export type RefOutcome = {
  readonly status: 'failure' | 'revert' | 'success';
  readonly data: Uint8Array;
};

export class RefWorld implements RefLedger {
  readonly state: RefState = new RefState();
  readonly logs: RefLog[] = [];
  readonly #contracts: Map<string, RefContract> = new Map();
  readonly #balances: Map<string, bigint> = new Map();
  readonly #running: string[] = [];

  add(contract: RefContract): void {
    this.#contracts.set(toHexKey(contract.address), contract);
  }

  hasCode(address: Uint8Array): boolean {
    return this.#contracts.has(toHexKey(address));
  }

  balance(address: Uint8Array): bigint {
    return this.#balances.get(toHexKey(address)) ?? 0n;
  }

  give(address: Uint8Array, wei: bigint): void {
    const key = toHexKey(address);
    const old = this.#balances.get(key);
    this.state.onRollback(() => {
      if (old === undefined) this.#balances.delete(key);
      else this.#balances.set(key, old);
    });
    this.#balances.set(key, (old ?? 0n) + wei);
  }

  move(from: Uint8Array, to: Uint8Array, wei: bigint): boolean {
    if (this.balance(from) < wei) return false;
    this.give(from, -wei);
    this.give(to, wei);
    return true;
  }

  log(address: Uint8Array, topics: readonly Uint8Array[], data: Uint8Array): void {
    this.state.requireWritable();
    this.logs.push({ address: toHex(address), topics: topics.map(toHex), data: toHex(data) });
    this.state.onRollback(() => this.logs.pop());
  }

  emit(address: Uint8Array, event: Container['events'][number], values: readonly RefValue[]): void {
    this.state.requireWritable();
    const fields = event.fields.map((field) => ({
      type: abiTypeOf(field),
      indexed: field.indexed,
    }));
    const encodable = event.fields.map((field, index) =>
      toAbiValue(field, this.state.copy(values[index] ?? null)),
    );
    const { topics, data } = encodeEvent(eventLayout(event.name, fields), encodable);
    this.log(address, topics, data);
  }

  emitEncoded(
    address: Uint8Array,
    signature: string,
    fields: readonly AbiField[],
    values: readonly RefValue[],
  ): void {
    this.state.requireWritable();
    const data = encodeAbi(
      fields.map(abiTypeOf),
      fields.map((field, index) => toAbiValue(field, values[index] ?? null)),
    );
    this.log(address, [signatureHash(signature)], data);
  }

  /** A transaction that calls an action, or the constructor, with values that came through the ABI. */
  send(
    context: CallContext,
    action: ContainerAction | undefined,
    values: () => readonly RefValue[],
  ): RefOutcome {
    const mark = this.state.mark();
    try {
      const contract = this.#contracts.get(toHexKey(context.address))!;
      this.state.isStatic = false;
      this.give(context.address, context.value);
      this.#running.push(toHexKey(context.address));
      const frame = new Frame(this, contract, context, false);
      const data =
        action === undefined
          ? frame.construct(values)
          : this.#encodedResult(action, frame.enter(action, values()));
      return { status: 'success', data };
    } catch (error) {
      this.state.rollback(mark);
      if (error instanceof Reverted) return { status: 'revert', data: error.data };
      if (error instanceof Failed) return { status: 'failure', data: new Uint8Array(0) };
      throw error;
    } finally {
      this.#running.length = 0;
    }
  }

  #encodedResult({ result }: ContainerAction, value: RefValue): Uint8Array {
    if (result === undefined) return new Uint8Array(0);
    return encodeAbi([abiTypeOf(result)], [toAbiValue(result, this.state.copy(value))]);
  }

  /** A call of another contract. */
  call(from: CallContext, { kind, to, signature, values, value }: RefRequest): RefValue {
    const wei = value === null ? 0n : requireInteger(value);
    if (wei < 0n || wei >= 2n ** 256n) throw panic(0x11);
    if (wei > 0n) this.state.requireWritable();
    const raw = signature === null;
    if (raw && values !== null && !(values instanceof Uint8Array)) throw panic(0x01);
    const given = raw ? null : encodedArguments(values);
    const contract = this.#contracts.get(toHexKey(to));
    if (contract === undefined) {
      if (!raw || kind === 'delegate') throw failedWith('no contract at the address');
      if (!this.move(from.address, to, wei)) throw silent();
      return new Uint8Array(0);
    }
    const isDelegate = kind === 'delegate';
    const context = isDelegate ? from : { ...from, address: to, caller: from.address, value: wei };
    const mark = this.state.mark();
    const { isStatic } = this.state;
    this.state.isStatic ||= kind === 'static';
    const isReentrant = !isDelegate && this.#running.includes(toHexKey(to));
    if (!isDelegate) this.#running.push(toHexKey(to));
    try {
      if (!isDelegate && !this.move(from.address, to, wei)) {
        throw failedWith('the call sends more than there is');
      }
      const frame = new Frame(this, contract, context, isReentrant);
      if (raw) return callRaw(frame, contract, (values ?? new Uint8Array(0)) as Uint8Array);
      return callAction(frame, contract, signature, given);
    } catch (error) {
      if (error instanceof Malformed) throw failedWith('call: malformed result');
      this.state.rollback(mark);
      throw passedOn(error);
    } finally {
      this.state.isStatic = isStatic;
      if (!isDelegate) this.#running.pop();
    }
  }

  /** An implicit place of a contract's state. */
  named(address: Uint8Array, name: 'ledger' | 'named'): StateContainer {
    const cell = { kind: 'cell', type: 'untyped' } as const;
    const shape =
      name === 'ledger'
        ? ({ kind: 'list', element: cell } as const)
        : ({ kind: 'map', value: cell } as const);
    return this.state.root(toHexKey(address), `: ${name}`, shape) as StateContainer;
  }
}

/** A copy of the arguments, as the callee gets it. */
function encodedArguments(values: RefValue): RefList {
  const list = values === null ? new RefList([]) : values;
  if (!(list instanceof RefList)) throw panic(0x01);
  return decoded(encoded(list)) as RefList;
}

/** What is left of a failure in the caller. */
function passedOn(error: unknown): unknown {
  if (error instanceof Failed) {
    return failedWith(
      error.code === 'STATIC_WRITE' ? 'the call writes, which it must not' : 'the call failed',
    );
  }
  if (!(error instanceof Reverted)) return error;
  const { data } = error;
  const reason = decodeRevert(data);
  if (reason.kind === 'error') return new Reverted(data, reason.message);
  if (reason.kind === 'panic') return new Reverted(data, panic(Number(reason.code)).caught);
  return new Reverted(data, data.length === 0 ? '' : data);
}

function callAction(
  frame: Frame,
  contract: RefContract,
  signature: string,
  values: RefValue,
): RefValue {
  const exported = contract.container.actions.filter(({ exportedAs }) => exportedAs !== undefined);
  const [called = ''] = signature.split('->');
  const isAbi = called.includes('(');
  const action = isAbi
    ? exported.find((candidate) => {
        const types = candidate.parameters.map(({ type }) => type).join(',');
        return `${candidate.exportedAs}(${types})` === called;
      })
    : (exported.find(({ name }) => name === called) ??
      exported.find(({ exportedAs }) => exportedAs === called));
  if (action === undefined) {
    if (isAbi) throw new Error(`the reference does not call an unknown ${called}`);
    return viaFallback(frame, contract, dynamicCall(called, values));
  }
  frame.refuseValue(action);
  const items = values instanceof RefList ? values.items : [];
  if (items.length !== action.parameters.length) throw isAbi ? panic(0x51) : silent();
  const result = frame.enter(
    action,
    items.map((item, index) => fitted(action.parameters[index] as AbiField, item)),
  );
  if (action.result === undefined) return null;
  return fitted(action.result, frame.copy(result));
}

function callRaw(frame: Frame, { container }: RefContract, data: Uint8Array): RefValue {
  const selector = toHex(data.slice(0, 4));
  const isKnown = container.actions.some(
    ({ exportedAs, parameters }) =>
      exportedAs !== undefined &&
      data.length >= 4 &&
      toHex(functionSelector(exportedAs, parameters)) === selector,
  );
  if (isKnown) throw new Error('the reference does not decode raw calls');
  return rawFallback(frame, container, data);
}

function rawFallback(frame: Frame, container: Container, data: Uint8Array): Uint8Array {
  const { fallback } = container;
  if (fallback === undefined) throw silent();
  const action = container.actions[fallback] as ContainerAction;
  frame.refuseValue(action);
  const result = frame.enter(action, [data]);
  return result instanceof Uint8Array ? result : new Uint8Array(0);
}

/** What the fallback answers to a call by a name: the caller takes it for an encoded value. */
function viaFallback(frame: Frame, { container }: RefContract, data: Uint8Array): RefValue {
  const answer = rawFallback(frame, container, data);
  let value: RefValue | undefined;
  try {
    value = decoded(decodeAbi([abiTypeOf(BYTES)], answer)[0] as Uint8Array);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
  }
  if (value === undefined) throw new Malformed();
  return value;
}

const STRING: AbiField = { name: '', type: 'string' };
const BYTES: AbiField = { name: '', type: 'bytes' };

function dynamicCall(name: string, values: RefValue): Uint8Array {
  const fields = [STRING, BYTES];
  const data = encodeAbi(fields.map(abiTypeOf), [name, encoded(values)]);
  return concatBytes(functionSelector('zx_call', fields), data);
}

/** The callee has answered, so what it did stays; but the caller cannot read it. */
class Malformed {}
