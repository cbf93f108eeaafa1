import { assert, minimalBytes } from '@lucerna/base';
import {
  bit,
  byteString,
  type Codec,
  type JsonValue,
  listItems,
  protocolErrors,
  record,
  safeUint,
} from '@lucerna/protocol';

/** A value that may be missing: a list of one, or of none. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    toRlp: (value) => (value === undefined ? [] : [codec.toRlp(value)]),
    fromRlp: (item, path) => {
      const [value, ...more] = listItems(item, path);
      if (more.length > 0) {
        throw protocolErrors.create('RLP_LIMIT', path, { path, length: more.length + 1, max: 1 });
      }
      return value === undefined ? undefined : codec.fromRlp(value, path);
    },
    toJson: (value) => (value === undefined ? null : codec.toJson(value)),
  };
}

/** Yes or no. */
export const flag: Codec<boolean> = {
  toRlp: (value) => bit.toRlp(value ? 1 : 0),
  fromRlp: (item, path) => bit.fromRlp(item, path) === 1,
  toJson: (value) => value,
};

type SignAndSize = { readonly negative: boolean; readonly size: number };

const signAndSize = record<SignAndSize>({ negative: flag, size: safeUint });

/** A whole number that JavaScript counts exactly, of either sign. */
export const safeInt: Codec<number> = {
  toRlp: (value) => signAndSize.toRlp({ negative: value < 0, size: Math.abs(value) }),
  fromRlp: (item, path) => {
    const { negative, size } = signAndSize.fromRlp(item, path);
    return negative ? -size : size;
  },
  toJson: (value) => value,
};

/** Text of printable ASCII of any length, such as JSON that {@link asciiJson} has written. */
export const longText: Codec<string> = {
  toRlp: (value) => {
    assert(/^[ -~]*$/.test(value), 'printable ASCII');
    return new TextEncoder().encode(value);
  },
  fromRlp: (item, path) => {
    const value = new TextDecoder().decode(byteString(item, path));
    if (/^[ -~]*$/.test(value)) return value;
    throw protocolErrors.create('RLP_TEXT', path, { path });
  },
  toJson: (value) => value,
};

/** The one version of a format that this program writes; it is the first thing that is decoded. */
export function version(current: number): Codec<number> {
  return {
    toRlp: (value) => {
      assert(value === current, 'only the current version is written');
      return minimalBytes(BigInt(value));
    },
    fromRlp: (item, path) => {
      const value = safeUint.fromRlp(item, path);
      if (value === current) return value;
      throw protocolErrors.create('RLP_RANGE', path, { path, version: value, known: current });
    },
    toJson: (value) => value,
  };
}

/** JSON in printable ASCII. */
export function asciiJson(value: JsonValue): string {
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
