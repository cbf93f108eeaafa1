import { assert, equalBytes, fromHex, present, toHex, toHexKey } from '@lucerna/base';
import {
  type CompiledContract,
  call,
  construct,
  type HostState,
  INITIAL_GAS,
  loadProgram,
  NO_CHAIN,
  NO_CONTRACTS,
  STANDARD_LIBRARY,
} from '@lucerna/zexus';
import { type Abi, encodeAbiParameters, getAddress, type Hex } from 'viem';
import { timeCpu, timeSettledCall } from '../../clock.ts';
import type { Case, Measure, Prepared } from '../../harness.ts';
import { addressOf, cycled, digestOf, orClose, upTo } from '../state/fixtures.ts';
import { calldataOf, compiledText, contractOf, PLENTY } from './contracts.ts';
import { BenchLedger } from './ledger.ts';

const TOKEN_ARGS = ['Bench', 'BNC', 18, 10n ** 30n];

/** `ZX20` of the standard library: two balances are read and written, and `Transfer` is logged. */
function tokenContract(): CompiledContract {
  const text = present(STANDARD_LIBRARY.get('zx20'), 'the library has a token');
  return contractOf(compiledText('zx20.zx', text), 'ZX20');
}

function hexAddress(address: Uint8Array): Hex {
  return getAddress(toHex(address));
}

function transferData(token: CompiledContract, to: Uint8Array, value: bigint): Uint8Array {
  return calldataOf(token, 'transfer', [hexAddress(to), value]);
}

/** Words in a map, and nothing else: what is left is the machine. Every transfer is a transaction of its own. */
class WordHost implements HostState {
  readonly words = new Map<string, Uint8Array>();
  readonly #accessed = new Set<string>();
  readonly #zero = new Uint8Array(32);
  logs = 0;

  begin(): void {
    this.#accessed.clear();
  }

  readonly accessSlot = (slot: Uint8Array): boolean => {
    const { size } = this.#accessed;
    return this.#accessed.add(toHexKey(slot)).size > size;
  };
  readonly accessAddress = (): boolean => false;
  readonly load = (slot: Uint8Array): Uint8Array => this.words.get(toHexKey(slot)) ?? this.#zero;
  // Every word is written once at most in these transactions.
  readonly loadOriginal: HostState['loadOriginal'] = this.load;
  readonly store = (slot: Uint8Array, word: Uint8Array): void => {
    this.words.set(toHexKey(slot), word);
  };
  readonly balance = (): bigint => 0n;
  readonly transfer = (): boolean => false;
  readonly log = (): void => {
    this.logs += 1;
  };
  readonly checkpoint = (): { state: number; scope: number } => ({ state: 0, scope: 0 });
  readonly revertTo = (): void => {};
}

/** Holders of the token in the machine alone: every one has some, so that no transfer makes a new slot. */
const HOLDERS = 1_000;

async function prepareMachine(quick: boolean): Promise<Prepared> {
  const token = tokenContract();
  const program = loadProgram(token.bytecode);
  const host = new WordHost();
  const owner = addressOf(0);
  const inputs = (token.abi as Abi).find((item) => item.type === 'constructor')?.inputs ?? [];
  const around = {
    host,
    calls: NO_CONTRACTS,
    gas: PLENTY,
    schedule: INITIAL_GAS,
    isStatic: false,
    isReentrant: false,
  };
  const context = { ...NO_CHAIN, address: addressOf(-1 + 2 ** 32), caller: owner, origin: owner };
  const made = construct(program, fromHex(encodeAbiParameters(inputs, TOKEN_ARGS)), {
    ...around,
    context,
  });
  assert(made.status === 'success', 'the token is deployed');
  const send = (data: Uint8Array, caller: Uint8Array): void => {
    host.begin();
    const outcome = call(program, data, { ...around, context: { ...context, caller } });
    assert(outcome.status === 'success', 'the transfer succeeds');
  };
  const holders = upTo(HOLDERS).map(addressOf);
  for (const holder of holders) send(transferData(token, holder, 10n ** 20n), owner);
  const transfers = holders.map((from, index) => ({
    from,
    data: transferData(token, cycled(holders, index * 7 + 1), BigInt(index + 1)),
  }));
  const leastMs = quick ? 5 : 200;
  const eachMs = (): number =>
    timeSettledCall(leastMs, (index) => {
      const { from, data } = cycled(transfers, index);
      send(data, from);
    });
  eachMs();
  return {
    ours: async () => ({ value: 1_000 / eachMs() }),
    peer: { kind: 'none' },
    close: async () => {},
    detail: `ZX20, ${HOLDERS} holders; calldata decoded, balances in a map in memory; no transaction around it, no signature`,
  };
}

type Scope = { readonly withRoot: boolean; readonly detail: string };

/** Blocks of transfers between holders, each sent by another one. */
async function prepareExecution(quick: boolean, { withRoot, detail }: Scope): Promise<Prepared> {
  const size = quick ? 20 : 1_000;
  const ledger = await BenchLedger.open(size, quick ? 1_000 : 100_000);
  return orClose(ledger, async () => {
    const token = tokenContract();
    const address = ledger.deploy(token, TOKEN_ARGS);
    const [owner] = ledger.senders;
    assert(owner !== undefined, 'there is a sender');
    ledger.apply(
      ledger.senders.map((holder) => {
        const data = transferData(token, holder.address, 10n ** 20n);
        return ledger.transaction(owner, address, data, 200_000n);
      }),
    );
    await ledger.flush();
    let round = 0;
    const block: Measure = async () => {
      round += 1;
      const transactions = ledger.senders.map((from, index) => {
        const to = cycled(ledger.senders, index * 7 + round);
        const value = equalBytes(to.address, from.address) ? 0n : BigInt(index + round);
        return ledger.transaction(from, address, transferData(token, to.address, value), 200_000n);
      });
      const journal = ledger.begin();
      let elapsedMs = await timeCpu(() => {
        for (const transaction of transactions) ledger.execute(journal, transaction);
      });
      const rootMs = await timeCpu(() => ledger.publish(journal));
      if (withRoot) elapsedMs += rootMs;
      await ledger.flush();
      return {
        value: (1_000 * transactions.length) / elapsedMs,
        hash: digestOf([ledger.root]),
      };
    };
    for (let warmUp = 0; warmUp < (quick ? 1 : 5); warmUp += 1) await block();
    return {
      ours: block,
      peer: { kind: 'none' },
      close: () => ledger.close(),
      detail: `ZX20, block of ${size} from as many senders, state of ${quick ? '1,000' : '100,000'} accounts in LMDB; ${detail}`,
    };
  });
}

const IN_JOURNAL =
  'checks of nonce, fee and gas, and changes in the journal; no signature is verified, no state root';
const IN_BLOCK =
  'the same with state root, tries and history rows; no signature is verified, nothing waits for the disk';

function tokenCase(id: string, prepare: (quick: boolean) => Promise<Prepared>): Case {
  return {
    id,
    unit: 'tx/s',
    better: 'higher',
    target: undefined,
    rounds: 9,
    cpuTime: true,
    prepare,
  };
}

/** Transfers of a token a second, in three scopes. */
export const tokenCases: readonly Case[] = [
  tokenCase('token-transfer-vm', prepareMachine),
  tokenCase('token-transfer-execution', (quick) =>
    prepareExecution(quick, { withRoot: false, detail: IN_JOURNAL }),
  ),
  tokenCase('token-transfer-block', (quick) =>
    prepareExecution(quick, { withRoot: true, detail: IN_BLOCK }),
  ),
];
