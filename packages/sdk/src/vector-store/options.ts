import type { StoreOptions } from '@lucerna/vector';
import type { VectorDatabaseOptions } from './open-database.ts';

/** How a store is opened, and what it is when it is made. */
export type VectorStoreOptions = StoreOptions & Omit<VectorDatabaseOptions, 'salvage'>;
