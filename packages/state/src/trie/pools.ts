import { BytePool } from '@lucerna/base';

/** For what nodes in memory hold, which lives as long as their trie. */
export const nodeBytes: BytePool = new BytePool();

/** For rows and their paths, which live until they are written. */
export const rowBytes: BytePool = new BytePool();
