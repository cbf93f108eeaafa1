import type { RuleParameters } from './rules.ts';
import type { UnsignedTransaction } from './transaction.ts';

/** Most wei that `tx` pays for one unit of gas. */
export function maxFeePerGas(tx: UnsignedTransaction): bigint {
  return tx.type === 2 ? tx.maxFeePerGas : tx.gasPrice;
}

/** Most wei for one unit of gas that `tx` gives to the block's coinbase. */
export function maxPriorityFeePerGas(tx: UnsignedTransaction): bigint {
  return tx.type === 2 ? tx.maxPriorityFeePerGas : tx.gasPrice;
}

/** Wei that `tx` pays for one unit of gas in a block with this base fee (EIP-1559). */
export function effectiveGasPrice(tx: UnsignedTransaction, baseFeePerGas: bigint): bigint {
  const cap = maxFeePerGas(tx);
  const wanted = baseFeePerGas + maxPriorityFeePerGas(tx);
  return wanted < cap ? wanted : cap;
}

/** Wei for one unit of gas that reach the coinbase; negative when `tx` does not pay the base fee. */
export function effectiveTip(tx: UnsignedTransaction, baseFeePerGas: bigint): bigint {
  return effectiveGasPrice(tx, baseFeePerGas) - baseFeePerGas;
}

/** Most wei that `tx` can take from its sender; may exceed 256 bits. */
export function maxCost(tx: UnsignedTransaction): bigint {
  return tx.gasLimit * maxFeePerGas(tx) + tx.value;
}

/**
 * The base fee of the block after `parent` (EIP-1559): it moves by at most 1 / denominator towards
 * the point where blocks are 1 / elasticity full.
 */
export function nextBaseFee(
  parent: {
    readonly baseFeePerGas: bigint;
    readonly gasUsed: bigint;
    readonly gasLimit: bigint;
  },
  rules: Pick<RuleParameters, 'baseFeeElasticity' | 'baseFeeChangeDenominator'>,
): bigint {
  const { baseFeePerGas, gasUsed } = parent;
  const target = parent.gasLimit / rules.baseFeeElasticity;
  if (gasUsed === target) return baseFeePerGas;
  const distance = gasUsed > target ? gasUsed - target : target - gasUsed;
  const change = (baseFeePerGas * distance) / target / rules.baseFeeChangeDenominator;
  if (gasUsed < target) return baseFeePerGas - change;
  return baseFeePerGas + (change > 0n ? change : 1n);
}
