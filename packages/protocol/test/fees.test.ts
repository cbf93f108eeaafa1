import { describe, expect, it } from 'vitest';
import {
  effectiveGasPrice,
  effectiveTip,
  maxCost,
  maxFeePerGas,
  maxPriorityFeePerGas,
  type UnsignedTransaction,
} from '../src/index.ts';

const common = { nonce: 0n, gasLimit: 10n, to: null, value: 3n, data: new Uint8Array(0) };
const legacy: UnsignedTransaction = { type: 0, chainId: 1n, gasPrice: 100n, ...common };
const feeMarket: UnsignedTransaction = {
  type: 2,
  chainId: 1n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 5n,
  accessList: [],
  ...common,
};

describe('what a transaction pays', () => {
  it('is its gas price before EIP-1559', () => {
    expect([maxFeePerGas(legacy), maxPriorityFeePerGas(legacy)]).toEqual([100n, 100n]);
    expect(effectiveGasPrice(legacy, 40n)).toBe(100n);
    expect(effectiveTip(legacy, 40n)).toBe(60n);
    expect(maxCost(legacy)).toBe(1_003n);
  });

  it('is base fee and tip within the cap after it', () => {
    expect(effectiveGasPrice(feeMarket, 40n)).toBe(45n);
    expect(effectiveTip(feeMarket, 40n)).toBe(5n);
    expect(effectiveGasPrice(feeMarket, 98n)).toBe(100n);
    expect(effectiveTip(feeMarket, 98n)).toBe(2n);
    expect(effectiveTip(feeMarket, 101n)).toBe(-1n);
    expect(maxCost(feeMarket)).toBe(1_003n);
  });
});
