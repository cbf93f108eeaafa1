import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createAccount, createAddressFromString } from '@ethereumjs/util';
import { createVM } from '@ethereumjs/vm';
import { fixedBytes, toHex } from '@lucerna/base';
import { variableSlot } from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import { calldata, executionGas, OpenBlock } from './contracts.ts';
import { RULES, signer, stateOf } from './support.ts';

const ALICE = signer(1);
/** No cap, so that the whole refund shows. */
const rules = { ...RULES, refundQuotient: 1n };

type Cost = { readonly gas: bigint; readonly refund: bigint };

/** What it costs to write three values, one after the other, to a slot that held `original`. */
function ours(original: bigint, values: readonly bigint[]): Cost {
  const block = new OpenBlock(stateOf([[ALICE.address, { balance: 10n ** 30n }]]), { rules });
  const to = block.deploy(ALICE);
  block.journal.setStorage(to, variableSlot('other'), fixedBytes(original, 32));
  block.journal.endTransaction();
  const tx = { to, data: calldata('setThrice', ...values) };
  const outcome = block.send(ALICE, tx);
  expect(outcome.status).toBe(1);
  return { gas: executionGas(outcome, tx), refund: outcome.refund };
}

const PUSH1 = 0x60;
const SSTORE = 0x55;

/** The same in the EVM, less the cost of the pushes. */
async function theirs(original: bigint, values: readonly bigint[]): Promise<Cost> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Paris });
  const vm = await createVM({ common });
  const to = createAddressFromString(`0x${'cc'.repeat(20)}`);
  const code = values.flatMap((value) => [PUSH1, Number(value), PUSH1, 0, SSTORE]);
  await vm.stateManager.putAccount(to, createAccount({ nonce: 1n }));
  await vm.stateManager.putCode(to, Uint8Array.from(code));
  await vm.stateManager.putStorage(to, new Uint8Array(32), fixedBytes(original, 32));
  vm.stateManager.originalStorageCache.clear();
  const { execResult } = await vm.evm.runCall({ to, gasLimit: 1_000_000n });
  expect(execResult.exceptionError).toBeUndefined();
  const gas = execResult.executionGasUsed - 6n * BigInt(values.length);
  return { gas, refund: execResult.gasRefund ?? 0n };
}

describe('gas and refund of storage', () => {
  it('are those of the EVM as of Paris for three writes to a slot, in all combinations', async () => {
    const few = [0n, 1n, 2n];
    const baseline = [0n, 0n, 0n];
    const [ourBase, theirBase] = [ours(0n, baseline), await theirs(0n, baseline)];
    expect(theirBase).toEqual({ gas: 2_100n + 3n * 100n, refund: 0n });
    // What our machine needs beside the slot is the same whatever the values are.
    const overhead = ourBase.gas - theirBase.gas;
    expect(overhead).toBeGreaterThan(0n);
    for (const original of few) {
      for (const first of few) {
        for (const second of few) {
          for (const third of few) {
            const values = [first, second, third];
            const { gas, refund } = ours(original, values);
            const expected = await theirs(original, values);
            const name = `${original}: ${toHex(Uint8Array.from(values.map(Number)))}`;
            expect([name, gas - overhead, refund]).toEqual([name, expected.gas, expected.refund]);
          }
        }
      }
    }
  });
});
