export {
  type AppendFileComplianceOptions,
  appendFileCompliance,
} from './append-file-compliance.ts';
export { type BlobDirComplianceOptions, blobDirCompliance } from './blob-dir-compliance.ts';
export { type KvStoreComplianceOptions, kvStoreCompliance } from './kv-store-compliance.ts';
