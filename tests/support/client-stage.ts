import { type NodeProcess, startNode } from './cli-process.ts';
import { type RpcClient, rpcClient } from './json-rpc.ts';
import { type Exchange, startRecordingProxy } from './recording-proxy.ts';
import { conformanceFindings } from './rpc-conformance.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';

/** A node in its own process, and a port where a client's conversation with it is recorded. */
export type ClientStage = {
  /** What the client connects to. */
  readonly url: string;
  readonly node: NodeProcess;
  /** Talks to the node directly: what a test asks for itself is not part of the conversation. */
  readonly rpc: RpcClient;
  /** The conversation so far. */
  readonly exchanges: () => readonly Exchange[];
  /** What is wrong with the conversation so far. */
  readonly findings: () => readonly string[];
  readonly close: () => Promise<void>;
};

export async function openClientStage(args: readonly string[] = []): Promise<ClientStage> {
  const directory = makeTemporaryDirectory();
  const node = await startNode(directory.path, args);
  const proxy = await startRecordingProxy(node.endpoint);
  return {
    url: proxy.url,
    node,
    rpc: rpcClient(node.endpoint),
    exchanges: proxy.exchanges,
    findings: () => conformanceFindings(proxy.exchanges()),
    close: async (): Promise<void> => {
      await proxy.close();
      await node.kill('SIGTERM');
      directory.remove();
    },
  };
}
