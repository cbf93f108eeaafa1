// Opens a data directory when it is told to, says how that went, and holds it until its input ends.
import { once } from 'node:events';
import { openDataDirectory } from '@lucerna/platform-node/directory';

process.stdout.write('ready\n');
await once(process.stdin, 'data');
try {
  const directory = await openDataDirectory(process.argv[2] as string);
  process.stdout.write('open\n');
  await once(process.stdin.resume(), 'end');
  await directory.close();
} catch (error) {
  const { code, fields } = error as { code?: string; fields?: { pid?: number } };
  process.stdout.write(`${code} ${fields?.pid}\n`);
}
process.exit();
