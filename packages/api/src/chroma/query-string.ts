import { invalid } from './errors.ts';
import { count } from './shape.ts';

/** Values of a query string by name. */
export type QueryValues = { readonly [name: string]: string };

/** A whole number in the query string. @throws `CHROMA_ARGUMENT_INVALID` */
export function readCount(query: QueryValues, name: string): number | undefined {
  const value = query[name];
  if (value === undefined) return undefined;
  if (!/^\d{1,10}$/.test(value)) throw fault(`${name}: invalid digit found in string`);
  try {
    return count.read(Number(value), name);
  } catch {
    throw fault(`${name}: number too large to fit in target type`);
  }
}

const READ_LEVELS = ['index_and_wal', 'index_only', 'index_and_bounded_wal'] as const;

/** How fresh an answer has to be; here every answer is as fresh as can be. */
export function checkReadLevel({ read_level: level }: QueryValues): void {
  if (level === undefined || READ_LEVELS.some((known) => known === level)) return;
  const names = READ_LEVELS.map((name) => `\`${name}\``).join(', ');
  throw fault(`read_level: unknown variant \`${level.slice(0, 64)}\`, expected one of ${names}`);
}

function fault(reason: string): Error {
  return invalid(`Failed to deserialize query string: ${reason}`);
}
