import { fromHex, type Hex, toHex } from '@lucerna/base';
import { afterEach, describe, expect, it } from 'vitest';
import type { LedgerAccount } from '../../src/ledger/account.ts';
import type { ArchiveBytes } from '../../src/ledger/archive.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerLocation, LedgerOptions } from '../../src/ledger/open-on.ts';
import { verifyProof } from '../../src/ledger/proof.ts';
import { sdkLimits } from '../../src/limits.ts';

/** A ledger of any platform. */
export type AnyLedger = Ledger<ArchiveBytes, WritableStream<Uint8Array>>;

type Options = LedgerOptions<ArchiveBytes>;

/** What the suite runs on. */
export type LedgerPlatform = {
  readonly open: (location: LedgerLocation, options?: Options) => Promise<AnyLedger>;
  /** The path of a folder that is not there yet. */
  readonly newFolder: () => string;
};

const SAFE = `
contract Safe {
    data total: integer = 0
    data deposits: map<address, integer> = {}
    event Paid(who: address indexed, amount: integer, note: string)
    error Refused(code: integer, who: address)

    payable action init(first: integer) { total = first }
    payable action pay(note: string) -> integer {
        total += msg.value
        deposits[msg.sender] += msg.value
        emit Paid(msg.sender, msg.value, note)
        return total
    }
    payable action forward(to: address) { transfer(to, msg.value) }
    payable action half(to: address) {
        transfer(to, msg.value / 2)
        try { this.fail_after(to) } catch (e) { total += 1 }
    }
    action fail_after(to: address) { transfer(to, 1); revert("taken back") }
    action fail(reason: string) { revert(reason) }
    action refuse(code: integer) { revert Refused(code, msg.sender) }
    view action of(who: address) -> integer { return deposits[who] }
}
`;

const COIN = 10n ** 18n;
const WORDS = 'test test test test test test test test test test test junk';
const FIRST = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const FIRST_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const MANUAL: Options = { mining: { mode: 'manual' } };

let opened: AnyLedger[] = [];

afterEach(async () => {
  for (const ledger of opened) await ledger.close();
  opened = [];
});

/** Registers what holds on every platform. */
export function ledgerSuite(name: string, platform: LedgerPlatform): void {
  const openAt = async (location: LedgerLocation, options?: Options): Promise<AnyLedger> => {
    const ledger = await platform.open(location, options);
    opened.push(ledger);
    return ledger;
  };
  const inMemory = (options?: Options): Promise<AnyLedger> => openAt({ memory: true }, options);
  describe(`a ledger ${name}`, () => {
    describe('accounts', () => accountCases(inMemory));
    describe('sending', () => sendingCases(inMemory));
    describe('contracts', () => contractCases(inMemory));
    describe('watching', () => watchCases(inMemory));
    describe('history and proofs', () => historyCases(inMemory));
    describe('archives', () => archiveCases(inMemory));
    describe('folders', () => folderCases(openAt, platform.newFolder));
  });
}

type Open = (options?: Options) => Promise<AnyLedger>;

const code = (expected: string): object => ({ code: expected });

function accountCases(open: Open): void {
  it('come from names, private keys and mnemonics', async () => {
    const ledger = await open();
    const byKey = await Promise.all(
      [FIRST_KEY, FIRST_KEY.slice(2), fromHex(FIRST_KEY), WORDS, ` ${WORDS}\n`].map((each) =>
        ledger.account(each),
      ),
    );
    expect(byKey.map(({ address }) => address)).toEqual(Array(5).fill(FIRST));
    const second = await ledger.account(WORDS, { index: 1 });
    expect(second.address).toBe('0x70997970C51812dc3A010C7d01b50e0d17dc79C8');
    const alice = await ledger.account('alice');
    expect([alice.name, byKey[0]?.name]).toEqual(['alice', undefined]);
    expect(ledger.balance(alice)).toBe(ledger.balance('alice'));
    expect(ledger.balance(alice.address)).toBe(10_000n * COIN);
  });

  it('do not show their keys', async () => {
    const ledger = await open();
    const account = await ledger.account(FIRST_KEY);
    const shown = [JSON.stringify(account), String(account), ...Object.values(account).map(String)];
    expect(shown.join(' ')).not.toContain(FIRST_KEY.slice(2, 20));
    expect(JSON.parse(JSON.stringify(account))).toEqual({ address: FIRST });
  });

  it('are refused without a word about what was given', async () => {
    const ledger = await open();
    const wrong = [FIRST_KEY.slice(0, -1), FIRST_KEY.slice(3), `0x${'f'.repeat(64)}`, '0x', FIRST];
    for (const secret of [...wrong, new Uint8Array(31), new Uint8Array(32)]) {
      const error = await ledger.account(secret).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(code('LEDGER_ACCOUNT_INVALID'));
      expect(String(error)).not.toMatch(/ac0974|ffff/);
    }
    await expect(ledger.account('two words')).rejects.toMatchObject(code('MNEMONIC_INVALID'));
    await expect(ledger.account('a!')).rejects.toMatchObject(code('ACCOUNT_NAME_INVALID'));
    for (const index of [-1, 0.5, 2 ** 31]) {
      const refused = ledger.account(WORDS, { index });
      await expect(refused).rejects.toMatchObject(code('LEDGER_ACCOUNT_INVALID'));
    }
  });

  it('have coins where the options say so', async () => {
    const ledger = await open({ names: ['zoe'], accounts: 1, balance: 7n });
    const balances = ['zoe', FIRST, 'alice'].map((who) => ledger.balance(who));
    expect(balances).toEqual([7n, 7n, 0n]);
  });

  it('sign messages as wallets do', async () => {
    const ledger = await open();
    const account = await ledger.account(FIRST_KEY);
    expect(account.signMessage('hello')).toBe(account.signMessage(Uint8Array.of(...utf8('hello'))));
    expect(account.signMessage('hello')).toMatch(/^0x[0-9a-f]{128}1[bc]$/);
  });
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function sendingCases(open: Open): void {
  it('moves coins, takes the fee, and says so in the receipt', async () => {
    const ledger = await open();
    const receipt = await ledger.send({ from: 'alice', to: 'bob', value: 3n * COIN });
    const { fee, value } = receipt;
    expect(receipt).toMatchObject({ success: true, height: 1, index: 0, gasUsed: 21_000n });
    expect(receipt).toMatchObject({ value: 3n * COIN, nonce: 0n, events: [], contract: undefined });
    expect(ledger.balance('alice')).toBe(10_000n * COIN - value - fee);
    expect(ledger.balance('bob')).toBe(10_003n * COIN);
    expect(ledger.balance('bob', 0)).toBe(10_000n * COIN);
    expect([ledger.nonce('alice'), ledger.nonce('bob')]).toEqual([1n, 0n]);
    expect(await ledger.receipt(receipt.hash)).toEqual(receipt);
    expect(await ledger.block(receipt.blockHash)).toEqual(await ledger.block(1));
    expect((await ledger.block(1))?.transactions).toEqual([receipt.hash]);
    expect(ledger.head()).toMatchObject({ height: 1, hash: receipt.blockHash });
    expect(await ledger.block(2)).toBeUndefined();
    expect(await ledger.receipt(`0x${'00'.repeat(32)}`)).toBeUndefined();
  });

  it('gives every one of many at once a nonce of its own', async () => {
    const ledger = await open();
    const sent = await Promise.all(
      Array.from({ length: 40 }, () => ledger.send({ from: 'alice', to: 'zoe', value: 1n })),
    );
    const nonces = sent.map(({ nonce }) => Number(nonce)).sort((a, b) => a - b);
    expect(nonces).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(ledger.balance('zoe')).toBe(40n);
  });

  it('signs for names, accounts, and addresses that it was opened with', async () => {
    const ledger = await open();
    const zoe = await ledger.account('zoe');
    const alice = await ledger.account('alice');
    for (const from of [FIRST, alice.address, alice, 'alice']) {
      await ledger.send({ from, to: zoe, value: COIN });
    }
    await ledger.send({ from: zoe, to: 'bob', value: 1n });
    const refused = ledger.send({ from: zoe.address, to: 'bob', value: 1n });
    await expect(refused).rejects.toMatchObject(code('ACCOUNT_UNKNOWN'));
  });

  it('refuses what cannot be sent, and nothing has changed', async () => {
    const ledger = await open();
    const { stateRoot } = ledger.head();
    const refused: [object, string][] = [
      [{ from: 'zoe', value: 1n }, 'CALL_GAS_ALLOWANCE|TX_INSUFFICIENT_FUNDS'],
      [{ from: 'zoe', value: 1n, gas: 21_000n }, 'TX_INSUFFICIENT_FUNDS'],
      [{ from: 'alice', gas: 20_999n }, 'TX_INTRINSIC_GAS'],
      [{ from: 'alice', value: -1n }, 'AMOUNT_INVALID'],
      [{ from: 'alice', value: 2n ** 256n }, 'AMOUNT_INVALID'],
      [{ from: 'alice', value: 1 }, 'AMOUNT_INVALID'],
      [{ from: 'alice', gas: 2n ** 64n }, 'AMOUNT_INVALID'],
      [{ from: 'alice', nonce: -1n }, 'AMOUNT_INVALID'],
      [{ from: 'alice!' }, 'ACCOUNT_NAME_INVALID'],
      [{ from: 'alice', to: '0x12' }, 'ADDRESS_INVALID'],
      [{ from: 'alice', data: '0x1' }, 'HEX_INVALID'],
    ];
    for (const [request, codes] of refused) {
      const error = await ledger
        .send({ from: 'alice', to: 'bob', ...request })
        .catch((thrown: unknown) => thrown);
      expect((error as { code?: string }).code ?? String(error)).toMatch(new RegExp(codes));
    }
    expect(ledger.head()).toMatchObject({ height: 0, stateRoot });
    await ledger.send({ from: 'alice', to: 'bob', value: 1n });
    const again = ledger.send({ from: 'alice', to: 'bob', value: 1n, nonce: 0n });
    await expect(again).rejects.toMatchObject(code('TX_NONCE_TOO_LOW'));
  });

  it('waits for a block where mining is manual', async () => {
    const ledger = await open(MANUAL);
    const hash = await ledger.submit({ from: 'alice', to: 'zoe', value: 1n });
    expect(await ledger.receipt(hash)).toBeUndefined();
    const second = ledger.send({ from: 'alice', to: 'zoe', value: 2n });
    await ledger.submit({ from: 'bob', to: 'zoe', value: 4n });
    expect(ledger.balance('zoe')).toBe(0n);
    await ledger.mine();
    expect(await second).toMatchObject({ success: true, height: 1, nonce: 1n });
    expect(await ledger.receipt(hash)).toMatchObject({ height: 1, success: true });
    expect(ledger.balance('zoe')).toBe(7n);
  });

  it('tells whoever waits that the ledger is closed', async () => {
    const ledger = await open(MANUAL);
    const waiting = ledger.send({ from: 'alice', to: 'zoe', value: 1n });
    const told = expect(waiting).rejects.toMatchObject(code('NODE_CLOSED'));
    await ledger.submit({ from: 'bob', to: 'zoe', value: 2n });
    await ledger.close();
    await told;
    const late = ledger.send({ from: 'alice', to: 'zoe', value: 1n });
    await expect(late).rejects.toMatchObject({ code: expect.stringMatching(/CLOSED/) });
  });

  it('tells whoever waits that a transaction was dropped, at the next block', async () => {
    const ledger = await open(MANUAL);
    const hash = await ledger.submit({ from: 'alice', to: 'zoe', value: 1n });
    const same = ledger.send({ from: 'alice', to: 'zoe', value: 2n });
    const dropped = expect(same).rejects.toMatchObject(code('TRANSACTION_DROPPED'));
    await ledger.submit({ from: 'bob', to: 'zoe', value: 4n });
    const alice = (await ledger.account('alice')).address;
    await ledger.provider.request({ method: 'anvil_removePoolTransactions', params: [alice] });
    await ledger.mine();
    await dropped;
    expect(await ledger.receipt(hash)).toBeUndefined();
    expect(ledger.balance('zoe')).toBe(4n);
  });
}

function contractCases(open: Open): void {
  it('are deployed, called, sent to, and read', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', value: 5n, args: { first: 100n } });
    expect(safe.deployment).toMatchObject({ success: true, contract: safe.address, value: 5n });
    expect(safe.name).toBe('Safe');
    expect(await safe.call('pay', ['now'], { from: 'bob', value: 9n })).toBe(109n);
    expect(safe.read('total')).toBe(100n);
    const receipt = await safe.send('pay', ['tea'], { from: 'bob', value: 30n });
    const bob = await ledger.account('bob');
    expect(receipt.events).toMatchObject([
      { name: 'Paid', args: { who: bob.address, amount: 30n, note: 'tea' }, logIndex: 0 },
    ]);
    expect(safe.read('total')).toBe(130n);
    expect(safe.read('deposits', bob)).toBe(30n);
    expect(await safe.call('of', ['bob'])).toBe(30n);
    expect(await safe.call('of', [bob])).toBe(30n);
    expect(await safe.call('of', { who: bob.address })).toBe(30n);
    expect(await safe.call('of', ['bob'], { at: receipt.height - 1 })).toBe(0n);
    expect(ledger.balance(safe)).toBe(35n);
  });

  it('are found again by their address, with all that they have', async () => {
    const ledger = await open();
    const { address, abi } = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    const again = ledger.contract(address);
    expect([again.abi, again.name, again.read('total')]).toEqual([abi, 'Safe', 1n]);
    const taken = ledger.contract(address, { as: SAFE.replace('contract Safe', 'contract Other') });
    expect([taken.name, taken.read('total')]).toEqual(['Other', 1n]);
    for (const where of ['bob', `0x${'12'.repeat(20)}`]) {
      expect(() => ledger.contract(where)).toThrow(
        expect.objectContaining(code('VM_CONTRACT_UNKNOWN')),
      );
    }
  });

  it('say why they refuse, before and behind the block', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    const alice = await ledger.account('alice');
    const custom = {
      code: 'LEDGER_CALL_FAILED',
      fields: { reason: `Refused(7, ${alice.address})` },
    };
    await expect(safe.call('refuse', [7n], { from: alice })).rejects.toMatchObject(custom);
    await expect(safe.send('refuse', [7n], { from: alice })).rejects.toMatchObject(custom);
    const text = { code: 'LEDGER_CALL_FAILED', fields: { reason: 'no' } };
    await expect(safe.call('fail', ['no'])).rejects.toMatchObject(text);
    expect(ledger.head().height).toBe(1);
    const mined = await safe
      .send('fail', ['too late'], { from: 'alice', gas: 100_000n })
      .catch((error: unknown) => error);
    expect(mined).toMatchObject({
      code: 'LEDGER_TRANSACTION_FAILED',
      fields: { reason: 'too late', cause: 'CALL_REVERTED' },
    });
    expect(ledger.head().height).toBe(2);
    const { hash } = (mined as { fields: { hash: Hex } }).fields;
    expect(await ledger.receipt(hash)).toMatchObject({ success: false, events: [] });
    await expect(safe.send('pay', ['x'], { from: 'alice', gas: 23_000n })).rejects.toMatchObject({
      code: 'LEDGER_TRANSACTION_FAILED',
      fields: { cause: 'OUT_OF_GAS' },
    });
  });

  it('are not asked for what they do not have', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    await expect(safe.call('nothing')).rejects.toMatchObject(code('VM_ACTION_UNKNOWN'));
    await expect(safe.call('of', [])).rejects.toMatchObject(code('VM_ARGUMENT_INVALID'));
    await expect(safe.call('of', [5])).rejects.toMatchObject(code('VM_ARGUMENT_INVALID'));
    expect(() => safe.read('nothing')).toThrow(
      expect.objectContaining(code('VARIABLE_UNREADABLE')),
    );
    expect(() => safe.events('Nothing')).toThrow(
      expect.objectContaining(code('LEDGER_EVENT_UNKNOWN')),
    );
    expect(() => safe.watch('Nothing')).toThrow(
      expect.objectContaining(code('LEDGER_EVENT_UNKNOWN')),
    );
    const wrong = ledger.deploy('contract {', { from: 'alice' });
    await expect(wrong).rejects.toMatchObject(code('COMPILE_FAILED'));
    const missing = ledger.deploy(SAFE, { from: 'alice', contract: 'Other', args: [1n] });
    await expect(missing).rejects.toMatchObject(code('CONTRACT_MISSING'));
  });

  it('have events that are found by contract, name and height', async () => {
    const ledger = await open();
    const [one, two] = [
      await ledger.deploy(SAFE, { from: 'alice', args: [1n] }),
      await ledger.deploy(SAFE, { from: 'alice', args: [2n] }),
    ];
    for (const note of ['a', 'b']) {
      await one.send('pay', [note], { from: 'alice' });
      await two.send('pay', [`${note}${note}`], { from: 'bob' });
    }
    const notes = async (events: AsyncIterable<{ args: unknown }>): Promise<readonly unknown[]> =>
      (await all(events)).map(({ args }) => (args as { note: string }).note);
    expect(await notes(ledger.events())).toEqual(['a', 'aa', 'b', 'bb']);
    expect(await notes(one.events('Paid'))).toEqual(['a', 'b']);
    expect(await notes(two.events(undefined, { from: 5 }))).toEqual(['bb']);
    expect(await notes(ledger.events({ event: 'Paid', to: 4 }))).toEqual(['a', 'aa']);
    expect(await notes(ledger.events({ event: 'Nothing' }))).toEqual([]);
    expect(() => ledger.events({ to: 99 })).toThrow(expect.objectContaining(code('STATE_FUTURE')));
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function take<T>(
  items: AsyncIterable<T>,
  count: number,
  each: () => void = () => undefined,
): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
    each();
    if (found.length === count) break;
  }
  return found;
}

function watchCases(open: Open): void {
  it('sees blocks from now on, also those that came before the loop', async () => {
    const ledger = await open();
    await ledger.mine();
    const blocks = ledger.watch.blocks();
    await ledger.mine(2);
    const seen = take(blocks, 3);
    await ledger.mine();
    expect((await seen).map(({ height, removed }) => [height, removed])).toEqual([
      [2, false],
      [3, false],
      [4, false],
    ]);
  });

  it('sees earlier blocks first, each once', async () => {
    const ledger = await open();
    await ledger.mine(5);
    const blocks = ledger.watch.blocks({ from: 2 });
    await ledger.mine(2);
    expect((await take(blocks, 6)).map(({ height }) => height)).toEqual([2, 3, 4, 5, 6, 7]);
    const later = ledger.watch.blocks({ from: 9 });
    await ledger.mine(2);
    expect((await take(later, 1)).map(({ height }) => height)).toEqual([9]);
  });

  it('sees what a contract announces, and nothing of others', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    const other = await ledger.deploy(SAFE, { from: 'alice', args: [2n] });
    const [own, every] = [safe.watch('Paid'), ledger.watch.events()];
    await other.send('pay', ['x'], { from: 'bob' });
    await safe.send('pay', ['y'], { from: 'bob', value: 3n });
    expect(await take(own, 1)).toMatchObject([
      { name: 'Paid', args: { amount: 3n, note: 'y' }, address: safe.address, removed: false },
    ]);
    expect((await take(every, 2)).map(({ address }) => address)).toEqual([
      other.address,
      safe.address,
    ]);
  });

  it('sees coins move, those of contracts too, and not what was taken back', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    const [every, ofZoe] = [ledger.watch.transfers(), ledger.watch.transfers({ of: 'zoe' })];
    await ledger.send({ from: 'alice', to: 'bob', value: 1n });
    await ledger.send({ from: 'alice', to: 'bob', value: 0n });
    await safe.send('forward', ['zoe'], { from: 'bob', value: 10n });
    await safe.send('half', ['zoe'], { from: 'bob', value: 20n });
    const failing = safe.send('half', ['zoe'], { from: 'bob', value: 20n, gas: 24_000n });
    await expect(failing).rejects.toMatchObject(code('LEDGER_TRANSACTION_FAILED'));
    await ledger.send({ from: 'carol', to: 'zoe', value: 2n });
    const names = new Map<string, string>([[safe.address, 'safe']]);
    for (const name of ['alice', 'bob', 'carol', 'zoe']) {
      names.set((await ledger.account(name)).address, name);
    }
    const text = ({ from, to, value, by }: { from: Hex; to: Hex; value: bigint; by: string }) =>
      `${names.get(from)} ${names.get(to)} ${value} ${by}`;
    expect((await take(every, 6)).map(text)).toEqual([
      'alice bob 1 sender',
      'bob safe 10 sender',
      'safe zoe 10 contract',
      'bob safe 20 sender',
      'safe zoe 10 contract',
      'carol zoe 2 sender',
    ]);
    expect((await take(ofZoe, 3)).map(text)).toEqual([
      'safe zoe 10 contract',
      'safe zoe 10 contract',
      'carol zoe 2 sender',
    ]);
    expect(ledger.balance('zoe')).toBe(22n);
  });

  it('takes back what is no longer part of the chain', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    const watches = [safe.watch(), ledger.watch.transfers(), ledger.watch.blocks()] as const;
    await safe.send('pay', ['x'], { from: 'bob', value: 1n });
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const seen = [take(watches[0], 3), take(watches[1], 3, resolve), take(watches[2], 3)] as const;
    // Transfers are told of when their block is read: before it goes.
    await told;
    await ledger.provider.request({ method: 'anvil_rollback', params: [1] });
    await safe.send('pay', ['z'], { from: 'bob', value: 5n });
    const [events, transfers, blocks] = await Promise.all(seen);
    expect(events.map(({ args, removed }) => [args?.['note'], removed])).toEqual([
      ['x', false],
      ['x', true],
      ['z', false],
    ]);
    expect(transfers.map(({ value, removed }) => [value, removed])).toEqual([
      [1n, false],
      [1n, true],
      [5n, false],
    ]);
    expect(blocks.map(({ height, removed }) => [height, removed])).toEqual([
      [2, false],
      [2, true],
      [2, false],
    ]);
  });

  it('leaves nothing with the signal when it is stopped', async () => {
    const ledger = await open();
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: never) => {
      listeners.add(listener);
      add(type, listener);
    };
    signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener);
    const watched = ledger.watch.blocks({ signal });
    expect(listeners.size).toBe(1);
    watched.stop();
    expect(listeners.size).toBe(0);
  });

  it('ends with stop, with a signal, with the loop, and with the ledger', async () => {
    const ledger = await open();
    const stopped = ledger.watch.blocks();
    const waiting = all(stopped);
    stopped.stop();
    expect(await waiting).toEqual([]);
    const controller = new AbortController();
    const aborted = all(ledger.watch.blocks({ signal: controller.signal }));
    controller.abort();
    expect(await aborted).toEqual([]);
    expect(await all(ledger.watch.blocks({ signal: AbortSignal.abort() }))).toEqual([]);
    const left = ledger.watch.blocks();
    await ledger.mine(3);
    expect(await take(left, 1)).toHaveLength(1);
    expect(await all(left)).toEqual([]);
    const closing = ledger.watch.blocks();
    await ledger.mine(2);
    await ledger.close();
    expect((await all(closing)).map(({ height }) => height)).toEqual([4, 5]);
    expect(await all(ledger.watch.blocks())).toEqual([]);
  });

  it('ends with an error where blocks come faster than they are taken, and goes on behind it', async () => {
    const ledger = await open();
    const limit = sdkLimits.values.ledgerWatchBlocks;
    const slow = ledger.watch.blocks();
    await ledger.mine(limit + 2);
    const seen: number[] = [];
    const end = (async () => {
      for await (const { height } of slow) seen.push(height);
    })();
    const expected = { code: 'LEDGER_WATCH_BEHIND', fields: { height: limit + 1 } };
    await expect(end).rejects.toMatchObject(expected);
    expect([seen.length, seen.at(-1)]).toEqual([limit, limit]);
    const rest = await take(ledger.watch.blocks({ from: limit + 1 }), 2);
    expect(rest.map(({ height }) => height)).toEqual([limit + 1, limit + 2]);
  });
}

function historyCases(open: Open): void {
  it('lists what an account took part in, in either order, from any place', async () => {
    const ledger = await open(MANUAL);
    const count = 2 * sdkLimits.values.ledgerHistoryPage + 3;
    for (let value = 1; value <= count; value += 1) {
      const other = value % 3 === 0 ? 'bob' : 'alice';
      await ledger.submit({ from: other, to: 'zoe', value: BigInt(value) });
      if (value % 50 === 0) await ledger.mine();
    }
    await ledger.submit({ from: 'alice', to: 'bob', value: 1n });
    await ledger.mine();
    const oldest = await all(ledger.history('zoe', { order: 'oldest' }));
    expect(oldest).toHaveLength(count);
    const places = oldest.map(({ height, index }) => height * 1_000 + index);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const newest = await all(ledger.history('zoe'));
    expect(newest).toEqual(oldest.toReversed());
    const middle = oldest[70] as (typeof oldest)[number];
    expect(await all(ledger.history('zoe', { order: 'oldest', after: middle }))).toEqual(
      oldest.slice(71),
    );
    expect(await take(ledger.history('zoe'), 2)).toEqual(newest.slice(0, 2));
    expect(await all(ledger.history('nobody'))).toEqual([]);
    expect(newest[0]).toMatchObject({ success: true, to: await addressOf(ledger, 'zoe') });
  });

  it('has what contracts did for an account', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    await safe.send('forward', ['zoe'], { from: 'bob', value: 10n });
    const ofZoe = await all(ledger.history('zoe'));
    expect(ofZoe).toMatchObject([{ to: safe.address, value: 10n }]);
    const ofSafe = await all(ledger.history(safe, { order: 'oldest' }));
    expect(ofSafe.map(({ contract }) => contract)).toEqual([safe.address, undefined]);
  });

  it('proves accounts, words and that there is nothing, to whoever knows a hash', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [77n] });
    await safe.send('pay', ['x'], { from: 'bob', value: 5n });
    const { hash: blockHash, stateRoot } = ledger.head();
    const bob = await ledger.proof('bob');
    const proved = verifyProof(JSON.parse(JSON.stringify(bob)), { blockHash });
    expect(proved).toMatchObject({ exists: true, nonce: 1n, balance: ledger.balance('bob') });
    expect(verifyProof(await ledger.proof('nobody'), { stateRoot })).toMatchObject({
      exists: false,
      balance: 0n,
    });
    const total = verifyProof(await safe.proof('total'), { blockHash });
    expect(total.slots.map(({ word }) => BigInt(word))).toEqual([82n]);
    const [slot] = total.slots;
    const older = await ledger.proof(safe, [slot?.slot as Hex, `0x${'00'.repeat(32)}`], 1);
    const words = verifyProof(older, { blockHash: (await ledger.block(1))?.hash as Hex }).slots;
    expect(words.map(({ word }) => BigInt(word))).toEqual([77n, 0n]);
  });

  it('has proofs that nobody can change', async () => {
    const ledger = await open();
    await ledger.send({ from: 'alice', to: 'bob', value: 1n });
    const { hash: blockHash, stateRoot } = ledger.head();
    const proof = await ledger.proof('bob');
    const carol = await addressOf(ledger, 'carol');
    const [root, ...rest] = proof.accountProof as [Hex, ...Hex[]];
    const turned = toHex(fromHex(root).map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
    for (const changed of [
      { ...proof, address: carol },
      { ...proof, accountProof: rest },
      { ...proof, accountProof: [turned, ...rest] },
    ]) {
      expect(() => verifyProof(changed, { blockHash })).toThrow(
        expect.objectContaining(code('PROOF_INVALID')),
      );
    }
    await ledger.mine();
    const foreign = expect.objectContaining(code('LEDGER_PROOF_FOREIGN'));
    expect(() => verifyProof(proof, { blockHash: ledger.head().hash })).toThrow(foreign);
    expect(() => verifyProof(proof, { stateRoot: blockHash })).toThrow(foreign);
    expect(verifyProof(proof, { stateRoot }).exists).toBe(true);
  });

  it('has proofs of slots with 32 bytes, and no other ones', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [77n] });
    const { hash: blockHash } = ledger.head();
    const proof = await safe.proof('total');
    const wrong = expect.objectContaining(code('LEDGER_SLOT_INVALID'));
    for (const slot of ['0x', '0x00', `0x${'00'.repeat(33)}`, new Uint8Array(3)] as const) {
      await expect(ledger.proof(safe, [slot])).rejects.toMatchObject(code('LEDGER_SLOT_INVALID'));
      // Of 0x00 there is a proof that it has no word: the path is the hash of one byte.
      const slots = [{ slot: typeof slot === 'string' ? slot : toHex(slot), proof: [] }];
      for (const changed of [
        { ...proof, slots },
        { ...proof, slots: slots.map((each) => ({ ...each, proof: proof.slots[0]?.proof ?? [] })) },
      ]) {
        expect(() => verifyProof(changed, { blockHash })).toThrow(wrong);
      }
    }
  });

  it('refuses what is no proof', async () => {
    const ledger = await open();
    const proof = await ledger.proof('bob');
    const { hash: blockHash } = ledger.head();
    const slot = `0x${'00'.repeat(32)}`;
    const parts = [undefined, null, 5, {}, [5], [null], [{}], [{ slot }], [{ slot, proof: [1] }]];
    const changed = ['address', 'header', 'accountProof', 'slots'].flatMap((key) =>
      parts.map((part) => ({ ...proof, [key]: part })),
    );
    for (const value of [undefined, null, 'x', [], ...changed]) {
      expect(() => verifyProof(value as never, { blockHash })).toThrow(
        expect.objectContaining(code('PROOF_INVALID')),
      );
    }
  });

  it('has heights that are whole numbers from 0 on', async () => {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    const wrong = code('LEDGER_HEIGHT_INVALID');
    for (const height of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const ask of [
        async () => ledger.balance('alice', height),
        async () => ledger.nonce('alice', height),
        () => ledger.block(height),
        () => ledger.proof('alice', [], height),
        () => safe.call('of', ['bob'], { at: height }),
        async () => all(ledger.events({ from: height })),
        async () => all(ledger.events({ to: height })),
        async () => ledger.watch.blocks({ from: height }),
        () => all(ledger.history('alice', { after: { height, index: 0 } })),
        () => all(ledger.history('alice', { after: { height: 1, index: height } })),
        () => exported(ledger, { from: height }),
        () => exported(ledger, { to: height }),
      ]) {
        await expect(ask()).rejects.toMatchObject(wrong);
      }
    }
  });

  it('proves nothing that no header has', async () => {
    const ledger = await open();
    const bob = await addressOf(ledger, 'bob');
    await ledger.provider.request({ method: 'anvil_setBalance', params: [bob, '0x1'] });
    await expect(ledger.proof('bob')).rejects.toMatchObject(code('LEDGER_STATE_PATCHED'));
    await ledger.mine();
    expect(verifyProof(await ledger.proof('bob'), ledger.head()).balance).toBe(1n);
  });
}

async function addressOf(ledger: AnyLedger, name: string): Promise<Hex> {
  const { address }: LedgerAccount = await ledger.account(name);
  return address;
}

/** The bytes of an archive. */
async function exported(
  ledger: AnyLedger,
  range: { readonly from?: number; readonly to?: number } = {},
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const target = new WritableStream<Uint8Array>({ write: (part) => void parts.push(part) });
  const { bytes } = await ledger.exportBlocks(target, range);
  const blob = new Blob(parts as Uint8Array<ArrayBuffer>[]);
  expect(blob.size).toBe(bytes);
  return new Uint8Array(await blob.arrayBuffer());
}

async function* inParts(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}

function archiveCases(open: Open): void {
  async function filled(): Promise<AnyLedger> {
    const ledger = await open();
    const safe = await ledger.deploy(SAFE, { from: 'alice', args: [1n] });
    await safe.send('pay', ['x'], { from: 'bob', value: 3n });
    await ledger.send({ from: 'alice', to: 'zoe', value: COIN });
    return ledger;
  }

  it('bring all blocks to another ledger, from bytes, blobs and streams', async () => {
    const first = await filled();
    const bytes = await exported(first);
    const sources = [bytes, new Blob([bytes as Uint8Array<ArrayBuffer>]), inParts(bytes)];
    for (const blocks of sources) {
      const other = await open({ blocks });
      expect(other.head()).toEqual(first.head());
      expect(other.balance('zoe')).toBe(COIN);
      // It goes on by itself, with the same accounts.
      await other.send({ from: 'zoe', to: 'alice', value: 1n });
    }
  });

  it('bring what is new, and pass over what is known', async () => {
    const first = await filled();
    const other = await open({ blocks: await exported(first) });
    expect(await other.importBlocks(await exported(first))).toEqual({ imported: 0, known: 3 });
    const watched = take(other.watch.blocks(), 2);
    await first.mine(2);
    const heights = { from: 3 };
    expect(await other.importBlocks(await exported(first, heights))).toEqual({
      imported: 2,
      known: 1,
    });
    expect((await watched).map(({ height }) => height)).toEqual([4, 5]);
    expect(other.head()).toEqual(first.head());
  });

  it('come in between the blocks that the ledger makes itself', async () => {
    const first = await filled();
    const archive = await exported(first);
    const other = await open({ blocks: await exported(first, { from: 1, to: 1 }) });
    const [imported, ...sent] = await Promise.all([
      other.importBlocks(archive).catch((error: unknown) => error),
      ...Array.from({ length: 5 }, () => other.send({ from: 'carol', to: 'zoe', value: 1n })),
    ]);
    expect(imported).toEqual({ imported: 2, known: 1 });
    expect(sent.map(({ success }) => success)).toEqual(Array(5).fill(true));
    expect(other.balance('zoe')).toBe(COIN + 5n);
  });

  it('are refused when they are not of this ledger, or are damaged', async () => {
    const first = await filled();
    const bytes = await exported(first);
    const stranger = await open({ timestamp: 1_000 });
    const foreign = stranger.importBlocks(bytes);
    await expect(foreign).rejects.toMatchObject(code('CHAIN_GENESIS_MISMATCH'));
    const cut = open({ blocks: bytes.slice(0, -40) });
    await expect(cut).rejects.toMatchObject(code('ARCHIVE_INVALID'));
    const turned = bytes.slice();
    turned[bytes.length - 60] = (turned[bytes.length - 60] ?? 0) ^ 1;
    await expect(open({ blocks: turned })).rejects.toMatchObject(code('ARCHIVE_INVALID'));
    await expect(open({ blocks: new Uint8Array(0) })).rejects.toMatchObject(
      code('ARCHIVE_INVALID'),
    );
    const branched = await open({ blocks: await exported(first, { to: 1 }) });
    await branched.mine();
    const gap = branched.importBlocks(await exported(first, { from: 2 }));
    await expect(gap).rejects.toMatchObject(code('CHAIN_NOT_ON_HEAD'));
  });

  it('are refused beyond the head, and a failing stream is an error', async () => {
    const ledger = await filled();
    const nowhere = exported(ledger, { to: 9 });
    await expect(nowhere).rejects.toMatchObject(code('STATE_FUTURE'));
    const full = new WritableStream<Uint8Array>({
      write: () => {
        throw new TypeError('no room');
      },
    });
    await expect(ledger.exportBlocks(full)).rejects.toThrow('no room');
    async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
      yield new Uint8Array(4);
      throw new TypeError('broken off');
    }
    await expect(ledger.importBlocks(broken())).rejects.toThrow('broken off');
  });
}

function folderCases(
  openAt: (location: LedgerLocation, options?: Options) => Promise<AnyLedger>,
  newFolder: () => string,
): void {
  it('keep everything, also what waits', async () => {
    const path = newFolder();
    const before = await openAt(path);
    const { address } = await before.deploy(SAFE, { from: 'alice', args: [5n] });
    await before.mine(3);
    await before.provider.request({ method: 'evm_setAutomine', params: [false] });
    const waiting = await before.submit({ from: 'bob', to: 'zoe', value: 9n });
    const head = before.head();
    await before.close();
    const after = await openAt(path, { mining: { mode: 'automine' } });
    expect(after.chainId).toBe(before.chainId);
    expect(await after.block(head.height)).toMatchObject(head);
    expect(after.contract(address).read('total')).toBe(5n);
    expect(await after.receipt(waiting)).toMatchObject({ success: true, height: 5 });
    expect(after.balance('zoe')).toBe(9n);
    expect(after.balance('zoe', 4)).toBe(0n);
    expect((await all(after.history('zoe'))).map(({ hash }) => hash)).toEqual([waiting]);
    await after.send({ from: 'alice', to: 'zoe', value: 1n });
  });

  it('are of one ledger at a time', async () => {
    const path = newFolder();
    const first = await openAt(path);
    await expect(openAt(path)).rejects.toMatchObject({ code: expect.stringContaining('IN_USE') });
    await first.close();
    await openAt(path);
  });

  it('take blocks of another ledger, and keep them', async () => {
    const first = await openAt({ memory: true });
    await first.send({ from: 'alice', to: 'zoe', value: 4n });
    const path = newFolder();
    const taken = await openAt(path, { blocks: await exported(first) });
    const head = taken.head();
    await taken.close();
    const again = await openAt(path);
    expect(again.head()).toEqual(head);
    expect(again.balance('zoe')).toBe(4n);
    await again.close();
    const stranger = await openAt({ memory: true }, { timestamp: 5 });
    const foreign = openAt(path, { blocks: await exported(stranger) });
    await expect(foreign).rejects.toMatchObject(code('CHAIN_GENESIS_MISMATCH'));
    // And it is free again.
    await openAt(path);
  });

  it('are named by a path', async () => {
    for (const location of ['', undefined, {}, { memory: false }, 5]) {
      const wrong = openAt(location as LedgerLocation);
      await expect(wrong).rejects.toMatchObject(code('LEDGER_LOCATION_INVALID'));
    }
  });
}
