// Places a block log in a data directory whose folder cannot be synced, and says what became of it:
// when the last part is written the process gets no file descriptors any more. Linux (prlimit(1)).
import { spawnSync } from 'node:child_process';
import { openDataDirectory, placeBlockLog } from '../../src/directory.ts';

const directory = await openDataDirectory(process.argv[2] as string);
const { stdout } = process;

async function* parts(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one ');
  yield Buffer.from('two');
  const { status } = spawnSync('prlimit', ['--pid', `${process.pid}`, '--nofile=0']);
  if (status !== 0) stdout.write('prlimit failed\n');
}

const outcome = await placeBlockLog(directory, parts()).then(
  () => 'placed',
  (error: unknown) => String((error as { code?: unknown }).code),
);
stdout.write(`${outcome}\n`);
