// The second example of QNet's bindings, line for line; what Python had stands above each.
import { Mempool, MempoolConfig } from '@lucerna/sdk';

// from qnet_mempool import Mempool, MempoolConfig
// # Create mempool
// config = MempoolConfig(max_size=10000, min_gas_price=1)
// mempool = Mempool(config, "./state.db")
const config = new MempoolConfig({ maxSize: 10_000, minGasPrice: 1 });
const mempool = await Mempool.open(config, process.argv[2] ?? './state.db');

// # Add transaction
// tx_json = '{"from": "alice", "to": "bob", "amount": 100}'
// tx_hash = mempool.add_transaction(tx_json)
const txJson = '{"from": "alice", "to": "bob", "amount": 100}';
const txHash = await mempool.addTransaction(txJson);

// # Get pending transactions
// pending = mempool.get_pending_transactions(10)
const pending = mempool.getPendingTransactions(10);

console.log(txHash);
for (const { amount, nonce, gasPrice } of pending) console.log({ amount, nonce, gasPrice });
await mempool.close();
