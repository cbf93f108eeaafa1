// Replaces a file whose folder cannot be synced, and says at which step it failed: before the renaming
// the process gets no file descriptors any more. Linux (prlimit(1)).
import { spawnSync } from 'node:child_process';
import { replaceFile } from '../../src/replace-file.ts';

const path = process.argv[2] as string;
const level = process.argv[3] as 'process' | 'power';
const { stdout } = process;

const outcome = await replaceFile(path, [Buffer.from('new')], {
  newPath: `${path}.new`,
  level,
  beforeRename: () => {
    const { status } = spawnSync('prlimit', ['--pid', `${process.pid}`, '--nofile=0']);
    if (status !== 0) stdout.write('prlimit failed\n');
  },
  failed: (_, step) => step,
}).catch((step: unknown) => step);
stdout.write(`${outcome}\n`);
