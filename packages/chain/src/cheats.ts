import { chainErrors } from './errors.ts';

/** Whether a chain may have what only a dev chain has. */
export type Cheats = 'allowed' | 'refused';

/** @throws `CHAIN_CHEATS_REFUSED` when there may be none; `what` says where one is */
export function checkCheats(cheats: Cheats, what: string): void {
  if (cheats === 'allowed') return;
  throw chainErrors.create('CHAIN_CHEATS_REFUSED', what);
}
