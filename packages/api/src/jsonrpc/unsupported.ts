/**
 * Methods of other nodes that this one leaves out on purpose, with the reason. They are answered as
 * any unknown method is, and the reason follows; the reference lists them.
 */
export const UNSUPPORTED_METHODS: Readonly<Record<string, string>> = {
  anvil_setChainId: 'the chain id is part of the genesis block, from which the chain is checked',
  anvil_setRpcUrl: 'there is no forking',
  anvil_dealERC20: 'where a token keeps its balances is not known; call its mint action instead',
  hardhat_dealERC20: 'where a token keeps its balances is not known; call its mint action instead',
  anvil_setERC20Balance:
    'where a token keeps its balances is not known; use anvil_setStorageAt or an action of it',
  anvil_setERC20Allowance:
    'where a token keeps its allowances is not known; impersonate the owner and call approve',
  anvil_impersonateSignature: 'contracts have no ecrecover whose answers could be made up',
  anvil_getBlobByHash: 'there are no blob transactions',
  anvil_getBlobsByTransactionHash: 'there are no blob transactions',
  anvil_setFeeToken: 'fees are paid in the native currency only',
  anvil_setValidatorFeeToken: 'fees are paid in the native currency only',
  anvil_setFeeAmmLiquidity: 'fees are paid in the native currency only',
  eth_blobBaseFee: 'there are no blob transactions',
  eth_capabilities:
    'what is kept of the state depends on how much it changes, not on a number of blocks',
  eth_config: 'the forks of this chain have no blob schedule and no precompiled contracts',
  eth_getBlockAccessList: 'blocks have no access lists',
  eth_getWork: 'there is no proof of work',
  eth_submitWork: 'there is no proof of work',
  eth_submitHashrate: 'there is no proof of work',
  hardhat_addCompilationResult: 'contracts carry their source map themselves',
  hardhat_getStackTraceFailuresCount: 'contracts carry their source map themselves',
  debug_traceBlock: 'blocks of other chains cannot be run; use debug_traceBlockByHash',
  debug_codeByHash: 'code is found by address; use eth_getCode',
  debug_dbGet: 'the keys of the database are an internal matter',
  debug_getRawBlockAccessList: 'blocks have no access lists',
  trace_block: 'use debug_traceBlockByNumber',
  trace_call: 'use debug_traceCall',
  trace_filter: 'use eth_getLogs, or debug_traceBlockByNumber',
  trace_replayBlockTransactions: 'use debug_traceBlockByNumber',
  trace_replayTransaction: 'use debug_traceTransaction',
  trace_transaction: 'use debug_traceTransaction',
};
