import { assert, type Cancel, SerialQueue, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { BlockAttributes } from '@lucerna/execution';
import {
  carriedGasLimit,
  maxFeePerGas,
  nextBaseFee,
  protocolErrors,
  type SignedTransaction,
} from '@lucerna/protocol';
import { type BlockReporter, createBlockReporter } from './block-reporter.ts';
import { nodeErrors } from './errors.ts';
import { nodeLimits } from './limits.ts';
import type { Sealer, SealerFactory, SealerParts, SealRequest } from './sealer.ts';

/** When a dev chain makes blocks. */
export type Mining =
  /** At once for every executable transaction. */
  | { readonly mode: 'automine' }
  /** At fixed times, empty or not. */
  | { readonly mode: 'interval'; readonly blockTimeMs: number }
  /** Only when asked to. */
  | { readonly mode: 'manual' };

/** The sealer of a dev chain. Blocks are made one at a time; who asks meanwhile waits in a queue. */
export function devSealer(mining: Mining): SealerFactory {
  return (parts) => createDevSealer(parts, mining);
}

function createDevSealer(parts: SealerParts, mining: Mining): Sealer {
  const { clock, log } = parts;
  const queue = new SerialQueue(nodeLimits.values.sealQueueTasks);
  const reporter = createBlockReporter(clock, log);
  const make = (request: BlockRequest): Promise<boolean> => makeBlock(parts, reporter, request);
  let nextDrain: Promise<void> | undefined;
  let cancelTick: Cancel | undefined;
  let stopped = false;

  /** What is not in a block by now will be in none: whoever waits for it must hear of that. */
  const checkRunning = (): void => {
    if (stopped) throw nodeErrors.create('NODE_CLOSED');
  };

  // Transactions that arrive while a block is being made share the drain that follows it.
  const drainSoon = (): Promise<void> => {
    if (nextDrain !== undefined) return nextDrain;
    const drain = queue.run(async () => {
      nextDrain = undefined;
      // Each turn takes transactions out of the pool, so this ends.
      for (;;) {
        checkRunning();
        if (!(await make({ allowEmpty: false }))) return;
      }
    });
    nextDrain = drain;
    // A drain that a full queue refuses never runs: the next transaction needs another one.
    drain.catch(() => {
      if (nextDrain === drain) nextDrain = undefined;
    });
    return drain;
  };

  const scheduleTick = (dueMs: number, blockTimeMs: number): void => {
    cancelTick = clock.schedule(Math.max(0, dueMs - clock.nowMs()), () => {
      const made = queue.run(() => make({ allowEmpty: true }));
      made
        .catch((error: unknown) => log.error('block was not made', { reason: String(error) }))
        .finally(() => {
          if (stopped) return;
          // A node that fell behind does not make the missed blocks up, and one whose clock was set
          // back does not wait until that time comes again.
          const nowMs = clock.nowMs();
          const nextMs = Math.max(dueMs + blockTimeMs, nowMs);
          scheduleTick(Math.min(nextMs, nowMs + blockTimeMs), blockTimeMs);
        });
    });
  };

  return {
    start: (): void => {
      if (mining.mode !== 'interval') return;
      assert(mining.blockTimeMs > 0, 'an interval is longer than nothing');
      scheduleTick(clock.nowMs() + mining.blockTimeMs, mining.blockTimeMs);
    },
    attributes: (request) => blockAttributes(parts, request),
    checkIncludable: (transaction): void => {
      if (mining.mode === 'automine') checkFeeCap(parts, transaction);
    },
    transactionAccepted: async (): Promise<void> => {
      checkRunning();
      if (mining.mode === 'automine') await drainSoon();
    },
    seal: async (request): Promise<void> => {
      checkRunning();
      await queue.run(() => make({ ...request, allowEmpty: true }));
    },
    stop: async (): Promise<void> => {
      stopped = true;
      cancelTick?.();
      await queue.idle();
      reporter.flush();
    },
  };
}

type BlockRequest = SealRequest & { readonly allowEmpty: boolean };

/** Makes and commits one block over the head; false when it would be empty and may not be. */
async function makeBlock(
  parts: SealerParts,
  reporter: BlockReporter,
  request: BlockRequest,
): Promise<boolean> {
  const { chain, pool } = parts;
  const { executed, skipped } = chain.build(blockAttributes(parts, request), pool.source());
  for (const { hash, error } of skipped) {
    // The pool took it for executable; kept, it would be offered to every block from now on.
    parts.log.warn('transaction dropped', { hash: toHex(hash), reason: error.message });
    pool.step({ kind: 'remove', hash });
  }
  if (executed.block.transactions.length === 0 && !request.allowEmpty) return false;
  await chain.commit(executed);
  reporter.report(executed.block);
  return true;
}

/**
 * With automine the base fee falls only when a transaction makes a block, so one that cannot pay it
 * would wait for ever: its sender is told instead.
 */
function checkFeeCap({ chain }: SealerParts, transaction: SignedTransaction): void {
  const { header } = chain.head();
  const baseFee = nextBaseFee(header, chain.rulesAt(header.height + 1));
  const feeCap = maxFeePerGas(transaction);
  if (feeCap >= baseFee) return;
  throw protocolErrors.create(
    'TX_FEE_CAP_TOO_LOW',
    `maxFeePerGas: ${feeCap}, baseFee: ${baseFee}`,
    { maxFeePerGas: feeCap, baseFeePerGas: baseFee },
  );
}

function blockAttributes(parts: SealerParts, request: SealRequest): BlockAttributes {
  const { header, hash } = parts.chain.head();
  if (request.timestamp !== undefined && request.timestamp < header.timestamp) {
    throw nodeErrors.create(
      'TIMESTAMP_BEFORE_HEAD',
      `${request.timestamp} is before ${header.timestamp}`,
      { requested: request.timestamp, head: header.timestamp },
    );
  }
  const nowSeconds = Math.floor(parts.clock.nowMs() / 1_000);
  return {
    timestamp: request.timestamp ?? Math.max(header.timestamp, nowSeconds),
    coinbase: parts.chain.genesis.coinbase,
    gasLimit: carriedGasLimit(header.gasLimit, parts.chain.rulesAt(header.height + 1)),
    // A dev chain has no validators to draw a mix from; it only has to differ from block to block.
    mixHash: keccak256(hash),
  };
}
