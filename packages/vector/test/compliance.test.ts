import { databaseCompliance } from '../src/compliance/database-compliance.ts';
import { openVectorDatabase } from '../src/database.ts';
import { createMemoryVectorFolder, MemoryVectorDisk } from '../src/memory-folder.ts';
import { portsOver } from './collection/support.ts';

databaseCompliance('a disk in memory', () => {
  const disk = new MemoryVectorDisk();
  return {
    open: async (access, options) => openVectorDatabase(portsOver(disk.open(access)), options),
  };
});

databaseCompliance(
  'a folder in memory',
  () => ({
    open: (_access, options) => openVectorDatabase(portsOver(createMemoryVectorFolder()), options),
  }),
  { isVolatile: true },
);
