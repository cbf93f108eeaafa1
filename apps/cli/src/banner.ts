import { DEV_DERIVATION_PATH, DEV_MNEMONIC } from '@lucerna/node';
import type { DevApi, DevNode } from '@lucerna/sdk';

/** What a started dev node tells its user. */
export type DevReport = {
  readonly endpoint: string;
  readonly chainId: string;
  /** Null: the chain is in memory only. */
  readonly dataDirectory: string | null;
  readonly mining: string;
  /** Whether requests have to show a token. */
  readonly token: boolean;
  readonly accounts: DevNode['accounts'];
};

/** What a person is told beyond that. */
export type BannerDetails = {
  readonly version: string;
  /** Wei of each account, now. */
  readonly balances: readonly bigint[];
  /** Of the head. */
  readonly height: number;
  /** The user's own; undefined: the known one. */
  readonly mnemonic: string | undefined;
};

/** The report for a person. The last line says that requests are answered; scripts may wait for it. */
export function formatBanner(report: DevReport, details: BannerDetails): string {
  const { version, height, mnemonic } = details;
  return [
    '',
    `  Lucerna ${version}`,
    '',
    ...formatAccounts(report.accounts, details),
    `  Mnemonic        ${mnemonic === undefined ? DEV_MNEMONIC : 'your own'}`,
    `  Derivation      ${DEV_DERIVATION_PATH}/index`,
    `  Chain id        ${report.chainId}`,
    `  Head            block ${height}`,
    `  Mining          ${report.mining}`,
    ...(report.token ? ['  Access          with the token only'] : []),
    `  Data directory  ${report.dataDirectory ?? 'none: the chain ends with this process'}`,
    '',
    `Listening on ${report.endpoint}`,
  ].join('\n');
}

function formatAccounts(
  accounts: DevReport['accounts'],
  { balances, mnemonic }: BannerDetails,
): readonly string[] {
  if (accounts.length === 0) return ['  No unlocked accounts', ''];
  const width = String(accounts.length - 1).length;
  const label = (index: number): string => `(${String(index).padStart(width)})`;
  const known = mnemonic === undefined ? 'Everybody knows them: use' : 'Use';
  return [
    '  Accounts',
    ...accounts.map(
      ({ address }, index) =>
        `  ${label(index)} ${address}  ${formatCoins(balances[index] ?? 0n)} coins`,
    ),
    '',
    `  Private keys. ${known} them on this chain only`,
    ...accounts.map(({ privateKey }, index) => `  ${label(index)} ${privateKey}`),
    '',
  ];
}

const WEI_PER_COIN = 10n ** 18n;
const SHOWN_DECIMALS = 4;

/** Coins with a few decimals, the rest cut off. */
function formatCoins(wei: bigint): string {
  const whole = (wei / WEI_PER_COIN).toLocaleString('en');
  const decimals = (wei % WEI_PER_COIN).toString().padStart(18, '0').slice(0, SHOWN_DECIMALS);
  const shown = decimals.replace(/0+$/, '');
  return shown === '' ? whole : `${whole}.${shown}`;
}

/** When blocks are made, in words. */
export function describeMining({ automine, intervalMs }: ReturnType<DevApi['mining']>): string {
  const often = `every ${intervalMs / 1_000} s`;
  if (automine) {
    return intervalMs === 0
      ? 'a block for every transaction'
      : `a block for every transaction, and one ${often}`;
  }
  return intervalMs === 0 ? 'on evm_mine only' : `a block ${often}`;
}
