import { fromHex, isLucernaError, toHex } from '@lucerna/base';
import { AbiCoder } from 'ethers';
import fc from 'fast-check';
import {
  type Abi,
  decodeAbiParameters,
  encodeAbiParameters,
  encodeEventTopics,
  getAddress,
  toFunctionSelector,
  type AbiParameter as ViemParameter,
} from 'viem';
import { expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import {
  type AbiType,
  type AbiValue,
  abiValueFromJson,
  abiValueToJson,
  decodeAbi,
  decodeRevert,
  encodeAbi,
  encodeEvent,
  eventLayout,
  isHashedInTopic,
  parseAbiType,
  parseSignature,
  selectorOfSignature,
  signatureText,
} from '../../src/index.ts';
import { mutationOf } from '../support.ts';
import { abiArguments, abiType, abiValueOf } from './support.ts';

/** The type as a JSON ABI has it. */
function toParameter(type: AbiType): ViemParameter {
  let element = type;
  let brackets = '';
  while (element.kind === 'array') {
    brackets = `[${element.length ?? ''}]${brackets}`;
    element = element.element;
  }
  if (element.kind !== 'tuple') return { name: '', type: type.text };
  return { name: '', type: `tuple${brackets}`, components: element.components.map(toParameter) };
}

/** The value as viem and ethers have it: tuples as lists, as their components have no names. */
function toPlain(type: AbiType, value: AbiValue): unknown {
  if (type.kind === 'array') {
    return (value as readonly AbiValue[]).map((member) => toPlain(type.element, member));
  }
  if (type.kind === 'tuple') {
    return (value as readonly AbiValue[]).map((member, index) =>
      toPlain(type.components[index]!, member),
    );
  }
  if (type.kind === 'address') return getAddress(toHex(value as Uint8Array));
  // viem gives numbers for what is at most 48 bits wide.
  if ((type.kind === 'uint' || type.kind === 'int') && type.bits <= 48) return Number(value);
  return value instanceof Uint8Array ? toHex(value) : value;
}

const plainValues = (types: readonly AbiType[], values: readonly AbiValue[]): unknown[] =>
  types.map((type, index) => toPlain(type, values[index]!));

/** The values, or undefined when they were refused with a code; anything else is a failure. */
function decodeOrRefuse(
  types: readonly AbiType[],
  data: Uint8Array,
  trailing?: 'ignore' | 'refuse',
): readonly AbiValue[] | undefined {
  try {
    return decodeAbi(types, data, trailing);
  } catch (error) {
    if (isLucernaError(error) && error.code.startsWith('ABI_')) return undefined;
    throw error;
  }
}

it('encodes as viem does and decodes what it encoded', () => {
  fc.assert(
    fc.property(abiArguments, ({ types, values }) => {
      const encoded = encodeAbi(types, values);
      const parameters = types.map(toParameter);
      const plain = plainValues(types, values);
      expect(toHex(encoded)).toBe(encodeAbiParameters(parameters, plain));
      expect(decodeAbi(types, encoded)).toEqual(values);
    }),
    runs(600),
  );
});

it('encodes as ethers does', () => {
  const coder = AbiCoder.defaultAbiCoder();
  fc.assert(
    fc.property(abiArguments, ({ types, values }) => {
      const names = types.map((type) => type.text);
      expect(toHex(encodeAbi(types, values))).toBe(coder.encode(names, plainValues(types, values)));
    }),
    runs(300),
  );
});

/** Data of words that are often offsets, lengths or booleans. */
const plausibleData: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 8 }).map((word) => BigInt(32 * word)),
      fc.constantFrom(0n, 1n, 2n, 3n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 255n, 2n ** 256n - 1n),
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    ),
    { maxLength: 20 },
  )
  .map((words) =>
    fromHex(`0x${words.map((word) => word.toString(16).padStart(64, '0')).join('')}`),
  );

const hostileCall = abiArguments.chain(({ types, values }) =>
  fc
    .oneof(mutationOf(encodeAbi(types, values)), plausibleData, fc.uint8Array({ maxLength: 200 }))
    .map((data) => ({ types, data })),
);

it('decodes hostile data only to what encodes to them again, and viem agrees', () => {
  fc.assert(
    fc.property(hostileCall, ({ types, data }) => {
      const values = decodeOrRefuse(types, data);
      if (values === undefined || types.length === 0) return;
      expect(toHex(encodeAbi(types, values))).toBe(toHex(data));
      const theirs = decodeAbiParameters(types.map(toParameter), data);
      expect(theirs).toEqual(plainValues(types, values));
    }),
    runs(2_000),
  );
});

it('decodes with bytes behind only what encodes to the beginning of the data', () => {
  fc.assert(
    fc.property(hostileCall, ({ types, data }) => {
      const values = decodeOrRefuse(types, data, 'ignore');
      if (values === undefined) return;
      const encoded = encodeAbi(types, values);
      expect(toHex(encoded)).toBe(toHex(data.subarray(0, encoded.length)));
    }),
    runs(1_000),
  );
});

it('reads any text as a type that it writes again, or refuses it', () => {
  const word = fc.constantFrom(
    'uint8',
    'int',
    'bytes',
    'bytes4',
    'tuple',
    'bool',
    '(',
    ')',
    ',',
    '[',
    ']',
    '[]',
    '[2]',
    '0',
    ' ',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
  );
  const check = (read: () => string): void => {
    try {
      expect(parseAbiType(read()).text).toBe(read());
    } catch (error) {
      if (!isLucernaError(error) || !error.code.startsWith('ABI_')) throw error;
    }
  };
  fc.assert(
    fc.property(text, (value) => {
      check(() => parseAbiType(value).text);
      check(() => {
        const { types } = parseSignature(value);
        return types.length === 0 ? 'bool' : signatureText('', types);
      });
    }),
    runs(2_000),
  );
});

it('computes selectors as viem does', () => {
  fc.assert(
    fc.property(fc.array(abiType, { maxLength: 4 }), (types) => {
      const signature = signatureText('action', types);
      expect(toHex(selectorOfSignature(signature))).toBe(
        toFunctionSelector(`function ${signature}`),
      );
      expect(parseSignature(signature).types).toEqual(types);
    }),
    runs(300),
  );
});

const eventArguments = fc
  .array(fc.tuple(abiType, fc.boolean()), { maxLength: 4 })
  .map((fields) => fields.map(([type, indexed]) => ({ type, indexed })))
  .filter((fields) => fields.filter((field) => field.indexed).length <= 3)
  .chain((fields) =>
    fc
      .tuple(...fields.map((field) => abiValueOf(field.type)))
      .map((values) => ({ fields, values: values as AbiValue[] })),
  );

it('computes the topics of events as viem does', () => {
  const viemTakes = (type: AbiType): boolean => type.kind !== 'array' && type.kind !== 'tuple';
  fc.assert(
    fc.property(eventArguments, ({ fields, values }) => {
      const log = encodeEvent(eventLayout('Happened', fields), values);
      const inputs = fields.map(({ type, indexed }, index) => ({
        ...toParameter(type),
        name: `f${index}`,
        indexed,
      }));
      const abi: Abi = [{ type: 'event', name: 'Happened', inputs }];
      const named = fields.map(({ type, indexed }, index): [string, unknown][] =>
        indexed && viemTakes(type) ? [[`f${index}`, toPlain(type, values[index]!)]] : [],
      );
      const theirs = encodeEventTopics({
        abi,
        eventName: 'Happened',
        args: Object.fromEntries(named.flat()),
      });
      const indexed = fields.filter((field) => field.indexed);
      for (const [index, topic] of log.topics.entries()) {
        const type = index === 0 ? undefined : indexed[index - 1]!.type;
        if (type === undefined || viemTakes(type)) expect(toHex(topic)).toBe(theirs[index]);
        else expect(isHashedInTopic(type)).toBe(true);
      }
    }),
    runs(300),
  );
});

it('reads any revert data', () => {
  const begun = fc
    .tuple(fc.constantFrom('0x08c379a0', '0x4e487b71'), plausibleData)
    .map(([selector, body]) => Uint8Array.of(...fromHex(selector), ...body));
  fc.assert(
    fc.property(fc.oneof(begun, fc.uint8Array({ maxLength: 80 })), (data) => {
      const { kind } = decodeRevert(data);
      expect(kind === 'empty').toBe(data.length === 0);
    }),
    runs(500),
  );
});

it('reads the JSON that it wrote', () => {
  const typed = abiType.chain((type) => abiValueOf(type).map((value) => ({ type, value })));
  fc.assert(
    fc.property(typed, ({ type, value }) => {
      const text = JSON.stringify(abiValueToJson(type, value));
      expect(abiValueFromJson(type, JSON.parse(text))).toEqual(value);
    }),
    runs(300),
  );
});
