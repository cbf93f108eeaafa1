import { AssertionError } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import {
  locationOfCall,
  locationOfTransaction,
  locationText,
} from '../src/contract/failure-location.ts';
import type { RpcClient } from '../src/contract/rpc-client.ts';
import { cliErrors } from '../src/errors.ts';

type Request = readonly [method: string, params: readonly unknown[]];

/** A node that answers every request with `answer`, and what it was asked. */
function nodeThat(answer: () => unknown): { readonly rpc: RpcClient; readonly asked: Request[] } {
  const asked: Request[] = [];
  const rpc: RpcClient = {
    url: 'http://test',
    request: async (method, params) => {
      asked.push([method, params]);
      return answer();
    },
  };
  return { rpc, asked };
}

const inner = { file: 'token.zx', line: 12, column: 5, action: 'transfer' };
const outer = { file: 'wallet.zx', line: 3, column: 1, action: 'pay' };

const locationIn = (trace: unknown): Promise<unknown> =>
  locationOfTransaction(nodeThat(() => trace).rpc, '0x01');

describe('the place where a transaction failed', () => {
  it('is asked of the node', async () => {
    const { rpc, asked } = nodeThat(() => ({ error: 'execution reverted', location: inner }));
    expect(await locationOfTransaction(rpc, '0x01')).toEqual(inner);
    expect(await locationOfCall(rpc, { to: '0x02' })).toEqual(inner);
    expect(asked).toEqual([
      ['debug_traceTransaction', ['0x01', { tracer: 'callTracer' }]],
      ['debug_traceCall', [{ to: '0x02' }, 'latest', { tracer: 'callTracer' }]],
    ]);
  });

  it('is that of the innermost frame that failed last', async () => {
    const error = 'execution reverted';
    const calls = [
      { error, location: outer },
      { error, location: inner },
    ];
    expect(await locationIn({ error, location: outer, calls })).toEqual(inner);
    expect(await locationIn({ error, calls: [calls[1]] })).toEqual(inner);
    expect(await locationIn({ error, location: outer, calls: [{ location: inner }] })).toEqual(
      outer,
    );
    expect(await locationIn({ error, location: outer, calls: [{ error }] })).toEqual(outer);
  });

  it('is not known when nothing failed, or when the node says something else', async () => {
    expect(await locationIn({ location: inner })).toBeUndefined();
    for (const trace of [null, 'text', [], { error: 'x' }, { error: 'x', location: 5, calls: 7 }]) {
      expect(await locationIn(trace)).toBeUndefined();
    }
    expect(await locationIn({ error: 'x', location: { ...inner, line: '12' } })).toBeUndefined();
  });

  it('is not known of nodes that do not trace', async () => {
    const { rpc } = nodeThat(() => {
      throw cliErrors.create('NODE_REFUSED', 'the method debug_traceCall does not exist');
    });
    expect(await locationOfCall(rpc, {})).toBeUndefined();
    const broken = nodeThat(() => {
      throw new AssertionError('a bug');
    });
    await expect(locationOfCall(broken.rpc, {})).rejects.toThrow('a bug');
  });

  it('is shown in one line that steers no terminal', () => {
    expect(locationText(inner)).toBe('token.zx:12:5, in transfer');
    expect(locationText({ ...inner, file: '\u001b[2J.zx' })).not.toContain('\u001b');
  });
});
