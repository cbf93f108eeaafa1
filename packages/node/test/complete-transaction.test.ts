import type { TransactionRequest } from '@lucerna/api';
import { AssertionError } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import {
  decodeTransaction,
  encodeTransaction,
  protocolLimits,
  signTransaction,
} from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { completeTransaction } from '../src/complete-transaction.ts';

const request: TransactionRequest = {
  from: new Uint8Array(20).fill(1),
  to: new Uint8Array(20).fill(2),
  value: 5n,
  data: new Uint8Array(0),
  accessList: [],
};
const defaults = {
  chainId: 31_337n,
  nonce: () => 7n,
  gasLimit: () => 21_000n,
  baseFeePerGas: 100n,
  priorityFeePerGas: 3n,
};
const entry = { address: new Uint8Array(20).fill(3), storageKeys: [] };

describe('completeTransaction', () => {
  it('makes a fee-market transaction whose cap lets the base fee double', () => {
    expect(completeTransaction(request, defaults)).toEqual({
      type: 2,
      chainId: 31_337n,
      nonce: 7n,
      gasLimit: 21_000n,
      to: request.to,
      value: 5n,
      data: request.data,
      maxPriorityFeePerGas: 3n,
      maxFeePerGas: 203n,
      accessList: [],
    });
  });

  it('keeps what was given', () => {
    const given = {
      ...request,
      nonce: 1n,
      gas: 50_000n,
      maxFeePerGas: 400n,
      maxPriorityFeePerGas: 9n,
    };
    expect(completeTransaction(given, defaults)).toMatchObject({
      type: 2,
      nonce: 1n,
      gasLimit: 50_000n,
      maxFeePerGas: 400n,
      maxPriorityFeePerGas: 9n,
    });
  });

  it('refuses data that no transaction holds, before anything is signed', () => {
    const { transactionBytes } = protocolLimits.values;
    const withData = (bytes: number): TransactionRequest => ({
      ...request,
      data: new Uint8Array(bytes),
    });
    const refused = expect.objectContaining({ code: 'TX_TOO_LARGE' });
    expect(() => completeTransaction(withData(transactionBytes + 1), defaults)).toThrow(refused);
    const signed = signTransaction(
      completeTransaction(withData(transactionBytes), defaults),
      new Uint8Array(32).fill(1),
      pureSignatureEngine,
    );
    expect(() => decodeTransaction(encodeTransaction(signed))).toThrow(refused);
  });

  it('takes the type from the fees and the access list', () => {
    const priced = { ...request, gasPrice: 150n };
    expect(completeTransaction(priced, defaults)).toMatchObject({ type: 0, gasPrice: 150n });
    expect(completeTransaction({ ...priced, accessList: [entry] }, defaults)).toMatchObject({
      type: 1,
      gasPrice: 150n,
      accessList: [entry],
    });
    expect(completeTransaction({ ...request, type: 0 }, defaults)).toMatchObject({
      gasPrice: 103n,
    });
    expect(completeTransaction({ ...priced, type: 2 }, defaults)).toMatchObject({
      maxFeePerGas: 150n,
      maxPriorityFeePerGas: 150n,
    });
  });

  it('relies on the parser that no gas price comes together with a cap', () => {
    const both = { ...request, gasPrice: 1n, maxFeePerGas: 2n };
    expect(() => completeTransaction(both, defaults)).toThrow(AssertionError);
  });
});
