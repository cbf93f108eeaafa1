import { describeArchive } from '@lucerna/chain';
import { devPrivateKeys } from '@lucerna/node';
import type { Genesis } from '@lucerna/protocol';
import { DEV_NAMES, namedAccount } from '../accounts/named-account.ts';
import { type DevChainOptions, type DevPlatform, startDevNode } from '../dev-composition.ts';
import { sdkErrors } from '../errors.ts';
import { type ArchiveAccess, Ledger } from './ledger.ts';

/** How a ledger is to be. Every option has a default. */
export type LedgerOptions<Source> = DevChainOptions & {
  /**
   * Names whose accounts have coins on a new ledger, as many as each of the numbered accounts. Default:
   * alice, bob, carol, dave, erin, frank.
   */
  readonly names?: readonly string[];
  /**
   * Blocks of another ledger: a new one begins as that did and takes them in; one that is there takes in
   * those that it lacks.
   */
  readonly blocks?: Source;
};

/** Where a ledger is: a folder, or memory, which ends with the program. */
export type LedgerLocation = string | { readonly memory: true };

/** The path of a folder; undefined for memory. @throws `LEDGER_LOCATION_INVALID` */
export function folderOf(location: LedgerLocation): string | undefined {
  if (typeof location === 'string' && location !== '') return location;
  if (typeof location === 'object' && location?.memory === true) return undefined;
  throw sdkErrors.create('LEDGER_LOCATION_INVALID');
}

/** Opens a ledger on this platform. @throws as `openLedger` */
export async function openOn<Source, Target>(
  platform: DevPlatform,
  archives: ArchiveAccess<Source, Target>,
  options: LedgerOptions<Source>,
): Promise<Ledger<Source, Target>> {
  const { names = DEV_NAMES, blocks, accounts: count, mnemonic } = options;
  const privateKeys = [
    ...(await devPrivateKeys({ count, mnemonic })),
    ...names.map((name) => namedAccount(name).privateKey),
  ];
  const { clock, signatures } = platform;
  const start = async (genesis?: Genesis): Promise<Ledger<Source, Target>> => {
    const node = await startDevNode(platform, options, { privateKeys, genesis });
    return new Ledger({ node, signatures, clock, archives });
  };
  if (blocks === undefined) return start();
  // Read once: it may be a stream.
  return archives.read(blocks, async (file) => {
    const ledger = await start((await describeArchive(file)).genesis);
    try {
      await ledger.importFrom(file);
    } catch (error) {
      await ledger.close();
      throw error;
    }
    return ledger;
  });
}
