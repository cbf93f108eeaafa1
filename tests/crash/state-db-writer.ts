// Changes a ledger until it is killed: FOLDER SEED FIRST. Prints the number of every operation once it is
// acknowledged, at once, so that whoever kills it knows what must be there.
import { writeSync } from 'node:fs';
import { LedgerModel, openLedgerAt, runOperation } from './state-db-operations.ts';

const [path = '', seed = '', first = ''] = process.argv.slice(2);

const model = new LedgerModel(Number(seed));
for (let index = 0; index < Number(first); index += 1) model.step();
const ledger = await openLedgerAt(path);
writeSync(1, 'ready\n');
for (let index = Number(first); ; index += 1) {
  await runOperation(ledger, model.peek());
  writeSync(1, `${index}\n`);
  model.step();
}
