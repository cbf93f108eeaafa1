// The peer's trie in a thread of its own: there it has its own heap and its own collector.
import { parentPort } from 'node:worker_threads';
import { createMPT } from '@ethereumjs/mpt';
import { present } from '@lucerna/base';
import { collectGarbage, timeCpu, timeWall } from '../../clock.ts';
import { rootHash, trieRows } from './fixtures.ts';
import type { PeerReply, PeerRequest } from './peer-trie.ts';

const port = present(parentPort, 'this is a worker');

/**
 * As it comes: in a map in memory, which it fills with bytes, with the Keccak of noble. One `put`
 * after the other: that is what its `batch` does.
 */
let trie = await createMPT();

async function answer({ indexes, version, clock, fresh }: PeerRequest): Promise<PeerReply> {
  if (fresh) trie = await createMPT();
  const rows = trieRows(indexes, version);
  await collectGarbage();
  const time = clock === 'cpu' ? timeCpu : timeWall;
  const value = await time(async () => {
    for (const [key, row] of rows) await trie.put(key, row);
  });
  return { value, hash: rootHash(trie.root()) };
}

port.on('message', async (request: PeerRequest) => port.postMessage(await answer(request)));
