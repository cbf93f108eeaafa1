import { CHROMA_DEPARTURES } from './chroma-departures.ts';

const BEGIN = '<!-- differences: written by tests/differential/chroma.test.ts -->\n';
const END = '<!-- end of differences -->';

/** The guide with the list of departures as it is now. */
export function withDepartures(guide: string): string {
  const from = guide.indexOf(BEGIN);
  const to = guide.indexOf(END);
  if (from < 0 || to < from) throw new Error('the guide has no place for the differences');
  const rows = CHROMA_DEPARTURES.map(({ subject, chroma, here }) => [subject, chroma, here]);
  const lines = [['what', 'Chroma', 'here'], ['---', '---', '---'], ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  return `${guide.slice(0, from + BEGIN.length)}\n${table}\n${guide.slice(to)}`;
}
