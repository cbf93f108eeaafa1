import { DEV_BALANCE, DEV_DERIVATION_PATH, DEV_MNEMONIC } from '@lucerna/node';
import type { DevNode } from '@lucerna/sdk';

const COINS_AT_GENESIS = (DEV_BALANCE / 10n ** 18n).toLocaleString('en');

/** What a started dev node tells its user. */
export type DevReport = {
  readonly endpoint: string;
  readonly chainId: string;
  /** Null: the chain is in memory only. */
  readonly dataDirectory: string | null;
  readonly mining: string;
  readonly accounts: DevNode['accounts'];
};

/** The report for a person. The last line says that requests are answered; scripts may wait for it. */
export function formatBanner(report: DevReport, version: string): string {
  const width = String(report.accounts.length - 1).length;
  const label = (index: number): string => `(${String(index).padStart(width)})`;
  return [
    '',
    `  Lucerna ${version}`,
    '',
    `  Accounts, ${COINS_AT_GENESIS} coins each at genesis`,
    ...report.accounts.map((account, index) => `  ${label(index)} ${account.address}`),
    '',
    '  Private keys. Everybody knows them: use them on this chain only',
    ...report.accounts.map((account, index) => `  ${label(index)} ${account.privateKey}`),
    '',
    `  Mnemonic        ${DEV_MNEMONIC}`,
    `  Derivation      ${DEV_DERIVATION_PATH}/index`,
    `  Chain id        ${report.chainId}`,
    `  Mining          ${report.mining}`,
    `  Data directory  ${report.dataDirectory ?? 'none: the chain ends with this process'}`,
    '',
    `Listening on ${report.endpoint}`,
  ].join('\n');
}
