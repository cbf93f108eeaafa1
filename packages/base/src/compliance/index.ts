export { clockCompliance } from './clock-compliance.ts';
