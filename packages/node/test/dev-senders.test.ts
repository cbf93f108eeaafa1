import { present } from '@lucerna/base';
import { compile } from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import {
  balanceOf,
  type DevChain,
  heightOf,
  OTHER,
  STRANGER,
  startDev,
} from './support/dev-chain.ts';

const [empty] = compile({ name: 'empty.zx', text: 'contract Empty {}' }).contracts;
const DROPPED = expect.stringMatching(/^transaction was dropped before it was in a block/);

describe('a sender whose transaction waits for its block', () => {
  it('hears that the chain went back to a snapshot before that', async () => {
    const chain = await startDev({ mining: { mode: 'automine' } });
    const id = await chain.dev.snapshot();
    const reverted = chain.dev.revert(id);
    await expect(chain.send(0, { gas: '0x5208' })).rejects.toMatchObject({ message: DROPPED });
    expect(await reverted).toBe(true);
    await chain.send(0);
    expect(balanceOf(chain, STRANGER)).toBe(1n);
  });

  it('hears that somebody has emptied the pool', async () => {
    const chain = await startDev({ mining: { mode: 'automine' } });
    const patched = chain.dev.setBalance(OTHER, 1n);
    const dropped = chain.dev.dropAllTransactions();
    await expect(chain.send(0, { gas: '0x5208' })).rejects.toMatchObject({ message: DROPPED });
    await Promise.all([patched, dropped]);
    expect(heightOf(chain)).toBe(0);
  });

  it('hears why no block can have it, and the others are mined', async () => {
    const chain = await startDev({ mining: { mode: 'automine' } });
    const sender = present(chain.node.api.accounts()[1], 'a dev account');
    await chain.dev.setCode(sender, present(empty, 'a contract').bytecode);
    const [refused, mined] = await Promise.allSettled([
      chain.send(1, { gas: '0x5208' }),
      chain.send(2, { gas: '0x5208' }),
    ]);
    expect(refused).toMatchObject({
      reason: { message: expect.stringMatching(/^sender not an eoa/) },
    });
    expect(mined.status).toBe('fulfilled');
    expect(await chain.request('txpool_status')).toEqual({ pending: '0x0', queued: '0x0' });
    await chain.dev.setCode(sender, new Uint8Array(0));
    await chain.send(1);
    expect(heightOf(chain)).toBe(2);
  });
});

describe('a transaction behind a gap', () => {
  const status = (chain: DevChain): Promise<unknown> => chain.request('txpool_status');
  const HOUR_MS = 3_600_000;

  it('is gone after three hours, for good, and one that can go into a block is not', async () => {
    const chain = await startDev();
    await chain.send(0);
    await chain.send(1, { nonce: '0x5', gas: '0x5208' });
    chain.clock.advance(3 * HOUR_MS - 120_000);
    expect(await status(chain)).toEqual({ pending: '0x1', queued: '0x1' });
    chain.clock.advance(240_000);
    expect(await status(chain)).toEqual({ pending: '0x1', queued: '0x0' });
    const again = await chain.reopen();
    expect(await status(again)).toEqual({ pending: '0x1', queued: '0x0' });
    await again.node.close();
  });
});
