import { type Channel, present } from '@lucerna/base';
import { Segment } from '../kernel/segment.ts';
import { nearest } from './nearest.ts';
import { SearchJob } from './search-job.ts';
import type { SearchInit, SearchMessage, SearchReply, SharedIndex } from './search-messages.ts';

/** An index as this thread has it: a segment is attached when it is first searched. */
type KnownIndex = { readonly shared: SharedIndex; readonly segments: Segment[] };

/**
 * What a thread does that searches: takes queries of the jobs that it is told of until there are none.
 * It reads the memories of an index only while it holds a query, during which nobody changes them.
 */
export function vectorSearchTask(channel: Channel): void {
  const known = new Map<number, KnownIndex>();
  let lane: number | undefined;
  channel.receive((message) => {
    if (lane === undefined) {
      lane = (message as SearchInit).lane;
      return;
    }
    channel.post(answer(known, lane, message as SearchMessage));
  });
}

function answer(known: Map<number, KnownIndex>, lane: number, message: SearchMessage): SearchReply {
  if (message.kind === 'forget') {
    known.delete(message.index);
    return null;
  }
  try {
    if (message.shared !== undefined) {
      known.set(message.index, { shared: message.shared, segments: [] });
    }
    const index = present(known.get(message.index), 'the thread was told of the index');
    takePart(index, lane, message);
    return null;
  } catch (error) {
    return String(error);
  }
}

function takePart(
  index: KnownIndex,
  lane: number,
  { plan, shape, buffer }: Extract<SearchMessage, { readonly kind: 'search' }>,
): void {
  const job = new SearchJob(shape, buffer);
  for (let query = job.take(lane); query !== undefined; query = job.take(lane)) {
    const { shared, segments } = index;
    for (const segment of shared.segments.slice(segments.length)) {
      segments.push(Segment.attach(segment));
    }
    const target = { segments, lane, plan, masks: job };
    job.answer(query, nearest(target, job.queries, query * shape.dimension));
  }
}
