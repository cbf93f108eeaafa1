// State, pool and blocks together: what users send waits, becomes blocks, and is there tomorrow.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Block, Mempool, MempoolConfig, StateDB, Transaction } from '@lucerna/sdk';

const path = mkdtempSync(join(tmpdir(), 'qnet-'));
const config = new MempoolConfig({ maxSize: 10_000, minGasPrice: 1 });
const db = await StateDB.open(path);
const pool = await Mempool.open(config, db);
const balances = (ledger: StateDB): string =>
  ['alice', 'bob', 'carol', 'validator1']
    .map((name) => `${name} ${ledger.getBalance(name)}`)
    .join(', ');
console.log('at first  ', balances(db));

// Users send JSON. Who pays more is first, and each one's own in order.
for (const json of [
  '{"from": "alice", "to": "bob", "amount": 100}',
  '{"from": "alice", "to": "carol", "amount": 50}',
  '{"from": "bob", "to": "carol", "amount": 7, "gas_price": 3}',
  '{"type": "node_activation", "from": "carol", "node_type": "full", "amount": 1000}',
]) {
  await pool.addTransaction(json);
}
for (const { from, nonce, gasPrice } of pool.getPendingTransactions(10)) {
  const name = ['alice', 'bob', 'carol'].find((each) => db.getAccount(each)?.address === from);
  console.log('waiting   ', name, nonce, 'at', gasPrice);
}

// What cannot be is said, with the reason, before anybody waits for it.
for (const json of [
  '[]',
  '{"to": "carol", "from": "bob", "gas_price": 3, "nonce": 1, "amount": 7}',
  '{"from": "alice", "to": "bob", "amount": 100, "gas_price": 0}',
  '{"from": "mallory", "to": "bob", "amount": 100}',
]) {
  const verdict = await pool.addTransaction(json).catch((error) => error.code);
  console.log('refused   ', verdict);
}

// A block of the best of them; their fees go to its producer.
const first = await db.processBlock(
  new Block(1, 'prev_hash', pool.getPendingTransactions(3), 'validator1'),
);
console.log('block     ', first.height, 'of', first.transactions.length, 'gas', first.gasUsed);
console.log('balances  ', balances(db));
console.log('waiting   ', pool.size);

// Executed now, in a block later; and a block is all of it or nothing.
const direct = Transaction.transfer('bob', 'alice', 1_000, db.getNonce('bob') + 1);
await db.executeTransaction(direct);
console.log('executed  ', 'bob', db.getBalance('bob'));
const impossible = Transaction.transfer('carol', 'bob', 5_000_000, 1);
const refusal = await db
  .processBlock(new Block(2, first.hash, [direct, impossible], 'validator1'))
  .catch((error) => error);
console.log('refused   ', refusal.code, 'at', refusal.fields.index, '- bob', db.getBalance('bob'));
const second = await db.processBlock(
  new Block(2, first.hash, [direct, ...pool.getPendingTransactions()], 'validator1'),
);
console.log('block     ', second.height, 'on', second.previousHash === first.hash);

// Everything is in the folder, and its root is what it was.
const node = db.getAccount('carol');
console.log('carol     ', { isNode: node?.isNode, nodeType: node?.nodeType, stake: node?.stake });
const root = db.stateRoot();
await db.close();
const again = await StateDB.open(path);
console.log('reopened  ', balances(again), again.stateRoot() === root);
await again.close();
rmSync(path, { recursive: true });
