import { openStoreParts, VectorStore } from '@lucerna/vector';
import { openVectorDatabase, type VectorLocation } from './open-database.ts';
import type { VectorStoreOptions } from './options.ts';

/** A vector store in a folder of this machine, or in memory. */
export class NodeVectorStore extends VectorStore {
  /** As `VectorStore.open` of this package, which loads this file. */
  static async open(
    location: VectorLocation,
    options: VectorStoreOptions = {},
  ): Promise<NodeVectorStore> {
    const database = await openVectorDatabase(location, options);
    try {
      return new NodeVectorStore(await openStoreParts(database, options));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
