// Run with a limit on the size of files, which stands for a disk that fills up (setrlimit(2)).
import { openBlobDir } from '../../src/blob-dir.ts';

const dir = await openBlobDir(process.argv[2] as string);
await dir.write('a', [Uint8Array.of(1, 2, 3)], 'power');
const part = new Uint8Array(100_000);
try {
  await dir.write('a', new Array<Uint8Array>(30).fill(part), 'power');
} catch (error) {
  process.stdout.write(`${(error as { code?: unknown }).code}\n`);
}
process.stdout.write(`${await dir.size('a')}\n`);
