import { bytesToBigInt, fromHex, isLucernaError, toHex } from '@lucerna/base';
import { pureSignatureEngine, SECP256K1_HALF_ORDER, SECP256K1_ORDER } from '@lucerna/crypto';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import {
  decodeTransaction,
  encodeTransaction,
  encodeUnsigned,
  INITIAL_FORKS,
  intrinsicGas,
  parseAddress,
  publicKeyToAddress,
  recoverSender,
  rulesAt,
  type SignedTransaction,
  signTransaction,
  transactionHash,
  type UnsignedTransaction,
  validateTransaction,
} from '../src/index.ts';

const engine = pureSignatureEngine;
const rules = rulesAt(INITIAL_FORKS, 0);
const context = { chainId: 1n, rules, blockGasLimit: 2n ** 64n - 1n };

type Outcome = {
  readonly exception?: string;
  readonly hash?: string;
  readonly sender?: string;
  readonly intrinsicGas: string;
};
type EthereumCase = {
  readonly result: Readonly<Record<string, Outcome>>;
  readonly txbytes: string;
};

/** What our codes are for the faults that the vectors name; a list where one name covers several. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  ADDRESS_TOO_LONG: ['RLP_LENGTH'],
  ADDRESS_TOO_SHORT: ['RLP_LENGTH'],
  EC_RECOVERY_FAIL: ['TX_SENDER_INVALID'],
  GASLIMIT_OVERFLOW: ['RLP_RANGE'],
  GASLIMIT_PRICE_PRODUCT_OVERFLOW: ['TX_COST_OVERFLOW'],
  INTRINSIC_GAS_TOO_LOW: ['TX_INTRINSIC_GAS'],
  INVALID_CHAINID: ['TX_CHAIN_ID', 'TX_SIGNATURE_INVALID'],
  INVALID_SIGNATURE_VRS: ['TX_SIGNATURE_INVALID', 'TX_HIGH_S', 'RLP_RANGE'],
  NONCE_OVERFLOW: ['RLP_RANGE'],
  NONCE_TOO_BIG: ['TX_NONCE_MAX'],
  PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2: ['TX_TIP_ABOVE_FEE_CAP'],
  PRIORITY_OVERFLOW: ['RLP_RANGE'],
  // The first byte, 0xb8, is taken for a type before the rest is read.
  RLP_ERROR_EOF: ['TX_TYPE_UNSUPPORTED'],
  RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_LONG: ['RLP_LENGTH'],
  RLP_INVALID_ACCESS_LIST_STORAGE_TOO_LONG: ['RLP_LENGTH'],
  RLP_INVALID_GASLIMIT: ['RLP_TYPE'],
  RLP_LEADING_ZEROS_BASEFEE: ['RLP_LEADING_ZERO'],
  RLP_LEADING_ZEROS_DATA_SIZE: ['RLP_NOT_CANONICAL'],
  RLP_LEADING_ZEROS_GASLIMIT: ['RLP_LEADING_ZERO'],
  RLP_LEADING_ZEROS_NONCE: ['RLP_LEADING_ZERO'],
  RLP_LEADING_ZEROS_NONCE_SIZE: ['RLP_NOT_CANONICAL'],
  RLP_LEADING_ZEROS_R: ['RLP_LEADING_ZERO'],
  RLP_LEADING_ZEROS_V: ['RLP_LEADING_ZERO'],
  RLP_LEADING_ZEROS_VALUE: ['RLP_LEADING_ZERO'],
  RLP_TOO_FEW_ELEMENTS: ['RLP_FIELD_COUNT'],
  RLP_TOO_MANY_ELEMENTS: ['RLP_FIELD_COUNT'],
  TYPE_NOT_SUPPORTED: ['TX_TYPE_UNSUPPORTED'],
};

function codeOf(task: () => void): string | undefined {
  try {
    task();
    return undefined;
  } catch (error) {
    if (isLucernaError(error)) return error.code;
    throw error;
  }
}

/** We refuse what has no chain id by that name; what else is wrong with it shows once it has one. */
function withChainId(tx: SignedTransaction): SignedTransaction {
  if (tx.type !== 0 || tx.chainId !== null) return tx;
  expect(codeOf(() => validateTransaction(tx, context))).toBe('TX_UNPROTECTED');
  return { ...tx, chainId: context.chainId };
}

/** What is wrong with a transaction, by each check that it gets as far as. */
function faults(raw: Uint8Array): readonly (string | undefined)[] {
  const decoding = codeOf(() => decodeTransaction(raw));
  if (decoding !== undefined) return [decoding];
  const tx = decodeTransaction(raw);
  return [
    codeOf(() => recoverSender(tx, engine)),
    codeOf(() => validateTransaction(withChainId(tx), context)),
  ];
}

const ethereumFiles = [
  'ttAddress',
  'ttEIP1559',
  'ttEIP2930',
  'ttGasLimit',
  'ttNonce',
  'ttRSValue',
  'ttSignature',
  'ttVValue',
  'ttWrongRLP',
];

for (const name of ethereumFiles) {
  vectorSuite<Record<string, EthereumCase>, EthereumCase>(`tx/ethereum-tests-${name}.json`, {
    cases: (document) => Object.entries(document),
    check: ({ result, txbytes }) => {
      const outcome = result['Paris'] ?? result['London'];
      if (outcome === undefined) throw new Error('no result for our rules');
      const raw = fromHex(txbytes);
      if (outcome.exception !== undefined) {
        const exception = outcome.exception.replace('TransactionException.', '');
        const expected = CODES[exception] ?? [];
        expect(
          faults(raw).filter((code) => code !== undefined && expected.includes(code)),
        ).not.toEqual([]);
        return;
      }
      const tx = decodeTransaction(raw);
      expect(toHex(encodeTransaction(tx))).toBe(txbytes);
      expect(toHex(transactionHash(raw))).toBe(outcome.hash);
      expect(toHex(recoverSender(tx, engine))).toBe(outcome.sender);
      expect(intrinsicGas(tx, rules)).toBe(BigInt(outcome.intrinsicGas));
      validateTransaction(withChainId(tx), context);
    },
  });
}

function checkSigned(raw: Uint8Array, unsigned: string, key: string, address: string): void {
  const tx = decodeTransaction(raw);
  expect(toHex(encodeTransaction(tx))).toBe(toHex(raw));
  expect(toHex(encodeUnsigned(tx))).toBe(unsigned);
  expect(toHex(recoverSender(tx, engine))).toBe(address.toLowerCase());
  expect(signTransaction(tx, fromHex(key), engine)).toEqual(tx);
}

type EthersLegacyCase = {
  readonly name: string;
  readonly accountAddress: string;
  readonly privateKey: string;
  readonly gasLimit?: string;
  readonly unsignedTransaction: string;
  readonly signedTransaction: string;
  readonly unsignedTransactionChainId5: string;
  readonly signedTransactionChainId5: string;
};

vectorSuite<readonly EthersLegacyCase[], EthersLegacyCase>('tx/ethers-transactions.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    const { privateKey: key, accountAddress: address } = value;
    if (bytesToBigInt(fromHex(value.gasLimit ?? '0x')) >= 2n ** 64n) {
      // Such an amount of gas cannot be bought anywhere: our field has 64 bits, as geth's has.
      const fields = expect.objectContaining({ path: 'transaction.gasLimit' });
      const refused = expect.objectContaining({ code: 'RLP_RANGE', fields });
      expect(() => decodeTransaction(fromHex(value.signedTransaction))).toThrow(refused);
      expect(() => decodeTransaction(fromHex(value.signedTransactionChainId5))).toThrow(refused);
      return;
    }
    checkSigned(fromHex(value.signedTransaction), value.unsignedTransaction, key, address);
    const protectedRaw = fromHex(value.signedTransactionChainId5);
    checkSigned(protectedRaw, value.unsignedTransactionChainId5, key, address);
    expect(decodeTransaction(protectedRaw).chainId).toBe(5n);
  },
});

type Quantity = string | number;
type EthersTypedCase = {
  readonly name: string;
  readonly address: string;
  readonly key: string;
  readonly signed: string;
  readonly unsigned: string;
  readonly tx: {
    readonly type: 1 | 2;
    readonly chainId?: Quantity;
    readonly nonce?: Quantity;
    readonly gasPrice?: Quantity;
    readonly maxFeePerGas?: Quantity;
    readonly maxPriorityFeePerGas?: Quantity;
    readonly gasLimit?: Quantity;
    readonly to?: string;
    readonly value?: Quantity;
    readonly data?: string;
    readonly accessList?: readonly {
      readonly address: string;
      readonly storageKeys: readonly string[];
    }[];
  };
};

/** The fields as the file spells them; a missing one is zero or empty. */
function fromEthers(tx: EthersTypedCase['tx']): UnsignedTransaction {
  const common = {
    chainId: BigInt(tx.chainId ?? 0),
    nonce: BigInt(tx.nonce ?? 0),
    gasLimit: BigInt(tx.gasLimit ?? 0),
    to: tx.to === undefined ? null : parseAddress(tx.to),
    value: BigInt(tx.value ?? 0),
    data: fromHex(tx.data ?? '0x'),
    accessList: (tx.accessList ?? []).map((entry) => ({
      address: parseAddress(entry.address),
      storageKeys: entry.storageKeys.map(fromHex),
    })),
  };
  if (tx.type === 1) return { type: 1, ...common, gasPrice: BigInt(tx.gasPrice ?? 0) };
  return {
    type: 2,
    ...common,
    maxFeePerGas: BigInt(tx.maxFeePerGas ?? 0),
    maxPriorityFeePerGas: BigInt(tx.maxPriorityFeePerGas ?? 0),
  };
}

vectorSuite<readonly EthersTypedCase[], EthersTypedCase>('tx/ethers-typed-transactions.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    checkSigned(fromHex(value.signed), value.unsigned, value.key, value.address);
    const signed = signTransaction(fromEthers(value.tx), fromHex(value.key), engine);
    expect(toHex(encodeTransaction(signed))).toBe(value.signed);
  },
});

type OldCase = {
  readonly key: string;
  readonly nonce: number;
  readonly gasprice: number;
  readonly startgas: number;
  readonly to: string;
  readonly value: number;
  readonly data: string;
  readonly signed: string;
};

vectorSuite<readonly OldCase[], OldCase>('tx/txtest.json', {
  cases: (document) => document.map((value, index) => [`${index}`, value]),
  check: (value) => {
    const tx = decodeTransaction(fromHex(`0x${value.signed}`));
    const { signature, ...unsigned } = tx;
    const { s, yParity } = signature;
    expect(unsigned).toEqual({
      type: 0,
      chainId: null,
      nonce: BigInt(value.nonce),
      gasPrice: BigInt(value.gasprice),
      gasLimit: BigInt(value.startgas),
      to: value.to === '' ? null : fromHex(`0x${value.to}`),
      value: BigInt(value.value),
      data: fromHex(`0x${value.data}`),
    });
    const key = fromHex(`0x${value.key}`);
    const sender = publicKeyToAddress(engine.publicKey(key));
    if (s <= SECP256K1_HALF_ORDER) {
      expect(recoverSender(tx, engine)).toEqual(sender);
      return;
    }
    // One of the two is older than EIP-2: refused as it is, and its twin with low s has the signer.
    expect(codeOf(() => recoverSender(tx, engine))).toBe('TX_HIGH_S');
    const low = { r: signature.r, s: SECP256K1_ORDER - s, yParity: yParity === 0 ? 1 : 0 } as const;
    expect(recoverSender({ ...tx, signature: low }, engine)).toEqual(sender);
  },
});
