// The file that every thread of `webThreads` begins with.
import { vectorSearchTask } from '@lucerna/vector/tasks';
import { serveLedgerFolder } from '../ledger-folder.ts';
import { serveFolder } from '../serve-folder.ts';
import { serveTask } from './serve-task.ts';

serveTask({
  'ledger-folder': serveLedgerFolder,
  'vector-folder': serveFolder,
  'vector-search': vectorSearchTask,
});
