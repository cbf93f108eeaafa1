import type { DevApi, Health, NodeApi } from '@lucerna/api';

/** What the node of these tests says about itself. */
export const health = (): Health => ({
  status: 'ok',
  chainId: '31337',
  height: 7,
  hash: `0x${'07'.repeat(32)}`,
  timestamp: 1_700_000_000,
  syncing: false,
  peers: 0,
});

/** A node with what the tests ask for; the methods themselves are tested with the API. */
export function fakeNode(
  parts: { readonly mine: DevApi['mine'] } & Partial<Pick<NodeApi, 'onHead'>>,
): NodeApi {
  const { mine, ...rest } = parts;
  const node: Partial<NodeApi> = {
    chainId: 31_337n,
    clientVersion: 'lucerna/test',
    head: () => ({ hash: new Uint8Array(32) }) as ReturnType<NodeApi['head']>,
    dev: { mine } as DevApi,
    ...rest,
  };
  return node as NodeApi;
}
