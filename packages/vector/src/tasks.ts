export { SEARCH_TASK } from './index/search-messages.ts';
export { vectorSearchTask } from './index/search-worker.ts';
