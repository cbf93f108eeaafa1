import { InvalidArgumentError } from 'commander';

const PORT_MAX = 65_535;
/** The longest delay a timer takes, in whole seconds. */
const BLOCK_TIME_MAX_SECONDS = 2_147_483;
/** Larger chain ids break wallets that compute with 53-bit integers. */
const CHAIN_ID_MAX = 4_503_599_627_370_476n;

/** A TCP port; 0 lets the system choose. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= PORT_MAX)) throw new InvalidArgumentError(`A port is 0 to ${PORT_MAX}.`);
  return port;
}

/** A chain id in decimal or 0x-hex. */
export function parseChainId(text: string): bigint {
  const valid = /^(\d{1,16}|0x[0-9a-fA-F]{1,14})$/.test(text);
  const chainId = valid ? BigInt(text) : 0n;
  if (chainId < 1n || chainId > CHAIN_ID_MAX) {
    throw new InvalidArgumentError(`A chain id is 1 to ${CHAIN_ID_MAX}, in decimal or 0x-hex.`);
  }
  return chainId;
}

/** Seconds between blocks, fractions allowed, as milliseconds. */
export function parseBlockTimeMs(text: string): number {
  const seconds = /^\d+(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds > 0 && seconds <= BLOCK_TIME_MAX_SECONDS)) {
    throw new InvalidArgumentError(
      `A block time is more than 0 and at most ${BLOCK_TIME_MAX_SECONDS} seconds.`,
    );
  }
  return Math.round(seconds * 1_000);
}

/** Adds one more value of an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}
