import { fromHex, toHexKey } from '@lucerna/base';

/** Begins the code of a native contract: a reserved byte (EIP-3541), `Z`, `N`, and version 1. */
const NATIVE_PREFIX = 'ef5a4e01';

/** The contracts that the node itself has in place of code, by name. */
export type NativeName = 'multicall3' | 'create2-factory';

const NATIVE_NAMES: readonly NativeName[] = ['multicall3', 'create2-factory'];

/** Where tools expect each native contract, on every chain. */
export const NATIVE_ADDRESSES: Readonly<Record<NativeName, Uint8Array>> = {
  multicall3: fromHex('0xca11bde05977b3631167028862be2a173976ca11'),
  'create2-factory': fromHex('0x4e59b44847b379578588920ca78fbf26c0b4956c'),
};

/** Names by their code as hexadecimal digits. */
const names: ReadonlyMap<string, NativeName> = new Map(
  NATIVE_NAMES.map((name) => [toHexKey(nativeCode(name)), name]),
);

/** The code of an account that is this native contract: the prefix and the name in ASCII. */
export function nativeCode(name: NativeName): Uint8Array {
  const ascii = Uint8Array.from(name, (character) => character.charCodeAt(0));
  return fromHex(`0x${NATIVE_PREFIX}${toHexKey(ascii)}`);
}

/** Which native contract `code` is; undefined for all other code. */
export function nativeNameOf(code: Uint8Array): NativeName | undefined {
  return isReservedForNatives(code) ? names.get(toHexKey(code)) : undefined;
}

/** True for code that begins as that of native contracts of any version does: nobody can deploy it. */
export function isReservedForNatives(code: Uint8Array): boolean {
  return code[0] === 0xef && code[1] === 0x5a && code[2] === 0x4e;
}
