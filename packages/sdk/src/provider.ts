import type { JsonRpc } from '@lucerna/api';

/** The part of EIP-1193 that a chain in the same process can serve: requests. */
export type Eip1193Provider = {
  /**
   * Calls a JSON-RPC method, such as `{ method: 'eth_blockNumber' }`.
   *
   * @throws an error with the JSON-RPC `code`, `message` and, for reverts, `data`
   */
  readonly request: (call: {
    readonly method: string;
    readonly params?: unknown;
  }) => Promise<unknown>;
};

/** A provider over `rpc`, for viem's `custom()` and ethers' `BrowserProvider`. */
export function createProvider(rpc: JsonRpc): Eip1193Provider {
  return {
    request: (call) => rpc.request(call.method, call.params),
  };
}
