import { EMPTY_BYTES, toHex } from '@lucerna/base';
import type { CallTrace } from '@lucerna/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { estimateGas, simulateCall } from '../src/call.ts';
import { traceCall } from '../src/trace/trace.ts';
import { calldata, initData, OpenBlock, PROBE } from './contracts.ts';
import { call3, FACTORY, factoryData, MULTICALL, multicallData, nativeState } from './natives.ts';
import { ETHER, signer, strangerAddress } from './support.ts';

const ALICE = signer(1);
const SALT = new Uint8Array(32).fill(1);
const INIT_DATA = initData(PROBE.bytecode, 5n);

const block = new OpenBlock(nativeState([[ALICE.address, { balance: ETHER }]]));
const probe = block.deploy(ALICE, 7n);
block.send(ALICE, { to: FACTORY, data: factoryData(SALT, INIT_DATA), gasLimit: 5_000_000n });
const { journal, context } = block;

type Call = { readonly to: Uint8Array; readonly data: Uint8Array };

const leaves = fc.constantFrom<Call>(
  { to: probe, data: calldata('get') },
  { to: probe, data: calldata('set', 0n) },
  { to: probe, data: calldata('set', 3n) },
  { to: probe, data: calldata('clearAndLoop', 50n) },
  { to: probe, data: calldata('noteIt', 3n, 'abc') },
  { to: probe, data: calldata('failLate', toHex(ALICE.address), 'no') },
  { to: strangerAddress(3), data: EMPTY_BYTES },
  { to: MULTICALL, data: new Uint8Array(5) },
  {
    to: FACTORY,
    data: factoryData(
      SALT.map(() => 2),
      INIT_DATA,
    ),
  },
  // There is a contract already, or code that nobody runs: all of the gas is gone.
  { to: FACTORY, data: factoryData(SALT, INIT_DATA) },
  { to: FACTORY, data: factoryData(SALT, Uint8Array.of(0xef)) },
);

const aggregate = (calls: readonly (readonly [Call, boolean])[]): Call => ({
  to: MULTICALL,
  data: multicallData(
    'aggregate3',
    calls.map(([{ to, data }, mayFail]) => call3(to, data, mayFail)),
  ),
});

const { tree } = fc.letrec<{ tree: Call }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaves,
    fc.array(fc.tuple(tie('tree'), fc.boolean()), { maxLength: 4 }).map(aggregate),
  ),
}));

/** How each frame has ended, with those within it. */
function endsOf({ error, calls }: CallTrace): unknown {
  return [error?.code, calls.map(endsOf)];
}

/** How the frames end with so much gas. */
function ends(call: Call, gas: bigint): unknown {
  return endsOf(traceCall(journal, context, { from: ALICE.address, ...call, gas }).calls);
}

describe('an estimate of calls that contain others', () => {
  it('is the least with which all of them end as they do with plenty', () => {
    let wasted = 0;
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), (calls) => {
        const call = aggregate(calls.map((each) => [each, true] as const));
        const request = { from: ALICE.address, ...call };
        const gas = estimateGas(journal, context, request);
        const plenty = ends(call, context.gasLimit);
        expect(ends(call, gas)).toEqual(plenty);
        expect(ends(call, gas - 1n)).not.toEqual(plenty);
        // What failed has wasted most of the plenty: that is no reason to ask for as much.
        if (gas < simulateCall(journal, context, request).gasUsed / 2n) wasted += 1;
      }),
      runs(150),
    );
    expect(wasted).toBeGreaterThan(0);
  });
});
