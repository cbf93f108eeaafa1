/** What a table of the guide looks like: its first row has the titles. */
export type Table = readonly (readonly string[])[];

/** A table in Markdown; all but the first column are numbers. */
export function formatTable([titles = [], ...rows]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = titles.map((_, column) => (column === 0 ? '---' : '--:'));
  return [line(titles), line(rule), ...rows.map(line)].join('\n');
}

/** The guide with the text between the marks of that name replaced. */
export function replaceBlock(guide: string, name: string, block: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [start, end] = [guide.indexOf(open), guide.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`the guide has no block "${name}"`);
  return `${guide.slice(0, start + open.length)}\n${block}\n${guide.slice(end)}`;
}
