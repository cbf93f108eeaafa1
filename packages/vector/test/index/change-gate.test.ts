import { isLucernaError } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { ChangeGate } from '../../src/index/change-gate.ts';

describe('change gate', () => {
  it('makes a change at once where nobody reads', () => {
    const gate = new ChangeGate(4);
    let isMade = false;
    void gate.change(() => {
      isMade = true;
    });
    expect(isMade).toBe(true);
  });

  it('lets reads run together and a change wait for all of them', async () => {
    const gate = new ChangeGate(4);
    const order: string[] = [];
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const reads = [
      gate.read(async () => {
        order.push('first');
        await first.promise;
        order.push('first ends');
      }),
      gate.read(async () => {
        order.push('second');
        await second.promise;
        order.push('second ends');
      }),
    ];
    const change = gate.change(() => order.push('change'));
    const late = gate.read(() => order.push('late'));
    second.resolve();
    await reads[1];
    first.resolve();
    await Promise.all([...reads, change, late]);
    expect(order).toEqual(['first', 'second', 'second ends', 'first ends', 'change', 'late']);
  });

  it('lets nobody overtake: a change after a read that waits comes after it', async () => {
    const gate = new ChangeGate(8);
    const order: string[] = [];
    const held = Promise.withResolvers<void>();
    const all = [
      gate.read(() => held.promise),
      gate.change(() => order.push('change 1')),
      gate.read(async () => {
        await Promise.resolve();
        order.push('read');
      }),
      gate.change(() => order.push('change 2')),
    ];
    held.resolve();
    await Promise.all(all);
    expect(order).toEqual(['change 1', 'read', 'change 2']);
    expect(gate.isFree).toBe(true);
  });

  it('goes on after a read and a change that throw', async () => {
    const gate = new ChangeGate(4);
    const read = gate.read(async () => {
      await Promise.resolve();
      throw new Error('read');
    });
    const change = gate.change(() => {
      throw new Error('change');
    });
    await expect(read).rejects.toThrow('read');
    await expect(change).rejects.toThrow('change');
    expect(await gate.change(() => 7)).toBe(7);
  });

  it('refuses more reads than may wait, and no change', async () => {
    const gate = new ChangeGate(1);
    const held = Promise.withResolvers<void>();
    const read = gate.read(() => held.promise);
    const change = gate.change(() => 1);
    const second = gate.change(() => 2);
    await expect(gate.read(() => 3)).rejects.toSatisfy((error) =>
      isLucernaError(error, 'QUEUE_FULL'),
    );
    held.resolve();
    await read;
    expect(await change).toBe(1);
    expect(await second).toBe(2);
  });
});
