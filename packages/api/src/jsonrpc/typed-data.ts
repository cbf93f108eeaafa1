import { concatBytes, isLucernaError, joinBytes } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  type AbiType,
  abiValueFromJson,
  encodeAbi,
  type JsonObject,
  parseAbiType,
} from '@lucerna/protocol';
import { apiLimits } from '../limits.ts';
import { isDeeperThan } from './json-depth.ts';
import { formError, type ParamSchema, paramError } from './params.ts';

type Field = { readonly name: string; readonly type: string };
type Types = ReadonlyMap<string, readonly Field[]>;

const DOMAIN = 'EIP712Domain';

/** Fields of a domain in their order, for data that do not declare the type (EIP-712). */
const DOMAIN_FIELDS: readonly Field[] = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
  { name: 'salt', type: 'bytes32' },
];

const NAME = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/**
 * Typed data as the digest that is signed (EIP-712). They come as an object, or as its JSON text.
 * keccak256(0x19 ‖ 0x01 ‖ hash of the domain ‖ hash of the message).
 */
export const typedDataDigest: ParamSchema<Uint8Array> = {
  expected: 'typed data: an object with types, primaryType, domain and message, or its JSON text',
  schema: {
    oneOf: [
      {
        type: 'object',
        required: ['types', 'primaryType', 'domain', 'message'],
        properties: {
          types: { type: 'object' },
          primaryType: { type: 'string' },
          domain: { type: 'object' },
          message: { type: 'object' },
        },
      },
      { type: 'string' },
    ],
  },
  parse: (value, path): Uint8Array => {
    const given = typeof value === 'string' ? parseText(value, path) : value;
    try {
      return digestOf(objectAt(given, path), path);
    } catch (error) {
      // What the values are not, in the words of the contract ABI.
      if (!isLucernaError(error) || !error.code.startsWith('ABI_')) throw error;
      throw paramError(`${path}: ${error.message}`);
    }
  },
};

function parseText(text: string, path: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw paramError(`${path}: the text is not JSON`);
  }
  const limit = apiLimits.values.jsonDepth;
  if (isDeeperThan(value, limit)) throw paramError(`${path}: nested deeper than ${limit} levels`);
  return value;
}

function digestOf(given: JsonObject, path: string): Uint8Array {
  const domain = objectAt(given['domain'], `${path}.domain`);
  const types = readTypes(objectAt(given['types'], `${path}.types`), domain, path);
  const { primaryType } = given;
  if (typeof primaryType !== 'string' || !types.has(primaryType)) {
    throw paramError(`${path}.primaryType: not one of the types`);
  }
  const encoder = new StructEncoder(types);
  const parts = [Uint8Array.of(0x19, 0x01), encoder.hash(DOMAIN, domain, `${path}.domain`)];
  if (primaryType !== DOMAIN) {
    parts.push(encoder.hash(primaryType, given['message'], `${path}.message`));
  }
  return keccak256(joinBytes(parts));
}

function readTypes(given: JsonObject, domain: JsonObject, path: string): Types {
  const types = new Map<string, readonly Field[]>();
  types.set(
    DOMAIN,
    DOMAIN_FIELDS.filter(({ name }) => domain[name] !== undefined),
  );
  const max = apiLimits.values.typedDataTypes;
  let count = 0;
  for (const [name, fields] of Object.entries(given)) {
    const where = `${path}.types.${name}`;
    if (!NAME.test(name) || !Array.isArray(fields)) throw paramError(`${where}: not a struct`);
    count += 1 + fields.length;
    if (count > max) throw paramError(`${path}.types: more than ${max} structs and fields`);
    types.set(
      name,
      fields.map((field: unknown): Field => {
        const { name: fieldName, type } = objectAt(field, where);
        if (typeof fieldName !== 'string' || typeof type !== 'string' || !NAME.test(fieldName)) {
          throw paramError(`${where}: a field has a name and a type`);
        }
        return { name: fieldName, type };
      }),
    );
  }
  return types;
}

/** Hashes structs of some types. */
class StructEncoder {
  readonly #types: Types;
  readonly #typeHashes = new Map<string, Uint8Array>();

  constructor(types: Types) {
    this.#types = types;
  }

  /** hashStruct of EIP-712: the hash of the type and of what the fields hold, 32 bytes each. */
  hash(name: string, value: unknown, path: string): Uint8Array {
    const struct = objectAt(value, path);
    const fields = (this.#types.get(name) ?? []).map((field) => {
      const member = Object.hasOwn(struct, field.name) ? struct[field.name] : undefined;
      return this.#encode(field.type, member, `${path}.${field.name}`);
    });
    return keccak256(concatBytes(this.#typeHash(name), ...fields));
  }

  #encode(type: string, value: unknown, path: string): Uint8Array {
    if (value === undefined || value === null) throw paramError(`${path}: missing`);
    const list = /^(.*)\[([0-9]*)\]$/.exec(type);
    if (list !== null) {
      if (!Array.isArray(value)) throw formError(path, `a list of ${list[1]}`, value);
      if (list[2] !== '' && value.length !== Number(list[2])) {
        throw paramError(`${path}: ${list[2]} members, not ${value.length}`);
      }
      const members = value.map((member: unknown, index) =>
        this.#encode(list[1] as string, member, `${path}[${index}]`),
      );
      return keccak256(joinBytes(members));
    }
    if (this.#types.has(type)) return this.hash(type, value, path);
    if (type === 'string') {
      if (typeof value !== 'string') throw formError(path, 'text', value);
      return keccak256(new TextEncoder().encode(value));
    }
    const atom: AbiType = parseAbiType(type);
    const parsed = abiValueFromJson(atom, value);
    if (parsed instanceof Uint8Array && atom.kind === 'bytes') return keccak256(parsed);
    return encodeAbi([atom], [parsed]);
  }

  #typeHash(name: string): Uint8Array {
    const known = this.#typeHashes.get(name);
    if (known !== undefined) return known;
    const others = new Set<string>();
    this.#collect(name, others);
    others.delete(name);
    // Plain order of the code units, as EIP-712 sorts.
    const names = [name, ...[...others].sort()];
    const text = names.map((each) => this.#typeText(each)).join('');
    const hash = keccak256(new TextEncoder().encode(text));
    this.#typeHashes.set(name, hash);
    return hash;
  }

  /** The structs that a struct is made of, itself among them. */
  #collect(name: string, found: Set<string>): void {
    const waiting = [name];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (found.has(next) || !this.#types.has(next)) continue;
      found.add(next);
      for (const { type } of this.#types.get(next) ?? []) waiting.push(type.replace(/\[.*$/, ''));
    }
  }

  #typeText(name: string): string {
    const fields = (this.#types.get(name) ?? []).map((field) => `${field.type} ${field.name}`);
    return `${name}(${fields.join(',')})`;
  }
}

function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw formError(path, 'an object', value);
}
