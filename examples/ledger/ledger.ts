// A ledger in a folder of this program: a contract, what it announces, its history, a proof, an archive.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger, verifyProof } from '@lucerna/sdk';

const folder = process.argv[2] ?? './ledger-demo';
const ledger = await openLedger(join(folder, 'ledger'), { reset: true });
const names = new Map<string, string>();
for (const name of ['alice', 'bob', 'zoe']) names.set((await ledger.account(name)).address, name);

const source = readFileSync(new URL('piggy-bank.zx', import.meta.url), 'utf8');
const bank = await ledger.deploy(source, { from: 'alice', args: ['zoe'] });
names.set(bank.address, 'the bank');

const transfers = ledger.watch.transfers();
await bank.send('save', [], { from: 'alice', value: 30n });
await bank.send('save', [], { from: 'bob', value: 12n });
await ledger.send({ from: 'alice', to: 'zoe', value: 10n ** 18n });

console.log('savings  ', bank.read('total'), await bank.call('saved_by', ['bob']));
const refused = await bank.send('smash', [], { from: 'bob' }).catch((error) => error);
console.log('refused  ', refused.code, '-', refused.fields.reason);
await bank.send('smash', [], { from: 'zoe' });

for await (const { args } of bank.events('Saved')) {
  console.log('event    ', names.get(String(args?.['who'])), args?.['amount']);
}
let left = 4;
for await (const { from, to, value } of transfers) {
  console.log('transfer ', names.get(from), '→', names.get(to), value);
  left -= 1;
  if (left === 0) break;
}
for await (const { height, from, success } of ledger.history('zoe')) {
  console.log('history  ', height, names.get(from), success);
}

const { hash: blockHash } = ledger.head();
const bob = await ledger.account('bob');
const proof = JSON.stringify(await bank.proof('savings', bob));
const proved = verifyProof(JSON.parse(proof), { blockHash });
console.log(
  'proved   ',
  proved.slots.map(({ word }) => BigInt(word)),
);

const archive = join(folder, 'blocks');
const { blocks } = await ledger.exportBlocks(archive);
const copy = await openLedger({ memory: true }, { blocks: archive });
console.log('copied   ', blocks, copy.head().hash === ledger.head().hash);
await copy.close();
await ledger.close();
