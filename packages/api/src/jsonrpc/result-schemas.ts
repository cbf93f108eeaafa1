import type { JsonObject } from '@lucerna/protocol';

function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function orNull(schema: JsonObject): JsonObject {
  return { oneOf: [schema, { type: 'null' }] };
}

function listOf(schema: JsonObject): JsonObject {
  return { type: 'array', items: schema };
}

/** An object that has these fields at least. */
function objectWith(properties: JsonObject, optional: JsonObject = {}): JsonObject {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
  };
}

const BOOLEAN: JsonObject = { type: 'boolean' };
const NULL: JsonObject = { type: 'null' };
const NUMBER: JsonObject = { type: 'integer' };
const COUNT: JsonObject = { type: 'integer', minimum: 0 };
const TEXT: JsonObject = { type: 'string' };
const QUANTITY: JsonObject = ref('Quantity');
const BYTES: JsonObject = ref('Bytes');
const HASH: JsonObject = ref('Hash');
const ADDRESS: JsonObject = ref('Address');
const BLOCK: JsonObject = ref('Block');
const TRANSACTION: JsonObject = ref('Transaction');
const RECEIPT: JsonObject = ref('Receipt');
const LOG: JsonObject = ref('Log');
const OBJECT: JsonObject = { type: 'object' };

const headerFields: JsonObject = {
  hash: HASH,
  parentHash: HASH,
  sha3Uncles: HASH,
  miner: ADDRESS,
  stateRoot: HASH,
  transactionsRoot: HASH,
  receiptsRoot: HASH,
  logsBloom: ref('Bloom'),
  difficulty: QUANTITY,
  number: QUANTITY,
  gasLimit: QUANTITY,
  gasUsed: QUANTITY,
  timestamp: QUANTITY,
  extraData: BYTES,
  mixHash: HASH,
  nonce: { type: 'string', pattern: '^0x[0-9a-f]{16}$' },
  baseFeePerGas: QUANTITY,
};

const uncles: JsonObject = { type: 'array', maxItems: 0 };

const logFields: JsonObject = {
  address: ADDRESS,
  topics: { type: 'array', items: HASH, maxItems: 4 },
  data: BYTES,
};

const transactionFields: JsonObject = {
  type: { enum: ['0x0', '0x1', '0x2'] },
  from: ADDRESS,
  to: orNull(ADDRESS),
  nonce: QUANTITY,
  gas: QUANTITY,
  value: QUANTITY,
  input: BYTES,
  r: QUANTITY,
  s: QUANTITY,
  v: QUANTITY,
};

const typedFields: JsonObject = {
  chainId: QUANTITY,
  maxFeePerGas: QUANTITY,
  maxPriorityFeePerGas: QUANTITY,
  accessList: ref('AccessList'),
  yParity: QUANTITY,
};

/** What the document's `components.schemas` has: the forms that several answers are made of. */
export const SHARED_SCHEMAS: JsonObject = {
  Quantity: { type: 'string', pattern: '^0x(?:0|[1-9a-f][0-9a-f]*)$' },
  Bytes: { type: 'string', pattern: '^0x(?:[0-9a-f]{2})*$' },
  Hash: { type: 'string', pattern: '^0x[0-9a-f]{64}$' },
  Address: { type: 'string', pattern: '^0x[0-9a-f]{40}$' },
  Bloom: { type: 'string', pattern: '^0x[0-9a-f]{512}$' },
  Header: objectWith(headerFields),
  Block: objectWith({
    ...headerFields,
    size: QUANTITY,
    transactions: { oneOf: [listOf(HASH), { ...listOf(TRANSACTION), minItems: 1 }] },
    uncles,
  }),
  Transaction: objectWith(
    {
      ...transactionFields,
      hash: HASH,
      gasPrice: QUANTITY,
      blockHash: orNull(HASH),
      blockNumber: orNull(QUANTITY),
      transactionIndex: orNull(QUANTITY),
    },
    { ...typedFields, blockTimestamp: orNull(QUANTITY) },
  ),
  Unplaced: objectWith(transactionFields, { ...typedFields, hash: HASH, gasPrice: QUANTITY }),
  AccessList: listOf(objectWith({ address: ADDRESS, storageKeys: listOf(HASH) })),
  Log: objectWith(
    {
      ...logFields,
      blockHash: HASH,
      blockNumber: QUANTITY,
      transactionHash: HASH,
      transactionIndex: QUANTITY,
      logIndex: QUANTITY,
      removed: BOOLEAN,
    },
    { blockTimestamp: QUANTITY },
  ),
  Receipt: objectWith({
    type: QUANTITY,
    status: { enum: ['0x0', '0x1'] },
    from: ADDRESS,
    to: orNull(ADDRESS),
    contractAddress: orNull(ADDRESS),
    gasUsed: QUANTITY,
    cumulativeGasUsed: QUANTITY,
    effectiveGasPrice: QUANTITY,
    logs: listOf(LOG),
    logsBloom: ref('Bloom'),
    transactionHash: HASH,
    transactionIndex: QUANTITY,
    blockHash: HASH,
    blockNumber: QUANTITY,
  }),
  SimulatedBlock: objectWith({
    ...headerFields,
    size: QUANTITY,
    uncles,
    calls: listOf(
      objectWith(
        { returnData: BYTES, logs: listOf(LOG), gasUsed: QUANTITY, status: QUANTITY },
        { error: objectWith({ code: NUMBER, message: TEXT }, { data: BYTES }) },
      ),
    ),
  }),
  Location: objectWith({ file: TEXT, line: COUNT, column: COUNT, action: TEXT }),
  CallFrame: objectWith(
    { type: TEXT, from: ADDRESS, gas: QUANTITY, gasUsed: QUANTITY, input: BYTES },
    {
      to: ADDRESS,
      value: QUANTITY,
      output: BYTES,
      error: TEXT,
      revertReason: TEXT,
      location: ref('Location'),
      logs: listOf(objectWith(logFields)),
      calls: listOf(ref('CallFrame')),
      truncated: BOOLEAN,
    },
  ),
  Instructions: objectWith(
    {
      gas: COUNT,
      failed: BOOLEAN,
      returnValue: BYTES,
      structLogs: listOf(
        objectWith(
          { pc: COUNT, op: TEXT, gas: COUNT, gasCost: COUNT, depth: COUNT },
          { operands: listOf(TEXT), error: TEXT, location: ref('Location') },
        ),
      ),
    },
    { truncated: BOOLEAN },
  ),
  Selectors: { type: 'object', additionalProperties: COUNT },
  Trace: { anyOf: [ref('Instructions'), ref('CallFrame'), ref('Selectors')] },
};

const BLOCK_TRACES = listOf(objectWith({ txHash: HASH, result: ref('Trace') }));

const OTS_BLOCK: JsonObject = { ...headerFields, size: QUANTITY, uncles, transactionCount: COUNT };

const OTS_PAGE = objectWith({
  txs: listOf(TRANSACTION),
  receipts: listOf(RECEIPT),
  firstPage: BOOLEAN,
  lastPage: BOOLEAN,
});

const OTS_DETAILS = orNull(
  objectWith({
    block: objectWith(OTS_BLOCK),
    issuance: objectWith({ blockReward: QUANTITY, uncleReward: QUANTITY, issuance: QUANTITY }),
    totalFees: QUANTITY,
  }),
);

const DEV_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  evm_mine: { const: '0x0' },
  anvil_mine_detailed: listOf(BLOCK),
  anvil_mine: NULL,
  anvil_getAutomine: BOOLEAN,
  anvil_setAutomine: NULL,
  anvil_getIntervalMining: orNull({ type: 'number' }),
  anvil_setIntervalMining: NULL,
  anvil_dropTransaction: orNull(HASH),
  anvil_dropAllTransactions: NULL,
  anvil_removePoolTransactions: NULL,
  anvil_increaseTime: NUMBER,
  anvil_setTime: COUNT,
  anvil_setNextBlockTimestamp: NULL,
  anvil_setBlockTimestampInterval: NULL,
  anvil_removeBlockTimestampInterval: BOOLEAN,
  anvil_setBalance: NULL,
  anvil_addBalance: NULL,
  anvil_setNonce: NULL,
  anvil_setCode: NULL,
  anvil_setStorageAt: { const: true },
  anvil_impersonateAccount: NULL,
  anvil_stopImpersonatingAccount: NULL,
  anvil_autoImpersonateAccount: NULL,
  anvil_setNextBlockBaseFeePerGas: NULL,
  anvil_setMinGasPrice: NULL,
  anvil_setCoinbase: NULL,
  anvil_setPrevRandao: { const: true },
  anvil_setBlockGasLimit: { const: true },
  evm_snapshot: QUANTITY,
  evm_revert: BOOLEAN,
  anvil_rollback: NULL,
  anvil_reorg: NULL,
  anvil_dumpState: BYTES,
  anvil_loadState: { const: true },
  anvil_reset: NULL,
  anvil_setLoggingEnabled: NULL,
  anvil_getGenesisTime: COUNT,
  anvil_nodeInfo: objectWith({
    currentBlockNumber: QUANTITY,
    currentBlockTimestamp: COUNT,
    currentBlockHash: HASH,
    hardFork: TEXT,
    transactionOrder: TEXT,
    environment: objectWith({
      baseFee: QUANTITY,
      chainId: COUNT,
      gasLimit: QUANTITY,
      gasPrice: QUANTITY,
    }),
    forkConfig: objectWith({ forkUrl: NULL, forkBlockNumber: NULL, forkRetryBackoff: NULL }),
  }),
  anvil_metadata: objectWith({
    clientVersion: TEXT,
    clientSemver: TEXT,
    clientCommitSha: NULL,
    chainId: COUNT,
    instanceId: HASH,
    latestBlockNumber: COUNT,
    latestBlockHash: HASH,
    forkedNetwork: NULL,
    snapshots: {
      type: 'object',
      additionalProperties: { type: 'array', prefixItems: [COUNT, HASH], minItems: 2, maxItems: 2 },
    },
  }),
};

const DEBUG_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  debug_traceTransaction: ref('Trace'),
  debug_traceCall: ref('Trace'),
  debug_traceBlockByNumber: BLOCK_TRACES,
  debug_traceBlockByHash: BLOCK_TRACES,
  debug_getRawHeader: BYTES,
  debug_getRawBlock: BYTES,
  debug_getRawReceipts: listOf(BYTES),
  debug_getRawTransaction: orNull(BYTES),
  debug_getBadBlocks: { type: 'array', maxItems: 0 },
};

const OTS_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  ots_getApiLevel: { const: 8 },
  erigon_getHeaderByNumber: orNull(BLOCK),
  ots_hasCode: BOOLEAN,
  ots_getBlockDetails: OTS_DETAILS,
  ots_getBlockDetailsByHash: OTS_DETAILS,
  ots_getBlockTransactions: orNull(
    objectWith({
      fullblock: objectWith({ ...OTS_BLOCK, transactions: listOf(TRANSACTION) }),
      receipts: listOf(RECEIPT),
    }),
  ),
  ots_searchTransactionsBefore: OTS_PAGE,
  ots_searchTransactionsAfter: OTS_PAGE,
  ots_getTransactionBySenderAndNonce: orNull(HASH),
  ots_getContractCreator: orNull(objectWith({ hash: HASH, creator: ADDRESS })),
  ots_getInternalOperations: listOf(
    objectWith({ type: { enum: [0, 2, 3] }, from: ADDRESS, to: ADDRESS, value: QUANTITY }),
  ),
  ots_traceTransaction: listOf(
    objectWith({
      type: TEXT,
      depth: COUNT,
      from: ADDRESS,
      to: ADDRESS,
      value: orNull(QUANTITY),
      input: BYTES,
      output: BYTES,
    }),
  ),
  ots_getTransactionError: BYTES,
};

const POOL_CONTENT: JsonObject = { type: 'object', additionalProperties: TRANSACTION };
const POOL_LINES: JsonObject = { type: 'object', additionalProperties: TEXT };
const FILLED = objectWith({ raw: BYTES, tx: ref('Unplaced') });
const FILTER_RESULTS: JsonObject = { anyOf: [listOf(LOG), listOf(HASH)] };
const ID: JsonObject = { type: 'string', pattern: '^0x[0-9a-f]{32}$' };
const SIGNATURE: JsonObject = { type: 'string', pattern: '^0x[0-9a-f]{130}$' };

function bothStatuses(schema: JsonObject): JsonObject {
  return objectWith({ pending: schema, queued: schema });
}

function bySender(schema: JsonObject): JsonObject {
  return bothStatuses({ type: 'object', additionalProperties: schema });
}

const WALLET_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  eth_sign: SIGNATURE,
  eth_signTypedData_v4: SIGNATURE,
  personal_sign: SIGNATURE,
  eth_signTransaction: BYTES,
  eth_fillTransaction: FILLED,
  eth_sendTransaction: HASH,
  eth_sendUnsignedTransaction: HASH,
  eth_sendRawTransaction: HASH,
  eth_sendRawTransactionSync: RECEIPT,
  eth_sendTransactionSync: RECEIPT,
  txpool_status: bothStatuses(QUANTITY),
  txpool_content: bySender(POOL_CONTENT),
  txpool_contentFrom: bothStatuses(POOL_CONTENT),
  txpool_inspect: bySender(POOL_LINES),
  eth_pendingTransactions: listOf(TRANSACTION),
  eth_newFilter: ID,
  eth_newBlockFilter: ID,
  eth_newPendingTransactionFilter: ID,
  eth_getFilterChanges: FILTER_RESULTS,
  eth_getFilterLogs: listOf(LOG),
  eth_uninstallFilter: BOOLEAN,
  eth_subscribe: ID,
  eth_unsubscribe: BOOLEAN,
};

const ETH_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  'rpc.discover': OBJECT,
  eth_chainId: QUANTITY,
  eth_blockNumber: QUANTITY,
  eth_syncing: { const: false },
  eth_accounts: listOf(ADDRESS),
  eth_getBlockByNumber: orNull(BLOCK),
  eth_getBlockByHash: orNull(BLOCK),
  eth_getBlockReceipts: orNull(listOf(RECEIPT)),
  eth_getBlockTransactionCountByNumber: orNull(QUANTITY),
  eth_getBlockTransactionCountByHash: orNull(QUANTITY),
  eth_getTransactionByHash: orNull(TRANSACTION),
  eth_getTransactionByBlockHashAndIndex: orNull(TRANSACTION),
  eth_getTransactionByBlockNumberAndIndex: orNull(TRANSACTION),
  eth_getTransactionReceipt: orNull(RECEIPT),
  eth_getBalance: QUANTITY,
  eth_getTransactionCount: QUANTITY,
  eth_getCode: BYTES,
  eth_getStorageAt: HASH,
  eth_getProof: objectWith({
    address: ADDRESS,
    balance: QUANTITY,
    codeHash: HASH,
    nonce: QUANTITY,
    storageHash: HASH,
    accountProof: listOf(BYTES),
    storageProof: listOf(objectWith({ key: TEXT, value: QUANTITY, proof: listOf(BYTES) })),
  }),
  eth_call: BYTES,
  eth_estimateGas: QUANTITY,
  eth_getLogs: listOf(LOG),
  eth_gasPrice: QUANTITY,
  eth_maxPriorityFeePerGas: QUANTITY,
  eth_feeHistory: objectWith(
    {
      oldestBlock: QUANTITY,
      baseFeePerGas: listOf(QUANTITY),
      gasUsedRatio: listOf({ type: 'number', minimum: 0, maximum: 1 }),
    },
    { reward: listOf(listOf(QUANTITY)) },
  ),
  eth_baseFee: QUANTITY,
  eth_coinbase: ADDRESS,
  eth_hashrate: QUANTITY,
  eth_mining: { const: false },
  eth_protocolVersion: QUANTITY,
  eth_createAccessList: objectWith(
    { accessList: ref('AccessList'), gasUsed: QUANTITY },
    { error: TEXT },
  ),
  eth_getAccount: objectWith({
    codeHash: HASH,
    storageRoot: HASH,
    balance: QUANTITY,
    nonce: QUANTITY,
  }),
  eth_getAccountInfo: objectWith({ balance: QUANTITY, nonce: QUANTITY, code: BYTES }),
  eth_getHeaderByHash: orNull(ref('Header')),
  eth_getHeaderByNumber: orNull(ref('Header')),
  eth_getRawTransactionByHash: orNull(BYTES),
  eth_getRawTransactionByBlockHashAndIndex: orNull(BYTES),
  eth_getRawTransactionByBlockNumberAndIndex: orNull(BYTES),
  eth_getStorageValues: { type: 'object', additionalProperties: listOf(HASH) },
  eth_getTransactionBySenderAndNonce: orNull(TRANSACTION),
  eth_getUncleByBlockHashAndIndex: NULL,
  eth_getUncleByBlockNumberAndIndex: NULL,
  eth_getUncleCountByBlockHash: orNull(QUANTITY),
  eth_getUncleCountByBlockNumber: orNull(QUANTITY),
  eth_simulateV1: listOf(ref('SimulatedBlock')),
  net_peerCount: QUANTITY,
  net_version: { type: 'string', pattern: '^[0-9]+$' },
  net_listening: BOOLEAN,
  web3_clientVersion: TEXT,
  web3_sha3: HASH,
  lucerna_q64Encode: TEXT,
  lucerna_q64Decode: { oneOf: [BYTES, listOf(COUNT)] },
};

/** What each method answers, by its name. */
export const RESULT_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  ...ETH_SCHEMAS,
  ...WALLET_SCHEMAS,
  ...DEV_SCHEMAS,
  ...DEBUG_SCHEMAS,
  ...OTS_SCHEMAS,
};
