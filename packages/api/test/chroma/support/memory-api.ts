import { type Clock, type Log, SILENT_LOG } from '@lucerna/base';
import { createMemoryVectorFolder, openVectorDatabase, type VectorDatabase } from '@lucerna/vector';
import { type ChromaApi, createChromaApi } from '../../../src/chroma/chroma-api.ts';

/** The default database, and its collections. */
export const DATABASE = '/api/v2/tenants/default_tenant/databases/default_database';

const clock: Clock = {
  nowMs: () => Date.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A database in memory behind the protocol. */
export type MemoryApi = {
  readonly api: ChromaApi;
  readonly database: VectorDatabase;
  /** Sends a request with a body that is text as it is, or anything as JSON. */
  readonly send: (method: string, target: string, body?: unknown) => Promise<Answer>;
  /** Makes a collection and answers its path. */
  readonly collection: (request?: object) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** What came back. */
export type Answer = {
  readonly status: number;
  readonly text: string;
  readonly json: Json;
};

/** An answer whose members a test asks for without knowing them. */
export type Json = { readonly [name: string]: Json };

/** Opens one that may be reset. */
export async function openMemoryApi(
  options: { readonly allowReset?: boolean; readonly log?: Log } = {},
): Promise<MemoryApi> {
  const { allowReset = true, log = SILENT_LOG } = options;
  const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
  const folder = createMemoryVectorFolder();
  const database = await openVectorDatabase({ folder, clock, random, log });
  const api = createChromaApi(database, { clock, log, allowReset });
  const send = async (method: string, target: string, body?: unknown): Promise<Answer> => {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
    const { status, body: answer } = await api.handle({ method, target, body: bytes });
    return { status, text: answer, json: JSON.parse(answer) };
  };
  let made = 0;
  return {
    api,
    database,
    send,
    collection: async (request = {}): Promise<string> => {
      made += 1;
      const { json } = await send('POST', `${DATABASE}/collections`, {
        name: `collection-${made}`,
        ...request,
      });
      return `${DATABASE}/collections/${json['id']}`;
    },
    close: () => database.close(),
  };
}
