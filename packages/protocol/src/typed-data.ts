import { concatBytes, isErrorOf, joinBytes } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { encodeAbi } from './abi/encode.ts';
import { abiValueFromJson } from './abi/json.ts';
import { type AbiType, parseAbiType } from './abi/type.ts';
import type { JsonObject } from './codec.ts';
import { protocolErrors } from './errors.ts';
import { protocolLimits } from './limits.ts';

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
 * The digest that is signed for typed data (EIP-712):
 * keccak256(0x19 ‖ 0x01 ‖ hash of the domain ‖ hash of the message).
 *
 * @param given an object with `types`, `primaryType`, `domain` and `message`, or its JSON text; numbers
 *   too large for JSON as decimal or hex text
 * @throws `TYPED_DATA_INVALID` with the place, as `path`
 */
export function typedDataDigest(given: unknown): Uint8Array {
  const data = objectAt(typeof given === 'string' ? parseText(given) : given, '');
  const domain = objectAt(data['domain'], 'domain');
  const types = readTypes(objectAt(data['types'], 'types'), domain);
  const { primaryType } = data;
  if (typeof primaryType !== 'string' || !types.has(primaryType)) {
    throw invalid('primaryType', 'not one of the types');
  }
  const encoder = new StructEncoder(types);
  const parts = [Uint8Array.of(0x19, 0x01), encoder.hash(DOMAIN, domain, 'domain', 0)];
  if (primaryType !== DOMAIN) {
    parts.push(encoder.hash(primaryType, data['message'], 'message', 0));
  }
  return keccak256(joinBytes(parts));
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('', 'the text is not JSON');
  }
}

function readTypes(given: JsonObject, domain: JsonObject): Types {
  const types = new Map<string, readonly Field[]>();
  types.set(
    DOMAIN,
    DOMAIN_FIELDS.filter(({ name }) => domain[name] !== undefined),
  );
  const max = protocolLimits.values.typedDataTypes;
  let count = 0;
  for (const [name, fields] of Object.entries(given)) {
    const where = `types.${name}`;
    if (!NAME.test(name) || !Array.isArray(fields)) throw invalid(where, 'not a struct');
    count += 1 + fields.length;
    if (count > max) throw invalid('types', `more than ${max} structs and fields`);
    types.set(
      name,
      fields.map((field: unknown): Field => {
        const { name: fieldName, type } = objectAt(field, where);
        if (typeof fieldName !== 'string' || typeof type !== 'string' || !NAME.test(fieldName)) {
          throw invalid(where, 'a field has a name and a type');
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
  hash(name: string, value: unknown, path: string, depth: number): Uint8Array {
    const struct = objectAt(value, path);
    const fields = (this.#types.get(name) ?? []).map((field) => {
      const member = Object.hasOwn(struct, field.name) ? struct[field.name] : undefined;
      return this.#encode(field.type, member, `${path}.${field.name}`, depth);
    });
    return keccak256(concatBytes(this.#typeHash(name), ...fields));
  }

  #encode(type: string, value: unknown, path: string, depth: number): Uint8Array {
    const max = protocolLimits.values.typedDataDepth;
    if (depth > max) throw invalid(path, `nested deeper than ${max} levels`);
    if (value === undefined || value === null) throw invalid(path, 'missing');
    const list = /^(.*)\[([0-9]*)\]$/.exec(type);
    if (list !== null) {
      if (!Array.isArray(value)) throw invalid(path, `expected a list of ${list[1]}`);
      if (list[2] !== '' && value.length !== Number(list[2])) {
        throw invalid(path, `${list[2]} members, not ${value.length}`);
      }
      const members = value.map((member: unknown, index) =>
        this.#encode(list[1] as string, member, `${path}[${index}]`, depth + 1),
      );
      return keccak256(joinBytes(members));
    }
    if (this.#types.has(type)) return this.hash(type, value, path, depth + 1);
    if (type === 'string') {
      if (typeof value !== 'string') throw invalid(path, 'expected text');
      return keccak256(new TextEncoder().encode(value));
    }
    return encodeAtom(type, value, path);
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
      for (const { name: field, type } of this.#types.get(next) ?? []) {
        const element = type.replace(/(\[[0-9]*\])+$/, '');
        if (!this.#types.has(element)) checkAtom(element, `types.${next}.${field}`);
        waiting.push(element);
      }
    }
  }

  #typeText(name: string): string {
    const fields = (this.#types.get(name) ?? []).map((field) => `${field.type} ${field.name}`);
    return `${name}(${fields.join(',')})`;
  }
}

/** Also where a list is empty, and nothing of the type is ever encoded. */
function checkAtom(type: string, path: string): void {
  // EIP-712 has no short names: what is hashed is the text of the type.
  if (type === 'uint' || type === 'int') throw invalid(path, `write ${type}256`);
  if (type.startsWith('(')) throw invalid(path, 'a struct has a name');
  try {
    parseAbiType(type);
  } catch (error) {
    if (!isErrorOf(error, protocolErrors)) throw error;
    throw invalid(path, error.message, error);
  }
}

/** What is no struct, list or text, as one word. */
function encodeAtom(type: string, value: unknown, path: string): Uint8Array {
  try {
    const atom: AbiType = parseAbiType(type);
    const parsed = abiValueFromJson(atom, value);
    if (parsed instanceof Uint8Array && atom.kind === 'bytes') return keccak256(parsed);
    return encodeAbi([atom], [parsed]);
  } catch (error) {
    // What the value is not, in the words of the contract ABI.
    if (!isErrorOf(error, protocolErrors)) throw error;
    throw invalid(path, error.message, error);
  }
}

function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw invalid(path, 'expected an object');
}

function invalid(path: string, what: string, cause?: unknown): Error {
  const detail = path === '' ? what : `${path}: ${what}`;
  return protocolErrors.create('TYPED_DATA_INVALID', detail, { path }, cause);
}
