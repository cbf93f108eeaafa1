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
  | 'RPC_ANSWER_TOO_LARGE'
  | 'RPC_METHOD_UNKNOWN'
  | 'RPC_PARAMS_INVALID'
  | 'RPC_ORIGIN_REFUSED'
  | 'RPC_HOST_REFUSED'
  | 'RPC_CONTENT_TYPE'
  | 'BLOCK_UNKNOWN'
  | 'FEE_HISTORY_BEYOND_HEAD'
  | 'FEE_HISTORY_PRUNED'
  | 'FEE_HISTORY_REORGANISED'
  | 'LOG_BLOCK_UNKNOWN'
  | 'LOG_RANGE_LIMIT'
  | 'LOG_RESULTS_LIMIT'
  | 'LOG_ANSWER_LIMIT'
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
    summary: 'the requests that are being received are too large together',
    remedy: 'Send the request again in a moment.',
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
  RPC_CONTENT_TYPE: {
    summary: 'the content type is not JSON',
    remedy: 'Send the header Content-Type: application/json.',
  },
  BLOCK_UNKNOWN: {
    summary: 'header not found',
    remedy: 'Ask for a block at or below the head (eth_blockNumber).',
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
});
