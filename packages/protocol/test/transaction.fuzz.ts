import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createTxFromRLP, type TypedTransaction } from '@ethereumjs/tx';
import { isLucernaError, toHex } from '@lucerna/base';
import { pureSignatureEngine as engine } from '@lucerna/crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import {
  decodeTransaction,
  encodeTransaction,
  publicKeyToAddress,
  recoverTransaction,
  signingHash,
  signTransaction,
  type UnsignedTransaction,
} from '../src/index.ts';
import { mutationOf, privateKey, unsignedTransaction } from './support.ts';

function oracle(raw: Uint8Array, chainId: bigint | null): TypedTransaction {
  const chain = { ...Mainnet, chainId: Number(chainId ?? 1n) };
  const common = new Common({ chain, hardfork: Hardfork.Paris });
  return createTxFromRLP(raw, { common });
}

/** The oracle refuses what can never be paid for; we do so when a transaction is admitted. */
function isPayable(tx: UnsignedTransaction): boolean {
  const price = tx.type === 2 ? tx.maxFeePerGas : tx.gasPrice;
  const isOrdered = tx.type !== 2 || tx.maxPriorityFeePerGas <= tx.maxFeePerGas;
  return isOrdered && price * tx.gasLimit < 2n ** 256n;
}

it('agrees with @ethereumjs/tx about bytes, hash, signing hash and sender', () => {
  fc.assert(
    fc.property(unsignedTransaction.filter(isPayable), privateKey, (unsigned, key) => {
      const raw = encodeTransaction(signTransaction(unsigned, key, engine));
      const recovered = recoverTransaction(raw, engine);
      const expected = oracle(raw, unsigned.chainId);
      expect(toHex(raw)).toBe(toHex(expected.serialize()));
      expect(toHex(recovered.hash)).toBe(toHex(expected.hash()));
      expect(toHex(recovered.sender)).toBe(expected.getSenderAddress().toString());
      expect(toHex(signingHash(unsigned))).toBe(toHex(expected.getHashedMessageToSign()));
      expect(toHex(recovered.sender)).toBe(toHex(publicKeyToAddress(engine.publicKey(key))));
    }),
    runs(150),
  );
});

it('decodes what it encoded to an equal transaction', () => {
  fc.assert(
    fc.property(unsignedTransaction, privateKey, (unsigned, key) => {
      const signed = signTransaction(unsigned, key, engine);
      expect(decodeTransaction(encodeTransaction(signed))).toEqual(signed);
    }),
    runs(150),
  );
});

it('decodes a mutation only to what encodes to it again', () => {
  const mutated = fc
    .tuple(unsignedTransaction, privateKey)
    .map(([unsigned, key]) => encodeTransaction(signTransaction(unsigned, key, engine)))
    .chain((raw) => fc.array(mutationOf(raw), { minLength: 10, maxLength: 10 }));
  const check = (raw: Uint8Array): void => {
    try {
      const tx = decodeTransaction(raw);
      expect(toHex(encodeTransaction(tx))).toBe(toHex(raw));
    } catch (error) {
      if (!isLucernaError(error) || !/^(RLP|TX)_/.test(error.code)) throw error;
    }
  };
  fc.assert(
    fc.property(mutated, (many) => many.forEach(check)),
    runs(200),
  );
});
