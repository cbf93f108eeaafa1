import { isErrorOf, LruCache, toHexKey } from '@lucerna/base';
import type { AbiItem } from '@lucerna/protocol';
import {
  type Container,
  contractAbi,
  decodeContainer,
  hasZexusPrefix,
  lowerContainer,
  type Program,
  zexusErrors,
} from '@lucerna/zexus';
import { sdkLimits } from './limits.ts';

/** What is known of a contract from its code. */
export type KnownContract = {
  readonly container: Container;
  readonly program: Program;
  readonly abi: readonly AbiItem[];
};

/** Contracts by the hashes of their code, so that each code is read once. */
export class KnownContracts {
  readonly #known = new LruCache<string, KnownContract>(sdkLimits.values.knownContracts);

  /** What the code is; undefined for code of another kind. */
  of(codeHash: Uint8Array, code: Uint8Array): KnownContract | undefined {
    if (!hasZexusPrefix(code)) return undefined;
    const key = toHexKey(codeHash);
    let known = this.#known.get(key);
    if (known !== undefined) return known;
    try {
      const container = decodeContainer(code);
      const program = lowerContainer(container);
      known = { container, program, abi: contractAbi(container) };
    } catch (error) {
      if (isErrorOf(error, zexusErrors)) return undefined;
      throw error;
    }
    this.#known.set(key, known);
    return known;
  }
}
