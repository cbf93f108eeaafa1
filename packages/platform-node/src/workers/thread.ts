// The file that every thread of `nodeThreads` begins with.
import { serveTask, type Task } from './serve-task.ts';

await serveTask({
  'vector-search': async (): Promise<Task> =>
    (await import('@lucerna/vector/tasks')).vectorSearchTask,
});
