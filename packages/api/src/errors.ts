import { defineErrors, type ErrorRegistry } from '@lucerna/base';
import { apiLimits } from './limits.ts';

/**
 * Codes of the API. `jsonrpc/errors.ts` says which number each one has on the wire. Summaries keep
 * go-ethereum's words where clients match on them.
 */
export const apiErrors: ErrorRegistry<
  | 'RPC_PARSE_FAILED'
  | 'RPC_REQUEST_INVALID'
  | 'RPC_REQUEST_TOO_LARGE'
  | 'RPC_SERVER_BUSY'
  | 'RPC_SERVER_CLOSING'
  | 'RPC_ANSWER_TOO_LARGE'
  | 'RPC_METHOD_UNKNOWN'
  | 'RPC_PARAMS_INVALID'
  | 'RPC_ORIGIN_REFUSED'
  | 'RPC_HOST_REFUSED'
  | 'RPC_TOKEN_REFUSED'
  | 'RPC_NOTIFICATIONS'
  | 'RPC_CONTENT_TYPE'
  | 'DEV_METHOD_REFUSED'
  | 'BLOCK_UNKNOWN'
  | 'TRANSACTION_UNKNOWN'
  | 'BLOCKS_REORGANISED'
  | 'TRACE_TOO_LARGE'
  | 'FEE_HISTORY_BEYOND_HEAD'
  | 'FEE_HISTORY_PRUNED'
  | 'FEE_HISTORY_REORGANISED'
  | 'LOG_BLOCK_UNKNOWN'
  | 'LOG_RANGE_LIMIT'
  | 'LOG_RESULTS_LIMIT'
  | 'LOG_ANSWER_LIMIT'
  | 'FILTER_UNKNOWN'
  | 'FILTER_LIMIT'
  | 'FILTER_DUMP_INVALID'
  | 'SUBSCRIPTION_LIMIT'
  | 'POOL_ANSWER_LIMIT'
  | 'TX_SYNC_TIMEOUT'
  | 'SIMULATION_LIMIT'
  | 'CHROMA_ANSWER_TOO_LARGE'
  | 'CHROMA_ARGUMENT_INVALID'
  | 'CHROMA_BODY_INVALID'
  | 'CHROMA_BODY_MALFORMED'
  | 'CHROMA_BODY_TOO_LARGE'
  | 'CHROMA_CONTENT_TYPE'
  | 'CHROMA_EXISTS'
  | 'CHROMA_FORBIDDEN'
  | 'CHROMA_METHOD_REFUSED'
  | 'CHROMA_NOT_FOUND'
  | 'CHROMA_ROUTE_UNKNOWN'
  | 'CHROMA_TRANSACTIONS_UNSUPPORTED'
  | 'CHROMA_UNSUPPORTED'
  | 'CHROMA_VERSION_OLD'
> = defineErrors('api', {
  RPC_PARSE_FAILED: {
    summary: 'parse error',
    remedy: 'Send one JSON value, encoded as UTF-8.',
  },
  RPC_REQUEST_INVALID: {
    summary: 'invalid request',
    remedy: 'Send {"jsonrpc":"2.0","id":1,"method":"…","params":[…]} or an array of such objects.',
  },
  RPC_REQUEST_TOO_LARGE: {
    summary: 'request too large',
    remedy: 'Split it into several requests.',
  },
  RPC_SERVER_BUSY: {
    summary: 'too many requests at a time',
    remedy: 'Send the request again in a moment.',
  },
  RPC_SERVER_CLOSING: {
    summary: 'the node is stopping',
    remedy: 'Send the request again when it has been started anew.',
  },
  RPC_ANSWER_TOO_LARGE: {
    summary: 'the answers of the batch are too large',
    remedy: 'Ask for less in one batch.',
  },
  RPC_METHOD_UNKNOWN: {
    summary: 'the method does not exist/is not available',
    remedy: 'Compare the name with the list of methods in the documentation.',
  },
  RPC_PARAMS_INVALID: {
    summary: 'invalid params',
    remedy: "Compare the arguments with the method's entry in the documentation.",
  },
  RPC_ORIGIN_REFUSED: {
    summary: 'the method is not allowed from this origin',
    remedy: 'Start the node with --allow-origin ORIGIN if the page at that origin may control it.',
  },
  RPC_HOST_REFUSED: {
    summary: 'the Host header names neither this machine nor a listed host',
    remedy: 'Connect through localhost, or list the host name when starting the node.',
  },
  RPC_TOKEN_REFUSED: {
    summary: 'the request does not show the token of this node',
    remedy: 'Send the header Authorization: Bearer and the token that the node was started with.',
  },
  RPC_NOTIFICATIONS: {
    summary: 'notifications not supported',
    remedy: 'Connect over WebSocket (same port) and subscribe there.',
  },
  RPC_CONTENT_TYPE: {
    summary: 'the content type is not JSON',
    remedy: 'Send the header Content-Type: application/json.',
  },
  BLOCK_UNKNOWN: {
    summary: 'header not found',
    remedy: 'Ask for a block at or below the head (eth_blockNumber).',
  },
  DEV_METHOD_REFUSED: {
    summary: 'the method is only available on a dev chain',
    remedy: 'Run a dev chain for it (lucerna dev); a network has no such method.',
  },
  TRANSACTION_UNKNOWN: {
    summary: 'transaction not found',
    remedy: 'Ask for a transaction of a block; one that waits in the pool has not run yet.',
  },
  BLOCKS_REORGANISED: {
    summary: 'the chain was reorganised while the query ran',
    remedy: 'Ask again.',
  },
  TRACE_TOO_LARGE: {
    summary: 'the transactions of the block have too many instructions for one answer',
    remedy: 'Trace its transactions one by one, or use callTracer.',
  },
  FEE_HISTORY_BEYOND_HEAD: {
    summary: 'request beyond head block',
    remedy: 'Let the range end at or below the head (eth_blockNumber).',
  },
  FEE_HISTORY_PRUNED: {
    summary: 'pruned history unavailable',
    remedy: 'Let the range end at or above the first block there is ("earliest").',
  },
  FEE_HISTORY_REORGANISED: {
    summary: 'the chain was reorganised while the query ran',
    remedy: 'Ask again.',
  },
  LOG_BLOCK_UNKNOWN: {
    summary: 'unknown block',
    remedy: 'Ask for the logs of a block of this chain; its hash may belong to another one.',
  },
  LOG_RANGE_LIMIT: {
    summary: `query exceeds max block range ${apiLimits.values.logRangeBlocks}`,
    remedy: 'Ask for fewer blocks at a time.',
  },
  LOG_RESULTS_LIMIT: {
    summary: `query returned more than ${apiLimits.values.logResults} results`,
    remedy: 'Ask for fewer blocks, or name the contract and the topics.',
  },
  LOG_ANSWER_LIMIT: {
    summary: `query returned more than ${apiLimits.values.logAnswerBytes} bytes of log data`,
    remedy: 'Ask for fewer blocks, or name the contract and the topics.',
  },
  FILTER_UNKNOWN: {
    summary: 'filter not found',
    remedy: 'Make a new filter: one that nobody asks for is forgotten after some minutes.',
  },
  FILTER_LIMIT: {
    summary: 'too many filters, or too many addresses and topics in them',
    remedy: 'Remove filters that are not needed (eth_uninstallFilter), or subscribe instead.',
  },
  FILTER_DUMP_INVALID: {
    summary: 'the dump of the filters does not make sense',
    remedy: 'Load a state that this version, or an older one, has dumped.',
  },
  SUBSCRIPTION_LIMIT: {
    summary: 'too many subscriptions, or too many addresses and topics in them',
    remedy: 'End subscriptions that are not needed (eth_unsubscribe).',
  },
  POOL_ANSWER_LIMIT: {
    summary: 'the content of the pool is too large for one answer',
    remedy: 'Ask for one sender (txpool_contentFrom), or for a summary (txpool_inspect).',
  },
  TX_SYNC_TIMEOUT: {
    summary: 'the transaction was added to the pool but is in no block yet',
    remedy: 'Ask for its receipt later: the data of the error is its hash.',
  },
  SIMULATION_LIMIT: {
    summary: 'too much for one simulation',
    remedy: 'Split the blocks or the calls among several requests.',
  },
  CHROMA_ANSWER_TOO_LARGE: {
    summary: 'The answer would be too long',
    remedy: 'Ask for fewer records at a time (limit, offset), or include less of them.',
  },
  CHROMA_ARGUMENT_INVALID: {
    summary: 'An argument of a Chroma request is not valid',
    remedy: 'Compare it with what the message says; the guide lists what each argument may be.',
  },
  CHROMA_BODY_INVALID: {
    summary: 'Failed to deserialize the JSON body into the target type',
    remedy: 'Compare the place that the message names with /openapi.json.',
  },
  CHROMA_BODY_MALFORMED: {
    summary: 'Failed to parse the request body as JSON',
    remedy: 'Send one JSON value, encoded as UTF-8.',
  },
  CHROMA_BODY_TOO_LARGE: {
    summary: 'Failed to buffer the request body: length limit exceeded',
    remedy:
      'Split the records among several requests; /api/v2/pre-flight-checks says how many fit.',
  },
  CHROMA_CONTENT_TYPE: {
    summary: 'Expected request with `Content-Type: application/json`',
    remedy: 'Send that header, and the body without a content encoding.',
  },
  CHROMA_EXISTS: {
    summary: 'There is one of that name already',
    remedy: 'Take another name, or get the one there is.',
  },
  CHROMA_FORBIDDEN: {
    summary: 'The server does not allow it',
    remedy: 'Start the server so that it does, where it is yours.',
  },
  CHROMA_METHOD_REFUSED: {
    summary: 'The path does not take this HTTP method',
    remedy: 'See /openapi.json for the methods of each path.',
  },
  CHROMA_NOT_FOUND: {
    summary: 'There is no such tenant, database or collection',
    remedy: 'Create it, or list those that there are.',
  },
  CHROMA_ROUTE_UNKNOWN: {
    summary: 'There is no such path',
    remedy: 'See /openapi.json for the paths that there are.',
  },
  CHROMA_TRANSACTIONS_UNSUPPORTED: {
    summary: 'Conditional writes are not supported',
    remedy: 'Write without conditions: a call is written whole or not at all.',
  },
  CHROMA_UNSUPPORTED: {
    summary: 'This server does not support the operation',
    remedy: 'Do without it: it exists in a cluster of Chroma only.',
  },
  CHROMA_VERSION_OLD: {
    summary: 'The v1 API is deprecated. Please use /v2 apis',
    remedy: 'Use a client of version 2 or later.',
  },
});
