import { toHex } from 'viem';
import { GWEI, type ScriptWriter, type Step, ScriptWriter as Writer } from './anvil-script.ts';

const HOUR = 3_600;

type Scene = (script: ScriptWriter) => Promise<void> | void;

/** The script of `seed`: every scene once, in an order of its own, then some again. */
export async function writeAnvilScript(
  seed: number,
  minimumSteps: number,
): Promise<readonly Step[]> {
  const script = new Writer(seed);
  prelude(script);
  const round = shuffled(script, Object.values(SCENES));
  for (const scene of round) await scene(script);
  while (script.steps.length < minimumSteps) {
    const index = script.random.below(round.length);
    await (round[index] as Scene)(script);
  }
  return script.steps;
}

function shuffled<T>(script: ScriptWriter, list: readonly T[]): readonly T[] {
  const result = [...list];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = script.random.below(index + 1);
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}

/** What the nodes say of a new chain; then both go by one clock. */
function prelude(script: ScriptWriter): void {
  script.ask('eth_chainId');
  script.ask('net_version');
  script.ask('eth_accounts');
  script.ask('eth_getBlockByNumber', '0x0', true);
  script.ask('eth_gasPrice');
  script.ask('eth_maxPriorityFeePerGas');
  script.ask('eth_feeHistory', '0x4', 'latest', [10, 50]);
  script.ask('anvil_nodeInfo');
  align(script);
}

/** Makes a block: from here on both nodes have the same time and the same base fee. */
function align(script: ScriptWriter): void {
  script.ask('anvil_setNextBlockBaseFeePerGas', toHex(GWEI));
  script.ask('evm_setNextBlockTimestamp', script.laterTime());
  script.ask('evm_mine');
  script.ask('anvil_setBlockTimestampInterval', 12);
}

const SCENES: Readonly<Record<string, Scene>> = {
  transfers: async (script) => {
    for (const type of [0, 1, 2] as const) {
      const { hash, sender } = await script.transfer({ type, to: script.fresh() });
      script.ask('eth_getTransactionReceipt', hash);
      script.ask('eth_getTransactionByHash', hash);
      script.ask('eth_getBalance', sender, 'latest');
    }
    const block = script.ask('eth_getBlockByNumber', 'latest', true);
    script.ask('eth_getBlockByHash', block.at('hash'), false);
    script.ask('eth_getBlockReceipts', block.at('number'));
    script.ask('eth_getTransactionByBlockNumberAndIndex', block.at('number'), '0x0');
    script.ask('eth_getTransactionByBlockHashAndIndex', block.at('hash'), '0x0');
    script.ask('eth_getBlockTransactionCountByHash', block.at('hash'));
    script.ask('eth_getRawTransactionByHash', block.at('transactions', 0, 'hash'));
    script.ask('eth_getTransactionByBlockNumberAndIndex', block.at('number'), '0x7');
  },

  'transfers with data': async (script) => {
    const { hash } = await script.transfer({ data: '0xdeadbeef0000', gas: 30_000n });
    script.ask('eth_getTransactionReceipt', hash);
    script.ask('eth_getTransactionByHash', hash);
    script.ask('debug_traceTransaction', hash, { tracer: 'callTracer' });
    script.ask('debug_getRawTransaction', hash);
  },

  'unlocked accounts': (script) => {
    const from = script.address(script.anyone());
    const to = script.fresh();
    const sent = script.send(from, { to, value: toHex(script.amount()) });
    script.ask('eth_getTransactionReceipt', sent);
    script.ask('eth_getTransactionByHash', sent);
    const dear = script.send(from, {
      to,
      value: '0x1',
      gas: '0x5208',
      maxFeePerGas: toHex(60n * GWEI),
      maxPriorityFeePerGas: toHex(2n * GWEI),
    });
    script.ask('eth_getTransactionReceipt', dear);
    const old = script.send(from, { to, gas: '0x5300', gasPrice: toHex(60n * GWEI) });
    script.ask('eth_getTransactionByHash', old);
    script.ask('eth_getTransactionBySenderAndNonce', from, toHex(script.nonceOf(from) - 1));
    script.ask('eth_getTransactionCount', from, 'pending');
    script.ask('eth_getBalance', to, 'latest');
  },

  replacements: async (script) => {
    script.ask('evm_setAutomine', false);
    script.ask('anvil_getAutomine');
    const pool = script.ask('eth_newPendingTransactionFilter');
    const from = script.anyone();
    const sender = script.address(from);
    const nonce = script.nonceOf(sender);
    const first = await script.transfer({ from, type: 2, cap: 20n * GWEI, tip: 2n * GWEI });
    script.ask('eth_sendRawTransaction', first.raw);
    await script.transfer({ from, nonce, type: 2, cap: 20n * GWEI, tip: 2n * GWEI });
    script.ask('txpool_status');
    script.ask('txpool_content');
    script.ask('txpool_inspect');
    script.ask('eth_getTransactionByHash', first.hash);
    script.ask('eth_getTransactionReceipt', first.hash);
    const second = await script.transfer({ from, nonce, type: 2, cap: 40n * GWEI, tip: 4n * GWEI });
    const later = await script.transfer({ from, type: 0, cap: 30n * GWEI });
    script.ask('txpool_status');
    script.ask('eth_getTransactionCount', sender, 'pending');
    script.ask('eth_getTransactionCount', sender, 'latest');
    script.ask('eth_getBlockByNumber', 'pending', false);
    script.ask('eth_getFilterChanges', pool);
    script.ask('evm_mine');
    script.ask('eth_getTransactionByHash', first.hash);
    script.ask('eth_getTransactionReceipt', second.hash);
    script.ask('eth_getTransactionReceipt', later.hash);
    script.ask('txpool_status');
    script.ask('eth_uninstallFilter', pool);
    script.ask('evm_setAutomine', true);
  },

  'a replacement that pays 5 % more': async (script) => {
    script.ask('evm_setAutomine', false);
    const from = script.anyone();
    const nonce = script.nonceOf(script.address(from));
    await script.transfer({ from, type: 2, cap: 20n * GWEI, tip: 2n * GWEI });
    await script.transfer({ from, nonce, type: 2, cap: 21n * GWEI, tip: 2n * GWEI });
    const { hash } = await script.transfer({
      from,
      nonce,
      type: 2,
      cap: 42n * GWEI,
      tip: 4n * GWEI,
    });
    script.ask('evm_mine');
    script.ask('eth_getTransactionReceipt', hash);
    script.ask('evm_setAutomine', true);
  },

  'nonces in reverse order': async (script) => {
    // With automine anvil makes one to three blocks of them, as the race goes.
    script.ask('evm_setAutomine', false);
    const from = script.anyone();
    const signed = [];
    for (let count = 0; count < 3; count += 1) signed.push(await script.sign({ from }));
    for (const { raw } of [...signed].reverse()) {
      script.ask('eth_sendRawTransaction', raw);
      script.ask('txpool_status');
    }
    script.ask('evm_mine');
    for (const { hash } of signed) script.ask('eth_getTransactionReceipt', hash);
    script.ask('eth_blockNumber');
    script.ask('evm_setAutomine', true);
  },

  'what no pool takes': async (script) => {
    const from = script.anyone();
    const sender = script.address(from);
    const nonce = script.nonceOf(sender);
    if (nonce > 0) await script.transfer({ from, nonce: 0 });
    await script.transfer({ from, nonce, value: 10n ** 30n });
    await script.transfer({ from, nonce, gas: 20_999n });
    await script.transfer({ from, nonce, gas: 40_000_000n });
    await script.transfer({ from, nonce, type: 2, chainId: 5 });
    await script.transfer({ from, nonce, type: 2, cap: 1n, tip: 1n });
    script.ask('eth_sendRawTransaction', '0x02c0');
    script.ask('eth_sendRawTransaction', '0x');
    script.ask('eth_sendTransaction', { from: script.fresh(), to: sender, value: '0x1' });
    script.ask('eth_getTransactionCount', sender, 'pending');
    script.ask('txpool_status');
  },

  'what only anvil takes': async (script) => {
    script.ask('evm_setAutomine', false);
    const from = script.anyone();
    const sender = script.address(from);
    const nonce = script.nonceOf(sender);
    await script.transfer({ from, nonce, isUnprotected: true });
    await script.transfer({ from, nonce: nonce + 100_000 });
    script.ask('anvil_removePoolTransactions', sender);
    await script.transfer({ from, nonce, type: 2, cap: 1n, tip: 1n });
    script.ask('anvil_removePoolTransactions', sender);
    script.ask('txpool_status');
    script.ask('evm_setAutomine', true);
    script.ask('eth_getLogs', { fromBlock: '0x0', toBlock: '0xffffff' });
    script.ask('eth_getBlockByNumber', '0x00', false);
    script.ask('eth_call', { to: sender, data: '0x12', input: '0x34' }, 'latest');
  },

  filters: async (script) => {
    const blocks = script.ask('eth_newBlockFilter');
    const logs = script.ask('eth_newFilter', { fromBlock: 'latest', address: script.fresh() });
    const pending = script.ask('eth_newPendingTransactionFilter');
    await script.transfer();
    script.ask('eth_getFilterChanges', blocks);
    script.ask('eth_getFilterChanges', blocks);
    script.ask('eth_getFilterChanges', logs);
    script.ask('eth_getFilterLogs', logs);
    script.ask('eth_getFilterChanges', pending);
    script.ask('eth_getLogs', { fromBlock: '0x0', toBlock: 'latest' });
    script.ask('evm_mine');
    await script.transfer();
    script.ask('eth_getFilterChanges', blocks);
    for (const filter of [blocks, logs, pending]) script.ask('eth_uninstallFilter', filter);
    script.ask('eth_uninstallFilter', blocks);
    script.ask('eth_getFilterChanges', blocks);
    script.ask('eth_getFilterLogs', '0xdead');
  },

  snapshots: async (script) => {
    const someone = script.fresh();
    const saved = script.saveNonces();
    const outer = script.ask('evm_snapshot');
    await script.transfer({ to: someone });
    script.ask('anvil_snapshot');
    script.ask('anvil_setBalance', someone, toHex(script.amount()));
    await script.transfer();
    script.ask('eth_blockNumber');
    script.ask('eth_getBalance', someone, 'latest');
    script.ask('evm_revert', outer);
    script.restoreNonces(saved);
    script.ask('eth_blockNumber');
    script.ask('eth_getBalance', someone, 'latest');
    script.ask('evm_revert', outer);
    script.ask('anvil_revert', '0x999');
    align(script);
    await script.transfer({ to: someone });
    script.ask('eth_getBalance', someone, 'latest');
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('evm_snapshot');
    script.ask('hardhat_metadata');
  },

  clock: (script) => {
    script.ask('anvil_removeBlockTimestampInterval');
    script.ask('evm_increaseTime', HOUR);
    script.ask('evm_mine');
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('anvil_increaseTime', toHex(HOUR));
    script.ask('evm_setNextBlockTimestamp', 1);
    script.ask('evm_mine');
    const block = script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('evm_setNextBlockTimestamp', block.at('timestamp'));
    script.ask('evm_mine');
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('anvil_setBlockTimestampInterval', 12);
    script.ask('evm_mine');
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('anvil_getGenesisTime');
    align(script);
  },

  'mining modes': (script) => {
    script.ask('anvil_getIntervalMining');
    script.ask('anvil_getAutomine');
    script.ask('anvil_setIntervalMining', HOUR);
    script.ask('anvil_getIntervalMining');
    script.ask('anvil_getAutomine');
    script.ask('evm_setIntervalMining', 0);
    script.ask('anvil_getIntervalMining');
    script.ask('evm_setAutomine', true);
    script.ask('hardhat_getAutomine');
    script.ask('hardhat_mine', toHex(1 + script.random.below(20)));
    script.ask('evm_mine_detailed');
    script.ask('anvil_mine');
    script.ask('eth_getBlockByNumber', 'latest', false);
    align(script);
    script.ask('anvil_removeBlockTimestampInterval');
    script.ask('anvil_mine', 3, HOUR);
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('anvil_setBlockTimestampInterval', 12);
    script.ask('anvil_mine', 3, HOUR);
    script.ask('eth_getBlockByNumber', 'latest', false);
    align(script);
  },

  setters: (script) => {
    const someone = script.fresh();
    script.ask('anvil_setBalance', someone, toHex(script.amount()));
    script.ask('hardhat_setBalance', someone, '1000000000000000000000');
    script.ask('eth_getBalance', someone, 'latest');
    script.ask('anvil_addBalance', someone, '0x10');
    script.ask('eth_getBalance', someone);
    script.ask('anvil_setNonce', someone, 7);
    script.ask('eth_getTransactionCount', someone, 'latest');
    script.ask('hardhat_setNonce', someone, '0x9');
    script.ask('eth_getTransactionCount', someone, 'pending');
    script.ask('anvil_setStorageAt', someone, '0x1', `0x${'00'.repeat(31)}2a`);
    script.ask('eth_getStorageAt', someone, '0x1', 'latest');
    script.ask('eth_getStorageAt', someone, '0x2', 'latest');
    script.ask('anvil_setCode', someone, '0x');
    script.ask('eth_getCode', someone, 'latest');
    script.ask('anvil_setCode', script.fresh(), '0x60016002');
    script.ask('eth_getProof', someone, [toHex(1, { size: 32 })], 'latest');
    script.ask('evm_mine');
    script.ask('eth_getBalance', someone, 'latest');
    script.ask('eth_getAccount', someone, 'latest');
    script.ask('eth_getAccountInfo', someone, 'latest');
  },

  headers: async (script) => {
    const coinbase = script.fresh();
    script.ask('anvil_setCoinbase', coinbase);
    script.ask('eth_coinbase');
    script.ask('anvil_setNextBlockBaseFeePerGas', toHex(3n * GWEI));
    script.ask('eth_getBlockByNumber', 'pending', false);
    const { hash } = await script.transfer({ type: 2, cap: 9n * GWEI, tip: GWEI });
    script.ask('eth_getTransactionReceipt', hash);
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('eth_getBalance', coinbase, 'latest');
    script.ask('evm_setBlockGasLimit', toHex(20_000_000 + script.random.below(1_000)));
    script.ask('evm_mine');
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('evm_setBlockGasLimit', toHex(30_000_000));
    script.ask('evm_mine');
    script.ask('anvil_setMinGasPrice', '0x1');
    script.ask('eth_feeHistory', '0x3', 'latest', [25]);
    script.ask('anvil_setCoinbase', toHex(0, { size: 20 }));
  },

  impersonation: (script) => {
    const someone = script.fresh();
    const to = script.fresh();
    script.ask('eth_sendTransaction', { from: someone, to, value: '0x1' });
    script.ask('anvil_setBalance', someone, toHex(10n ** 18n));
    script.ask('anvil_impersonateAccount', someone);
    script.ask('eth_accounts');
    const sent = script.ask('eth_sendTransaction', { from: someone, to, value: '0x5' });
    script.ask('eth_getTransactionReceipt', sent);
    script.ask('eth_getTransactionByHash', sent);
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('eth_getBalance', to, 'latest');
    script.ask('hardhat_stopImpersonatingAccount', someone);
    script.ask('eth_sendTransaction', { from: someone, to, value: '0x1' });
    script.ask('anvil_autoImpersonateAccount', true);
    script.ask('eth_sendTransaction', { from: someone, to, value: '0x6', gas: '0x5208' });
    script.ask('anvil_autoImpersonateAccount', false);
    script.ask('eth_getBalance', to, 'latest');
    script.ask('eth_getTransactionCount', someone, 'latest');
  },

  'an emptied pool': async (script) => {
    const saved = script.saveNonces();
    script.ask('anvil_setAutomine', false);
    const first = await script.transfer({ from: 1 });
    await script.transfer({ from: 1 });
    await script.transfer({ from: 2 });
    script.ask('txpool_status');
    script.ask('anvil_dropTransaction', first.hash);
    script.ask('anvil_dropTransaction', first.hash);
    script.ask('txpool_status');
    script.ask('anvil_removePoolTransactions', script.address(2));
    script.ask('txpool_status');
    script.ask('anvil_dropAllTransactions');
    script.ask('txpool_content');
    script.ask('evm_mine');
    script.restoreNonces(saved);
    script.ask('anvil_setAutomine', true);
  },

  'calls and estimates': (script) => {
    const from = script.address(script.anyone());
    const to = script.fresh();
    script.ask('eth_call', { from, to, value: '0x1' }, 'latest');
    script.ask('eth_call', { to, data: '0x12345678' }, 'latest');
    script.ask('eth_call', { from: to, to: from, value: '0x1' }, 'latest');
    script.ask('eth_call', { from: to, to: from, value: '0x1' }, 'latest', {
      [to]: { balance: '0x1000' },
    });
    script.ask('eth_call', { from, to }, '0xffffff');
    script.ask('eth_estimateGas', { from, to, value: '0x1' });
    script.ask('eth_estimateGas', { from, to, data: '0x00ff' });
    script.ask('eth_estimateGas', { from: to, to: from, value: toHex(10n ** 20n) });
    script.ask('eth_createAccessList', { from, to, value: '0x1' }, 'latest');
    script.ask('eth_fillTransaction', { from, to, value: '0x1' });
    script.ask('eth_simulateV1', { blockStateCalls: [{ calls: [{ from, to, value: '0x1' }] }] });
    script.ask('debug_traceCall', { from, to, value: '0x1' }, 'latest', { tracer: 'callTracer' });
    script.ask('eth_getStorageAt', to, '0x0', 'latest');
    script.ask('eth_getStorageValues', { [to]: [`0x${'00'.repeat(32)}`] }, 'latest');
    script.ask('eth_getProof', from, [], 'latest');
  },

  signatures: (script) => {
    const signer = script.address(script.anyone());
    script.ask('eth_sign', signer, '0xdeadbeef');
    script.ask('personal_sign', '0xdeadbeef', signer);
    script.ask('eth_sign', script.fresh(), '0xdeadbeef');
    script.ask('eth_signTransaction', {
      from: signer,
      to: script.fresh(),
      nonce: '0x64',
      gas: '0x5208',
      value: '0x1',
      maxFeePerGas: toHex(5n * GWEI),
      maxPriorityFeePerGas: toHex(GWEI),
    });
    script.ask('eth_signTypedData_v4', signer, {
      types: {
        EIP712Domain: [{ name: 'name', type: 'string' }],
        Mail: [{ name: 'text', type: 'string' }],
      },
      primaryType: 'Mail',
      domain: { name: 'script' },
      message: { text: 'hello' },
    });
  },

  'sending at once': async (script) => {
    const { raw } = await script.sign();
    script.ask('eth_sendRawTransactionSync', raw);
    script.ask('eth_sendRawTransactionSync', raw);
    const from = script.address(script.anyone());
    script.setNonce(from, script.nonceOf(from) + 1);
    script.ask('eth_sendTransactionSync', { from, to: script.fresh(), value: '0x7' });
  },

  'failed creations': async (script) => {
    const { hash } = await script.transfer({ to: null, value: 0n, data: '0xfe', gas: 100_000n });
    script.ask('eth_getTransactionReceipt', hash);
    script.ask('eth_getTransactionByHash', hash);
  },

  reads: (script) => {
    const someone = script.fresh();
    script.ask('eth_syncing');
    script.ask('net_listening');
    script.ask('net_peerCount');
    script.ask('web3_sha3', '0x68656c6c6f');
    script.ask('eth_protocolVersion');
    script.ask('eth_hashrate');
    script.ask('eth_networkId');
    script.ask('eth_requestAccounts');
    for (const tag of ['earliest', 'safe', 'finalized', 'pending', 'latest']) {
      script.ask('eth_getBlockByNumber', tag, false);
    }
    script.ask('eth_getBlockByNumber', '0xffffff', false);
    script.ask('eth_getBlockByHash', `0x${'11'.repeat(32)}`, false);
    script.ask('eth_getBlockReceipts', '0xffffff');
    script.ask('eth_getTransactionByHash', `0x${'11'.repeat(32)}`);
    script.ask('eth_getTransactionReceipt', `0x${'11'.repeat(32)}`);
    script.ask('eth_getBlockTransactionCountByNumber', '0xffffff');
    script.ask('eth_getUncleCountByBlockNumber', 'latest');
    script.ask('eth_getUncleByBlockNumberAndIndex', 'latest', '0x0');
    script.ask('eth_getBalance', someone, '0xffffff');
    script.ask('eth_getCode', someone, 'latest');
    script.ask('eth_getTransactionCount', someone, 'latest');
    script.ask('eth_getBalance', script.address(0), { blockNumber: '0x0' });
    script.ask('eth_gasPrice');
    script.ask('eth_maxPriorityFeePerGas');
    script.ask('eth_feeHistory', '0x5', 'latest', [20, 80]);
    script.ask('eth_feeHistory', 2, 'latest', []);
  },

  'wrong requests': (script) => {
    script.ask('eth_noSuchMethod');
    script.ask('eth_getBalance');
    script.ask('eth_getBalance', 'nonsense', 'latest');
    script.ask('eth_getBlockByNumber', 'sometime', false);
    script.ask('eth_getLogs', { fromBlock: '0x1', toBlock: '0x0' });
    script.ask('eth_getLogs', { blockHash: `0x${'11'.repeat(32)}` });
    script.ask('eth_getLogs', { blockHash: `0x${'11'.repeat(32)}`, fromBlock: '0x0' });
    script.ask('eth_call', { to: 'nonsense' }, 'latest');
    script.ask('eth_getTransactionByHash', '0x12');
    script.ask('evm_revert', 'nonsense');
    script.ask('anvil_setBalance', script.fresh());
    script.ask('debug_traceTransaction', `0x${'11'.repeat(32)}`, { tracer: 'callTracer' });
    script.ask('anvil_rollback', 100_000);
  },

  explorer: async (script) => {
    // In blocks of their own: within a block anvil has them in one order or the other.
    const someone = script.fresh();
    await script.transfer({ to: someone });
    const { hash, sender } = await script.transfer({ to: someone });
    const block = script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('ots_getApiLevel');
    script.ask('erigon_getHeaderByNumber', 'latest');
    script.ask('ots_hasCode', sender, 'latest');
    script.ask('ots_getBlockDetails', block.at('number'));
    script.ask('ots_getBlockDetailsByHash', block.at('hash'));
    script.ask('ots_getBlockTransactions', block.at('number').asNumber(), 0, 10);
    script.ask('ots_getInternalOperations', hash);
    script.ask('ots_traceTransaction', hash);
    script.ask('ots_getTransactionError', hash);
    script.ask('ots_searchTransactionsBefore', someone, 0, 5);
    script.ask('ots_searchTransactionsAfter', someone, 0, 5);
    script.ask('ots_searchTransactionsBefore', someone, block.at('number').asNumber(), 5);
    script.ask('ots_getTransactionBySenderAndNonce', sender, script.nonceOf(sender) - 1);
    script.ask('ots_getContractCreator', sender);
    script.ask('debug_traceBlockByNumber', block.at('number'), { tracer: 'callTracer' });
    script.ask('debug_traceBlockByHash', block.at('hash'), { tracer: 'callTracer' });
    script.ask('debug_traceTransaction', hash, {});
    script.ask('debug_traceTransaction', hash, { tracer: 'prestateTracer' });
  },

  rollback: async (script) => {
    const saved = script.saveNonces();
    script.ask('evm_mine');
    const { hash } = await script.transfer();
    script.ask('anvil_rollback', 1);
    script.restoreNonces(saved);
    script.ask('eth_getTransactionReceipt', hash);
    script.ask('txpool_status');
    script.ask('anvil_dropAllTransactions');
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('evm_mine');
    script.ask('anvil_reorg', 2, []);
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('anvil_rollback', 2);
    script.ask('eth_blockNumber');
    align(script);
  },

  'dump and load': async (script) => {
    const someone = script.fresh();
    const saved = script.saveNonces();
    await script.transfer({ from: 3, to: someone });
    const after = script.saveNonces();
    const dump = script.ask('anvil_dumpState');
    script.ask('anvil_setBalance', someone, '0x1');
    script.ask('anvil_loadState', dump);
    script.ask('eth_getBalance', someone, 'latest');
    script.ask('eth_getTransactionCount', script.address(3), 'latest');
    script.ask('hardhat_loadState', '0x1234');
    script.restoreNonces(saved.size > after.size ? saved : after);
  },

  'about the node': (script) => {
    script.ask('web3_clientVersion');
    script.ask('anvil_nodeInfo');
    script.ask('anvil_metadata');
    script.ask('hardhat_metadata');
    script.ask('anvil_setLoggingEnabled', false);
    script.ask('eth_config');
  },

  reset: async (script) => {
    script.ask('anvil_reset');
    script.restoreNonces(new Map());
    script.ask('eth_blockNumber');
    script.ask('eth_getBlockByNumber', 'latest', false);
    script.ask('eth_getBalance', script.address(0), 'latest');
    script.ask('txpool_status');
    align(script);
    await script.transfer();
  },
};
