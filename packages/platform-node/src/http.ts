import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Connections } from './connections.ts';
import { httpErrors } from './errors.ts';
import { Access, type HttpService } from './http-exchange.ts';
import { serveRequest, upgradeCaller } from './http-requests.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';
import { BodyBudget } from './request-body.ts';
import { UnsentBytes } from './unsent-bytes.ts';
import type { WebSocketParts, WebSockets } from './websocket.ts';

/** What is served, where and to whom. */
export type HttpOptions = HttpService & {
  /** Address to listen on, such as `127.0.0.1`. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Tighter bounds than the documented ones. */
  readonly limits?: Partial<HttpLimits>;
};

/** A listening server. */
export type HttpServer = {
  /** URL for programs on this machine, with the port that was taken. */
  readonly endpoint: string;
  readonly port: number;
  /**
   * Answers what it is working on, and refuses the rest meanwhile; then nobody can connect any more.
   * Calling it again gives the same promise.
   */
  readonly close: () => Promise<void>;
};

/**
 * Serves JSON-RPC at `/`, over HTTP and WebSocket, Chroma's protocol below `/api/v2`, and `/healthz`.
 * Errors of JSON-RPC have status 200,
 * because wallets take other statuses for a dead node; a body that is not JSON by its content type is
 * never run, so a page cannot avoid the CORS preflight with a form or `text/plain`.
 *
 * @throws `HTTP_PORT_IN_USE`, `HTTP_LISTEN_FAILED`
 */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const { rpc, log } = options;
  const connections = new Connections();
  const bodies = new BodyBudget(limits.bodiesBytes);
  const unsent = new UnsentBytes(limits.unsentBytes, () => {
    log.info('http client dropped', { reason: 'it does not read, and others do not either' });
  });
  const access = new Access(options.policy);
  // Who can read a dev chain must not thereby read what somebody remembers.
  const chromaAccess = new Access({ ...options.policy, otherOrigins: 'listed' });
  const service = { ...options, access, chromaAccess, connections, bodies, unsent };
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAliveTimeout: limits.keepAliveMs,
      // Whoever may not, or wants another protocol (`h2c`), is answered over HTTP.
      shouldUpgradeCallback: (request) =>
        rpc !== undefined && upgradeCaller(service, request) !== undefined,
    },
    (request, response) => serveRequest({ ...service, request, response, headers: [] }),
  );
  server.maxConnections = limits.connections;
  server.timeout = limits.stalledMs;
  server.on('connection', (socket) => connections.add(socket));
  let sockets: Promise<WebSockets> | undefined;
  server.on('upgrade', (request, stream, head) => {
    const caller = upgradeCaller(service, request);
    if (caller === undefined || rpc === undefined) {
      stream.destroy();
      return;
    }
    sockets ??= loadWebSockets({ rpc, log, limits, connections, bodies, unsent });
    stream.on('error', () => undefined);
    sockets
      .then((loaded) => loaded.accept(request, stream as Socket, head, caller))
      .catch((error: unknown) => {
        log.error('websocket connection failed', { reason: String(error) });
        stream.destroy();
      });
  });
  const port = await listen(server, options);
  let closed: Promise<void> | undefined;
  return {
    endpoint: endpointOf(options.host, port),
    port,
    close: (): Promise<void> => {
      closed ??= closeServer(server, connections, limits.closeGraceMs).then(async () => {
        (await sockets)?.close();
      });
      return closed;
    },
  };
}

function listen(server: Server, { host, port }: HttpOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EADDRINUSE' ? 'HTTP_PORT_IN_USE' : 'HTTP_LISTEN_FAILED';
      reject(httpErrors.create(code, `${host}:${port}`, { host, port, reason: error.code }, error));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function endpointOf(host: string, port: number): string {
  // The wildcard addresses are for listening only.
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

async function closeServer(
  server: Server,
  connections: Connections,
  graceMs: number,
): Promise<void> {
  const grace = setTimeout(() => connections.destroyAll(), graceMs);
  // Until then it listens, so that whoever asks hears that it is stopping.
  await connections.finish();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  connections.endIdle();
  await closed;
  clearTimeout(grace);
}

/** The library takes a while to load, and many a node never has a WebSocket client. */
async function loadWebSockets(parts: WebSocketParts): Promise<WebSockets> {
  const { WebSockets } = await import('./websocket.ts');
  return new WebSockets(parts);
}
