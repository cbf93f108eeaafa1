export {
  type AccessDecision,
  type AccessPolicy,
  type AccessRequest,
  type Caller,
  decideAccess,
  isMethodAllowed,
  isRestrictedMethod,
} from './access.ts';
export { apiErrors } from './errors.ts';
export { errorText, RpcError, toRpcError } from './jsonrpc/errors.ts';
export {
  createJsonRpc,
  type JsonRpc,
  type JsonRpcOptions,
} from './jsonrpc/json-rpc.ts';
export type { Method, MethodResult } from './jsonrpc/method.ts';
export type { Param, ParamSchema } from './jsonrpc/params.ts';
export { METHODS } from './jsonrpc/table.ts';
export { apiLimits } from './limits.ts';
export type {
  AccountView,
  CallResult,
  MaybePromise,
  MineOptions,
  NodeApi,
  TransactionRequest,
} from './node-api.ts';
