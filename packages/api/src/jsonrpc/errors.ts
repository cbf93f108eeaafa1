import {
  fromHex,
  isHex,
  isLucernaError,
  type Log,
  type LucernaError,
  toQuantity,
} from '@lucerna/base';
import { decodeRevertReason } from './revert.ts';
import { UNSUPPORTED_METHODS } from './unsupported.ts';

/** An error as JSON-RPC 2.0 sends it and EIP-1193 throws it. */
export class RpcError extends Error {
  /** JSON-RPC error code. */
  readonly code: number;
  /** As hex: the raw revert data of code 3, the hash of the transaction of code 4. */
  readonly data: string | undefined;

  constructor(code: number, message: string, data?: string) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.data = data;
  }
}

/** JSON-RPC numbers that this API answers with. */
const RPC_CODES = {
  /** `execution reverted`: clients decode the data of this code only. */
  reverted: 3,
  pruned: 4444,
  /** EIP-7966: the transaction waits in the pool. */
  syncTimeout: 4,
  /** geth's general code: rejected transactions, unknown blocks, refused methods. */
  rejected: -32000,
  limit: -32005,
  /** `eth_simulateV1`: a call failed without reverting by itself. */
  vmError: -32015,
  /** `eth_simulateV1`: more than this node does at once. */
  simulationLimit: -38026,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  parse: -32700,
} as const;

/** How much of an `Origin` header an error repeats. */
const ORIGIN_CHARS = 256;

type ErrorRule = {
  readonly code: number;
  /** Default: the coded error's own message, which begins with its summary. */
  readonly message?: (error: LucernaError) => string;
};

const rejected: ErrorRule = { code: RPC_CODES.rejected };
const invalidParams: ErrorRule = { code: RPC_CODES.params };
const unknownBlock: ErrorRule = { code: RPC_CODES.rejected, message: () => 'header not found' };

/**
 * The one table from coded errors to JSON-RPC: a code, or the beginning of codes before a `*`; exact
 * entries win. What is not in it is nobody's input but our own failure, and is answered -32603.
 */
const RULES: Readonly<Record<string, ErrorRule>> = {
  RPC_PARSE_FAILED: { code: RPC_CODES.parse },
  RPC_REQUEST_INVALID: { code: RPC_CODES.request },
  RPC_REQUEST_TOO_LARGE: { code: RPC_CODES.request },
  RPC_CONTENT_TYPE: { code: RPC_CODES.request },
  RPC_NOTIFICATIONS: { code: RPC_CODES.method },
  RPC_HOST_REFUSED: { code: RPC_CODES.request },
  RPC_TOKEN_REFUSED: { code: RPC_CODES.request },
  RPC_SERVER_BUSY: { code: RPC_CODES.limit },
  RPC_SERVER_CLOSING: rejected,
  RPC_ANSWER_TOO_LARGE: { code: RPC_CODES.limit },
  RPC_METHOD_UNKNOWN: {
    code: RPC_CODES.method,
    message: unknownMethodMessage,
  },
  DEV_METHOD_REFUSED: { code: RPC_CODES.method, message: devMethodMessage },
  RPC_PARAMS_INVALID: invalidParams,
  RPC_ORIGIN_REFUSED: { code: RPC_CODES.rejected, message: originMessage },
  BLOCK_UNKNOWN: unknownBlock,
  TRANSACTION_UNKNOWN: rejected,
  BLOCKS_REORGANISED: rejected,
  TRACE_TOO_LARGE: { code: RPC_CODES.limit },
  FEE_HISTORY_BEYOND_HEAD: rejected,
  FEE_HISTORY_PRUNED: { code: RPC_CODES.pruned },
  FEE_HISTORY_REORGANISED: rejected,
  LOG_BLOCK_UNKNOWN: rejected,
  LOG_RANGE_LIMIT: { code: RPC_CODES.limit },
  LOG_RESULTS_LIMIT: { code: RPC_CODES.limit, message: shorterRangeMessage },
  LOG_ANSWER_LIMIT: { code: RPC_CODES.limit, message: shorterRangeMessage },
  FILTER_UNKNOWN: rejected,
  FILTER_LIMIT: { code: RPC_CODES.limit },
  FILTER_DUMP_INVALID: invalidParams,
  SUBSCRIPTION_LIMIT: { code: RPC_CODES.limit },
  POOL_ANSWER_LIMIT: { code: RPC_CODES.limit },
  SIMULATION_LIMIT: { code: RPC_CODES.simulationLimit },
  CALL_REVERTED: { code: RPC_CODES.reverted, message: revertMessage },

  // Transactions: what codec, validation, pool and execution say about them, in geth's words.
  'TX_*': rejected,
  TX_SYNC_TIMEOUT: { code: RPC_CODES.syncTimeout },
  'RLP_*': rejected,
  'POOL_*': rejected,
  'CALL_*': rejected,
  SIGNATURE_INVALID: rejected,
  REPLACEMENT_UNDERPRICED: rejected,
  SENDER_HAS_CODE: rejected,
  ENGINE_MISSING: rejected,

  // Code that did not revert by itself but failed, and containers that are refused.
  OUT_OF_GAS: rejected,
  CODE_STORE_OUT_OF_GAS: rejected,
  CODE_TOO_LARGE: rejected,
  'CREATE_*': rejected,
  'FRAME_*': rejected,
  INIT_DATA_TOO_LARGE: rejected,
  LOG_LIMIT: rejected,
  'NATIVE_*': rejected,
  PROGRAM_REFUSED: rejected,
  'SIMULATION_*': rejected,
  'STATIC_*': rejected,
  'ZXC_*': rejected,

  // What the node says about its own accounts.
  ACCOUNT_UNKNOWN: rejected,

  // Texts and options of the Q64 encodings.
  'Q64_*': invalidParams,

  // A node in the caller's own process that the caller has closed.
  NODE_CLOSED: rejected,
  TRANSACTION_DROPPED: rejected,
  CHAIN_CLOSED: rejected,
  STORE_CLOSED: rejected,

  // State.
  STATE_FUTURE: unknownBlock,
  BLOCKS_PRUNED: { code: RPC_CODES.pruned },
  STATE_PRUNED: { code: RPC_CODES.pruned },
  PROOF_PRUNED: { code: RPC_CODES.pruned },
  CHAIN_REORGANISED: rejected,

  // Arguments that only the node can judge.
  HEX_INVALID: invalidParams,
  ADDRESS_INVALID: invalidParams,
  ADDRESS_CHECKSUM: invalidParams,
  BLOCK_COUNT_OUT_OF_RANGE: invalidParams,
  TIMESTAMP_BEFORE_HEAD: invalidParams,
  TIMESTAMP_OUT_OF_RANGE: invalidParams,
  BLOCK_INTERVAL_OUT_OF_RANGE: invalidParams,
  BALANCE_OVERFLOW: rejected,
  'DUMP_*': invalidParams,
  DUMP_TOO_LARGE: { code: RPC_CODES.limit },
  DUMP_WITHOUT_GENESIS: rejected,
  HEADER_VALUE_OUT_OF_RANGE: invalidParams,
  NONCE_OUT_OF_RANGE: invalidParams,
  REORG_OFFSET_OUT_OF_RANGE: invalidParams,
  ROLLBACK_TOO_DEEP: invalidParams,
  // What a dev chain keeps, and how far it goes back in one step, is bounded.
  CHAIN_PATCHES_EXCEEDED: { code: RPC_CODES.limit },
  IMPERSONATED_FULL: { code: RPC_CODES.limit },
  NOTE_LIMIT: { code: RPC_CODES.limit },
  REORG_TOO_DEEP: { code: RPC_CODES.limit },
  SNAPSHOTS_FULL: { code: RPC_CODES.limit },
  QUEUE_FULL: { code: RPC_CODES.limit },
};

/** The rule for a coded error's code, by name or by its longest listed beginning. */
function ruleOf(code: string): ErrorRule | undefined {
  if (Object.hasOwn(RULES, code)) return RULES[code];
  for (let end = code.lastIndexOf('_'); end > 0; end = code.lastIndexOf('_', end - 1)) {
    const rule = RULES[`${code.slice(0, end)}_*`];
    if (rule !== undefined) return rule;
  }
  return undefined;
}

/**
 * Any error as the client may see it. What is not in the table says `internal error` and nothing
 * else; its text goes to the log, with the name of the method.
 */
export function toRpcError(error: unknown, method: string, log: Log): RpcError {
  if (error instanceof RpcError) return error;
  if (isLucernaError(error)) {
    const rule = ruleOf(error.code);
    if (rule !== undefined) {
      const message = rule.message?.(error) ?? error.message;
      return new RpcError(rule.code, message, errorData(error));
    }
  }
  log.error('rpc method failed', {
    method,
    code: isLucernaError(error) ? error.code : undefined,
    reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return new RpcError(RPC_CODES.internal, 'internal error');
}

/**
 * Numbers of `eth_simulateV1` for what refuses a whole simulation (execution-apis, eth_simulateV1).
 * Other errors have their numbers from {@link RULES}.
 */
const SIMULATION_CODES: Readonly<Record<string, number>> = {
  TX_NONCE_TOO_LOW: -38010,
  TX_NONCE_TOO_HIGH: -38011,
  TX_FEE_CAP_TOO_LOW: -38012,
  TX_INTRINSIC_GAS: -38013,
  TX_INSUFFICIENT_FUNDS: -38014,
  TX_COST_OVERFLOW: -38014,
  TX_GAS_LIMIT: -38015,
  TX_GAS_LEFT: -38015,
  SIMULATION_BLOCK_GAS: -38015,
  SIMULATION_BLOCK_NUMBER: -38020,
  SIMULATION_TIMESTAMP: -38021,
  SENDER_HAS_CODE: -38024,
  INIT_DATA_TOO_LARGE: -38025,
  SIMULATION_BLOCKS: -38026,
  SIMULATION_GAS: -38026,
  SIMULATION_RESULT: -38026,
};

/** The error of a simulation with its number; what has none comes back as it is. */
export function simulationError(error: unknown): unknown {
  if (!isLucernaError(error)) return error;
  const code = Object.hasOwn(SIMULATION_CODES, error.code)
    ? SIMULATION_CODES[error.code]
    : undefined;
  return code === undefined ? error : new RpcError(code, error.message);
}

/** Why one call of a simulation failed, as part of an answer. */
export function callErrorOf(error: LucernaError): {
  readonly code: number;
  readonly message: string;
  readonly data?: string;
} {
  const data = revertData(error);
  if (data !== undefined) return { code: RPC_CODES.reverted, message: revertMessage(error), data };
  return { code: RPC_CODES.vmError, message: `vm execution error: ${error.message}` };
}

/** A JSON-RPC error response; `id` is JSON text. */
export function errorText(id: string, error: RpcError): string {
  const { code, message, data } = error;
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message, data })}}`;
}

function errorData(error: LucernaError): string | undefined {
  const { hash } = error.fields;
  return error.code === 'TX_SYNC_TIMEOUT' ? String(hash) : revertData(error);
}

function revertData(error: LucernaError): string | undefined {
  if (error.code !== 'CALL_REVERTED') return undefined;
  const data = error.fields['data'];
  return typeof data === 'string' ? data : '0x';
}

function unknownMethodMessage({ fields }: LucernaError): string {
  const name = String(fields['method']);
  const reason = Object.hasOwn(UNSUPPORTED_METHODS, name) ? UNSUPPORTED_METHODS[name] : undefined;
  const message = `the method ${name} does not exist/is not available`;
  return reason === undefined ? message : `${message}: ${reason}`;
}

function devMethodMessage({ message, fields }: LucernaError): string {
  return `the method ${fields['method']} does not exist/is not available: ${message}`;
}

function originMessage({ fields }: LucernaError): string {
  const { method, origin } = fields;
  const what = method === undefined ? 'this node' : `the method ${method}`;
  return `${what} is not allowed from origin ${String(origin).slice(0, ORIGIN_CHARS)}`;
}

function revertMessage(error: LucernaError): string {
  const data = revertData(error);
  const reason = data === undefined || !isHex(data) ? undefined : decodeRevertReason(fromHex(data));
  return reason === undefined ? 'execution reverted' : `execution reverted: ${reason}`;
}

/** Indexers read the range that they should try instead out of the message, in these words. */
function shorterRangeMessage({ message, fields }: LucernaError): string {
  const { fromHeight, toHeight } = fields;
  if (typeof fromHeight !== 'number' || typeof toHeight !== 'number') return message;
  const range = `[${toQuantity(fromHeight)}, ${toQuantity(toHeight)}]`;
  return `${message}. Try with this block range ${range}.`;
}
