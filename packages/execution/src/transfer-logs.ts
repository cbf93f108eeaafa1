import { concatBytes, fixedBytes, fromHex, present } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { Log } from '@lucerna/protocol';
import type { CallEntry, CallExit, CallTracer, TraceCheckpoint } from './trace/tracer.ts';

/** Stands for the chain's own coin where a token's address is expected (ERC-7528). */
const COIN_ADDRESS = fromHex('0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee');

/** Topic of `Transfer(address,address,uint256)` (ERC-20). */
const TRANSFER_TOPIC = keccak256(new TextEncoder().encode('Transfer(address,address,uint256)'));

/**
 * Gathers the logs of one transaction, with one more for each transfer of wei as if the coin were a
 * token. As with real logs, those of frames that fail, and what a frame takes back, are dropped.
 */
export class LogRecorder implements CallTracer {
  /** Whether the transaction succeeds decides if there are any. */
  logs: readonly Log[] = [];
  /** Those of the open frames, the outermost first. */
  readonly #open: Log[][] = [];

  /** Instructions are of no interest. */
  readonly vm: CallTracer['vm'] = undefined;

  enter({ kind, from, to, value }: CallEntry): void {
    this.#open.push([]);
    // A delegated call only hands on the value that its frame has got.
    if (kind !== 'delegate') this.transfer(from, to, value);
  }

  exit({ status }: CallExit): void {
    const logs = present(this.#open.pop(), 'each exit has its enter');
    if (status === 0) return;
    const outer = this.#open.at(-1);
    if (outer === undefined) this.logs = logs;
    else for (const log of logs) outer.push(log);
  }

  log(log: Log): void {
    this.#innermost().push(log);
  }

  checkpoint(): TraceCheckpoint {
    return { logs: this.#innermost().length, calls: 0 };
  }

  revertTo({ logs }: TraceCheckpoint): void {
    this.#innermost().length = logs;
  }

  transfer(from: Uint8Array, to: Uint8Array, value: bigint): void {
    if (value === 0n) return;
    this.log({
      address: COIN_ADDRESS,
      topics: [TRANSFER_TOPIC, addressWord(from), addressWord(to)],
      data: fixedBytes(value, 32),
    });
  }

  #innermost(): Log[] {
    return present(this.#open.at(-1), 'what is told belongs to a frame');
  }
}

/** An address as an indexed parameter. */
function addressWord(address: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(12), address);
}
