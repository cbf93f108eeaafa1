import type { FragmentMatches } from './fragments.ts';
import type { Table } from './guide.ts';
import type { Plot, Series } from './plot.ts';
import { CANDIDATES } from './ranking.ts';
import type { EncodingRecall, TokenRecall } from './recall.ts';

const COLOURS = {
  blue: '#1f5fbf',
  lightBlue: '#7aa6e6',
  paleBlue: '#b8cff0',
  green: '#2a8a4a',
  orange: '#d2691e',
  grey: '#707070',
} as const;

export function recallTable(recall: readonly EncodingRecall[]): Table {
  return [
    [
      'encoding',
      'characters',
      'recall@10 by the code alone',
      ...CANDIDATES.map((count) => `best ${count.toLocaleString('en')} ranked again`),
    ],
    ...recall.map(({ encoding, variant, characters, alone, among }) => [
      `${encoding}, ${variant}`,
      String(characters),
      ...[alone, ...among].map((part) => part.toFixed(3)),
    ]),
  ];
}

export function tokenTable(tokens: readonly TokenRecall[]): Table {
  return [
    [
      'shq64 as tokens',
      'tokens of a code',
      'bits of a token',
      'to be equal',
      'texts to rank',
      'recall@10',
    ],
    ...tokens.map(({ planes, tokens: count, bits, least, candidates, recall }) => [
      `${planes} planes`,
      String(count),
      String(bits),
      String(least),
      `${(100 * candidates).toFixed(1)} %`,
      recall.toFixed(3),
    ]),
  ];
}

/** A row for each length and alignment, in which q64 and base64 stand beside each other. */
export function fragmentTable(matches: readonly FragmentMatches[]): Table {
  const places = [
    ['another alignment', (match: FragmentMatches) => match.otherAlignment],
    ['its alignment', (match: FragmentMatches) => match.sameAlignment],
    ['its place', (match: FragmentMatches) => match.samePlace],
  ] as const;
  const writings = ['q64', 'base64'] as const;
  const titles = places.flatMap(([place]) => writings.map((writing) => `${writing}: ${place}`));
  const rows = matches
    .filter(({ writing }) => writing === 'q64')
    .map(({ characters, aligned }) => {
      const figures = places.flatMap(([, figureOf]) =>
        writings.map((writing) => {
          const match = matches.find(
            (one) =>
              one.writing === writing && one.characters === characters && one.aligned === aligned,
          );
          return match === undefined ? '' : formatRate(figureOf(match));
        }),
      );
      return [`${characters}, from ${aligned ? 'a multiple of 4' : 'elsewhere'}`, ...figures];
    });
  return [['characters', ...titles], ...rows];
}

function formatRate(perMillion: number): string {
  if (perMillion === 0) return '0';
  return perMillion.toLocaleString('en', { maximumSignificantDigits: 3 });
}

export function recallPlot(recall: readonly EncodingRecall[]): Plot {
  const most = CANDIDATES.length - 1;
  const series = (
    name: string,
    colour: string,
    encoding: EncodingRecall['encoding'],
    figureOf: (one: EncodingRecall) => number,
  ): Series => ({
    name,
    colour,
    line: encoding === 'shq64' || encoding === 't8q64',
    points: recall
      .filter((one) => one.encoding === encoding)
      .map((one) => [one.characters, figureOf(one)] as const),
  });
  const among = (place: number) => (one: EncodingRecall) => one.among[place] ?? 0;
  const again = (place: number): string => (CANDIDATES[place] ?? 0).toLocaleString('en');
  return {
    title: 'What codes find of the ten nearest',
    x: {
      title: 'characters of a code',
      scale: 'log',
      from: 6,
      to: 256,
      ticks: [8, 16, 32, 64, 128, 256],
    },
    y: { title: 'recall@10', scale: 'linear', from: 0, to: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    series: [
      series('q64, cosine of the bytes', COLOURS.grey, 'q64', (one) => one.alone),
      series(`shq64, best ${again(most)} again`, COLOURS.paleBlue, 'shq64', among(most)),
      series(`shq64, best ${again(0)} again`, COLOURS.lightBlue, 'shq64', among(0)),
      series('shq64 alone', COLOURS.blue, 'shq64', (one) => one.alone),
      series(`t8q64, best ${again(most)} again`, COLOURS.orange, 't8q64', among(most)),
      series(`zoq64, best ${again(most)} again`, COLOURS.green, 'zoq64', among(most)),
    ],
  };
}

export function fragmentPlot(matches: readonly FragmentMatches[]): Plot {
  const series = (
    name: string,
    colour: string,
    writing: FragmentMatches['writing'],
    figureOf: (match: FragmentMatches) => number,
  ): Series => ({
    name,
    colour,
    line: true,
    points: matches
      .filter((match) => match.writing === writing && match.aligned)
      .map((match) => [match.characters, figureOf(match)] as const),
  });
  return {
    title: 'Other texts that contain a piece, elsewhere than it was cut from',
    x: {
      title: 'characters of the piece (hollow: none found)',
      scale: 'linear',
      from: 3,
      to: 17,
      ticks: [4, 6, 8, 12, 16],
    },
    y: {
      title: 'of a million',
      scale: 'log',
      from: 0.01,
      to: 100_000,
      ticks: [0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000],
    },
    series: [
      series('q64, its alignment', COLOURS.blue, 'q64', (match) => match.sameAlignment),
      series('q64, another', COLOURS.lightBlue, 'q64', (match) => match.otherAlignment),
      series('base64, its alignment', COLOURS.orange, 'base64', (match) => match.sameAlignment),
      series('base64, another', COLOURS.green, 'base64', (match) => match.otherAlignment),
    ],
  };
}
