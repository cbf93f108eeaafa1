import {
  collectionPayload,
  collectionUpdate,
  countCollections,
  createCollection,
  createDatabase,
  createTenant,
  deleteCollection,
  deleteDatabase,
  getCollection,
  getCollectionByCrn,
  getCollectionById,
  getDatabase,
  getIdentity,
  getTenant,
  listCollections,
  listDatabases,
  namePayload,
  tenantUpdate,
  updateCollection,
  updateTenant,
} from './catalog.ts';
import type { ChromaCall } from './context.ts';
import {
  countRecords,
  getPayload,
  getRecords,
  indexingStatus,
  queryPayload,
  queryRecords,
} from './reads.ts';
import { searchPayload, searchRecords } from './search.ts';
import type { Shape } from './shape.ts';
import { getHealth, getHeartbeat, getPreflightChecks, getVersion, reset } from './system.ts';
import {
  attachFunction,
  attachPayload,
  forkCollection,
  forkCount,
  forkPayload,
  getFunction,
  refuseFunction,
  refuseTransaction,
} from './unsupported.ts';
import type { AnswerValue } from './values.ts';
import {
  addPayload,
  addRecords,
  deletePayload,
  deleteRecords,
  updatePayload,
  updateRecords,
  upsertPayload,
  upsertRecords,
} from './writes.ts';

/** One operation of the protocol. */
export type Operation = {
  readonly run: (call: ChromaCall) => AnswerValue | Promise<AnswerValue>;
  /** What it does, in a few words. */
  readonly summary: string;
  /** What its body is; undefined: it has none. */
  readonly body?: Shape<unknown>;
  /** Status of an answer. Default: 200. */
  readonly status?: number;
  /** Names that it reads from the query string. */
  readonly query?: readonly string[];
};

/** The methods that paths take. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One path with its operations. A segment in braces is any name. */
export type Route = {
  readonly path: string;
  readonly operations: { readonly [Method in HttpMethod]?: Operation };
};

const DATABASE = '/api/v2/tenants/{tenant}/databases/{database}';
const COLLECTION = `${DATABASE}/collections/{collection}`;
const PAGE = ['limit', 'offset'];

const heartbeat: Operation = { run: getHeartbeat, summary: 'The time, in nanoseconds' };

/** Every path of the protocol. Those with names in the place of another's braces come first. */
export const ROUTES: readonly Route[] = [
  { path: '/api/v2', operations: { GET: heartbeat } },
  { path: '/api/v2/heartbeat', operations: { GET: heartbeat } },
  {
    path: '/api/v2/healthcheck',
    operations: { GET: { run: getHealth, summary: 'Whether requests can be answered' } },
  },
  {
    path: '/api/v2/version',
    operations: { GET: { run: getVersion, summary: 'Version of the protocol' } },
  },
  {
    path: '/api/v2/pre-flight-checks',
    operations: { GET: { run: getPreflightChecks, summary: 'What clients have to know first' } },
  },
  {
    path: '/api/v2/auth/identity',
    operations: { GET: { run: getIdentity, summary: 'Who asks' } },
  },
  {
    path: '/api/v2/reset',
    operations: { POST: { run: reset, summary: 'Deletes everything, where that is allowed' } },
  },
  {
    path: '/api/v2/tenants',
    operations: {
      POST: { run: createTenant, summary: 'Creates a tenant', body: namePayload },
    },
  },
  {
    path: '/api/v2/tenants/{tenant}',
    operations: {
      GET: { run: getTenant, summary: 'A tenant' },
      PATCH: { run: updateTenant, summary: 'Names a tenant', body: tenantUpdate },
    },
  },
  {
    path: '/api/v2/tenants/{tenant}/databases',
    operations: {
      GET: { run: listDatabases, summary: 'Databases of a tenant, by name', query: PAGE },
      POST: { run: createDatabase, summary: 'Creates a database', body: namePayload },
    },
  },
  {
    path: DATABASE,
    operations: {
      GET: { run: getDatabase, summary: 'A database' },
      DELETE: { run: deleteDatabase, summary: 'Deletes a database and its collections' },
    },
  },
  {
    path: `${DATABASE}/collections_count`,
    operations: { GET: { run: countCollections, summary: 'How many collections there are' } },
  },
  {
    path: `${DATABASE}/collections`,
    operations: {
      GET: { run: listCollections, summary: 'Collections, by id', query: PAGE },
      POST: { run: createCollection, summary: 'Creates a collection', body: collectionPayload },
    },
  },
  {
    path: `${DATABASE}/collections/by-id/{collection}`,
    operations: { GET: { run: getCollectionById, summary: 'A collection, by its id' } },
  },
  {
    path: '/api/v2/collections/{crn}',
    operations: {
      GET: { run: getCollectionByCrn, summary: 'A collection, by tenant:database:collection' },
    },
  },
  {
    path: COLLECTION,
    operations: {
      GET: { run: getCollection, summary: 'A collection, by its name' },
      PUT: { run: updateCollection, summary: 'Changes a collection', body: collectionUpdate },
      DELETE: { run: deleteCollection, summary: 'Deletes a collection, by its name' },
    },
  },
  {
    path: `${COLLECTION}/add`,
    operations: {
      POST: { run: addRecords, summary: 'Adds records', body: addPayload, status: 201 },
    },
  },
  {
    path: `${COLLECTION}/update`,
    operations: { POST: { run: updateRecords, summary: 'Changes records', body: updatePayload } },
  },
  {
    path: `${COLLECTION}/upsert`,
    operations: {
      POST: { run: upsertRecords, summary: 'Adds or changes records', body: upsertPayload },
    },
  },
  {
    path: `${COLLECTION}/get`,
    operations: {
      POST: { run: getRecords, summary: 'Records, by id or filter', body: getPayload },
    },
  },
  {
    path: `${COLLECTION}/query`,
    operations: {
      POST: { run: queryRecords, summary: 'The nearest records', body: queryPayload },
    },
  },
  {
    path: `${COLLECTION}/search`,
    operations: {
      POST: { run: searchRecords, summary: 'Searches by rankings', body: searchPayload },
    },
  },
  {
    path: `${COLLECTION}/delete`,
    operations: { POST: { run: deleteRecords, summary: 'Deletes records', body: deletePayload } },
  },
  {
    path: `${COLLECTION}/count`,
    operations: {
      GET: { run: countRecords, summary: 'How many records there are', query: ['read_level'] },
    },
  },
  {
    path: `${COLLECTION}/indexing_status`,
    operations: { GET: { run: indexingStatus, summary: 'How many records are in the graph' } },
  },
  {
    path: `${COLLECTION}/fork`,
    operations: { POST: { run: forkCollection, summary: 'Not supported', body: forkPayload } },
  },
  {
    path: `${COLLECTION}/fork_count`,
    operations: { GET: { run: forkCount, summary: 'Not supported' } },
  },
  {
    path: `${COLLECTION}/conditional/get`,
    operations: { POST: { run: refuseTransaction, summary: 'Not supported' } },
  },
  {
    path: `${COLLECTION}/conditional/commit`,
    operations: { POST: { run: refuseTransaction, summary: 'Not supported' } },
  },
  {
    path: `${COLLECTION}/functions/attach`,
    operations: { POST: { run: attachFunction, summary: 'Not supported', body: attachPayload } },
  },
  {
    path: `${COLLECTION}/functions/{name}`,
    operations: { GET: { run: getFunction, summary: 'A function: there is none' } },
  },
  {
    path: `${COLLECTION}/attached_functions/{name}/detach`,
    operations: { POST: { run: refuseFunction, summary: 'Not supported' } },
  },
  {
    path: `${COLLECTION}/attached_functions/{name}/add_input`,
    operations: { POST: { run: refuseFunction, summary: 'Not supported' } },
  },
];
