import {
  type ChromaApi,
  type ChromaRequest,
  type ChromaResponse,
  openChromaApi,
  toChromaFailure,
} from '@lucerna/api';
import type { Clock, Durability, Log } from '@lucerna/base';
import type { VectorDatabase, VectorPorts } from '@lucerna/vector';
import { nodeErrors } from './errors.ts';

/** How a vector database is to be served. */
export type VectorOptions = {
  /** What an answered write outlives. */
  readonly durability: Durability;
  /** Whether clients may delete everything by one request. Default: false. */
  readonly allowReset?: boolean | undefined;
  /** How many records of one request clients are told to send. Default: Chroma's own number. */
  readonly maxBatchRecords?: number | undefined;
};

/** A vector database that is opened when somebody first needs it. */
export type VectorService = {
  /** @throws `NODE_CLOSED`, and what opening a damaged or foreign folder throws */
  readonly database: () => Promise<VectorDatabase>;
  /** Answers Chroma's clients. */
  readonly chroma: Pick<ChromaApi, 'handle'>;
  readonly close: () => Promise<void>;
};

/** Opens what the database needs from the platform; the database closes it. */
export type OpenVectorPorts = () => Promise<VectorPorts>;

type Opened = { readonly database: VectorDatabase; readonly chroma: ChromaApi };

/** The service over what `open` opens. Nothing of it is loaded before it is needed. */
export function createVectorService(
  open: OpenVectorPorts,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  options: VectorOptions,
): VectorService {
  const { durability, ...chromaOptions } = options;
  let opening: Promise<Opened> | undefined;
  let isClosed = false;
  const openNow = async (): Promise<Opened> => {
    const { openVectorDatabase } = await import('@lucerna/vector');
    const database = await openVectorDatabase(await open(), { durability });
    return { database, chroma: await openChromaApi(database, { clock, log, ...chromaOptions }) };
  };
  const opened = async (): Promise<Opened> => {
    if (isClosed) throw nodeErrors.create('NODE_CLOSED');
    const attempt = opening ?? openNow();
    opening = attempt;
    try {
      return await attempt;
    } catch (error) {
      // What was in the way may be gone the next time.
      if (opening === attempt) opening = undefined;
      throw error;
    }
  };
  const handle = async (request: ChromaRequest): Promise<ChromaResponse> => {
    try {
      const { chroma } = await opened();
      return await chroma.handle(request);
    } catch (error) {
      const { status, ...words } = toChromaFailure(error, log);
      return { status, body: JSON.stringify(words) };
    }
  };
  return {
    database: async () => (await opened()).database,
    chroma: { handle },
    close: async (): Promise<void> => {
      isClosed = true;
      // Whoever asked for it has heard why it could not be opened.
      const found = await opening?.catch(() => undefined);
      await found?.database.close();
    },
  };
}
