export {
  type AddOptions,
  type DeleteParameters,
  type LucernaFilter,
  type LucernaStoreConfig,
  LucernaVectorStore,
} from './lucerna-vector-store.ts';
