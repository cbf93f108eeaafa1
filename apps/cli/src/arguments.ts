import { fromHex } from '@lucerna/base';
import { InvalidArgumentError } from 'commander';

const PORT_MAX = 65_535;
/** The longest delay a timer takes, in whole seconds. */
const DELAY_MAX_SECONDS = 2_147_483;
/** The last second of a JavaScript Date. */
const TIMESTAMP_MAX_SECONDS = 8_640_000_000_000;
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
  if (!(seconds > 0 && seconds <= DELAY_MAX_SECONDS)) {
    throw new InvalidArgumentError(
      `A block time is more than 0 and at most ${DELAY_MAX_SECONDS} seconds.`,
    );
  }
  return Math.round(seconds * 1_000);
}

/** A number of blocks, or `all`. */
export function parseHistory(text: string): number {
  const blocks = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (text === 'all') return Number.POSITIVE_INFINITY;
  if (Number.isNaN(blocks)) {
    throw new InvalidArgumentError('A history is a number of blocks, or "all".');
  }
  return blocks;
}

/** The height of a block. */
export function parseHeight(text: string): number {
  const height = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(height)) throw new InvalidArgumentError('A height is a whole number.');
  return height;
}

/** The hash of a block, as 32 bytes. */
export function parseBlockHash(text: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) {
    throw new InvalidArgumentError('A block hash is 0x and 64 hex digits.');
  }
  return fromHex(text);
}

/** A whole number. */
export function parseNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}

/** How many accounts. */
export function parseAccounts(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Accounts are a whole number.');
  return Number(text);
}

/** An amount in coins, fractions allowed, as wei. */
export function parseCoins(text: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,40})(?:\.(\d{1,18}))?$/.exec(text) ?? [];
  if (whole === undefined) {
    throw new InvalidArgumentError('An amount is a number of coins, with at most 18 decimals.');
  }
  return BigInt(whole + fraction.padEnd(18, '0'));
}

/** Seconds since the Unix epoch. */
export function parseTimestamp(text: string): number {
  const seconds = /^\d{1,13}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= TIMESTAMP_MAX_SECONDS)) {
    throw new InvalidArgumentError('A time is whole seconds since 1970.');
  }
  return seconds;
}

/** Adds one more value of an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

/** An amount in wei, in decimal or 0x-hex. */
export function parseWei(text: string): bigint {
  return parseNatural(text, 2n ** 256n - 1n, 'An amount is a whole number of wei');
}

/** A gas limit, in decimal or 0x-hex. */
export function parseGas(text: string): bigint {
  return parseNatural(text, 2n ** 64n - 1n, 'A gas limit is a whole number');
}

function parseNatural(text: string, max: bigint, what: string): bigint {
  const value = /^(\d{1,78}|0x[0-9a-fA-F]{1,64})$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value > max) {
    throw new InvalidArgumentError(`${what}, in decimal or 0x-hex.`);
  }
  return value;
}

/** Seconds to wait, fractions allowed, as milliseconds. */
export function parseTimeoutMs(text: string): number {
  const seconds = /^\d+(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= DELAY_MAX_SECONDS)) {
    throw new InvalidArgumentError(`A time is at most ${DELAY_MAX_SECONDS} seconds.`);
  }
  return Math.round(seconds * 1_000);
}

/** The address of a JSON-RPC node over HTTP. */
export function parseRpcUrl(text: string): string {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === null || !isHttp || url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError('A node is named like http://127.0.0.1:8545.');
  }
  return text;
}
