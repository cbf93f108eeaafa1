import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTemporaryDirectory } from './temporary-directory.ts';
import { waitUntil } from './wait-until.ts';

/** A running server of Chroma's own. */
export type ChromaProcess = {
  readonly endpoint: string;
  readonly close: () => Promise<void>;
};

/** What answers as `chroma`: the installed program, or one that runs already. */
export type ChromaPeer =
  | { readonly kind: 'program'; readonly path: string }
  | { readonly kind: 'running'; readonly endpoint: string };

// A test that fails half-way must not leave servers behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const peersFolder = fileURLToPath(new URL('../../bench/peers', import.meta.url));

/**
 * The server of the npm package `chromadb` 3.0.0 in `bench/peers`, or in the folder that
 * LUCERNA_CHROMA_PEER names; or the running one at LUCERNA_CHROMA_URL, which is emptied. Undefined where
 * there is none.
 */
export function findChroma(): ChromaPeer | undefined {
  const endpoint = process.env['LUCERNA_CHROMA_URL'];
  if (endpoint !== undefined) return { kind: 'running', endpoint };
  const folder = process.env['LUCERNA_CHROMA_PEER'] ?? peersFolder;
  const path = join(folder, 'node_modules/chromadb/dist/cli.mjs');
  return existsSync(path) ? { kind: 'program', path } : undefined;
}

/** Starts it on a free port, with an empty folder, and waits until it answers; it may be reset. */
export async function startChroma(peer: ChromaPeer): Promise<ChromaProcess> {
  if (peer.kind === 'running') return { endpoint: peer.endpoint, close: async () => undefined };
  const port = await freePort();
  const directory = makeTemporaryDirectory();
  const config = join(directory.path, 'chroma.yaml');
  const settings = { port, allow_reset: true, persist_path: join(directory.path, 'data') };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(settings));
  const child = spawn(process.execPath, [peer.path, 'run', config], { stdio: 'ignore' });
  running.add(child);
  const ended = once(child, 'close').then(() => {
    running.delete(child);
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    directory.remove();
  };
  try {
    await Promise.race([
      answering(endpoint),
      ended.then(() => {
        throw new Error('chroma ended without answering');
      }),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoint, close };
}

function answering(endpoint: string): Promise<true> {
  return waitUntil('chroma answers', async () => {
    const isThere = await fetch(`${endpoint}/api/v2/heartbeat`).then(
      ({ ok }) => ok,
      () => false,
    );
    return isThere ? true : undefined;
  });
}

/** A port that nobody listens on at this moment; Chroma cannot choose one itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
