// The first example of QNet's bindings, line for line; what Python had stands above each.
import { Block, StateDB, Transaction } from '@lucerna/sdk';

// from qnet_state import PyStateDB, PyTransaction, PyBlock
// # Create state database
// db = PyStateDB(":memory:")
const db = await StateDB.open(':memory:');

// # Create and execute transaction
// tx = PyTransaction.transfer("alice", "bob", 100, 1)
// result = db.execute_transaction(tx)
const tx = Transaction.transfer('alice', 'bob', 100, 1);
const result = await db.executeTransaction(tx);

// # Create and process block
// block = PyBlock(1, "prev_hash", [tx], "validator1")
// db.process_block(block)
const block = new Block(1, 'prev_hash', [tx], 'validator1');
await db.processBlock(block);

console.log(result);
console.log('alice', db.getBalance('alice'), 'bob', db.getBalance('bob'));
console.log('root ', db.stateRoot());
await db.close();
