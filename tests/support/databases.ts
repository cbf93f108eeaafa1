import type { Database } from '@lucerna/platform-node/directory';

/** Where RocksDB's native package has a build; see its folder `prebuilds`. */
const ROCKS_PLATFORMS: readonly string[] = ['linux-x64', 'darwin-arm64'];

/** The databases that can run here; says which one cannot. */
export function databasesHere(): readonly Database[] {
  const platform = `${process.platform}-${process.arch}`;
  if (ROCKS_PLATFORMS.includes(platform)) return ['lmdb', 'rocksdb'];
  process.stdout.write(`skipped: RocksDB has no build for ${platform}\n`);
  return ['lmdb'];
}
