import { type NodeProcess, startNode } from './cli-process.ts';
import { type RpcClient, rpcClient } from './json-rpc.ts';
import { type Exchange, type Notice, startRecordingProxy } from './recording-proxy.ts';
import { conformanceFindings, noticeFindings } from './rpc-conformance.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';

/** A node in its own process, and a port where a client's conversation with it is recorded. */
export type ClientStage = {
  /** What the client connects to. */
  readonly url: string;
  /** The same for a client that connects by WebSocket. */
  readonly webSocketUrl: string;
  readonly node: NodeProcess;
  /** Talks to the node directly: what a test asks for itself is not part of the conversation. */
  readonly rpc: RpcClient;
  /** The conversation so far. */
  readonly exchanges: () => readonly Exchange[];
  /** What the node has told without being asked. */
  readonly notices: () => readonly Notice[];
  /** What is wrong with all of it. */
  readonly findings: () => readonly string[];
  readonly close: () => Promise<void>;
};

export async function openClientStage(args: readonly string[] = []): Promise<ClientStage> {
  const directory = makeTemporaryDirectory();
  const node = await startNode(directory.path, args);
  const proxy = await startRecordingProxy(node.endpoint);
  return {
    url: proxy.url,
    webSocketUrl: proxy.webSocketUrl,
    node,
    rpc: rpcClient(node.endpoint),
    exchanges: proxy.exchanges,
    notices: proxy.notices,
    findings: () => [...conformanceFindings(proxy.exchanges()), ...noticeFindings(proxy.notices())],
    close: async (): Promise<void> => {
      await proxy.close();
      await node.kill('SIGTERM');
      directory.remove();
    },
  };
}
