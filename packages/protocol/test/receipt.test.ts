import { describe, expect, it } from 'vitest';
import {
  decodeReceipt,
  encodeReceipt,
  encodeRlp,
  logToJson,
  protocolLimits,
  type Receipt,
  receiptToJson,
} from '../src/index.ts';

const example: Receipt = {
  type: 2,
  status: 1,
  cumulativeGasUsed: 21_000n,
  logsBloom: new Uint8Array(256),
  logs: [
    {
      address: new Uint8Array(20).fill(1),
      topics: [new Uint8Array(32).fill(2)],
      data: Uint8Array.of(3),
    },
  ],
};

describe('decodeReceipt', () => {
  it('refuses unknown types and logs with too many topics', () => {
    const unknown = expect.objectContaining({ code: 'RECEIPT_TYPE_UNSUPPORTED' });
    expect(() => decodeReceipt(Uint8Array.of(3, 0xc0))).toThrow(unknown);
    expect(() => decodeReceipt(Uint8Array.of(0x80))).toThrow(unknown);
    const topics = Array.from(
      { length: protocolLimits.values.logTopics + 1 },
      () => new Uint8Array(32),
    );
    const tooMany = { ...example, logs: [{ ...example.logs[0]!, topics }] };
    expect(() => encodeReceipt(tooMany)).toThrow('assertion');
    const log = [new Uint8Array(20), topics, new Uint8Array(0)];
    const one = Uint8Array.of(1);
    const refused = expect.objectContaining({
      code: 'RLP_LIMIT',
      fields: expect.objectContaining({ path: 'receipt.logs[0].topics' }),
    });
    const encoded = encodeRlp([one, one, new Uint8Array(256), [log]]);
    expect(() => decodeReceipt(encoded)).toThrow(refused);
  });
});

describe('the JSON forms', () => {
  it('have the field names of Ethereum', () => {
    const theLog = {
      address: `0x${'01'.repeat(20)}`,
      topics: [`0x${'02'.repeat(32)}`],
      data: '0x03',
    };
    expect(logToJson(example.logs[0]!)).toEqual(theLog);
    expect(receiptToJson(example)).toEqual({
      type: '0x2',
      status: '0x1',
      cumulativeGasUsed: '0x5208',
      logsBloom: `0x${'00'.repeat(256)}`,
      logs: [theLog],
    });
    expect(receiptToJson({ ...example, type: 0, status: 0 })).toMatchObject({
      type: '0x0',
      status: '0x0',
    });
  });
});
