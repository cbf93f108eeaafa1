import { toHex } from '@lucerna/base';
import { protocolLimits } from '@lucerna/protocol';
import { TypedDataEncoder } from 'ethers';
import fc from 'fast-check';
import { hashTypedData, recoverTypedDataAddress } from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type Answer, type Client, createClient } from './support/client.ts';
import { ALICE, createFakeNode } from './support/fake-node.ts';

let client: Client;

/** One level more than is allowed. */
const DEPTH = protocolLimits.values.typedDataDepth + 2;

beforeAll(async () => {
  client = createClient(await createFakeNode());
});

const alice = toHex(ALICE);
const contract = '0xcccccccccccccccccccccccccccccccccccccccc';
const person = (name: string): object => ({ name, wallets: [alice, contract] });

const mail: Answer = {
  types: {
    EIP712Domain: [
      { name: 'name', type: 'string' },
      { name: 'version', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
    ],
    Person: [
      { name: 'name', type: 'string' },
      { name: 'wallets', type: 'address[2]' },
    ],
    Mail: [
      { name: 'from', type: 'Person' },
      { name: 'to', type: 'Person[]' },
      { name: 'grid', type: 'uint8[2][]' },
      { name: 'amount', type: 'int256' },
      { name: 'attachment', type: 'bytes' },
      { name: 'tag', type: 'bytes4' },
      { name: 'urgent', type: 'bool' },
    ],
  },
  primaryType: 'Mail',
  domain: { name: 'Ether Mail', version: '1', chainId: 31_337, verifyingContract: contract },
  message: {
    from: person('Cow'),
    to: [person('Bob'), person('Zoë')],
    grid: [
      [1, 2],
      [3, 4],
    ],
    amount: '-5',
    attachment: '0x010203',
    tag: '0xdeadbeef',
    urgent: true,
  },
};

const sign = (typedData: unknown): Promise<Answer> =>
  client.result('eth_signTypedData_v4', alice, typedData);

/** Who has signed, as viem works it out. */
async function signerOf(typedData: Answer, signature: Answer): Promise<string> {
  return (await recoverTypedDataAddress({ ...typedData, signature })).toLowerCase();
}

describe('typed data', () => {
  it('is signed as viem and ethers hash it, as an object or as text', async () => {
    const signature = await sign(mail);
    expect(await sign(JSON.stringify(mail))).toBe(signature);
    expect(await client.result('eth_signTypedData', alice, mail)).toBe(signature);
    expect(await signerOf(mail, signature)).toBe(alice);
    const { EIP712Domain: _, ...types } = mail.types;
    expect(TypedDataEncoder.hash(mail.domain, types, mail.message)).toBe(hashTypedData(mail));
  });

  it('need not declare its domain', async () => {
    const { EIP712Domain: _, ...types } = mail.types;
    for (const domain of [mail.domain, { chainId: 1, salt: `0x${'07'.repeat(32)}` }, {}]) {
      const data = { ...mail, types, domain };
      expect(await signerOf(data, await sign(data))).toBe(alice);
    }
  });

  it('may be the domain alone', async () => {
    const data = { ...mail, primaryType: 'EIP712Domain', message: {} };
    expect(await signerOf(data, await sign(data))).toBe(alice);
  });

  it('may have structs that contain themselves', async () => {
    const types = {
      Node: [
        { name: 'next', type: 'Node[]' },
        { name: 'value', type: 'uint256' },
      ],
    };
    const message = { next: [{ next: [], value: 2 }], value: '0x1' };
    const data: Answer = { types, primaryType: 'Node', domain: {}, message };
    const signature = await sign(data);
    expect(await signerOf(data, signature)).toBe(alice);
  });

  it('of any values is signed as viem hashes it', async () => {
    const hex = (bytes: number): fc.Arbitrary<string> =>
      fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex);
    const message = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      amount: fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n }).map(String),
      word: hex(32),
      data: fc.uint8Array({ maxLength: 80 }).map(toHex),
      who: fc.array(hex(20), { maxLength: 3 }),
      flag: fc.boolean(),
    });
    const fields = [
      ...[
        ['text', 'string'],
        ['amount', 'int256'],
        ['word', 'bytes32'],
        ['data', 'bytes'],
      ],
      ...[
        ['who', 'address[]'],
        ['flag', 'bool'],
      ],
    ].map(([name, type]) => ({ name, type }));
    await fc.assert(
      fc.asyncProperty(message, async (value) => {
        const data: Answer = {
          types: { All: fields },
          primaryType: 'All',
          domain: { name: 'x' },
          message: value,
        };
        expect(await signerOf(data, await sign(data))).toBe(alice);
      }),
      runs(30),
    );
  });

  it.each<[string, unknown]>([
    ['no object', 1],
    ['text that is not JSON', '{'],
    [
      'text that is nested too deep',
      JSON.stringify({
        types: { List: [{ name: 'list', type: `uint8${'[]'.repeat(DEPTH)}` }] },
        primaryType: 'List',
        domain: {},
        message: { list: JSON.parse(`${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`) },
      }),
    ],
    ['no types', { ...mail, types: undefined }],
    ['an unknown primary type', { ...mail, primaryType: 'Letter' }],
    ['a struct that is none', { ...mail, types: { ...mail.types, X: 1 } }],
    [
      'more types than anybody needs',
      {
        ...mail,
        types: {
          ...mail.types,
          ...Object.fromEntries(
            Array.from({ length: protocolLimits.values.typedDataTypes }, (_, index) => [
              `S${index}`,
              [],
            ]),
          ),
        },
      },
    ],
    ['a field without a type', { ...mail, types: { ...mail.types, X: [{ name: 'a' }] } }],
    ['a name that is none', { ...mail, types: { ...mail.types, 'X(': [] } }],
    [
      'an unknown type of a field',
      { ...mail, types: { ...mail.types, Person: [{ name: 'name', type: 'Nobody' }] } },
    ],
    ...['uint', 'int[]', 'uint7[]', 'Nobody[]', 'bool a,bool[]', '(bool)[]', 'function[]'].map(
      (type): [string, unknown] => [
        `a field of the type ${type}, which EIP-712 does not know`,
        {
          ...mail,
          types: { Mail: [{ name: 'a', type }] },
          message: { a: type.endsWith(']') ? [] : 1 },
        },
      ],
    ),
    ['a missing field', { ...mail, message: { ...mail.message, from: {} } }],
    [
      'a field of the prototype',
      { ...mail, types: { Mail: [{ name: 'constructor', type: 'string' }] } },
    ],
    [
      'the prototype itself',
      { ...mail, types: { Mail: [{ name: '__proto__', type: 'Empty' }], Empty: [] } },
    ],
    ['too many members', { ...mail, message: { ...mail.message, grid: [[1, 2, 3]] } }],
    ['a number out of range', { ...mail, message: { ...mail.message, grid: [[1, 256]] } }],
    ['a value of another kind', { ...mail, message: { ...mail.message, urgent: 1 } }],
  ])('is refused with -32602: %s', async (_name, data) => {
    expect((await client.error('eth_signTypedData_v4', alice, data)).code).toBe(-32602);
  });
});
