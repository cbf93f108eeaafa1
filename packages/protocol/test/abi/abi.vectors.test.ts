import { fromHex, toHex } from '@lucerna/base';
import { expect } from 'vitest';
import { vectorSuite } from '../../../../tools/src/vectors.ts';
import {
  type AbiEventField,
  type AbiType,
  type AbiValue,
  abiTuple,
  decodeAbi,
  decodeEvent,
  encodeAbi,
  encodeEvent,
  eventLayout,
  isHashedInTopic,
  parseAbiType,
  parseSignature,
  selectorOfSignature,
  signatureText,
} from '../../src/index.ts';

/** Encodes to the expected bytes, which decode to the values and encode again. */
function checkBothWays(types: readonly AbiType[], values: readonly AbiValue[], hex: string): void {
  expect(toHex(encodeAbi(types, values))).toBe(hex);
  const decoded = decodeAbi(types, fromHex(hex));
  expect(decoded).toEqual(values);
  expect(toHex(encodeAbi(types, decoded))).toBe(hex);
}

type Json = string | number | boolean | readonly Json[];

/** BigInt reads hex text without a sign only. */
function integerOf(json: string | number): bigint {
  const text = String(json);
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

/** Numbers are JSON numbers, decimal or hex text; byte strings are hex text. */
function fromJson(type: AbiType, json: Json): AbiValue {
  if (Array.isArray(json)) {
    const members = json as readonly Json[];
    if (type.kind === 'array') return members.map((member) => fromJson(type.element, member));
    if (type.kind === 'tuple') {
      return members.map((member, index) => fromJson(type.components[index]!, member));
    }
  }
  if (type.kind === 'uint' || type.kind === 'int') return integerOf(json as string | number);
  if (type.kind === 'bool') return json === true;
  if (type.kind === 'string') return json as string;
  return fromHex(json as string);
}

type BasicCase = {
  readonly args: readonly Json[];
  readonly types: string[];
  readonly result: string;
};

vectorSuite<Record<string, BasicCase>, BasicCase>('abi/basic_abi_tests.json', {
  cases: (document) => Object.entries(document),
  check: ({ args, types: names, result }) => {
    const types = names.map(parseAbiType);
    const values = types.map((type, index) => {
      const plain = args[index]!;
      // Byte arguments are plain text, addresses hex.
      const isText = type.kind === 'bytes' || type.kind === 'fixedBytes';
      return isText ? new TextEncoder().encode(plain as string) : fromJson(type, plain);
    });
    checkBothWays(types, values, `0x${result}`);
  },
});

type Leaf = { readonly type: string; readonly value: Json };
type Leaves = Leaf | readonly Leaves[];
type InterfaceCase = {
  readonly name: string;
  readonly types: string;
  readonly normalizedValues: string;
  readonly result: string;
};

const plainOf = (leaves: Leaves): Json =>
  Array.isArray(leaves) ? (leaves as readonly Leaves[]).map(plainOf) : (leaves as Leaf).value;

vectorSuite<readonly InterfaceCase[], InterfaceCase>('abi/ethers-contract-interface.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    const types = (JSON.parse(value.types) as string[]).map(parseAbiType);
    const leaves = JSON.parse(value.normalizedValues) as readonly Leaves[];
    const values = types.map((type, index) => fromJson(type, plainOf(leaves[index]!)));
    checkBothWays(types, values, value.result);
  },
});

type Verbose = { readonly type: string; readonly value: Json | readonly Verbose[] };
type VerboseCase = {
  readonly name: string;
  readonly type: string;
  readonly verbose: Verbose;
  readonly encoded: string;
};

function plainOfVerbose({ type, value }: Verbose): Json {
  const isList = type === 'array' || type === 'object';
  return isList ? (value as readonly Verbose[]).map(plainOfVerbose) : (value as Json);
}

vectorSuite<readonly VerboseCase[], VerboseCase>('abi/ethers6-abi.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    const type = parseAbiType(value.type);
    checkBothWays([type], [fromJson(type, plainOfVerbose(value.verbose))], value.encoded);
  },
});

type SignatureCase = {
  readonly name: string;
  readonly signature: string;
  readonly sigHash: string;
};

vectorSuite<readonly SignatureCase[], SignatureCase>('abi/ethers-contract-signatures.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    const { name, types } = parseSignature(value.signature);
    expect(signatureText(name, types)).toBe(value.signature);
    expect(toHex(selectorOfSignature(signatureText(name, types)))).toBe(value.sigHash);
    if (types.length > 0) expect(`${name}${abiTuple(types).text}`).toBe(value.signature);
  },
});

type EventCase = {
  readonly name: string;
  readonly interface: string;
  readonly types: readonly string[];
  readonly indexed: readonly (boolean | null)[];
  readonly hashed: readonly boolean[];
  readonly values: readonly Json[];
  readonly normalizedValues: readonly Json[];
  readonly topics: readonly string[];
  readonly data: string;
};
type InterfaceEntry = { readonly type: string; readonly name: string; readonly anonymous: boolean };

vectorSuite<readonly EventCase[], EventCase>('abi/ethers-contract-events.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    const entries = JSON.parse(value.interface) as readonly InterfaceEntry[];
    const entry = entries.find(({ name, type }) => type === 'event' && name === 'testEvent')!;
    const fields = value.types.map(
      (type, index): AbiEventField => ({
        type: parseAbiType(type),
        indexed: value.indexed[index] === true,
      }),
    );
    const layout = eventLayout('testEvent', fields, entry.anonymous);
    const values = fields.map(({ type }, index) => fromJson(type, value.values[index]!));
    const log = encodeEvent(layout, values);
    expect(log.topics.map(toHex)).toEqual(value.topics);
    expect(toHex(log.data)).toBe(value.data);
    const decoded = decodeEvent(layout, log);
    for (const [index, { type, indexed }] of fields.entries()) {
      const isHashed = indexed && isHashedInTopic(type);
      expect(isHashed).toBe(value.hashed[index]);
      const normalized = value.normalizedValues[index]!;
      const expected = isHashed ? fromHex(normalized as string) : values[index];
      expect(decoded[index]).toEqual(expected);
    }
  },
});
