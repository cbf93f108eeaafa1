import { concatBytes, fixedBytes, fromHex, toHex } from '@lucerna/base';
import {
  pureSignatureEngine as engine,
  SECP256K1_HALF_ORDER,
  SECP256K1_ORDER,
} from '@lucerna/crypto';
import { describe, expect, it } from 'vitest';
import {
  type AccessListEntry,
  decodeTransaction,
  encodeRlp,
  encodeTransaction,
  type FeeMarketTransaction,
  type LegacyTransaction,
  protocolLimits,
  type RlpItem,
  recoverSender,
  recoverTransaction,
  signTransaction,
  transactionHash,
  transactionToJson,
  unsignedTransaction,
} from '../src/index.ts';

const key = new Uint8Array(32).fill(0x46);
const to = new Uint8Array(20).fill(0x35);
const storageKey = new Uint8Array(32).fill(7);

const feeMarket: FeeMarketTransaction = {
  type: 2,
  chainId: 31_337n,
  nonce: 9n,
  maxPriorityFeePerGas: 1n,
  maxFeePerGas: 20n,
  gasLimit: 21_000n,
  to,
  value: 10n,
  data: fromHex('0x1234'),
  accessList: [{ address: to, storageKeys: [storageKey] }],
};

/** The example of EIP-155. */
const legacy: LegacyTransaction = {
  type: 0,
  chainId: 1n,
  nonce: 9n,
  gasPrice: 20n * 10n ** 9n,
  gasLimit: 21_000n,
  to,
  value: 10n ** 18n,
  data: new Uint8Array(0),
};

function refusal(raw: Uint8Array): object {
  try {
    decodeTransaction(raw);
  } catch (error) {
    return error as object;
  }
  throw new Error('decoded');
}

describe('signing', () => {
  it('gives the raw transaction of the EIP-155 example', () => {
    expect(toHex(encodeTransaction(signTransaction(legacy, key, engine)))).toBe(
      '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080' +
        '25a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276' +
        'a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
    );
  });

  it('does not accept a bad key', () => {
    const refused = expect.objectContaining({ code: 'KEY_INVALID' });
    expect(() => signTransaction(legacy, new Uint8Array(32), engine)).toThrow(refused);
  });
});

describe('decodeTransaction', () => {
  const fields = (): RlpItem[] => [
    fromHex('0x09'),
    fromHex('0x01'),
    fromHex('0x5208'),
    to,
    fromHex('0x0a'),
    fromHex('0x'),
    fromHex('0x25'),
    fromHex('0x01'),
    fromHex('0x01'),
  ];
  const changed = (index: number, item: RlpItem): Uint8Array => {
    const items = fields();
    items[index] = item;
    return encodeRlp(items);
  };

  it('decodes the fields that the following cases break one by one', () => {
    expect(decodeTransaction(encodeRlp(fields()))).toMatchObject({ type: 0, chainId: 1n });
  });

  it('says which field is wrong', () => {
    const zero = fromHex('0x00');
    const cases: readonly [raw: Uint8Array, code: string, path: string][] = [
      [changed(0, zero), 'RLP_LEADING_ZERO', 'transaction.nonce'],
      [changed(0, []), 'RLP_TYPE', 'transaction.nonce'],
      [changed(1, fromHex('0x0001')), 'RLP_LEADING_ZERO', 'transaction.gasPrice'],
      [changed(2, new Uint8Array(9).fill(1)), 'RLP_RANGE', 'transaction.gasLimit'],
      [changed(3, to.subarray(1)), 'RLP_LENGTH', 'transaction.to'],
      [changed(4, new Uint8Array(33).fill(1)), 'RLP_RANGE', 'transaction.value'],
      [changed(6, fromHex('0x1d')), 'TX_SIGNATURE_INVALID', 'transaction.v'],
      [changed(6, fromHex('0x22')), 'TX_SIGNATURE_INVALID', 'transaction.v'],
      [changed(7, fromHex('0x')), 'TX_SIGNATURE_INVALID', 'transaction.r'],
      [changed(8, fromHex('0x')), 'TX_SIGNATURE_INVALID', 'transaction.s'],
      [
        changed(8, fromHex(`0x${SECP256K1_ORDER.toString(16)}`)),
        'TX_SIGNATURE_INVALID',
        'transaction.s',
      ],
      [encodeRlp(fields().slice(1)), 'RLP_FIELD_COUNT', 'transaction'],
      [encodeRlp([...fields(), zero]), 'RLP_FIELD_COUNT', 'transaction'],
    ];
    for (const [raw, code, path] of cases) {
      expect(refusal(raw)).toMatchObject({ code, fields: { path } });
    }
  });

  it('names fields inside the access list', () => {
    const empty = fromHex('0x');
    const one = fromHex('0x01');
    const accessList = [[to, [storageKey, storageKey.subarray(1)]]];
    const before = [empty, empty, empty, empty, empty, to, empty, empty];
    const broken = encodeRlp([...before, accessList, empty, one, one]);
    expect(refusal(concatBytes(Uint8Array.of(2), broken))).toMatchObject({
      code: 'RLP_LENGTH',
      fields: { path: 'transaction.accessList[0].storageKeys[1]' },
    });
  });

  it('refuses the types that it does not know, by name', () => {
    for (const type of [0, 3, 4, 0x7f, 0x80, 0xbf]) {
      const raw = Uint8Array.of(type, 0xc0);
      expect(refusal(raw)).toMatchObject({ code: 'TX_TYPE_UNSUPPORTED', fields: { type } });
    }
    expect(refusal(new Uint8Array(0))).toMatchObject({ code: 'RLP_TRUNCATED' });
    expect(refusal(Uint8Array.of(2))).toMatchObject({ code: 'RLP_TRUNCATED' });
  });

  it('refuses more bytes than the limit, and decodes as many', () => {
    const { transactionBytes } = protocolLimits.values;
    const sized = (dataBytes: number): Uint8Array =>
      encodeTransaction(
        signTransaction({ ...legacy, data: new Uint8Array(dataBytes) }, key, engine),
      );
    const overhead = sized(transactionBytes - 200).length - (transactionBytes - 200);
    const largest = sized(transactionBytes - overhead);
    expect(largest.length).toBe(transactionBytes);
    expect(decodeTransaction(largest).data.length).toBe(transactionBytes - overhead);
    const tooLarge = sized(transactionBytes - overhead + 1);
    expect(refusal(tooLarge)).toMatchObject({ code: 'TX_TOO_LARGE' });
  });

  it('decodes access lists that fill a transaction', () => {
    const { accessListEntries, transactionBytes } = protocolLimits.values;
    const entry = { address: to, storageKeys: [] };
    const entries = (count: number): AccessListEntry[] =>
      Array.from({ length: count }, () => entry);
    const keys = (count: number): AccessListEntry[] => [
      { address: to, storageKeys: Array.from({ length: count }, () => storageKey) },
    ];
    for (const listOf of [entries, keys]) {
      const encoded = (count: number): Uint8Array =>
        encodeTransaction(
          signTransaction({ ...feeMarket, accessList: listOf(count) }, key, engine),
        );
      const sizeOfOne = encoded(3_001).length - encoded(3_000).length;
      const room = transactionBytes - encoded(3_000).length;
      const most = 3_000 + Math.floor(room / sizeOfOne);
      expect(decodeTransaction(encoded(most))).toMatchObject({ accessList: listOf(most) });
      expect(refusal(encoded(most + 1))).toMatchObject({ code: 'TX_TOO_LARGE' });
    }
    const tooMany = Array.from({ length: accessListEntries + 1 }, () => entry);
    expect(() => signTransaction({ ...feeMarket, accessList: tooMany }, key, engine)).toThrow(
      'assertion',
    );
  });
});

describe('recoverSender', () => {
  const signed = signTransaction(feeMarket, key, engine);

  it('refuses the twin with high s', () => {
    const { r, s, yParity } = signed.signature;
    const twin = { r, s: SECP256K1_ORDER - s, yParity: yParity === 0 ? 1 : 0 } as const;
    expect(twin.s).toBeGreaterThan(SECP256K1_HALF_ORDER);
    const malleable = { ...signed, signature: twin };
    const refused = expect.objectContaining({ code: 'TX_HIGH_S' });
    expect(() => recoverSender(malleable, engine)).toThrow(refused);
    expect(decodeTransaction(encodeTransaction(malleable))).toEqual(malleable);
  });

  it('says "invalid sender" when no key fits', () => {
    // x = 5 is not on the curve.
    const lost = { ...signed, signature: { r: 5n, s: 1n, yParity: 0 as const } };
    const refused = expect.objectContaining({
      code: 'TX_SENDER_INVALID',
      message: 'invalid sender',
    });
    expect(() => recoverSender(lost, engine)).toThrow(refused);
  });
});

describe('transactionToJson', () => {
  it('writes a fee-market transaction', () => {
    const raw = encodeTransaction(signTransaction(feeMarket, key, engine));
    const recovered = recoverTransaction(raw, engine);
    const { r, s, yParity } = recovered.transaction.signature;
    expect(transactionToJson(recovered)).toEqual({
      type: '0x2',
      chainId: '0x7a69',
      hash: toHex(recovered.hash),
      from: toHex(recovered.sender),
      nonce: '0x9',
      gas: '0x5208',
      gasPrice: '0x14',
      maxFeePerGas: '0x14',
      maxPriorityFeePerGas: '0x1',
      to: toHex(to),
      value: '0xa',
      input: '0x1234',
      accessList: [{ address: toHex(to), storageKeys: [toHex(storageKey)] }],
      v: `0x${yParity}`,
      yParity: `0x${yParity}`,
      r: `0x${r.toString(16)}`,
      s: `0x${s.toString(16)}`,
    });
  });

  it('writes v alone for a legacy transaction, and no chain id when it has none', () => {
    const json = (tx: LegacyTransaction): Readonly<Record<string, unknown>> => {
      const raw = encodeTransaction(signTransaction(tx, key, engine));
      return transactionToJson(recoverTransaction(raw, engine));
    };
    expect(json(legacy)).toMatchObject({ type: '0x0', chainId: '0x1', v: '0x25' });
    expect(Object.keys(json(legacy))).not.toContain('yParity');
    const old = json({ ...legacy, chainId: null, to: null });
    expect(old).toMatchObject({ to: null, v: expect.stringMatching(/^0x1[bc]$/) });
    expect(Object.keys(old)).not.toContain('chainId');
  });
});

describe('unsignedTransaction', () => {
  const sender = new Uint8Array(20).fill(0xff);

  it.each([
    ['legacy', legacy],
    ['fee market', feeMarket],
  ] as const)('has bytes and a hash like any other: %s', (_, tx) => {
    const unsigned = unsignedTransaction(tx, sender);
    expect(unsigned).toMatchObject({ sender, unsigned: true });
    expect(decodeTransaction(unsigned.raw)).toEqual(unsigned.transaction);
    expect(toHex(unsigned.hash)).toBe(toHex(transactionHash(unsigned.raw)));
    const { r, s, yParity } = unsigned.transaction.signature;
    expect([r, s, yParity]).toEqual([2n ** 161n - 1n, 1n, 0]);
    expect(r < SECP256K1_ORDER).toBe(true);
    expect(transactionToJson(unsigned)).toMatchObject({ from: toHex(sender), s: '0x1' });
  });

  it('is another one for another sender', () => {
    const senders = [sender, new Uint8Array(20), to];
    const hashes = senders.map((from) => toHex(unsignedTransaction(feeMarket, from).hash));
    expect(new Set(hashes).size).toBe(3);
  });

  it('is refused where a signature is expected, also if some key fits the placeholder', () => {
    const senders = Array.from({ length: 8 }, (_, index) => new Uint8Array(20).fill(index));
    const unsigned = senders.map((from) => unsignedTransaction(feeMarket, from));
    for (const { raw } of unsigned) {
      expect(() => recoverTransaction(raw, engine)).toThrow(
        expect.objectContaining({ code: 'TX_SIGNATURE_INVALID' }),
      );
    }
    const isOfSomeKey = unsigned.map(({ transaction }) => {
      const { r, s } = transaction.signature;
      const bytes = concatBytes(fixedBytes(r, 32), fixedBytes(s, 32));
      try {
        return engine.recover(new Uint8Array(32).fill(1), { bytes, recovery: 0 }).length > 0;
      } catch {
        return false;
      }
    });
    expect(new Set(isOfSomeKey)).toEqual(new Set([true, false]));
  });
});
