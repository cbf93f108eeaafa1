import {
  type ExactJson,
  parseExactJson,
  parseWhere,
  parseWhereDocument,
  type Selection,
} from '@lucerna/vector';
import type { FilterOptions } from '../commands/vector-options.ts';

/** The conditions of a command line. @throws `JSON_INVALID`, `FILTER_INVALID`, `REGEX_INVALID` */
export function selectionOf(options: FilterOptions): Pick<Selection, 'where' | 'whereDocument'> {
  return {
    where: parseWhere(jsonOf(options.where)),
    whereDocument: parseWhereDocument(jsonOf(options.whereDocument)),
  };
}

function jsonOf(text: string | undefined): ExactJson | undefined {
  return text === undefined ? undefined : parseExactJson(text);
}
