import { SILENT_LOG } from '@lucerna/base';
import { type Chain, openChain } from '@lucerna/chain';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import { openDataDirectory, openDirectoryStore } from '@lucerna/platform-node/directory';
import { openFile } from '@lucerna/platform-node/files';

/** Opens the chain in a data directory that no process has, for as long as `use` takes. */
export async function withChain<T>(
  dataDirectory: string,
  use: (chain: Chain) => Promise<T>,
): Promise<T> {
  const claimed = await openDataDirectory(dataDirectory);
  const store = await openDirectoryStore(claimed);
  const log = await openFile(claimed.blockLogPath);
  const signatures = await loadSignatureEngine(SILENT_LOG);
  const ports = { log, store, signatures, sink: SILENT_LOG };
  const chain = await openChain(ports, {
    durability: 'process',
    history: Number.POSITIVE_INFINITY,
  });
  try {
    return await use(chain);
  } finally {
    await chain.close();
    await claimed.close();
  }
}
