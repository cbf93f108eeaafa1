import type { VectorHealth } from '@lucerna/api';
import type { VectorDatabase, VectorPorts } from '@lucerna/vector';
import { createVectorService, type VectorOptions, type VectorService } from './vector-service.ts';

/** How a node without a ledger is to be. */
export type VectorNodeOptions = VectorOptions & { readonly ledger: false };

/** A running node without a ledger: a vector database that Chroma's clients can use. */
export type VectorNode = {
  readonly database: VectorDatabase;
  readonly chroma: VectorService['chroma'];
  /** How it is, as `/healthz` says it. @throws what reading the database throws: then it is not well */
  readonly health: () => VectorHealth;
  /** Writes out what is pending and closes the database. */
  readonly close: () => Promise<void>;
};

/** Boots a node without a ledger. @throws what opening a damaged or foreign folder throws */
export async function createVectorNode(
  ports: VectorPorts,
  { ledger: _, ...options }: VectorNodeOptions,
): Promise<VectorNode> {
  const service = createVectorService(async () => ports, ports, options);
  const database = await service.database();
  return {
    database,
    chroma: service.chroma,
    health: () => {
      database.tenants();
      return { status: 'ok' };
    },
    close: service.close,
  };
}
