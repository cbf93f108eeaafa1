// Commits rounds of rows to two keyspaces, and says after each one that it has been committed.
import { KEYSPACES, WriteBatch } from '@lucerna/storage';
import { openStore } from './open-store.ts';

const store = await openStore(process.argv[2] as string, process.argv[3] as string);
const rows = Number(process.argv[4]);
const last = store.get(KEYSPACES.meta, Uint8Array.of());
let round = last === undefined ? 0 : new DataView(last.buffer, last.byteOffset).getUint32(0);
for (;;) {
  round += 1;
  const value = new Uint8Array(100);
  new DataView(value.buffer).setUint32(0, round);
  const batch = new WriteBatch();
  batch.put(KEYSPACES.meta, Uint8Array.of(), value);
  for (let row = 0; row < rows; row += 1) {
    const key = Uint8Array.of(row >> 8, row & 0xff);
    batch.put(row % 2 === 0 ? KEYSPACES.accounts : KEYSPACES.storage, key, value);
  }
  await store.commit(batch, 'process');
  process.stdout.write(`${round}\n`);
}
