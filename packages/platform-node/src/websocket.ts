import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { apiErrors, apiLimits, type Caller, type JsonRpc, type RpcSession } from '@lucerna/api';
import type { Log } from '@lucerna/base';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import type { Connections } from './connections.ts';
import type { HttpLimits } from './limits.ts';
import type { BodyBudget } from './request-body.ts';
import type { UnsentBytes } from './unsent-bytes.ts';

/** What WebSocket connections share with the rest of the server. */
export type WebSocketParts = {
  readonly rpc: Pick<JsonRpc, 'openSession' | 'refuse'>;
  readonly log: Log;
  readonly limits: HttpLimits;
  readonly connections: Connections;
  /** Of messages that are not here whole or not answered yet. */
  readonly bodies: BodyBudget;
  readonly unsent: UnsentBytes;
};

/** Options of the library that its types do not know. */
type Uncharted = {
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  readonly closeTimeout: number;
};

/** Codes of a close frame (RFC 6455 §7.4.1). */
const CLOSE = { goingAway: 1001, failed: 1011 } as const;

/** Bytes of a control frame of a client beside its payload (RFC 6455 §5.2: head and mask). */
const CONTROL_FRAME_BYTES = 6;

/**
 * JSON-RPC over WebSocket (RFC 6455), with subscriptions: one text message is one request body.
 * Whether a client may connect is decided before. Who does not answer pings, or does not read what is
 * sent, is cut off.
 */
export class WebSockets {
  readonly #parts: WebSocketParts;
  readonly #server: WebSocketServer;
  readonly #open = new Set<Connection>();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: WebSocketParts) {
    this.#parts = parts;
    const { limits } = parts;
    const options: ServerOptions & Uncharted = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // The library would answer without end a client that does not read.
      autoPong: false,
      maxPayload: apiLimits.values.bodyBytes,
      maxFragments: limits.websocketFragments,
      maxBufferedChunks: limits.websocketFragments,
      closeTimeout: limits.websocketCloseMs,
    };
    this.#server = new WebSocketServer(options);
    this.#timer = setInterval(() => this.#checkAll(), limits.websocketPingMs);
  }

  /** Makes `socket`, on which `request` asks for it, a WebSocket connection of `caller`. */
  accept(request: IncomingMessage, socket: Socket, head: Buffer, caller: Caller): void {
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const connection = new Connection(this.#parts, { ws, socket, caller });
      this.#open.add(connection);
      ws.once('close', () => this.#open.delete(connection));
    });
  }

  /** Ends the checks; the connections are the server's to end. */
  close(): void {
    clearInterval(this.#timer);
  }

  #checkAll(): void {
    for (const connection of this.#open) connection.check();
  }
}

/** One WebSocket connection. */
class Connection {
  readonly #parts: WebSocketParts;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #session: RpcSession;
  /** Requests that are being answered. */
  #running = 0;
  /** Bytes that have come and are no whole message yet. */
  #unreadBytes = 0;
  #unreadSinceMs = 0;
  /** Whether anything has come since the last check. */
  #isAlive = true;

  constructor(
    parts: WebSocketParts,
    { ws, socket, caller }: { ws: WebSocket; socket: Socket; caller: Caller },
  ) {
    this.#parts = parts;
    this.#ws = ws;
    this.#socket = socket;
    this.#session = parts.rpc.openSession(caller, (text) => this.#send(text));
    parts.connections.upgrade(socket, () => ws.close(CLOSE.goingAway));
    // Before the parser sees the bytes, so that they are counted when it calls back.
    socket.prependListener('data', (chunk: Buffer) => this.#count(chunk.length));
    // Requests may come as binary messages: web3.py sends them so. Answers are text.
    ws.on('message', (body: Buffer) => this.#receive(body));
    ws.on('pong', ({ length }) => this.#settle(CONTROL_FRAME_BYTES + length));
    ws.on('ping', (data) => {
      this.#settle(CONTROL_FRAME_BYTES + data.length);
      this.#write(data.length, (sent) => ws.pong(data, false, sent));
    });
    // Too long, not UTF-8, against the protocol: the library closes with the code that says so.
    ws.on('error', ({ message }) => parts.log.debug('websocket failed', { reason: message }));
    ws.once('close', () => {
      this.#session.close();
      this.#settle(this.#unreadBytes);
    });
  }

  /** Cuts the client off if it has fallen silent, and asks for a sign of life. */
  check(): void {
    const isLate =
      this.#unreadBytes > 0 &&
      performance.now() - this.#unreadSinceMs > this.#parts.limits.requestMs;
    if (!this.#isAlive || isLate) {
      this.#drop(isLate ? 'it does not end its message' : 'it does not answer pings');
      return;
    }
    this.#isAlive = false;
    this.#ws.ping();
  }

  #count(bytes: number): void {
    this.#isAlive = true;
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (!this.#parts.bodies.take(bytes)) {
      this.#drop('there is no room for its message');
      return;
    }
    if (this.#unreadBytes === 0) this.#unreadSinceMs = performance.now();
    this.#unreadBytes += bytes;
  }

  /** So many of the bytes that have come are no longer part of a message to come. */
  #settle(bytes: number): void {
    const settled = Math.min(bytes, this.#unreadBytes);
    this.#unreadBytes -= settled;
    this.#parts.bodies.give(settled);
  }

  #receive(body: Buffer): void {
    const { connections, bodies, limits, rpc } = this.#parts;
    this.#settle(this.#unreadBytes);
    if (!connections.isClosing && this.#running < limits.websocketRequests) {
      if (bodies.take(body.length)) {
        void this.#answer(body);
        return;
      }
    }
    const code = connections.isClosing ? 'RPC_SERVER_CLOSING' : 'RPC_SERVER_BUSY';
    const text = rpc.refuse(body, apiErrors.create(code));
    if (text !== undefined) this.#send(text);
  }

  /** Never rejects. */
  async #answer(body: Buffer): Promise<void> {
    const { connections, bodies, log } = this.#parts;
    this.#running += 1;
    const done = connections.begin(this.#socket);
    try {
      const text = await this.#session.handle(body);
      if (text !== undefined) this.#send(text);
    } catch (error) {
      log.error('websocket request failed', { reason: String(error) });
      this.#ws.close(CLOSE.failed);
    }
    this.#running -= 1;
    bodies.give(body.length);
    done();
  }

  #send(text: string): void {
    const data = Buffer.from(text);
    this.#write(data.length, (sent) => this.#ws.send(data, { binary: false }, sent));
  }

  /** Writes `bytes` unless the client has left too much; `write` calls back when they are gone. */
  #write(bytes: number, write: (sent: () => void) => void): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (this.#ws.bufferedAmount > this.#parts.limits.websocketUnsentBytes) {
      this.#drop('it does not read');
      return;
    }
    write(this.#parts.unsent.add(this.#socket, bytes));
  }

  /** A close frame would wait behind what the client does not read, or for a client that is gone. */
  #drop(reason: string): void {
    this.#parts.log.info('websocket client dropped', { reason });
    this.#ws.terminate();
  }
}
