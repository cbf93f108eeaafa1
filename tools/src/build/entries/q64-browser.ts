// What `@lucerna/q64` is in a browser.
import { systemClock } from '@lucerna/platform-web/clock';
import { type BatchProcessorOptions, BatchProcessor as Processor } from '@lucerna/q64';

export { isLucernaError, LucernaError } from '@lucerna/base';
export * from '@lucerna/q64';

/** Encodes lists of any length a chunk at a time; the page has its turn between two chunks. */
export class BatchProcessor extends Processor {
  /** @throws `Q64_ARGUMENT_INVALID` */
  constructor(options: BatchProcessorOptions = {}) {
    super({ ...options, clock: options.clock ?? systemClock });
  }
}
