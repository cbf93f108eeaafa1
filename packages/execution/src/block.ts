import { assert, equalBytes, toHex } from '@lucerna/base';
import { headerHash, type RecoveredBlock, validateHeader } from '@lucerna/protocol';
import {
  type BlockEnvironment,
  BlockRun,
  type ExecutedBlock,
  transactionsRoot,
} from './block-run.ts';
import { executionErrors } from './errors.ts';
import { isRefusal } from './transaction.ts';

/**
 * Executes a block that somebody else built and checks every field of its header: against the
 * parent and the rules, and against what the execution gave. Nothing is written.
 *
 * @param options.lifted as in `validateHeader`
 * @throws `BLOCK_*` of `validateHeader`, `BLOCK_TRANSACTION` (with the refusal as its cause),
 *   `BLOCK_TRANSACTIONS_ROOT`, `BLOCK_GAS_EXECUTED`, `BLOCK_LOGS_BLOOM`, `BLOCK_RECEIPTS_ROOT`,
 *   `BLOCK_STATE_ROOT`; the last five have the fields `expected` (executed) and `actual` (header).
 *   `BLOCK_HASH_MISSING` when this node cannot tell, because its log begins too late
 */
export function executeBlock(
  environment: BlockEnvironment,
  block: RecoveredBlock,
  { lifted = false }: { readonly lifted?: boolean } = {},
): ExecutedBlock {
  const { header, transactions } = block;
  validateHeader(header, environment.parent, environment.rules, { lifted });
  assert(equalBytes(headerHash(header), block.hash), 'a block is known by the hash of its header');
  // Before the execution: who only tampered with the list should not make us execute it.
  compareBytesField(
    'BLOCK_TRANSACTIONS_ROOT',
    transactionsRoot(transactions),
    header.transactionsRoot,
  );
  const run = new BlockRun(environment, {
    chainId: environment.chainId,
    height: header.height,
    timestamp: header.timestamp,
    coinbase: header.coinbase,
    gasLimit: header.gasLimit,
    baseFeePerGas: header.baseFeePerGas,
    mixHash: header.mixHash,
    rules: environment.rules,
    hashAt: environment.hashAt,
    signatures: environment.signatures,
  });
  for (const [index, transaction] of transactions.entries()) {
    try {
      run.add(transaction);
    } catch (error) {
      // A hash that this node lacks says nothing of the block, and others will have it.
      if (!isRefusal(error) || error.code === 'BLOCK_HASH_MISSING') throw error;
      const fields = { index, hash: toHex(transaction.hash), code: error.code };
      throw executionErrors.create('BLOCK_TRANSACTION', error.message, fields, error);
    }
  }
  const { fields, ...outcome } = run.finish();
  if (fields.gasUsed !== header.gasUsed) {
    const pair = { expected: fields.gasUsed, actual: header.gasUsed };
    throw executionErrors.create('BLOCK_GAS_EXECUTED', describePair(pair), pair);
  }
  compareBytesField('BLOCK_LOGS_BLOOM', fields.logsBloom, header.logsBloom);
  compareBytesField('BLOCK_RECEIPTS_ROOT', fields.receiptsRoot, header.receiptsRoot);
  compareBytesField('BLOCK_STATE_ROOT', fields.stateRoot, header.stateRoot);
  return { block, lifted, ...outcome };
}

type RootCode =
  | 'BLOCK_TRANSACTIONS_ROOT'
  | 'BLOCK_LOGS_BLOOM'
  | 'BLOCK_RECEIPTS_ROOT'
  | 'BLOCK_STATE_ROOT';

function compareBytesField(code: RootCode, expected: Uint8Array, actual: Uint8Array): void {
  if (equalBytes(expected, actual)) return;
  const pair = { expected: toHex(expected), actual: toHex(actual) };
  throw executionErrors.create(code, describePair(pair), pair);
}

function describePair(pair: { expected: string | bigint; actual: string | bigint }): string {
  return `expected ${pair.expected}, header says ${pair.actual}`;
}
