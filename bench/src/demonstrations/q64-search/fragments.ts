import { seededRandom } from '@lucerna/base';

/** How embeddings were written as text. Neighbouring bytes share no character of `q64`, and do of `base64`. */
export type Writing = {
  readonly name: 'base64' | 'q64';
  readonly texts: readonly string[];
};

/** Where else pieces of texts were found: pairs of a piece and another text that has it, of a million. */
export type FragmentMatches = {
  readonly writing: Writing['name'];
  readonly characters: number;
  /** Whether the pieces were cut at multiples of four characters. */
  readonly aligned: boolean;
  /** At the position it was cut from: the same values of the same dimensions. */
  readonly samePlace: number;
  /** At other positions only, one of them at a multiple of four characters from its own. */
  readonly sameAlignment: number;
  /** At other positions only, none of them at such a distance: it stands for other bytes there. */
  readonly otherAlignment: number;
};

export type FragmentOptions = {
  readonly characters: number;
  readonly aligned: boolean;
  readonly pieces: number;
};

const GROUP = 4;
const SEED = 2_024;

type Piece = { readonly source: number; readonly position: number };
type Kind = 'otherAlignment' | 'sameAlignment' | 'samePlace';

/** Cuts pieces out of seeded texts and counts the other texts that contain them. */
export function matchFragments(writing: Writing, options: FragmentOptions): FragmentMatches {
  const { texts } = writing;
  const { characters, aligned } = options;
  const pieces = cutPieces(texts, options);
  const counts: Record<Kind, number> = { samePlace: 0, sameAlignment: 0, otherAlignment: 0 };
  for (const [index, text] of texts.entries()) {
    const kinds = new Map<Piece, Kind>();
    for (let position = 0; position + characters <= text.length; position += 1) {
      for (const piece of pieces.get(text.slice(position, position + characters)) ?? []) {
        if (piece.source === index) continue;
        kinds.set(piece, nearer(kinds.get(piece), kindOf(position - piece.position)));
      }
    }
    for (const kind of kinds.values()) counts[kind] += 1;
  }
  const pairs = options.pieces * (texts.length - 1);
  const perMillion = (kind: Kind): number => (1_000_000 * counts[kind]) / pairs;
  return {
    writing: writing.name,
    characters,
    aligned,
    samePlace: perMillion('samePlace'),
    sameAlignment: perMillion('sameAlignment'),
    otherAlignment: perMillion('otherAlignment'),
  };
}

/** What every search for a piece finds by its text. */
function cutPieces(
  texts: readonly string[],
  { characters, aligned, pieces }: FragmentOptions,
): ReadonlyMap<string, readonly Piece[]> {
  const random = seededRandom(SEED);
  const found = new Map<string, Piece[]>();
  for (let count = 0; count < pieces; count += 1) {
    const source = random.below(texts.length);
    const text = texts[source] as string;
    const groups = Math.floor((text.length - characters - (GROUP - 1)) / GROUP) + 1;
    const position = GROUP * random.below(groups) + (aligned ? 0 : 1 + random.below(GROUP - 1));
    const piece = text.slice(position, position + characters);
    const same = found.get(piece);
    if (same === undefined) found.set(piece, [{ source, position }]);
    else same.push({ source, position });
  }
  return found;
}

function kindOf(distance: number): Kind {
  if (distance === 0) return 'samePlace';
  return distance % GROUP === 0 ? 'sameAlignment' : 'otherAlignment';
}

const ORDER: readonly Kind[] = ['samePlace', 'sameAlignment', 'otherAlignment'];

function nearer(known: Kind | undefined, kind: Kind): Kind {
  return known !== undefined && ORDER.indexOf(known) < ORDER.indexOf(kind) ? known : kind;
}
