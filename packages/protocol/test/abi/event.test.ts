import { fromHex, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { expect, it } from 'vitest';
import {
  type AbiEventField,
  type AbiEventLayout,
  decodeEvent,
  encodeEvent,
  encodeTopic,
  eventLayout,
  parseAbiType,
} from '../../src/index.ts';

const code = (value: string): unknown => expect.objectContaining({ code: value });
const field = (type: string, indexed: boolean): AbiEventField => ({
  type: parseAbiType(type),
  indexed,
});
const from = new Uint8Array(20).fill(1);
const to = new Uint8Array(20).fill(2);

const transfer: AbiEventLayout = eventLayout('Transfer', [
  field('address', true),
  field('address', true),
  field('uint256', false),
]);

it("makes ERC-20's Transfer", () => {
  const log = encodeEvent(transfer, [from, to, 5n]);
  expect(log.topics.map(toHex)).toEqual([
    '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    `0x${'00'.repeat(12)}${'01'.repeat(20)}`,
    `0x${'00'.repeat(12)}${'02'.repeat(20)}`,
  ]);
  expect(toHex(log.data)).toBe(`0x${'5'.padStart(64, '0')}`);
  expect(decodeEvent(transfer, log)).toEqual([from, to, 5n]);
});

it('refuses the log of another event', () => {
  const log = encodeEvent(transfer, [from, to, 5n]);
  const approval = eventLayout('Approval', transfer.fields);
  expect(() => decodeEvent(approval, log)).toThrow(code('ABI_EVENT_TOPICS'));
  expect(() => decodeEvent(transfer, { ...log, topics: log.topics.slice(0, 2) })).toThrow(
    code('ABI_EVENT_TOPICS'),
  );
  expect(() => decodeEvent(transfer, { ...log, data: new Uint8Array(0) })).toThrow(
    code('ABI_TRUNCATED'),
  );
});

it('has room for 3 indexed fields, 4 when the event is anonymous', () => {
  const four = Array.from({ length: 4 }, () => field('bool', true));
  expect(() => eventLayout('E', four)).toThrow(code('ABI_EVENT_TOPICS'));
  const log = encodeEvent(eventLayout('E', four, true), [true, false, true, false]);
  expect(log.topics).toHaveLength(4);
  expect(() => eventLayout('E', [...four, field('bool', true)], true)).toThrow(
    code('ABI_EVENT_TOPICS'),
  );
});

it('decodes a hashed field to its hash', () => {
  const layout = eventLayout('Named', [field('string', true), field('string', false)]);
  const [hash, text] = decodeEvent(layout, encodeEvent(layout, ['a', 'b']));
  // keccak-256 of "a"
  expect(toHex(hash as Uint8Array)).toBe(
    '0x3ac225168df54212a25c1c01fd35bebfea408fdac2e31ddd6f80a4bbf9a5f1cb',
  );
  expect(text).toBe('b');
});

it('hashes lists and tuples as their padded members, without lengths and offsets', () => {
  const a = '61'.padEnd(64, '0');
  const bc = '6263'.padEnd(64, '0');
  const one = '1'.padStart(64, '0');
  const topicOf = (...words: readonly string[]): string =>
    toHex(keccak256(fromHex(`0x${words.join('')}`)));
  expect(toHex(encodeTopic(parseAbiType('string[]'), ['a', 'bc']))).toBe(topicOf(a, bc));
  expect(toHex(encodeTopic(parseAbiType('(bool,string[1])'), [true, ['bc']]))).toBe(
    topicOf(one, bc),
  );
  expect(toHex(encodeTopic(parseAbiType('bool[][]'), [[], [true]]))).toBe(topicOf(one));
  expect(toHex(encodeTopic(parseAbiType('string'), 'a'))).toBe(topicOf('61'));
});
