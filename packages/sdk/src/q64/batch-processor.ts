import { systemClock } from '@lucerna/platform-node/clock';
import { type BatchProcessorOptions, BatchProcessor as Processor } from '@lucerna/q64';

/** The processor of `@lucerna/q64` with this system's clock: others have their turn between chunks. */
export class BatchProcessor extends Processor {
  /** @throws `Q64_ARGUMENT_INVALID` */
  constructor(options: BatchProcessorOptions = {}) {
    super({ ...options, clock: options.clock ?? systemClock });
  }
}
