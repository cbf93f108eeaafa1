import { sdkErrors } from '../errors.ts';

/** A height, or a position in a block, as programs give it. @throws `LEDGER_HEIGHT_INVALID` */
export function checkedHeight(height: number): number {
  if (Number.isSafeInteger(height) && height >= 0) return height;
  throw sdkErrors.create('LEDGER_HEIGHT_INVALID', String(height));
}
