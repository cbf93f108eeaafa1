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
  BlockView,
  CallRequest,
  CallResult,
  HeaderView,
  MaybePromise,
  MineOptions,
  NodeApi,
  TransactionPosition,
  TransactionRequest,
} from './node-api.ts';
