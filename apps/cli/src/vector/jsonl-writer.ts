import type { ExportRecord, ExportSource } from './export-records.ts';
import { TEXT_COLUMNS, textOf } from './export-records.ts';

/** A JSON object a line, with its embedding unless that is left out. */
export async function* writeJsonl(
  source: ExportSource,
  { withEmbeddings = true }: { readonly withEmbeddings?: boolean } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  for await (const page of source.pages()) {
    const lines = page.map((record) => lineOf(record, withEmbeddings));
    yield encoder.encode(lines.join(''));
  }
}

function lineOf({ record, embedding }: ExportRecord, withEmbedding: boolean): string {
  const members = [`"id":${JSON.stringify(record.id)}`];
  if (withEmbedding) members.push(`"embedding":${formatEmbedding(embedding)}`);
  for (const column of TEXT_COLUMNS) {
    const text = textOf(record, column);
    if (text === undefined) continue;
    const isJson = column === 'metadata' || column === 'provenance';
    members.push(`"${column}":${isJson ? text : JSON.stringify(text)}`);
  }
  return `{${members.join(',')}}\n`;
}

/** Numbers of which each gives the same value of 32 bits when it is read. */
function formatEmbedding(embedding: Float32Array): string {
  let text = '[';
  for (let index = 0; index < embedding.length; index += 1) {
    if (index > 0) text += ',';
    text += formatFloat32(embedding[index] as number);
  }
  return `${text}]`;
}

/** Nine digits tell all values of 32 bits apart (Steele & White 1990), and eight most of them. */
function formatFloat32(value: number): string {
  if (Object.is(value, -0)) return '-0';
  for (let digits = 8; digits <= 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(value);
}
