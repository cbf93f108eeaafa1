import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT_LOG } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import { systemRandom } from '@lucerna/platform-node/random';
import { nodeThreads } from '@lucerna/platform-node/threads';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import { openVectorDatabase } from '@lucerna/vector';
import { databaseCompliance } from '@lucerna/vector/compliance';
import { afterAll, beforeAll } from 'vitest';

let root = '';
let made = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lucerna-vector-database-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const ports = { clock: systemClock, random: systemRandom, log: SILENT_LOG };

databaseCompliance('a folder of the system, with threads,', () => {
  made += 1;
  const path = join(root, `${made}`);
  return {
    open: async (access, options) => {
      const folder = await openVectorFolder(path, { access });
      return openVectorDatabase({ ...ports, folder, threads: nodeThreads() }, options);
    },
  };
});
