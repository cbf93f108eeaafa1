/** Where the native package has a build; see its folder `prebuilds`. */
const PLATFORMS: readonly string[] = ['linux-x64', 'darwin-arm64'];

/** Whether tests of RocksDB can run here; says so when they cannot. */
export function hasRocksDb(): boolean {
  const platform = `${process.platform}-${process.arch}`;
  if (PLATFORMS.includes(platform)) return true;
  process.stdout.write(`skipped: RocksDB has no build for ${platform}\n`);
  return false;
}
