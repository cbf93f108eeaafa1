import { pureSignatureEngine as engine, SECP256K1_ORDER } from '@lucerna/crypto';
import { describe, expect, it } from 'vitest';
import {
  carriedGasLimit,
  EMPTY_OMMERS_HASH,
  EMPTY_TRIE_ROOT,
  emptyBloom,
  type FeeMarketTransaction,
  type Header,
  headerHash,
  INITIAL_FORKS,
  intrinsicGas,
  MAX_BLOCK_GAS_LIMIT,
  MAX_TRANSACTION_NONCE,
  nextBaseFee,
  protocolErrors,
  rulesAt,
  type SignedTransaction,
  signTransaction,
  validateHeader,
  validateTransaction,
  ZERO_BLOCK_NONCE,
} from '../src/index.ts';

const rules = rulesAt(INITIAL_FORKS, 0);
const context = { chainId: 31_337n, rules, blockGasLimit: 30_000_000n };
const key = new Uint8Array(32).fill(1);

const transfer: FeeMarketTransaction = {
  type: 2,
  chainId: 31_337n,
  nonce: 0n,
  maxPriorityFeePerGas: 1n,
  maxFeePerGas: 2n,
  gasLimit: 21_000n,
  to: new Uint8Array(20),
  value: 1n,
  data: new Uint8Array(0),
  accessList: [],
};

const signed = (change: Partial<FeeMarketTransaction>): SignedTransaction =>
  signTransaction({ ...transfer, ...change }, key, engine);

function codeOf(task: () => void): string {
  try {
    task();
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
  return 'valid';
}

describe('intrinsicGas', () => {
  it('is 21,000 for a transfer and 53,000 for an empty creation', () => {
    expect(intrinsicGas(transfer, rules)).toBe(21_000n);
    expect(intrinsicGas({ ...transfer, to: null }, rules)).toBe(53_000n);
  });

  it('adds data and access list', () => {
    const data = Uint8Array.from([0, 1, 0, 2, 3]);
    expect(intrinsicGas({ to: transfer.to, data }, rules)).toBe(21_000n + 2n * 4n + 3n * 16n);
    const entry = { address: new Uint8Array(20), storageKeys: [new Uint8Array(32)] };
    const accessList = [entry, { ...entry, storageKeys: [] }];
    expect(intrinsicGas({ ...transfer, accessList }, rules)).toBe(21_000n + 2n * 2_400n + 1_900n);
  });
});

describe('validateTransaction', () => {
  const check = (tx: SignedTransaction): string => codeOf(() => validateTransaction(tx, context));

  it('accepts a transfer, and one at every bound', () => {
    expect(check(signed({}))).toBe('valid');
    expect(check(signed({ nonce: MAX_TRANSACTION_NONCE }))).toBe('valid');
    expect(check(signed({ gasLimit: context.blockGasLimit }))).toBe('valid');
    expect(check(signed({ maxPriorityFeePerGas: 2n }))).toBe('valid');
    const gasCost = 21_000n * 2n;
    expect(check(signed({ value: 2n ** 256n - 1n - gasCost }))).toBe('valid');
  });

  it('refuses what is beyond a bound', () => {
    const { chainId: _, ...rest } = transfer;
    const legacy = { ...rest, type: 0 as const, chainId: null, gasPrice: 1n };
    expect(check(signTransaction(legacy, key, engine))).toBe('TX_UNPROTECTED');
    expect(check(signed({ gasLimit: context.blockGasLimit + 1n }))).toBe('TX_GAS_LIMIT');
    expect(check(signed({ maxPriorityFeePerGas: 3n }))).toBe('TX_TIP_ABOVE_FEE_CAP');
    expect(check(signed({ chainId: 1n }))).toBe('TX_CHAIN_ID');
    expect(check(signed({ nonce: MAX_TRANSACTION_NONCE + 1n }))).toBe('TX_NONCE_MAX');
    expect(check(signed({ gasLimit: 20_999n }))).toBe('TX_INTRINSIC_GAS');
    expect(check(signed({ value: 2n ** 256n - 1n }))).toBe('TX_COST_OVERFLOW');
    const good = signed({});
    const signature = { ...good.signature, s: SECP256K1_ORDER - good.signature.s };
    expect(check({ ...good, signature })).toBe('TX_HIGH_S');
  });

  it('names the first fault in the order of go-ethereum', () => {
    const all = signed({
      gasLimit: 0n,
      maxPriorityFeePerGas: 3n,
      chainId: 1n,
      nonce: MAX_TRANSACTION_NONCE + 1n,
    });
    expect(check(all)).toBe('TX_TIP_ABOVE_FEE_CAP');
    expect(check({ ...all, gasLimit: 2n ** 63n })).toBe('TX_GAS_LIMIT');
    expect(check(signed({ gasLimit: 0n, chainId: 1n }))).toBe('TX_CHAIN_ID');
    expect(check(signed({ gasLimit: 0n, nonce: MAX_TRANSACTION_NONCE + 1n }))).toBe('TX_NONCE_MAX');
  });

  it('speaks the words that wallets match', () => {
    const words = {
      TX_TOO_LARGE: 'oversized data',
      TX_SENDER_INVALID: 'invalid sender',
      TX_UNPROTECTED: 'only replay-protected (EIP-155) transactions allowed over RPC',
      TX_CHAIN_ID: 'invalid chain id for signer',
      TX_GAS_LIMIT: 'exceeds block gas limit',
      TX_TIP_ABOVE_FEE_CAP: 'max priority fee per gas higher than max fee per gas',
      TX_INTRINSIC_GAS: 'intrinsic gas too low',
      TX_NONCE_MAX: 'nonce has max value',
      TX_COST_OVERFLOW: 'insufficient funds for gas * price + value',
    } as const;
    for (const [code, summary] of Object.entries(words)) {
      expect(protocolErrors.create(code as keyof typeof words).message).toBe(summary);
    }
  });
});

describe('validateHeader', () => {
  const parentHeader: Header = {
    parentHash: new Uint8Array(32),
    ommersHash: EMPTY_OMMERS_HASH,
    coinbase: new Uint8Array(20),
    stateRoot: EMPTY_TRIE_ROOT,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: emptyBloom(),
    difficulty: 0n,
    height: 5,
    gasLimit: 30_000_000n,
    gasUsed: 20_000_000n,
    timestamp: 1_000,
    extraData: new Uint8Array(0),
    mixHash: new Uint8Array(32),
    nonce: ZERO_BLOCK_NONCE,
    baseFeePerGas: 1_000_000_000n,
  };
  const parent = { header: parentHeader, hash: headerHash(parentHeader) };
  const child: Header = {
    ...parentHeader,
    parentHash: parent.hash,
    height: 6,
    gasUsed: 0n,
    baseFeePerGas: nextBaseFee(parentHeader, rules),
  };
  const check = (change: Partial<Header>): string =>
    codeOf(() => validateHeader({ ...child, ...change }, parent, rules));

  it('accepts a child, also one in the same second or far later', () => {
    expect(check({})).toBe('valid');
    expect(check({ timestamp: 2_000_000_000 })).toBe('valid');
    expect(check({ gasUsed: child.gasLimit })).toBe('valid');
  });

  it('moves the gas limit by less than 1 / 1024', () => {
    const step = 30_000_000n / 1_024n;
    expect(check({ gasLimit: child.gasLimit + step - 1n })).toBe('valid');
    expect(check({ gasLimit: child.gasLimit - step + 1n })).toBe('valid');
    expect(check({ gasLimit: child.gasLimit + step })).toBe('BLOCK_GAS_LIMIT');
    expect(check({ gasLimit: child.gasLimit - step })).toBe('BLOCK_GAS_LIMIT');
  });

  it('keeps the gas limit between its bounds', () => {
    const around = (gasLimit: bigint, next: bigint): string => {
      const header = { ...parentHeader, gasLimit, gasUsed: 0n };
      const baseFeePerGas = nextBaseFee(header, rules);
      const candidate = { ...child, parentHash: headerHash(header), gasLimit: next, baseFeePerGas };
      const hash = headerHash(header);
      return codeOf(() => validateHeader(candidate, { header, hash }, rules));
    };
    expect(around(5_000n, 5_000n)).toBe('valid');
    expect(around(5_000n, 4_999n)).toBe('BLOCK_GAS_LIMIT');
    expect(around(MAX_BLOCK_GAS_LIMIT, MAX_BLOCK_GAS_LIMIT)).toBe('valid');
    expect(around(MAX_BLOCK_GAS_LIMIT, MAX_BLOCK_GAS_LIMIT + 1n)).toBe('BLOCK_GAS_LIMIT');
  });

  it('lifts the gas limit at the fork that raises its minimum above it', () => {
    const raised = { ...rules, minimumGasLimit: 40_000_000n };
    const checkRaised = (gasLimit: bigint): string =>
      codeOf(() => validateHeader({ ...child, gasLimit }, parent, raised));
    const step = 40_000_000n / 1_024n;
    expect(carriedGasLimit(30_000_000n, raised)).toBe(40_000_000n);
    expect(carriedGasLimit(30_000_000n, rules)).toBe(30_000_000n);
    expect(checkRaised(40_000_000n)).toBe('valid');
    expect(checkRaised(40_000_000n + step - 1n)).toBe('valid');
    expect(checkRaised(40_000_000n + step)).toBe('BLOCK_GAS_LIMIT');
    expect(checkRaised(39_999_999n)).toBe('BLOCK_GAS_LIMIT');
    expect(checkRaised(30_000_000n)).toBe('BLOCK_GAS_LIMIT');
  });

  it('refuses every field that does not fit the parent', () => {
    const cases: readonly [change: Partial<Header>, code: string][] = [
      [{ height: 7 }, 'BLOCK_HEIGHT'],
      [{ height: 5 }, 'BLOCK_HEIGHT'],
      [{ parentHash: new Uint8Array(32) }, 'BLOCK_PARENT_HASH'],
      [{ timestamp: 999 }, 'BLOCK_TIMESTAMP'],
      [{ gasUsed: child.gasLimit + 1n }, 'BLOCK_GAS_USED'],
      [{ baseFeePerGas: child.baseFeePerGas + 1n }, 'BLOCK_BASE_FEE'],
      [{ difficulty: 1n }, 'BLOCK_DIFFICULTY'],
      [{ nonce: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1) }, 'BLOCK_NONCE'],
      [{ ommersHash: new Uint8Array(32) }, 'BLOCK_OMMERS'],
      [{ extraData: new Uint8Array(1) }, 'BLOCK_EXTRA_DATA'],
      [{ extraData: new Uint8Array(32) }, 'BLOCK_EXTRA_DATA'],
    ];
    for (const [change, code] of cases) expect(check(change)).toBe(code);
  });

  it('lets a lifted header have any base fee and time, and any gas limit within the bounds', () => {
    const lifted = (change: Partial<Header>): string =>
      codeOf(() => validateHeader({ ...child, ...change }, parent, rules, { lifted: true }));
    expect(lifted({})).toBe('valid');
    expect(lifted({ gasLimit: 5_000n, baseFeePerGas: 0n })).toBe('valid');
    expect(lifted({ gasLimit: MAX_BLOCK_GAS_LIMIT, baseFeePerGas: 2n ** 256n - 1n })).toBe('valid');
    expect(lifted({ gasLimit: 4_999n })).toBe('BLOCK_GAS_LIMIT');
    expect(lifted({ gasLimit: MAX_BLOCK_GAS_LIMIT + 1n })).toBe('BLOCK_GAS_LIMIT');
    expect(lifted({ baseFeePerGas: 2n ** 256n })).toBe('BLOCK_BASE_FEE');
    expect(lifted({ baseFeePerGas: -1n })).toBe('BLOCK_BASE_FEE');
    expect(lifted({ timestamp: 999 })).toBe('valid');
    expect(lifted({ gasUsed: child.gasLimit + 1n })).toBe('BLOCK_GAS_USED');
    expect(lifted({ height: 7 })).toBe('BLOCK_HEIGHT');
    expect(lifted({ parentHash: new Uint8Array(32) })).toBe('BLOCK_PARENT_HASH');
    expect(check({ gasLimit: 5_000n })).toBe('BLOCK_GAS_LIMIT');
  });

  it('says what it expected and what it found', () => {
    const bad = { ...child, height: 9 };
    const fields = { expected: 6, actual: 9 };
    expect(() => validateHeader(bad, parent, rules)).toThrow(
      expect.objectContaining({ code: 'BLOCK_HEIGHT', fields }),
    );
  });
});
