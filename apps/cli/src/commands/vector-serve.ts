import { resolve } from 'node:path';
import { createNode, VERSION } from '@lucerna/node';
import { type HttpServer, serveHttp } from '@lucerna/platform-node/http';
import { createLog } from '@lucerna/platform-node/log';
import { openVectorPorts } from '@lucerna/sdk';
import { formatLabelled } from '../db/format.ts';
import { readToken } from '../dev/secrets.ts';
import { writeNote, writeResult } from '../output.ts';
import { untilAskedToStop } from '../stop.ts';
import { collectionsOf } from '../vector/collections.ts';
import type { ServeOptions } from './vector-options.ts';

/** `lucerna vector serve`: runs until it is asked to stop. */
export async function runVectorServe(options: ServeOptions): Promise<void> {
  const { json = false, quiet = false, durability, allowReset } = options;
  const log = createLog({ format: json ? 'json' : 'text', level: quiet ? 'warn' : 'info' });
  // What is wrong with the file is said before anything is made.
  const token = await readToken(options.tokenFile);
  const path = options.inMemory ? undefined : resolve(options.path);
  const ports = await openVectorPorts(path ?? { memory: true }, { log });
  const node = await createNode(ports, { ledger: false, durability, allowReset });
  try {
    const { port, host, allowHost = [], allowOrigin = [] } = options;
    const policy = {
      allowedHosts: allowHost,
      allowedOrigins: allowOrigin,
      // There is no chain here that any page may read.
      otherOrigins: 'listed',
      token,
    } as const;
    const { chroma, health } = node;
    const server = await serveHttp({ host, port, chroma, health, policy, log });
    try {
      // Before anybody is told that it runs: they may end it at once.
      const stopped = untilAskedToStop(() => {
        if (!json && !quiet) writeNote('Stopping. Ctrl-C again to stop at once.');
      });
      if (!isLoopback(host)) {
        log.warn(
          token === undefined
            ? `listening on ${host}: whoever reaches this port can read, change and delete everything`
            : `listening on ${host}: requests and the token travel unencrypted, so who listens on the way has it`,
        );
      }
      announce(options, server, path, collectionsOf(node.database).length);
      await stopped;
    } finally {
      await server.close();
    }
  } finally {
    await node.close();
  }
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
}

function announce(
  { json = false, quiet = false }: ServeOptions,
  { endpoint }: HttpServer,
  path: string | undefined,
  collections: number,
): void {
  if (json) {
    const report = {
      endpoint,
      path: path ?? null,
      collections,
      pid: process.pid,
      version: VERSION,
    };
    writeResult(JSON.stringify(report));
    return;
  }
  if (quiet) return;
  const { hostname, port } = new URL(endpoint);
  writeResult(
    [
      `Lucerna ${VERSION}, a vector database for Chroma's clients`,
      '',
      formatLabelled([
        ['Database', path ?? 'in memory: it ends with the process'],
        ['Collections', String(collections)],
        ['JavaScript', `new ChromaClient({ host: '${hostname}', port: ${port} })`],
        ['Python', `chromadb.HttpClient(host='${hostname}', port=${port})`],
      ]),
      '',
      `Listening on ${endpoint}`,
    ].join('\n'),
  );
}
