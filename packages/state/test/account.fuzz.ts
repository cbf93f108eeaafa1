import { encodeRlp } from '@lucerna/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type Account, decodeAccount, encodeAccount } from '../src/account.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const small = fc.bigInt({ min: 0n, max: 300n });
const account: fc.Arbitrary<Account> = fc.record({
  nonce: fc.oneof(small, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  balance: fc.oneof(small, fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })),
  storageRoot: hash,
  codeHash: hash,
});

describe('account rows', () => {
  it('reads back what it has written', () => {
    fc.assert(
      fc.property(account, (value) => {
        expect(decodeAccount(encodeAccount(value))).toEqual(value);
      }),
      runs(300),
    );
  });

  it('takes no other row for an account: what it reads it would write just so', () => {
    const number = fc.uint8Array({ maxLength: 34 });
    const items = fc.tuple(number, number, fc.uint8Array({ minLength: 31, maxLength: 33 }), hash);
    const damaged = fc
      .tuple(account, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.integer({ min: -2, max: 1 }))
      .map(([value, at, byte, longer]) => {
        const row = encodeAccount(value);
        const changed = new Uint8Array(row.length + longer);
        changed.set(row.subarray(0, changed.length));
        changed[at % Math.min(changed.length, 8)] = byte;
        return changed;
      });
    const rows = fc.oneof(
      damaged,
      items.map((parts) => encodeRlp(parts)),
    );
    fc.assert(
      fc.property(rows, (row) => {
        let read: Account;
        try {
          read = decodeAccount(row);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^RLP_/) });
          return;
        }
        expect(encodeAccount(read)).toEqual(row);
      }),
      runs(1_000),
    );
  });
});
