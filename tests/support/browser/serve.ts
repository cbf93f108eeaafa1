import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server on this machine. */
export type TestServer = { readonly origin: string; readonly close: () => Promise<void> };

/**
 * Serves an empty page at `/` and modules by path, with the headers that let pages share memory with
 * their threads; posts go to `posted`.
 */
export async function serveModules(
  modules: ReadonlyMap<string, string>,
  posted: (path: string, body: string) => void,
): Promise<TestServer> {
  const server = createServer(async (request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const path = request.url ?? '/';
    if (request.method === 'POST') {
      posted(path, await bodyOf(request));
      response.end();
      return;
    }
    const module = modules.get(path);
    if (path !== '/' && module === undefined) response.statusCode = 404;
    response.setHeader('Content-Type', path === '/' ? 'text/html' : 'text/javascript');
    response.end(path === '/' ? '<!doctype html><title>Lucerna</title>' : module);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}
