import type { AbiField, Container } from '../../../src/bytecode/container.ts';
import type { Program } from '../../../src/syntax/ast.ts';
import type { CallContext } from '../../../src/vm/host.ts';
import type { RefState } from './state.ts';
import type { RefValue, StateContainer } from './values.ts';

/** A contract of the reference: its source, and of what the compiler made of it the interface. */
export type RefContract = {
  readonly address: Uint8Array;
  readonly program: Program;
  readonly declaration: Program['contracts'][number];
  readonly container: Container;
};

/** A call of another contract. */
export type RefRequest = {
  readonly kind: 'call' | 'delegate' | 'static';
  readonly to: Uint8Array;
  /** A name or a signature; null for raw data. */
  readonly signature: string | null;
  readonly values: RefValue;
  readonly value: RefValue;
};

/** Everything around a running contract, as its code reaches it. */
export type RefLedger = {
  readonly state: RefState;
  hasCode(address: Uint8Array): boolean;
  balance(address: Uint8Array): bigint;
  move(from: Uint8Array, to: Uint8Array, wei: bigint): boolean;
  emit(address: Uint8Array, event: Container['events'][number], values: readonly RefValue[]): void;
  emitEncoded(
    address: Uint8Array,
    signature: string,
    fields: readonly AbiField[],
    values: readonly RefValue[],
  ): void;
  call(from: CallContext, request: RefRequest): RefValue;
  /** An implicit place of a contract's state. */
  named(address: Uint8Array, name: 'ledger' | 'named'): StateContainer;
};
