// What `@lucerna/q64` is in Node.js.
export { isLucernaError, LucernaError } from '@lucerna/base';
export * from '@lucerna/sdk/q64';
