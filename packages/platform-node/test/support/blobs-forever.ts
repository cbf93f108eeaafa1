// Writes rounds of blobs over one another, and says after each one that it has been written.
import { openBlobDir } from '../../src/blob-dir.ts';

const dir = await openBlobDir(process.argv[2] as string);
let round = 0;
for (const name of await dir.names()) {
  const [found = 0] = new Uint32Array((await dir.read(name, 0, 4)).buffer);
  if (found > round) round = found;
}
for (;;) {
  round += 1;
  const part = new Uint8Array(new Uint32Array(50_000).fill(round).buffer);
  const parts = Array.from({ length: 1 + (round % 5) }, () => part);
  await dir.write(`blob-${round % 2}`, parts, round % 3 === 0 ? 'power' : 'process');
  process.stdout.write(`${round}\n`);
}
