import type { NodeApi } from '@lucerna/api';
import { blockQueries } from './block-queries.ts';
import type { LocalApiParts } from './local-api-parts.ts';
import { createPendingBlocks } from './pending-block.ts';
import { simulations } from './simulations.ts';
import { createStatePoints } from './state-points.ts';
import { stateQueries } from './state-queries.ts';
import { submissions } from './submit.ts';
import { traces } from './traces.ts';
import { CLIENT_VERSION, DEV_CLIENT_VERSION } from './version.ts';

/** Answers the API from the chain and the pool of this process. */
export function createLocalApi(parts: LocalApiParts): NodeApi {
  const pendingBlock = createPendingBlocks(parts);
  const points = createStatePoints(parts, pendingBlock);
  return {
    chainId: parts.chain.genesis.chainId,
    clientVersion: parts.sealer.dev === undefined ? CLIENT_VERSION : DEV_CLIENT_VERSION,
    syncing: () => false,
    dev: parts.sealer.dev,
    ...blockQueries(parts, pendingBlock),
    ...stateQueries(parts, points),
    ...simulations(parts, points, pendingBlock),
    ...traces(parts, points),
    ...submissions(parts, points),
  };
}
