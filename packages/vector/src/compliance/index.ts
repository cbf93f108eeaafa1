export {
  type DatabaseComplianceOptions,
  type DatabasePlace,
  databaseCompliance,
} from './database-compliance.ts';
export { type VectorFolderPlace, vectorFolderCompliance } from './vector-folder-compliance.ts';
