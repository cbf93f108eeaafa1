/** Names longer than this are not compared: looking must take little time. */
const COMPARED_CHARACTERS = 64;

/**
 * The hint for a name that means nothing: the name among `known` that is meant, if one differs from it by a
 * slip (a letter more, less, another, or two that changed places; about one slip in four letters), or only
 * in its capitals. `spell` writes the name as it has to stand.
 */
export function didYouMean(
  name: string,
  known: Iterable<string>,
  spell: (name: string) => string = (meant) => meant,
): string | undefined {
  const most = Math.min(3, Math.floor((name.length + 1) / 3));
  let best: { readonly name: string; readonly slips: number } | undefined;
  for (const candidate of known) {
    const isCapital = candidate.toLowerCase() === name.toLowerCase();
    const slips = isCapital ? 0 : slipsBetween(name, candidate, most);
    if (candidate !== name && slips <= most && slips < (best?.slips ?? Number.POSITIVE_INFINITY)) {
      best = { name: candidate, slips };
    }
  }
  return best === undefined ? undefined : `did you mean ${spell(best.name)}?`;
}

/**
 * The least number of slips that make one text the other: the distance of optimal string alignment, after
 * Damerau, by rows. Anything more than `most` when it is more than that.
 */
function slipsBetween(first: string, second: string, most: number): number {
  const isLong = Math.max(first.length, second.length) > COMPARED_CHARACTERS;
  if (isLong || Math.abs(first.length - second.length) > most) return most + 1;
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let row = 1; row <= first.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= second.length; column += 1) {
      const isSame = first[row - 1] === second[column - 1];
      const isSwapped =
        first[row - 1] === second[column - 2] && first[row - 2] === second[column - 1];
      const slips = Math.min(
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      current.push(slips);
    }
    before = above;
    above = current;
  }
  return at(above, second.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
