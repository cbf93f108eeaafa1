import { defineLimits, type LimitRegistry } from '@lucerna/base';

const registry = defineLimits('platform-node', {
  lmdbKeyspaces: {
    value: 64,
    unit: 'databases',
    why: 'LMDB scans its table of databases in every transaction; we have a dozen',
  },
  lmdbReaders: {
    value: 512,
    unit: 'read transactions',
    why: 'one for each snapshot that is held over turns of the event loop',
  },
  lmdbWaitingCommits: {
    value: 1024,
    unit: 'commits',
    why: 'the writer makes one group at a time; more than a few waiting is a bug',
  },
  lmdbFailureWaitMs: {
    value: 1000,
    unit: 'ms',
    why: 'the library names the reason of a failed commit a moment after it has failed',
  },
  lmdbRoomBytes: {
    value: 262_144,
    unit: 'bytes',
    why: 'more than a new LMDB environment takes before its first rows',
  },
  lmdbTreeDepth: {
    value: 32,
    unit: 'pages',
    why: 'LMDB has room for so many pages from a root to a row, and believes the file',
  },
  rocksSnapshots: {
    value: 512,
    unit: 'snapshots',
    why: 'each keeps rows alive that were overwritten since; as many as LMDB has readers',
  },
  rocksMemtablesBytes: {
    value: 33_554_432,
    unit: 'bytes',
    why: 'rows of one keyspace that RocksDB collects before it merges them into files of an eighth',
  },
  rocksSmallMemtablesBytes: {
    value: 4_194_304,
    unit: 'bytes',
    why: 'the same for keyspaces with few rows, which would hold on to old logs for long',
  },
  rocksCacheBytes: {
    value: 8_388_608,
    unit: 'bytes',
    why: 'uncompressed blocks of one keyspace; the system caches the files as well',
  },
  rocksReadRows: {
    value: 256,
    unit: 'rows',
    why: 'what a long range reads at once: enough to hide the cost of a native call',
  },
  rocksReadBytes: {
    value: 1_048_576,
    unit: 'bytes',
    why: 'a range of large values reads fewer rows at once',
  },
  lockAttempts: {
    value: 100,
    unit: 'attempts',
    why: 'each one that fails means that another process took or left the data directory meanwhile',
  },
  ed25519Keys: {
    value: 1024,
    unit: 'keys',
    why: 'public keys that are kept imported, 1.2 kB each; more than a network has validators',
  },
  fileDirectWriteBytes: {
    value: 65_536,
    unit: 'bytes',
    why: 'an append of at most so much is made at once, some microseconds; a larger one on a thread',
  },
  threads: {
    value: 16,
    unit: 'threads',
    why: 'tasks are told that so many are worth having; more would wait for the memory of one machine',
  },
  timerDelayMs: {
    value: 2 ** 31 - 1,
    unit: 'ms',
    why: 'timers of Node.js take no more; longer delays are waited for in pieces',
  },
  httpConnections: {
    value: 1024,
    unit: 'connections',
    why: 'each holds a socket and buffers; a browser opens 6, load generators some hundred',
  },
  httpBodiesBytes: {
    value: 134_217_728,
    unit: 'bytes',
    why: 'what the bodies of all requests hold together until they are answered: three of the largest',
  },
  httpHeadersMs: {
    value: 10_000,
    unit: 'ms',
    why: 'time to send the headers of a request, or the first one after connecting: half-open sockets go',
  },
  httpRequestMs: {
    value: 30_000,
    unit: 'ms',
    why: 'time to send a whole request; the largest body needs 1.4 MB/s',
  },
  httpCheckMs: {
    value: 5_000,
    unit: 'ms',
    why: 'how often the two times above are looked at',
  },
  httpKeepAliveMs: {
    value: 65_000,
    unit: 'ms',
    why: 'how long a connection waits for its next request; longer than the pools of common clients',
  },
  httpStalledMs: {
    value: 600_000,
    unit: 'ms',
    why: 'a connection on which nothing moves, such as a client that does not read its answer',
  },
  httpCloseGraceMs: {
    value: 10_000,
    unit: 'ms',
    why: 'how long a closing server waits for the requests that it is still answering',
  },
  httpUnsentBytes: {
    value: 268_435_456,
    unit: 'bytes',
    why: 'answers and notifications that clients have not read, of all connections: two of the largest',
  },
  websocketRequests: {
    value: 1_024,
    unit: 'requests',
    why: 'of one connection that wait for their answers; a script sends some hundred at a time',
  },
  websocketUnsentBytes: {
    value: 16_777_216,
    unit: 'bytes',
    why: 'what a client that does not read may leave behind: minutes of notifications',
  },
  websocketFragments: {
    value: 16_384,
    unit: 'pieces',
    why: 'of one message, as frames or as reads of the socket: the largest body in packets of 320 bytes',
  },
  websocketPingMs: {
    value: 30_000,
    unit: 'ms',
    why: 'a client that has not answered a ping by the next one is gone; proxies wait a minute',
  },
  websocketCloseMs: {
    value: 1_000,
    unit: 'ms',
    why: 'how long the answer to a close frame is waited for',
  },
  httpPreflightSeconds: {
    value: 7_200,
    unit: 's',
    why: 'how long a browser may remember a CORS preflight; what browsers cap it at',
  },
});

/** Limits of the Node.js adapters. */
export const platformNodeLimits: LimitRegistry = registry;

/** The most named databases of an LMDB environment. */
export const LMDB_KEYSPACES: number = registry.values.lmdbKeyspaces;
/** The most read transactions of an LMDB environment at a time. */
export const LMDB_READERS: number = registry.values.lmdbReaders;
/** The most commits that wait for LMDB's writer. */
export const LMDB_WAITING_COMMITS: number = registry.values.lmdbWaitingCommits;
/** Room that a new LMDB environment must find. */
export const LMDB_ROOM_BYTES: number = registry.values.lmdbRoomBytes;
/** How long a failed commit waits for its reason. */
export const LMDB_FAILURE_WAIT_MS: number = registry.values.lmdbFailureWaitMs;
/** The most pages from the root of a tree of LMDB to a row. */
export const LMDB_TREE_DEPTH: number = registry.values.lmdbTreeDepth;
/** The most snapshots of a RocksDB store at a time. */
export const ROCKS_SNAPSHOTS: number = registry.values.rocksSnapshots;
/** Rows of a keyspace that RocksDB keeps in memory, about. */
export const ROCKS_MEMTABLES_BYTES: number = registry.values.rocksMemtablesBytes;
/** The same for a keyspace with few rows. */
export const ROCKS_SMALL_MEMTABLES_BYTES: number = registry.values.rocksSmallMemtablesBytes;
/** RocksDB's cache of one keyspace. */
export const ROCKS_CACHE_BYTES: number = registry.values.rocksCacheBytes;
/** The most rows that a range reads from RocksDB at once. */
export const ROCKS_READ_ROWS: number = registry.values.rocksReadRows;
/** The bytes after which a range reads no further rows at once. */
export const ROCKS_READ_BYTES: number = registry.values.rocksReadBytes;
/** How often a start tries to take the lock of its data directory. */
export const LOCK_ATTEMPTS: number = registry.values.lockAttempts;
/** The most public keys that the native Ed25519 engine keeps. */
export const ED25519_KEYS: number = registry.values.ed25519Keys;
/** The most bytes that an append of a file writes without a thread of their own. */
export const FILE_DIRECT_WRITE_BYTES: number = registry.values.fileDirectWriteBytes;
/** The most threads that a task is told are worth having. */
export const THREADS: number = registry.values.threads;
/** The longest delay of one timer. */
export const TIMER_DELAY_MS: number = registry.values.timerDelayMs;

/** Bounds of an HTTP server and its WebSocket connections; what each is for stands in the registry. */
export type HttpLimits = {
  readonly connections: number;
  readonly bodiesBytes: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkMs: number;
  readonly keepAliveMs: number;
  readonly stalledMs: number;
  readonly closeGraceMs: number;
  readonly preflightSeconds: number;
  readonly unsentBytes: number;
  readonly websocketRequests: number;
  readonly websocketUnsentBytes: number;
  readonly websocketFragments: number;
  readonly websocketPingMs: number;
  readonly websocketCloseMs: number;
};

/** The documented bounds of the HTTP server. */
export const HTTP_LIMITS: HttpLimits = {
  connections: registry.values.httpConnections,
  bodiesBytes: registry.values.httpBodiesBytes,
  headersMs: registry.values.httpHeadersMs,
  requestMs: registry.values.httpRequestMs,
  checkMs: registry.values.httpCheckMs,
  keepAliveMs: registry.values.httpKeepAliveMs,
  stalledMs: registry.values.httpStalledMs,
  closeGraceMs: registry.values.httpCloseGraceMs,
  preflightSeconds: registry.values.httpPreflightSeconds,
  unsentBytes: registry.values.httpUnsentBytes,
  websocketRequests: registry.values.websocketRequests,
  websocketUnsentBytes: registry.values.websocketUnsentBytes,
  websocketFragments: registry.values.websocketFragments,
  websocketPingMs: registry.values.websocketPingMs,
  websocketCloseMs: registry.values.websocketCloseMs,
};
