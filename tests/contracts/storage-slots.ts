import { concat, type Hex, hexToBigInt, keccak256, numberToHex, pad, stringToHex } from 'viem';

// The slots of docs/spec/storage.md, computed from the page with viem alone.

const GENERATION: Hex = `0x${'00'.repeat(32)}`;
const MODULUS = 2n ** 256n;

/** A key of a map. */
export type MapKey = { readonly address: Hex } | { readonly natural: bigint };

/** keccak("zx.storage." ‖ name) */
export function variableSlot(name: string): Hex {
  return keccak256(stringToHex(`zx.storage.${name}`));
}

/** The slot of an entry behind one or more keys. */
export function entrySlot(name: string, ...keys: readonly MapKey[]): Hex {
  return keys.reduce<Hex>(
    (slot, key) => keccak256(concat([canonicalKey(key), GENERATION, slot])),
    variableSlot(name),
  );
}

function canonicalKey(key: MapKey): Hex {
  if ('address' in key) return concat(['0x13', key.address]);
  const digits = key.natural.toString(16);
  const minimal = digits.length % 2 === 0 ? digits : `0${digits}`;
  return key.natural === 0n ? '0x10' : concat(['0x10', `0x${minimal}`]);
}

/** The slots behind a head word whose text has so many bytes. */
export function continuationSlots(head: Hex, bytes: number): readonly Hex[] {
  const first = hexToBigInt(keccak256(head));
  const words = bytes <= 30 ? 0 : Math.ceil((bytes - 26) / 32);
  return Array.from({ length: words }, (_, index) =>
    numberToHex((first + BigInt(index)) % MODULUS, { size: 32 }),
  );
}

/** The words of a text: its head and what follows it. */
export function textWords(text: string): readonly Hex[] {
  const hex = stringToHex(text).slice(2);
  const bytes = hex.length / 2;
  if (bytes <= 30) {
    return [pad(concat(['0x05', numberToHex(bytes, { size: 1 }), `0x${hex}`]), right)];
  }
  const head = concat(['0x05ff', numberToHex(bytes, { size: 4 }), `0x${hex.slice(0, 52)}`]);
  const rest = hex.slice(52).match(/.{1,64}/g) ?? [];
  return [head, ...rest.map((part) => pad(`0x${part}`, right))];
}

const right = { dir: 'right', size: 32 } as const;
