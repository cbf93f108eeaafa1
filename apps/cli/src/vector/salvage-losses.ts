import type { SalvageLoss } from '@lucerna/vector';
import { formatCount } from '../db/format.ts';
import { cliErrors } from '../errors.ts';

/** `EXPORT_INCOMPLETE`, which says what a salvage has left out. */
export function exportIncomplete(losses: readonly SalvageLoss[]): Error {
  const damages = losses.flatMap((loss) => loss.damages);
  const [first] = damages;
  const more = damages.length > 1 ? `, and ${formatCount(damages.length - 1)} more` : '';
  const detail = `${losses.map(describeLoss).join('; ')} (${first}${more})`;
  const incomplete = losses.reduce((sum, loss) => sum + loss.incomplete, 0);
  const missing = losses.reduce<number | undefined>(addRecords, 0);
  return cliErrors.create('EXPORT_INCOMPLETE', detail, {
    // Null: not known.
    missing: missing ?? null,
    incomplete,
    damages: damages.length,
  });
}

function addRecords(sum: number | undefined, { records }: SalvageLoss): number | undefined {
  return sum === undefined || records === undefined ? undefined : sum + records;
}

function describeLoss({ collection, records, incomplete }: SalvageLoss): string {
  if (collection === undefined) {
    return 'the catalog is damaged, and collections may be missing';
  }
  const parts: string[] = [];
  if (records === undefined) parts.push('it is not known how many records are missing');
  else if (records > 0) parts.push(`${formatCount(records)} records are missing`);
  if (incomplete > 0) {
    parts.push(`${formatCount(incomplete)} may have had more than is written`);
  }
  if (parts.length === 0) parts.push('what was changed behind the damage is missing');
  return parts.join(', ');
}
