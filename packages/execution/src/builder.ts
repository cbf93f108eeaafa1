import { assert, EMPTY_BYTES } from '@lucerna/base';
import {
  EMPTY_OMMERS_HASH,
  EMPTY_TRIE_ROOT,
  emptyBloom,
  type Header,
  headerHash,
  nextBaseFee,
  protocolLimits,
  validateHeader,
  ZERO_BLOCK_NONCE,
} from '@lucerna/protocol';
import { type BlockEnvironment, BlockRun, type ExecutedBlock } from './block-run.ts';
import { fillBlock, type SkippedTransaction, type TxSource } from './fill.ts';
import { executionLimits } from './limits.ts';

/** What the builder of a block decides. */
export type BlockAttributes = {
  /** Seconds since the Unix epoch, not before the parent's unless the block is lifted. */
  readonly timestamp: number;
  readonly coinbase: Uint8Array;
  readonly gasLimit: bigint;
  readonly mixHash: Uint8Array;
  /** Present when time, gas limit and base fee need not follow the parent's: on a development chain. */
  readonly lifted?: true;
  /** Wei for one unit of gas; only together with `lifted`. Default: what follows the parent. */
  readonly baseFeePerGas?: bigint;
};

/** A new block. Transactions that only did not fit are in neither list: they keep for the next one. */
export type BuiltBlock = {
  readonly executed: ExecutedBlock;
  readonly skipped: readonly SkippedTransaction[];
};

/**
 * Builds the block after the parent from what `source` offers, until the gas is used up, the
 * source is empty, or a limit on blocks is met. Nothing is written.
 *
 * @throws `BLOCK_*` of `validateHeader` when the attributes do not suit the parent
 */
export function buildBlock(
  environment: BlockEnvironment,
  attributes: BlockAttributes,
  source: TxSource,
): BuiltBlock {
  const lifted = attributes.lifted === true;
  assert(lifted || attributes.baseFeePerGas === undefined, 'only a lifted block has a chosen fee');
  const draft = draftHeader(environment, attributes);
  validateHeader(draft, environment.parent, environment.rules, { lifted });
  const run = new BlockRun(environment, {
    chainId: environment.chainId,
    height: draft.height,
    timestamp: draft.timestamp,
    coinbase: draft.coinbase,
    gasLimit: draft.gasLimit,
    baseFeePerGas: draft.baseFeePerGas,
    mixHash: draft.mixHash,
    rules: environment.rules,
    hashAt: environment.hashAt,
    signatures: environment.signatures,
  });
  const skipped = fillBlock(run, source, {
    gasTransaction: environment.rules.gasTransaction,
    bytes: protocolLimits.values.blockBytes,
    transactions: protocolLimits.values.blockTransactions,
    passedOver: executionLimits.values.skippedTransactions,
  });
  const { fields, ...outcome } = run.finish();
  const header: Header = { ...draft, ...fields };
  const block = { header, hash: headerHash(header), transactions: run.transactions };
  return { executed: { block, lifted, ...outcome }, skipped };
}

/** The header as far as it is known before the execution. */
function draftHeader(environment: BlockEnvironment, attributes: BlockAttributes): Header {
  const { parent, rules } = environment;
  return {
    parentHash: parent.hash,
    ommersHash: EMPTY_OMMERS_HASH,
    coinbase: attributes.coinbase,
    stateRoot: environment.stateRoot,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: emptyBloom(),
    difficulty: 0n,
    height: parent.header.height + 1,
    gasLimit: attributes.gasLimit,
    gasUsed: 0n,
    timestamp: attributes.timestamp,
    extraData: EMPTY_BYTES,
    mixHash: attributes.mixHash,
    nonce: ZERO_BLOCK_NONCE,
    baseFeePerGas: attributes.baseFeePerGas ?? nextBaseFee(parent.header, rules),
  };
}
