import type { AccessPolicy } from '@lucerna/api';
import { type Log, SILENT_LOG } from '@lucerna/base';
import { createNode, type VectorNode, type VectorNodeOptions } from '@lucerna/node';
import { systemClock } from '@lucerna/platform-node/clock';
import { type HttpServer, serveHttp } from '@lucerna/platform-node/http';
import { systemRandom } from '@lucerna/platform-node/random';
import { createMemoryVectorFolder } from '@lucerna/vector';

/** A vector database in memory that is served on a port of this process. */
export type VectorServer = {
  readonly node: VectorNode;
  readonly endpoint: string;
  readonly port: number;
  readonly close: () => Promise<void>;
};

/** Starts one that may be reset, unless the options say otherwise. */
export async function startVectorServer(
  options: Partial<VectorNodeOptions> & {
    readonly policy?: Partial<AccessPolicy>;
    readonly log?: Log;
  } = {},
): Promise<VectorServer> {
  const { policy, log = SILENT_LOG, ...nodeOptions } = options;
  const node = await createNode(
    { folder: createMemoryVectorFolder(), clock: systemClock, random: systemRandom, log },
    { durability: 'process', allowReset: true, ...nodeOptions, ledger: false },
  );
  const server: HttpServer = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    chroma: node.chroma,
    health: node.health,
    policy: { allowedHosts: [], allowedOrigins: [], ...policy },
    log,
  });
  return {
    node,
    endpoint: server.endpoint,
    port: server.port,
    close: async (): Promise<void> => {
      await server.close();
      await node.close();
    },
  };
}
