import { equalBytes, present, toHex, toQuantity } from '@lucerna/base';
import {
  type BlockView,
  type CallTrace,
  createAddress,
  effectiveGasPrice,
  type JsonObject,
  type TransactionPosition,
} from '@lucerna/protocol';
import { apiErrors } from '../../errors.ts';
import { apiLimits } from '../../limits.ts';
import type { NodeApi } from '../../node-api.ts';
import { type BlockParameter, block, LATEST, stateHeight } from '../block-parameter.ts';
import { formatBlock, formatReceiptAt, formatTransactionAt, gasUsedBy } from '../format.ts';
import { address, hash, looseQuantity, toSafeNumber } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { optional, type Param, type ParamSchema, paramError, required } from '../params.ts';
import { callType, hasLeftNothing, isCreation } from '../trace.ts';
import { readBlock } from './block.ts';
import { count } from './dev-forms.ts';

/** Otterscan asks for blocks by JSON number. */
const looseBlock: ParamSchema<BlockParameter> = {
  expected: `a JSON number, ${block.expected}`,
  schema: { oneOf: [{ type: 'integer', minimum: 0 }, block.schema] },
  parse: (value, path): BlockParameter => {
    if (typeof value !== 'number') return block.parse(value, path);
    return { kind: 'height', height: toSafeNumber(looseQuantity.parse(value, path)) };
  },
};

const pageSizeForm: ParamSchema<number> = {
  ...count,
  parse: (value, path): number => {
    const size = count.parse(value, path);
    const max = apiLimits.values.otsPageTransactions;
    if (size < 1 || size > max) throw paramError(`${path}: from 1 to ${max}`);
    return size;
  },
};

const account: Param<Uint8Array> = required('address', address, 'The account.');
const transactionHash: Param<Uint8Array> = required('hash', hash, 'Hash of the transaction.');
const atBlock: Param<BlockParameter> = optional(
  'block',
  looseBlock,
  LATEST,
  'Height, tag or hash.',
);
const pageSize: Param<number> = required('pageSize', pageSizeForm, 'Transactions of a page.');
const startHeight: Param<number> = required('block', count, 'A height, or 0.');
const detailsResult = {
  name: 'details',
  summary: 'The block without its transactions, and the fees of all; null when there is none.',
};
const pageResult = {
  name: 'page',
  summary:
    'The newest first, with the receipts, and whether it is the first or the last page. A page ends with a whole block.',
};

/** What the Otterscan explorer asks for; the first three are its probe at the start. */
export const otsMethods: readonly Method[] = [
  defineMethod({
    name: 'ots_getApiLevel',
    summary: 'The version of the ots methods.',
    params: [],
    result: { name: 'level', summary: 'Always the JSON number 8.' },
    handler: () => 8,
  }),
  defineMethod({
    name: 'erigon_getHeaderByNumber',
    summary: 'A block by height or tag, with the hashes of its transactions.',
    params: [atBlock],
    result: { name: 'header', summary: 'The block, or null when there is none (yet).' },
    handler: async (node, at) => {
      const view = await readBlock(node, at);
      return view === undefined ? null : formatExplorerBlock(view);
    },
  }),
  defineMethod({
    name: 'ots_hasCode',
    summary: 'Whether an account is a contract.',
    params: [account, atBlock],
    result: { name: 'hasCode', summary: 'True or false.' },
    handler: (node, of, at) => node.code(stateHeight(node, at), of).length > 0,
  }),
  defineMethod({
    name: 'ots_getBlockDetails',
    summary: 'A block by height, without its transactions.',
    params: [atBlock],
    result: detailsResult,
    handler: async (node, at) => formatDetails(await readBlock(node, at)),
  }),
  defineMethod({
    name: 'ots_getBlockDetailsByHash',
    summary: 'A block by hash, without its transactions.',
    params: [required('blockHash', hash, 'Hash of the block.')],
    result: detailsResult,
    handler: async (node, blockHash) =>
      formatDetails(await readBlock(node, { kind: 'hash', hash: blockHash })),
  }),
  defineMethod({
    name: 'ots_getBlockTransactions',
    summary: 'Some of the transactions of a block; page 0 has the last ones, as in Erigon.',
    params: [
      required('block', looseBlock, 'Height, tag or hash.'),
      required('page', count, 'Number of the page, from 0.'),
      pageSize,
    ],
    result: { name: 'page', summary: 'The block with these transactions, and their receipts.' },
    handler: async (node, at, page, size) => {
      const view = await readBlock(node, at);
      if (view === undefined) return null;
      const total = view.block.transactions.length;
      const end = Math.max(0, total - page * size);
      const start = Math.max(0, end - size);
      // A block may have thousands: only those of the page are made into JSON.
      const indexes = Array.from({ length: end - start }, (_, offset) => start + offset);
      const transactions = indexes.map((index) =>
        present(formatTransactionAt(view.block, index, { pending: false }), 'it is in the block'),
      );
      return {
        fullblock: { ...formatExplorerBlock(view), transactions, transactionCount: total },
        receipts: indexes.map((index) => withTime(view, formatReceiptAt(view, index))),
      };
    },
  }),
  defineMethod({
    name: 'ots_searchTransactionsBefore',
    summary: 'The transactions of an account before a block; 0 stands for the end of the chain.',
    params: [account, startHeight, pageSize],
    result: pageResult,
    handler: (node, of, height, size) => searchBefore(node, of, height, size),
  }),
  defineMethod({
    name: 'ots_searchTransactionsAfter',
    summary: 'The transactions of an account after a block; 0 stands for the beginning.',
    params: [account, startHeight, pageSize],
    result: pageResult,
    handler: (node, of, height, size) => searchAfter(node, of, height, size),
  }),
  defineMethod({
    name: 'ots_getTransactionBySenderAndNonce',
    summary: 'The transaction of an account that used a nonce.',
    params: [account, required('nonce', looseQuantity, 'The nonce.')],
    result: { name: 'hash', summary: 'Its hash, or null.' },
    handler: async (node, of, nonce) => {
      const position = node.transactionOfNonce(of, nonce);
      if (position === undefined) return null;
      const view = await readPosition(node, position);
      return toHex(present(view.block.transactions[position.index], 'the position exists').hash);
    },
  }),
  defineMethod({
    name: 'ots_getContractCreator',
    summary: 'Who has created a contract, and in which transaction.',
    params: [account],
    result: { name: 'creation', summary: 'Hash and creator; null for what nobody has created.' },
    handler: (node, of) => findCreator(node, of),
  }),
  defineMethod({
    name: 'ots_getInternalOperations',
    summary: 'The value that contracts have sent and the contracts they have created.',
    params: [transactionHash],
    result: {
      name: 'operations',
      summary:
        'Types: 0 transfer, 2 create, 3 create2. What the transaction itself does is not in it.',
    },
    handler: async (node, wanted) => {
      const trace = await node.traceTransaction(wanted, {});
      return trace === undefined ? [] : internalOperations(trace.calls);
    },
  }),
  defineMethod({
    name: 'ots_traceTransaction',
    summary: 'All calls of a transaction in order.',
    params: [transactionHash],
    result: { name: 'calls', summary: 'With their depth from 0; none for an unknown transaction.' },
    handler: async (node, wanted) => {
      const trace = await node.traceTransaction(wanted, {});
      return trace === undefined ? [] : flatCalls(trace.calls, 0);
    },
  }),
  defineMethod({
    name: 'ots_getTransactionError',
    summary: 'The data of the revert that a transaction ended with.',
    params: [transactionHash],
    result: { name: 'data', summary: 'Bytes; 0x when there is none.' },
    handler: async (node, wanted) => {
      const calls = (await node.traceTransaction(wanted, {}))?.calls;
      return calls?.error?.code === 'CALL_REVERTED' ? toHex(calls.output) : '0x';
    },
  }),
];

function formatExplorerBlock({ block: recovered }: BlockView): JsonObject {
  return { ...formatBlock(recovered, { full: false, pending: false }), totalDifficulty: '0x0' };
}

function formatDetails(view: BlockView | undefined): JsonObject | null {
  if (view === undefined) return null;
  const { transactions: _, ...rest } = formatExplorerBlock(view);
  const { header, transactions } = view.block;
  const fees = transactions.map(
    ({ transaction }, index) =>
      gasUsedBy(view.receipts, index) * effectiveGasPrice(transaction, header.baseFeePerGas),
  );
  return {
    block: { ...rest, transactionCount: transactions.length },
    issuance: { blockReward: '0x0', uncleReward: '0x0', issuance: '0x0' },
    totalFees: toQuantity(fees.reduce((sum, fee) => sum + fee, 0n)),
  };
}

/** A receipt as Otterscan wants it: with the time of its block. */
function withTime({ block: { header } }: BlockView, receipt: JsonObject): JsonObject {
  return { ...receipt, timestamp: toQuantity(header.timestamp) };
}

async function searchBefore(
  node: NodeApi,
  of: Uint8Array,
  height: number,
  size: number,
): Promise<JsonObject> {
  const from = height === 0 ? undefined : { height, index: 0 };
  const { positions, isLast } = takePage(node.transactionsOf(of, from, 'older'), size);
  return formatPage(node, positions, { firstPage: from === undefined, lastPage: isLast });
}

async function searchAfter(
  node: NodeApi,
  of: Uint8Array,
  height: number,
  size: number,
): Promise<JsonObject> {
  // The position after every transaction of the block.
  const from = height === 0 ? undefined : { height, index: MAX_INDEX };
  const found = height > node.head().header.height ? [] : node.transactionsOf(of, from, 'newer');
  const { positions, isLast } = takePage(found, size);
  positions.reverse();
  return formatPage(node, positions, { firstPage: isLast, lastPage: from === undefined });
}

/** No block has as many transactions: positions in it fit into 32 bits. */
const MAX_INDEX = 2 ** 32 - 1;

/** The first `size` positions and the rest of the last one's block; whether there are no more. */
function takePage(
  found: Iterable<TransactionPosition>,
  size: number,
): { readonly positions: TransactionPosition[]; readonly isLast: boolean } {
  const positions: TransactionPosition[] = [];
  for (const position of found) {
    if (positions.length >= size && positions.at(-1)?.height !== position.height) {
      return { positions, isLast: false };
    }
    positions.push(position);
  }
  return { positions, isLast: true };
}

async function formatPage(
  node: NodeApi,
  positions: readonly TransactionPosition[],
  flags: JsonObject,
): Promise<JsonObject> {
  const txs: JsonObject[] = [];
  const receipts: JsonObject[] = [];
  let last: BlockView | undefined;
  for (const position of positions) {
    const isSame = last?.block.header.height === position.height;
    const view = last !== undefined && isSame ? last : await readPosition(node, position);
    last = view;
    const tx = formatTransactionAt(view.block, position.index, { pending: false });
    if (tx === undefined) throw apiErrors.create('BLOCKS_REORGANISED');
    txs.push(tx);
    receipts.push(withTime(view, formatReceiptAt(view, position.index)));
  }
  return { txs, receipts, ...flags };
}

/** @throws `BLOCKS_REORGANISED` when the chain no longer has a transaction there */
async function readPosition(
  node: NodeApi,
  { height, index }: TransactionPosition,
): Promise<BlockView> {
  const view = await readBlock(node, { kind: 'height', height });
  if (view?.block.transactions[index] === undefined) throw apiErrors.create('BLOCKS_REORGANISED');
  return view;
}

async function findCreator(node: NodeApi, contract: Uint8Array): Promise<JsonObject | null> {
  const position = node.creationOf(contract);
  if (position === undefined) return null;
  const view = await readPosition(node, position);
  const found = present(view.block.transactions[position.index], 'the position exists');
  const { transaction, sender } = found;
  const isDirect =
    transaction.to === null && equalBytes(createAddress(sender, transaction.nonce), contract);
  const trace = isDirect ? undefined : await node.traceTransaction(found.hash, {});
  const frame = trace === undefined ? undefined : findCreation(trace.calls, contract);
  return { hash: toHex(found.hash), creator: toHex(frame?.from ?? sender) };
}

function findCreation(call: CallTrace, contract: Uint8Array): CallTrace | undefined {
  if (hasLeftNothing(call)) return undefined;
  if (isCreation(call) && equalBytes(call.to, contract)) return call;
  for (const inner of call.calls) {
    const found = findCreation(inner, contract);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What the calls below `call` have moved and created; nothing of what has failed or was taken back. */
function internalOperations(call: CallTrace): readonly JsonObject[] {
  if (hasLeftNothing(call)) return [];
  return call.calls.flatMap((inner) => {
    if (hasLeftNothing(inner)) return [];
    const type = operationType(inner);
    const { from, to, value } = inner;
    const own = { type: type ?? 0, from: toHex(from), to: toHex(to), value: toQuantity(value) };
    return [...(type === undefined ? [] : [own]), ...internalOperations(inner)];
  });
}

function operationType({ kind, value }: CallTrace): number | undefined {
  if (kind === 'create') return 2;
  if (kind === 'create2') return 3;
  // A delegated call shows the value of its caller, which it does not send again.
  return kind !== 'delegate' && value > 0n ? 0 : undefined;
}

function flatCalls(call: CallTrace, depth: number): readonly JsonObject[] {
  const { kind, from, to, value, input, output } = call;
  const hasValue = kind !== 'static' && kind !== 'delegate';
  const own = {
    type: callType(call),
    depth,
    from: toHex(from),
    to: toHex(to),
    value: hasValue ? toQuantity(value) : null,
    input: toHex(input),
    output: toHex(output),
  };
  return [own, ...call.calls.flatMap((inner) => flatCalls(inner, depth + 1))];
}
