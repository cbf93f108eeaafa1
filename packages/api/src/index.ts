export {
  type AccessDecision,
  type AccessPolicy,
  type AccessRequest,
  type Caller,
  decideAccess,
  isMethodAllowed,
  isRestrictedMethod,
  tokenRefusal,
} from './access.ts';
export type {
  ChromaApi,
  ChromaOptions,
  ChromaRequest,
  ChromaResponse,
} from './chroma/chroma-api.ts';
export { type ChromaFailure, toChromaFailure } from './chroma/errors.ts';
export { openChromaApi } from './chroma/open-chroma-api.ts';
export { isChromaPath } from './chroma/paths.ts';
export { shortestSingle } from './chroma/single.ts';
export type { AnswerObject, AnswerValue } from './chroma/values.ts';
export type {
  DevApi,
  DevNodeInfo,
  MineOptions,
  MiningMode,
  ReorgTransaction,
} from './dev-api.ts';
export { apiErrors } from './errors.ts';
export { type Health, healthOf, type VectorHealth } from './health/health.ts';
export { Departure } from './jsonrpc/departure.ts';
export { errorText, RpcError, toRpcError } from './jsonrpc/errors.ts';
export { createFilters, type FilterParts, type Filters } from './jsonrpc/filters.ts';
export {
  createJsonRpc,
  type JsonRpc,
  type JsonRpcOptions,
  type RpcSession,
} from './jsonrpc/json-rpc.ts';
export type { Method, MethodResult } from './jsonrpc/method.ts';
export { distinctMethods, resultSchema } from './jsonrpc/openrpc.ts';
export type { Param, ParamSchema } from './jsonrpc/params.ts';
export { METHODS } from './jsonrpc/table.ts';
export { UNSUPPORTED_METHODS } from './jsonrpc/unsupported.ts';
export { apiLimits } from './limits.ts';
export type {
  AccessListResult,
  AccountView,
  CallResult,
  HeadNotice,
  MaybePromise,
  NodeApi,
  PoolTransaction,
  SimulatedBlock,
  StatePoint,
  TraceOptions,
  TransactionRequest,
} from './node-api.ts';
