import { cliLimits } from '../limits.ts';

/** Control characters but tab and line feed, and those that hide or reorder text (Unicode TR 36). */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/**
 * Text of a contract or a node as a terminal may show it: whoever wrote it shall not move the cursor
 * or recolour the screen of who reads it. Long text is cut.
 */
export function printable(text: string): string {
  const limit = cliLimits.values.textCharacters;
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return shown.toWellFormed().replace(INVISIBLE, '\ufffd');
}
