import { EMPTY_BYTES } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  createAddress,
  type RecoveredTransaction,
  type UnsignedTransaction,
  unsignedTransaction,
} from '@lucerna/protocol';
import { EMPTY_DIFF, StateJournal, type StateReader } from '@lucerna/state';
import { describe, expect, it } from 'vitest';
import type { BlockContext } from '../src/context.ts';
import type { TransactionOutcome } from '../src/outcome.ts';
import { executeTransaction } from '../src/transaction.ts';
import {
  CONTEXT,
  ETHER,
  GWEI,
  RULES,
  sign,
  signer,
  stateOf,
  strangerAddress,
  transfer,
} from './support.ts';

const ALICE = signer(1);
const BOB = strangerAddress(1);
/** No engine of this chain has such code. */
const CODE = Uint8Array.of(1);
const CODE_HASH = keccak256(CODE);
const RICH = stateOf([[ALICE.address, { balance: ETHER }]]);
const FREE: BlockContext = { ...CONTEXT, baseFeePerGas: 0n };

function execute(
  state: StateReader,
  transaction: RecoveredTransaction,
  context: BlockContext = CONTEXT,
  gasAvailable: bigint = context.gasLimit,
): { journal: StateJournal; outcome: TransactionOutcome } {
  const journal = new StateJournal(state);
  return { journal, outcome: executeTransaction(journal, context, transaction, gasAvailable) };
}

describe('a transfer', () => {
  it('moves the value, pays the tip, burns the base fee and gives back the rest of the gas', () => {
    const transaction = transfer(ALICE, { value: 5n, gasLimit: 50_000n });
    const { journal, outcome } = execute(RICH, transaction);
    expect(outcome).toEqual({
      status: 1,
      gasUsed: 21_000n,
      refund: 0n,
      logs: [],
      returnData: EMPTY_BYTES,
      contractAddress: undefined,
      participants: [],
      error: undefined,
      statistics: {
        frames: 1,
        stateReads: 0,
        stateWrites: 0,
        hashes: 0,
        logs: 0,
        actionCalls: 0,
      },
    });
    expect(journal.balance(BOB)).toBe(5n);
    expect(journal.balance(ALICE.address)).toBe(ETHER - 5n - 21_000n * 2n * GWEI);
    expect(journal.nonce(ALICE.address)).toBe(1n);
    expect(journal.balance(CONTEXT.coinbase)).toBe(21_000n * GWEI);
  });

  it('pays no more than the fee cap: the tip shrinks', () => {
    const transaction = transfer(ALICE, { maxFeePerGas: GWEI + 3n, maxPriorityFeePerGas: GWEI });
    const { journal } = execute(RICH, transaction);
    expect(journal.balance(CONTEXT.coinbase)).toBe(21_000n * 3n);
  });

  it('charges every byte of data and every entry of the access list, also repeated ones', () => {
    const entry = { address: BOB, storageKeys: [new Uint8Array(32), new Uint8Array(32)] };
    const data = Uint8Array.of(0, 1, 0);
    const accessList = [entry, entry];
    const gasLimit = 100_000n;
    const { outcome } = execute(RICH, transfer(ALICE, { data, accessList, gasLimit }));
    expect(outcome.gasUsed).toBe(21_000n + 4n + 16n + 4n + 2n * (2_400n + 2n * 1_900n));
  });

  it('of nothing creates nobody, nor does a tip of nothing (EIP-161)', () => {
    const transaction = transfer(ALICE, { value: 0n, maxPriorityFeePerGas: 0n });
    const { journal } = execute(RICH, transaction);
    expect(journal.account(BOB)).toBeUndefined();
    expect(journal.account(CONTEXT.coinbase)).toBeUndefined();
    expect(journal.diff().accounts.map(({ address }) => address)).toEqual([ALICE.address]);
  });

  it('deletes the empty accounts that it touches, and no others (EIP-161)', () => {
    const bystander = strangerAddress(2);
    const state = stateOf([
      [ALICE.address, { balance: ETHER }],
      [BOB, {}],
      [CONTEXT.coinbase, {}],
      [bystander, {}],
    ]);
    const transaction = transfer(ALICE, { value: 0n, maxPriorityFeePerGas: 0n });
    const { journal } = execute(state, transaction);
    expect(journal.account(BOB)).toBeUndefined();
    expect(journal.account(CONTEXT.coinbase)).toBeUndefined();
    expect(journal.account(bystander)).toBeDefined();
  });

  it('to oneself costs the fee', () => {
    const transaction = transfer(ALICE, { to: ALICE.address, value: ETHER / 2n });
    const { journal } = execute(RICH, transaction);
    expect(journal.balance(ALICE.address)).toBe(ETHER - 21_000n * 2n * GWEI);
  });

  it('by the coinbase pays the tip to itself', () => {
    const transaction = transfer(ALICE, { value: 0n });
    const { journal } = execute(RICH, transaction, { ...CONTEXT, coinbase: ALICE.address });
    expect(journal.balance(ALICE.address)).toBe(ETHER - 21_000n * GWEI);
  });

  it('may spend the last wei of what it may cost', () => {
    const cost = 21_000n * 10n * GWEI + 1n;
    const { outcome } = execute(stateOf([[ALICE.address, { balance: cost }]]), transfer(ALICE));
    expect(outcome.status).toBe(1);
  });

  it.each([0, 1] as const)(
    'of type %i pays its gas price: what exceeds the base fee is the tip',
    (type) => {
      const fields = {
        chainId: CONTEXT.chainId,
        nonce: 0n,
        gasPrice: 3n * GWEI,
        gasLimit: 21_000n,
        to: BOB,
        value: 0n,
        data: EMPTY_BYTES,
      };
      const unsigned = type === 0 ? { type, ...fields } : { type, ...fields, accessList: [] };
      const { journal } = execute(RICH, sign(unsigned, ALICE));
      expect(journal.balance(ALICE.address)).toBe(ETHER - 21_000n * 3n * GWEI);
      expect(journal.balance(CONTEXT.coinbase)).toBe(21_000n * 2n * GWEI);
    },
  );

  it('follows the rules of the height', () => {
    const rules = { ...RULES, gasTransaction: 30_000n };
    const transaction = transfer(ALICE, { gasLimit: 30_000n });
    expect(execute(RICH, transaction, { ...CONTEXT, rules }).outcome.gasUsed).toBe(30_000n);
  });
});

describe('a transaction that no engine can run', () => {
  it('fails, uses all its gas and keeps the value: a contract creation', () => {
    const transaction = transfer(ALICE, { to: null, value: 9n, gasLimit: 60_000n });
    const { journal, outcome } = execute(RICH, transaction);
    const contractAddress = createAddress(ALICE.address, 0n);
    expect(outcome).toMatchObject({ status: 0, gasUsed: 60_000n, contractAddress });
    expect(outcome.error?.code).toBe('ENGINE_MISSING');
    expect(journal.account(contractAddress)).toBeUndefined();
    expect(journal.nonce(ALICE.address)).toBe(1n);
    expect(journal.balance(ALICE.address)).toBe(ETHER - 60_000n * 2n * GWEI);
    expect(journal.balance(CONTEXT.coinbase)).toBe(60_000n * GWEI);
  });

  it('fails likewise: a message to an account with code', () => {
    const accounts = [
      [ALICE.address, { balance: ETHER }],
      [BOB, { codeHash: CODE_HASH, balance: 3n }],
    ] as const;
    const state = stateOf(accounts, [CODE]);
    const { journal, outcome } = execute(state, transfer(ALICE, { gasLimit: 60_000n }));
    expect(outcome).toMatchObject({ status: 0, gasUsed: 60_000n, contractAddress: undefined });
    expect(journal.balance(BOB)).toBe(3n);
  });
});

describe('a transaction that cannot be included', () => {
  const cost = 21_000n * 10n * GWEI + 1n;
  const withNonce = (nonce: bigint): StateReader =>
    stateOf([[ALICE.address, { balance: ETHER, nonce }]]);

  it.each<[string, StateReader, RecoveredTransaction, BlockContext, bigint]>([
    ['TX_NONCE_TOO_LOW', withNonce(2n), transfer(ALICE, { nonce: 1n }), CONTEXT, 30_000n],
    ['TX_NONCE_TOO_HIGH', withNonce(0n), transfer(ALICE, { nonce: 1n }), CONTEXT, 30_000n],
    [
      'SENDER_HAS_CODE',
      stateOf([[ALICE.address, { balance: ETHER, codeHash: CODE_HASH }]]),
      transfer(ALICE),
      CONTEXT,
      30_000n,
    ],
    [
      'TX_FEE_CAP_TOO_LOW',
      RICH,
      transfer(ALICE, { maxFeePerGas: GWEI - 1n, maxPriorityFeePerGas: 0n }),
      CONTEXT,
      30_000n,
    ],
    [
      'TX_INSUFFICIENT_FUNDS',
      stateOf([[ALICE.address, { balance: cost - 1n }]]),
      transfer(ALICE),
      CONTEXT,
      30_000n,
    ],
    ['TX_INSUFFICIENT_FUNDS', stateOf([]), transfer(ALICE), FREE, 30_000n],
    ['TX_GAS_LEFT', RICH, transfer(ALICE), CONTEXT, 20_999n],
    ['TX_INTRINSIC_GAS', RICH, transfer(ALICE, { gasLimit: 20_999n }), CONTEXT, 30_000n],
    ['TX_GAS_LIMIT', RICH, transfer(ALICE, { gasLimit: 30_000_001n }), CONTEXT, 30_000n],
    ['TX_CHAIN_ID', RICH, transfer(ALICE, { chainId: 1n }), CONTEXT, 30_000n],
    [
      'TX_TIP_ABOVE_FEE_CAP',
      RICH,
      transfer(ALICE, { maxPriorityFeePerGas: 11n * GWEI }),
      CONTEXT,
      30_000n,
    ],
  ])('%s leaves the journal as it was', (code, state, transaction, context, gasAvailable) => {
    const journal = new StateJournal(state);
    expect(() => executeTransaction(journal, context, transaction, gasAvailable)).toThrow(
      expect.objectContaining({ code }),
    );
    expect(journal.diff()).toEqual(EMPTY_DIFF);
  });

  it('does not fit by one gas, and fits exactly', () => {
    expect(execute(RICH, transfer(ALICE), CONTEXT, 21_000n).outcome.status).toBe(1);
  });
});

describe('wei that do not fit a balance, after a cheat', () => {
  const FULL = 2n ** 256n - 1n;

  it('fail the transaction when they are its value, which stays where it was', () => {
    const state = stateOf([
      [ALICE.address, { balance: ETHER }],
      [BOB, { balance: FULL }],
    ]);
    const { journal, outcome } = execute(state, transfer(ALICE, { value: 1n }));
    expect(outcome).toMatchObject({ status: 0, gasUsed: 21_000n });
    expect(outcome.error?.code).toBe('BALANCE_OVERFLOW');
    expect(journal.balance(BOB)).toBe(FULL);
    expect(journal.balance(ALICE.address)).toBe(ETHER - 21_000n * 2n * GWEI);
    expect(execute(state, transfer(ALICE, { value: 0n })).outcome.status).toBe(1);
  });

  it('fail a creation likewise', () => {
    const to = createAddress(ALICE.address, 0n);
    const state = stateOf([
      [ALICE.address, { balance: ETHER }],
      [to, { balance: FULL }],
    ]);
    const transaction = transfer(ALICE, { to: null, value: 1n, gasLimit: 60_000n });
    const { journal, outcome } = execute(state, transaction);
    expect(outcome.error?.code).toBe('BALANCE_OVERFLOW');
    expect(journal.account(to)).toMatchObject({ balance: FULL, nonce: 0n });
  });

  it('leave the transaction out when they are its tip, and the journal as it was', () => {
    const state = stateOf([
      [ALICE.address, { balance: ETHER }],
      [CONTEXT.coinbase, { balance: FULL }],
    ]);
    const journal = new StateJournal(state);
    const send = (tip: bigint): TransactionOutcome => {
      const transaction = transfer(ALICE, { maxPriorityFeePerGas: tip });
      return executeTransaction(journal, CONTEXT, transaction, CONTEXT.gasLimit);
    };
    expect(() => send(1n)).toThrow(expect.objectContaining({ code: 'TX_BALANCE_OVERFLOW' }));
    expect(journal.diff()).toEqual(EMPTY_DIFF);
    expect(send(0n).status).toBe(1);
  });

  it('cannot be what comes back of the gas of a rich sender', () => {
    const state = stateOf([[ALICE.address, { balance: FULL }]]);
    const { journal, outcome } = execute(state, transfer(ALICE, { gasLimit: 50_000n }));
    expect(outcome.status).toBe(1);
    expect(journal.balance(ALICE.address)).toBe(FULL - 1n - 21_000n * 2n * GWEI);
  });
});

describe('a transaction that its sender has not signed', () => {
  const unsigned = (
    change: Partial<UnsignedTransaction & { type: 2 }> = {},
  ): RecoveredTransaction =>
    unsignedTransaction({ ...transfer(ALICE).transaction, type: 2, ...change } as never, BOB);

  it('is executed like any other, also for a contract (EIP-3607 protects keys only)', () => {
    const state = stateOf([[BOB, { balance: ETHER, codeHash: CODE_HASH }]], [CODE]);
    const { journal, outcome } = execute(state, unsigned({ to: ALICE.address, value: 3n }));
    expect(outcome.status).toBe(1);
    expect(journal.balance(ALICE.address)).toBe(3n);
    expect(journal.nonce(BOB)).toBe(1n);
  });

  it('is refused for the same reasons', () => {
    const state = stateOf([[BOB, { balance: ETHER, nonce: 1n }]]);
    expect(() => execute(state, unsigned())).toThrow(
      expect.objectContaining({ code: 'TX_NONCE_TOO_LOW' }),
    );
    expect(() => execute(stateOf([]), unsigned())).toThrow(
      expect.objectContaining({ code: 'TX_INSUFFICIENT_FUNDS' }),
    );
  });
});
