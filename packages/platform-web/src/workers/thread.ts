// The file that every thread of `webThreads` begins with.
import { vectorSearchTask } from '@lucerna/vector/tasks';
import { serveFolder } from '../serve-folder.ts';
import { serveTask } from './serve-task.ts';

serveTask({ 'vector-folder': serveFolder, 'vector-search': vectorSearchTask });
