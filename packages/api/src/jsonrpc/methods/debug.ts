import { toHex } from '@lucerna/base';
import {
  type BlockView,
  encodeBlock,
  encodeHeader,
  encodeReceipt,
  type JsonValue,
} from '@lucerna/protocol';
import { apiErrors } from '../../errors.ts';
import type { NodeApi } from '../../node-api.ts';
import {
  type BlockParameter,
  block,
  blockNumber,
  headerAt,
  LATEST,
  stateHeight,
  statePoint,
} from '../block-parameter.ts';
import { hash } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { optional, type Param, required } from '../params.ts';
import {
  formatBlockTrace,
  formatTrace,
  type TraceRequest,
  traceCallRequest,
  traceOptions,
  traceRequest,
} from '../trace.ts';
import { transactionRequest } from '../transaction-request.ts';
import { readBlock } from './block.ts';
import { requireChain } from './call.ts';

const transactionHash: Param<Uint8Array> = required('hash', hash, 'Hash of the transaction.');
const atBlock: Param<BlockParameter> = optional('block', block, LATEST, 'Height, tag or hash.');
const trace: Param<TraceRequest> = optional(
  'options',
  traceRequest,
  {},
  "geth's TraceConfig: tracer (callTracer, 4byteTracer, noopTracer; without one the instructions), tracerConfig, disableStack, limit.",
);
const blockTraces = {
  name: 'traces',
  summary: 'Hash and trace of each transaction. More instructions than one answer takes: -32005.',
};

/** How transactions ran, and what blocks are made of. */
export const debugMethods: readonly Method[] = [
  defineMethod({
    name: 'debug_traceTransaction',
    summary: 'Runs a transaction of a block once more and tells how.',
    params: [transactionHash, trace],
    result: {
      name: 'trace',
      summary:
        "As geth's tracers answer. A failed call of callTracer has its line of the source in `location`; instructions have their operands in `operands`, as text.",
    },
    handler: async (node, wanted, request) => {
      const found = await node.traceTransaction(wanted, traceOptions(request));
      if (found === undefined) throw apiErrors.create('TRANSACTION_UNKNOWN');
      return formatTrace(found, request);
    },
  }),
  defineMethod({
    name: 'debug_traceBlockByNumber',
    summary: 'Runs the transactions of a block once more and tells how.',
    params: [required('block', blockNumber, 'Height or tag.'), trace],
    result: blockTraces,
    handler: (node, parameter, request) => traceBlock(node, parameter, request),
  }),
  defineMethod({
    name: 'debug_traceBlockByHash',
    summary: 'Runs the transactions of a block once more and tells how.',
    params: [required('blockHash', hash, 'Hash of the block.'), trace],
    result: blockTraces,
    handler: (node, blockHash, request) =>
      traceBlock(node, { kind: 'hash', hash: blockHash }, request),
  }),
  defineMethod({
    name: 'debug_traceCall',
    summary: 'Runs a call as eth_call does and tells how.',
    params: [
      required('transaction', transactionRequest, 'The call.'),
      atBlock,
      optional(
        'options',
        traceCallRequest,
        {},
        'As for debug_traceTransaction; besides, stateOverrides and blockOverrides.',
      ),
    ],
    result: { name: 'trace', summary: 'As debug_traceTransaction answers.' },
    handler: async (node, call, at, request) => {
      requireChain(node, call);
      const { stateOverrides = [], blockOverrides = {}, ...how } = request;
      const point = statePoint(node, at);
      return formatTrace(
        await node.traceCall(
          call,
          point,
          { state: stateOverrides, block: blockOverrides },
          traceOptions(how),
        ),
        how,
      );
    },
  }),
  defineMethod({
    name: 'debug_getRawHeader',
    summary: 'The header of a block in RLP, whose hash is that of the block.',
    params: [atBlock],
    result: { name: 'header', summary: 'Bytes.' },
    handler: (node, at) => toHex(encodeHeader(headerAt(node, stateHeight(node, at)).header)),
  }),
  defineMethod({
    name: 'debug_getRawBlock',
    summary: 'A block in RLP.',
    params: [atBlock],
    result: { name: 'block', summary: 'Bytes.' },
    handler: async (node, at) => toHex(encodeBlock((await requireBlock(node, at)).block)),
  }),
  defineMethod({
    name: 'debug_getRawReceipts',
    summary: 'The receipts of a block as its receipts trie has them (EIP-2718).',
    params: [atBlock],
    result: { name: 'receipts', summary: 'Bytes of each, in the order of the transactions.' },
    handler: async (node, at) =>
      (await requireBlock(node, at)).receipts.map((receipt) => toHex(encodeReceipt(receipt))),
  }),
  defineMethod({
    name: 'debug_getRawTransaction',
    summary: 'A transaction of a block or of the pool as it was sent (EIP-2718).',
    params: [transactionHash],
    result: { name: 'transaction', summary: 'Bytes, or null when it is not known.' },
    handler: async (node, wanted) => {
      const position = node.findTransaction(wanted);
      if (position === undefined) {
        const pooled = node.pooledTransaction(wanted);
        return pooled === undefined ? null : toHex(pooled.raw);
      }
      const view = await readBlock(node, { kind: 'height', height: position.height });
      const found = view?.block.transactions[position.index];
      return found === undefined ? null : toHex(found.raw);
    },
  }),
  defineMethod({
    name: 'debug_getBadBlocks',
    summary: 'Blocks that were refused.',
    params: [],
    result: { name: 'blocks', summary: 'Always none: refused blocks are not kept.' },
    handler: () => [],
  }),
];

async function traceBlock(
  node: NodeApi,
  at: BlockParameter,
  request: TraceRequest,
): Promise<readonly JsonValue[]> {
  const height = stateHeight(node, at);
  return formatBlockTrace(await node.traceBlock(height, traceOptions(request)), request);
}

/** @throws `BLOCK_UNKNOWN` */
async function requireBlock(node: NodeApi, at: BlockParameter): Promise<BlockView> {
  const view = await readBlock(node, at);
  if (view === undefined) throw apiErrors.create('BLOCK_UNKNOWN');
  return view;
}
