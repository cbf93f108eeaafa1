// Run with a limit on the size of files, which stands for a disk that is full (setrlimit(2)).
import { openLmdbStore } from '../../src/lmdb.ts';

const said = await openLmdbStore(process.argv[2] as string).then(
  () => 'open',
  (error: { readonly code?: unknown }) => error.code,
);
process.stdout.write(`${said}\n`);
