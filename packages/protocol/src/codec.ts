import { assert, bytesToBigInt, minimalBytes, toHex, toQuantity } from '@lucerna/base';
import { protocolErrors } from './errors.ts';
import { decodeRlp, encodeRlp, type RlpItem } from './rlp.ts';

/** What JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { readonly [name: string]: JsonValue };

/**
 * One kind of value and all its forms. A codec is the single definition of a protocol object: the
 * compiler checks it against the object's type, and every encoding and bound follows from it.
 */
export type Codec<T, Json extends JsonValue = JsonValue> = {
  /** The value as RLP. The program has made the value: one that does not fit is an assertion. */
  readonly toRlp: (value: T) => RlpItem;
  /**
   * The value that came from outside. Byte strings are views of what was decoded.
   *
   * @param path where the value stands, such as `transaction.accessList[2].address`
   * @throws `RLP_*` with the field `path`
   */
  readonly fromRlp: (item: RlpItem, path: string) => T;
  /** The value as Ethereum's JSON-RPC writes it: numbers are quantities, bytes are hex. */
  readonly toJson: (value: T) => Json;
};

/** Encodes `value` to bytes. */
export function encodeWith<T>(codec: Codec<T>, value: T): Uint8Array {
  return encodeRlp(codec.toRlp(value));
}

/**
 * Decodes bytes from outside; `name` begins the path in errors, `maxItems` is how many items the
 * largest value has (see {@link decodeRlp}).
 *
 * @throws `RLP_*`
 */
export function decodeWith<T>(
  codec: Codec<T>,
  bytes: Uint8Array,
  name: string,
  maxItems?: number,
): T {
  return codec.fromRlp(decodeRlp(bytes, maxItems), name);
}

/** A natural number of at most `bits` bits. */
function uint(bits: number): Codec<bigint> {
  const maxBytes = bits / 8;
  assert(Number.isInteger(maxBytes), 'whole bytes');
  const end = 1n << BigInt(bits);
  return {
    toRlp: (value) => {
      assert(value >= 0n && value < end, `a number of ${bits} bits`);
      return minimalBytes(value);
    },
    fromRlp: (item, path) => bytesToBigInt(digits(item, maxBytes, path)),
    toJson: toQuantity,
  };
}

/** A gas amount, a nonce or another number of at most 64 bits. */
export const uint64: Codec<bigint> = uint(64);
/** Wei, or another number of at most 256 bits. */
export const uint256: Codec<bigint> = uint(256);

/** A height, a timestamp or a count: a number that JavaScript counts exactly. */
export const safeUint: Codec<number> = {
  toRlp: (value) => {
    assert(Number.isSafeInteger(value) && value >= 0, 'a safe natural number');
    return minimalBytes(BigInt(value));
  },
  fromRlp: (item, path) => {
    const value = Number(bytesToBigInt(digits(item, 7, path)));
    if (!Number.isSafeInteger(value)) throw protocolErrors.create('RLP_RANGE', path, { path });
    return value;
  },
  toJson: toQuantity,
};

/** A parity or a status. */
export const bit: Codec<0 | 1> = {
  toRlp: (value) => minimalBytes(BigInt(value)),
  fromRlp: (item, path) => {
    const value = safeUint.fromRlp(item, path);
    if (value !== 0 && value !== 1) throw protocolErrors.create('RLP_RANGE', path, { path });
    return value;
  },
  toJson: toQuantity,
};

/** Exactly `length` bytes. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    toRlp: (value) => {
      assert(value.length === length, `${length} bytes, not ${value.length}`);
      return value;
    },
    fromRlp: (item, path) => {
      const value = byteString(item, path);
      if (value.length === length) return value;
      throw protocolErrors.create('RLP_LENGTH', path, { path, length: value.length });
    },
    toJson: toHex,
  };
}

/** An account's address. */
export const address20: Codec<Uint8Array> = fixed(20);
/** A Keccak-256 hash, a storage key or a topic. */
export const hash32: Codec<Uint8Array> = fixed(32);

/** A recipient; null, which is empty in RLP, makes a contract. */
export const addressOrNull: Codec<Uint8Array | null> = {
  toRlp: (value) => (value === null ? new Uint8Array(0) : address20.toRlp(value)),
  fromRlp: (item, path) =>
    byteString(item, path).length === 0 ? null : address20.fromRlp(item, path),
  toJson: (value) => (value === null ? null : address20.toJson(value)),
};

/** Up to `maxBytes` bytes. */
export function bytes(maxBytes: number): Codec<Uint8Array> {
  return {
    toRlp: (value) => {
      assert(value.length <= maxBytes, `at most ${maxBytes} bytes`);
      return value;
    },
    fromRlp: (item, path) => {
      const value = byteString(item, path);
      if (value.length <= maxBytes) return value;
      throw protocolErrors.create('RLP_LIMIT', path, { path, length: value.length, maxBytes });
    },
    toJson: toHex,
  };
}

/** Up to `maxBytes` printable ASCII characters. */
export function text(maxBytes: number): Codec<string> {
  const encoded = bytes(maxBytes);
  return {
    toRlp: (value) => {
      assert(/^[ -~]*$/.test(value), 'printable ASCII');
      return encoded.toRlp(Uint8Array.from(value, (character) => character.charCodeAt(0)));
    },
    fromRlp: (item, path) => {
      const value = String.fromCharCode(...encoded.fromRlp(item, path));
      if (/^[ -~]*$/.test(value)) return value;
      throw protocolErrors.create('RLP_TEXT', path, { path });
    },
    toJson: (value) => value,
  };
}

/** Up to `max` values of one kind. */
export function list<T>(codec: Codec<T>, max: number): Codec<readonly T[], readonly JsonValue[]> {
  return {
    toRlp: (values) => {
      assert(values.length <= max, `at most ${max} items`);
      return values.map(codec.toRlp);
    },
    fromRlp: (item, path) => {
      const items = listItems(item, path);
      if (items.length > max) {
        throw protocolErrors.create('RLP_LIMIT', path, { path, length: items.length, max });
      }
      return items.map((child, index) => codec.fromRlp(child, `${path}[${index}]`));
    },
    toJson: (values) => values.map(codec.toJson),
  };
}

/** The codec of every field of T, in the order of the RLP list. */
export type FieldCodecs<T extends object> = { readonly [K in keyof T]-?: Codec<T[K]> };

/**
 * An object whose RLP is the list of its fields, in the order in which `fields` names them.
 * `jsonNames` renames fields in the JSON form.
 */
export function record<T extends object>(
  fields: FieldCodecs<T>,
  jsonNames: { readonly [K in keyof T]?: string } = {},
): Codec<T, JsonObject> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return {
    toRlp: (value) => names.map((name) => fields[name].toRlp(value[name])),
    fromRlp: (item, path) => {
      const items = listItems(item, path);
      if (items.length !== names.length) {
        const counts = { expected: names.length, actual: items.length };
        throw protocolErrors.create('RLP_FIELD_COUNT', path, { path, ...counts });
      }
      const value: Partial<T> = {};
      for (let index = 0; index < names.length; index += 1) {
        const name = names[index] as keyof T & string;
        value[name] = fields[name].fromRlp(items[index] as RlpItem, `${path}.${name}`);
      }
      return value as T;
    },
    toJson: (value) =>
      Object.fromEntries(
        names.map((name) => [jsonNames[name] ?? name, fields[name].toJson(value[name])]),
      ),
  };
}

/** The item as a byte string. @throws `RLP_TYPE` */
export function byteString(item: RlpItem, path: string): Uint8Array {
  if (item instanceof Uint8Array) return item;
  throw protocolErrors.create('RLP_TYPE', path, { path });
}

/** The item as a list. @throws `RLP_TYPE` */
export function listItems(item: RlpItem, path: string): readonly RlpItem[] {
  if (!(item instanceof Uint8Array)) return item;
  throw protocolErrors.create('RLP_TYPE', path, { path });
}

/** The bytes of a number: no leading zero, and no more than the field holds. */
function digits(item: RlpItem, maxBytes: number, path: string): Uint8Array {
  const value = byteString(item, path);
  if (value[0] === 0) throw protocolErrors.create('RLP_LEADING_ZERO', path, { path });
  if (value.length > maxBytes) {
    throw protocolErrors.create('RLP_RANGE', path, { path, length: value.length, maxBytes });
  }
  return value;
}
