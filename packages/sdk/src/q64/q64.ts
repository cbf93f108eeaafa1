export {
  type Q64DecodeStreamOptions,
  type Q64EncodeStreamOptions,
  q64DecodeStream,
  q64EncodeStream,
} from '@lucerna/platform-node/q64-streams';
export * from '@lucerna/q64';
export { BatchProcessor } from './batch-processor.ts';
