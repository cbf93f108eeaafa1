import { describe, expect, it } from 'vitest';
import { vectorFolderCompliance } from '../../src/compliance/vector-folder-compliance.ts';
import { createMemoryVectorFolder, MemoryVectorDisk } from '../../src/memory-folder.ts';

vectorFolderCompliance('a folder in memory', () => new MemoryVectorDisk());

describe('a folder that nothing outlives', () => {
  it('says so', () => {
    expect(createMemoryVectorFolder().isVolatile).toBe(true);
    expect(new MemoryVectorDisk().open('write').isVolatile).toBeUndefined();
  });
});
