import { isLucernaError } from '@lucerna/base';
import { type ExactJson, parseExactJson } from '@lucerna/vector';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { type NumberedLine, openLines } from './jsonl-lines.ts';
import type { RowSource, SourceRow } from './row-source.ts';

/**
 * A file of JSON lines: an object a line.
 *
 * @param embedding name of the member whose numbers need not be told apart
 * @throws `INPUT_UNREADABLE`; while it is read also `ROW_INVALID`, `FILE_MALFORMED`
 */
export async function openJsonlSource(path: string, embedding: string): Promise<RowSource> {
  const input = await openLines(path);
  const { importBatchBytes, importBatchRecords } = cliLimits.values;
  return {
    unit: 'bytes',
    columns: undefined,
    batches: async function* (onProgress) {
      let first = 0;
      let lines: number[] = [];
      let rows: SourceRow[] = [];
      let characters = 0;
      const batchOf = () => {
        const places = lines;
        return { first, rows, placeOf: (index: number) => `line ${places[index]}` };
      };
      for await (const line of input.lines(onProgress)) {
        rows.push(parseLine(line, path, embedding));
        lines.push(line.line);
        characters += line.text.length;
        if (rows.length < importBatchRecords && characters < importBatchBytes) continue;
        yield batchOf();
        first += rows.length;
        [rows, lines, characters] = [[], [], 0];
      }
      if (rows.length > 0) yield batchOf();
    },
    close: async () => undefined,
  };
}

function parseLine({ line, text }: NumberedLine, path: string, embedding: string): SourceRow {
  let row: ExactJson;
  try {
    row = parseExactJson(text, { plainMembers: [embedding] });
  } catch (error) {
    if (!isLucernaError(error, 'JSON_INVALID')) throw error;
    throw cliErrors.create('ROW_INVALID', `${path}, line ${line}: ${error.message}`, {}, error);
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as SourceRow;
  throw cliErrors.create('ROW_INVALID', `${path}, line ${line} is no object`);
}
