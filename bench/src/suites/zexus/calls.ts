import { assert, rangeToBigInt, toHex } from '@lucerna/base';
import { getAddress } from 'viem';
import { timeCpu } from '../../clock.ts';
import type { Case, Measure } from '../../harness.ts';
import { orClose } from '../state/fixtures.ts';
import { calldataOf, compiledFile, contractOf } from './contracts.ts';
import { BenchLedger } from './ledger.ts';
import { digestOfText } from './python.ts';

/** Calls of one transaction: fewer than the frames that one may have. */
const CALLS = 1_000;

/** A call of another contract against one within the contract; both add one to the state and return it. */
export const callCase: Case = {
  id: 'contract-call',
  unit: 'µs',
  better: 'lower',
  target: undefined,
  rounds: 9,
  cpuTime: true,
  prepare: async (quick) => {
    const calls = quick ? 100 : CALLS;
    const transactions = quick ? 1 : 20;
    const ledger = await BenchLedger.open(1, 1_000);
    return orClose(ledger, async () => {
      const contracts = compiledFile('calls.zx');
      const caller = contractOf(contracts, 'Caller');
      const counter = ledger.deploy(contractOf(contracts, 'Counter'), []);
      const address = ledger.deploy(caller, []);
      const target = getAddress(toHex(counter));
      const [sender] = ledger.senders;
      assert(sender !== undefined, 'there is a sender');
      /** Microseconds for one of the calls, the transaction around them included. */
      const measure = (data: Uint8Array): Measure => {
        return async () => {
          const journal = ledger.begin();
          const nonce = journal.nonce(sender.address);
          const signed = ledger.transactionAt(nonce, sender, address, data, 20_000_000n);
          // Each on the same state: what it changed is taken back.
          let elapsedMs = 0;
          let result = 0n;
          for (let index = 0; index < transactions; index += 1) {
            const fresh = ledger.begin();
            elapsedMs += await timeCpu(() => {
              const { returnData } = ledger.execute(fresh, signed);
              result = rangeToBigInt(returnData, 0, 32);
            });
          }
          return {
            value: (elapsedMs * 1_000) / (transactions * calls),
            hash: digestOfText(String(result)),
          };
        };
      };
      const outside = measure(calldataOf(caller, 'outside', [target, BigInt(calls)]));
      const inside = measure(calldataOf(caller, 'inside', [BigInt(calls)]));
      await outside();
      await inside();
      return {
        ours: outside,
        peer: { kind: 'measured', name: 'ours within one contract', measure: inside },
        close: () => ledger.close(),
        detail: `${calls} calls in one transaction, each reads and writes a slot; the transaction itself included, its signature not`,
      };
    });
  },
};
