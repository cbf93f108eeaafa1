import { EMPTY_BYTES, equalBytes, type Fields, toHex } from '@lucerna/base';
import { SECP256K1_HALF_ORDER } from '@lucerna/crypto';
import { protocolErrors } from './errors.ts';
import { maxCost, maxFeePerGas, maxPriorityFeePerGas, nextBaseFee } from './fees.ts';
import { EMPTY_OMMERS_HASH, type Header, ZERO_BLOCK_NONCE } from './header.ts';
import { MAX_BLOCK_GAS_LIMIT, type RuleParameters } from './rules.ts';
import type { AccessListEntry, SignedTransaction } from './transaction.ts';

/** The largest nonce of a transaction: the account's nonce after it is 2⁶⁴ − 1 (EIP-2681). */
export const MAX_TRANSACTION_NONCE: bigint = 2n ** 64n - 2n;

const MAX_UINT256 = 2n ** 256n - 1n;

/** What a transaction is checked against. */
export type TransactionContext = {
  readonly chainId: bigint;
  readonly rules: RuleParameters;
  readonly blockGasLimit: bigint;
};

/** Gas that is charged before anything runs (Yellow Paper, section 6.2; EIP-2028, EIP-2930). */
export function intrinsicGas(
  tx: {
    readonly to: Uint8Array | null;
    readonly data: Uint8Array;
    readonly accessList?: readonly AccessListEntry[];
  },
  rules: RuleParameters,
): bigint {
  const { to, data, accessList } = tx;
  let gas = rules.gasTransaction;
  if (to === null) gas += rules.gasCreation;
  // Most transactions are transfers: nothing to add up.
  if (data.length > 0) gas += calldataGas(data, rules);
  if (accessList !== undefined && accessList.length > 0) gas += accessListGas(accessList, rules);
  return gas;
}

function calldataGas(data: Uint8Array, rules: RuleParameters): bigint {
  let zeros = 0;
  for (let index = 0; index < data.length; index += 1) if (data[index] === 0) zeros += 1;
  return (
    BigInt(zeros) * rules.gasCalldataZero + BigInt(data.length - zeros) * rules.gasCalldataNonZero
  );
}

function accessListGas(accessList: readonly AccessListEntry[], rules: RuleParameters): bigint {
  let storageKeys = 0;
  for (const entry of accessList) storageKeys += entry.storageKeys.length;
  return (
    BigInt(accessList.length) * rules.gasAccessListAddress +
    BigInt(storageKeys) * rules.gasAccessListStorageKey
  );
}

/**
 * Checks that need no state, in the order of go-ethereum's pool, so that a transaction with several
 * faults gets the same answer everywhere. What came through `decodeTransaction` is small enough.
 *
 * @returns the most wei that it can take from its sender, see `maxCost`
 * @throws `TX_UNPROTECTED`, `TX_GAS_LIMIT`, `TX_TIP_ABOVE_FEE_CAP`, `TX_CHAIN_ID`, `TX_HIGH_S`,
 *   `TX_NONCE_MAX`, `TX_INTRINSIC_GAS`, `TX_COST_OVERFLOW`
 */
export function validateTransaction(tx: SignedTransaction, context: TransactionContext): bigint {
  const { chainId, rules, blockGasLimit } = context;
  if (tx.chainId === null) throw protocolErrors.create('TX_UNPROTECTED');
  if (tx.gasLimit > blockGasLimit) {
    const fields = { gasLimit: tx.gasLimit, blockGasLimit };
    throw protocolErrors.create('TX_GAS_LIMIT', undefined, fields);
  }
  if (maxPriorityFeePerGas(tx) > maxFeePerGas(tx)) {
    throw protocolErrors.create('TX_TIP_ABOVE_FEE_CAP', undefined, {
      maxPriorityFeePerGas: maxPriorityFeePerGas(tx),
      maxFeePerGas: maxFeePerGas(tx),
    });
  }
  if (tx.chainId !== chainId) {
    const detail = `have ${tx.chainId} want ${chainId}`;
    throw protocolErrors.create('TX_CHAIN_ID', detail, { have: tx.chainId, want: chainId });
  }
  if (tx.signature.s > SECP256K1_HALF_ORDER) throw protocolErrors.create('TX_HIGH_S');
  if (tx.nonce > MAX_TRANSACTION_NONCE) {
    throw protocolErrors.create('TX_NONCE_MAX', undefined, { nonce: tx.nonce });
  }
  const needed = intrinsicGas(tx, rules);
  if (tx.gasLimit < needed) {
    const detail = `gas ${tx.gasLimit}, minimum needed ${needed}`;
    throw protocolErrors.create('TX_INTRINSIC_GAS', detail, { gasLimit: tx.gasLimit, needed });
  }
  const cost = maxCost(tx);
  if (cost > MAX_UINT256) {
    throw protocolErrors.create('TX_COST_OVERFLOW', 'required balance exceeds 256 bits');
  }
  return cost;
}

/**
 * The gas limit of a block whose builder leaves it as it is: the parent's, or the minimum where a
 * fork has just put that above it.
 */
export function carriedGasLimit(parentGasLimit: bigint, rules: RuleParameters): bigint {
  const { minimumGasLimit } = rules;
  return parentGasLimit < minimumGasLimit ? minimumGasLimit : parentGasLimit;
}

/**
 * Checks a header against its parent. `rules` are those of the header's height. What execution
 * decides (roots, bloom, gas used) is checked there. `extraData` is empty: without consensus a block
 * has no section that it would commit to.
 *
 * @param options.lifted the header need not follow its parent's base fee, gas limit and time, but only
 *   keep within their bounds: so a development chain lets its user set them, and takes in the blocks of
 *   another chain, which may be older than its own genesis
 * @throws `BLOCK_*` with `expected` and `actual` in the fields
 */
export function validateHeader(
  header: Header,
  parent: { readonly header: Header; readonly hash: Uint8Array },
  rules: RuleParameters,
  options: { readonly lifted?: boolean } = {},
): void {
  const expectedHeight = parent.header.height + 1;
  check(header.height === expectedHeight, 'BLOCK_HEIGHT', expectedHeight, header.height);
  checkBytes(header.parentHash, parent.hash, 'BLOCK_PARENT_HASH');
  validateGasLimit(header.gasLimit, rules);
  check(header.gasUsed <= header.gasLimit, 'BLOCK_GAS_USED', header.gasLimit, header.gasUsed);
  validateBaseFee(header.baseFeePerGas);
  if (options.lifted !== true) {
    const parentTime = parent.header.timestamp;
    check(header.timestamp >= parentTime, 'BLOCK_TIMESTAMP', parentTime, header.timestamp);
    validateGasLimitStep(header.gasLimit, parent.header.gasLimit, rules);
    const baseFee = nextBaseFee(parent.header, rules);
    check(header.baseFeePerGas === baseFee, 'BLOCK_BASE_FEE', baseFee, header.baseFeePerGas);
  }
  check(header.difficulty === 0n, 'BLOCK_DIFFICULTY', 0n, header.difficulty);
  checkBytes(header.nonce, ZERO_BLOCK_NONCE, 'BLOCK_NONCE');
  checkBytes(header.ommersHash, EMPTY_OMMERS_HASH, 'BLOCK_OMMERS');
  checkBytes(header.extraData, EMPTY_BYTES, 'BLOCK_EXTRA_DATA');
}

function validateGasLimit(limit: bigint, { minimumGasLimit }: RuleParameters): void {
  check(limit >= minimumGasLimit, 'BLOCK_GAS_LIMIT', minimumGasLimit, limit);
  check(limit <= MAX_BLOCK_GAS_LIMIT, 'BLOCK_GAS_LIMIT', MAX_BLOCK_GAS_LIMIT, limit);
}

function validateBaseFee(baseFee: bigint): void {
  check(baseFee >= 0n && baseFee <= MAX_UINT256, 'BLOCK_BASE_FEE', MAX_UINT256, baseFee);
}

/**
 * The limit moves by less than parent / divisor. Where a fork puts the minimum above the parent's
 * limit it counts as the parent's: builders choose the limit block by block, so nobody can tell
 * beforehand whether it will be there in time, and in such small steps no block could follow.
 */
function validateGasLimitStep(limit: bigint, parentLimit: bigint, rules: RuleParameters): void {
  const base = carriedGasLimit(parentLimit, rules);
  const step = base / rules.gasLimitBoundDivisor;
  const difference = limit > base ? limit - base : base - limit;
  check(difference === 0n || difference < step, 'BLOCK_GAS_LIMIT', base, limit);
}

type BlockCode = Parameters<typeof protocolErrors.create>[0] & `BLOCK_${string}`;

function check(
  condition: boolean,
  code: BlockCode,
  expected: Fields[string],
  actual: Fields[string],
): void {
  if (!condition) throw protocolErrors.create(code, undefined, { expected, actual });
}

function checkBytes(actual: Uint8Array, expected: Uint8Array, code: BlockCode): void {
  check(equalBytes(actual, expected), code, toHex(expected), toHex(actual));
}
