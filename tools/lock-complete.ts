// Completes package-lock.json for platforms that the registry in use does not carry. Run it after
// an npm install that changed the lock, then run `npm install` once more: it must change nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { completeLock } from './src/lock/complete.ts';

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const { lock, added } = completeLock(JSON.parse(readFileSync(path, 'utf8')));
if (added.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
for (const name of added) console.log(`added ${name}`);
console.log(`${added.length} entries added`);
