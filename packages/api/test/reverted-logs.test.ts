import { apiLimits } from '@lucerna/api';
import { present } from '@lucerna/base';
import type { BlockView } from '@lucerna/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { RevertedLogs } from '../src/jsonrpc/reverted-logs.ts';
import { createFakeNode } from './support/fake-node.ts';

let view: BlockView;

beforeAll(async () => {
  const node = await createFakeNode();
  const blocks = await Promise.all([1, 2, 3].map((height) => node.block(height)));
  const hasLogs = ({ receipts }: BlockView): boolean =>
    receipts.some(({ logs }) => logs.length > 1);
  view = present(
    blocks.find((each) => each !== undefined && hasLogs(each)),
    'a block has logs',
  );
});

/** The block with so many bytes in each log, which are part of a longer array. */
function blockWith(dataBytes: number): BlockView {
  const data = new Uint8Array(2 * dataBytes + 1).subarray(1, dataBytes + 1);
  const receipts = view.receipts.map((receipt) => ({
    ...receipt,
    logs: receipt.logs.map((log) => ({ ...log, data })),
  }));
  return { ...view, receipts };
}

const logCount = (): number => view.receipts.flatMap(({ logs }) => logs).length;

describe('the logs of reverted blocks', () => {
  it('are kept without the rest of their blocks', () => {
    const reverted = new RevertedLogs();
    reverted.add([blockWith(100)]);
    const [group] = reverted.from(0) ?? [];
    expect(group).toMatchObject({ ancestor: view.block.header.height - 1 });
    expect(group?.logs).toHaveLength(logCount());
    for (const { log, height } of group?.logs ?? []) {
      expect(height).toBe(view.block.header.height);
      expect(log.data.buffer.byteLength).toBe(100);
    }
  });

  it('are forgotten, the oldest first, when they are too long together', () => {
    const reverted = new RevertedLogs();
    const half = Math.floor(apiLimits.values.logAnswerBytes / (2 * logCount()));
    reverted.add([blockWith(half)]);
    reverted.add([blockWith(half)]);
    expect(reverted.from(0)).toHaveLength(2);
    reverted.add([blockWith(2)]);
    expect(reverted.from(0)).toBeUndefined();
    expect(reverted.from(1)).toHaveLength(2);
    reverted.clear();
    expect([reverted.from(2), reverted.from(3), reverted.end]).toEqual([undefined, [], 3]);
  });
});
