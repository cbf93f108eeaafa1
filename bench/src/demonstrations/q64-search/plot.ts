/** One line of a plot, or single points. Values below the axis are drawn on it, without a line. */
export type Series = {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly line: boolean;
};

export type Axis = {
  readonly title: string;
  readonly scale: 'linear' | 'log';
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
};

export type Plot = {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
};

const WIDTH = 720;
const HEIGHT = 420;
const MARGIN = { left: 70, right: 200, top: 44, bottom: 54 } as const;
const RIGHT = WIDTH - MARGIN.right;
const BOTTOM = HEIGHT - MARGIN.bottom;
const LEGEND_LINE = 22;

/** The plot as the text of an SVG file, dark on white. */
export function drawPlot({ title, x, y, series }: Plot): string {
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="13">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(MARGIN.left, 24, title, 'font-size="15" font-weight="bold"'),
    ...x.ticks.map((tick) => drawTickX(tick, placeX(tick, x))),
    ...y.ticks.map((tick) => drawTickY(tick, placeY(tick, y))),
    line([MARGIN.left, BOTTOM], [RIGHT, BOTTOM], '#333333'),
    line([MARGIN.left, MARGIN.top], [MARGIN.left, BOTTOM], '#333333'),
    text((MARGIN.left + RIGHT) / 2, HEIGHT - 12, x.title, 'text-anchor="middle"'),
    drawTitleY(y.title),
    ...series.flatMap((one) => drawSeries(one, x, y)),
    ...series.flatMap(drawLegend),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function drawTickX(tick: number, place: number): string {
  return [
    line([place, MARGIN.top], [place, BOTTOM], '#e4e4e4'),
    text(place, BOTTOM + 18, label(tick), 'text-anchor="middle"'),
  ].join('\n');
}

function drawTickY(tick: number, place: number): string {
  return [
    line([MARGIN.left, place], [RIGHT, place], '#e4e4e4'),
    text(MARGIN.left - 8, place + 4, label(tick), 'text-anchor="end"'),
  ].join('\n');
}

function drawTitleY(title: string): string {
  const middle = (MARGIN.top + BOTTOM) / 2;
  return text(18, middle, title, `text-anchor="middle" transform="rotate(-90 18 ${middle})"`);
}

function drawSeries({ colour, points, line: joined }: Series, x: Axis, y: Axis): string[] {
  const places = points.map(([px, py]) => [placeX(px, x), placeY(py, y)] as const);
  const dots = places.map(
    ([px, py], index) =>
      `<circle cx="${round(px)}" cy="${round(py)}" r="4" stroke="${colour}" stroke-width="1.5" fill="${isOn(points[index]?.[1], y) ? colour : '#ffffff'}"/>`,
  );
  const shown = places.filter((_, index) => isOn(points[index]?.[1], y));
  if (!joined || shown.length < 2) return dots;
  const path = shown.map(([px, py]) => `${round(px)},${round(py)}`).join(' ');
  return [`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`, ...dots];
}

function drawLegend({ name, colour }: Series, index: number): string[] {
  const top = MARGIN.top + 10 + index * LEGEND_LINE;
  return [
    `<circle cx="${RIGHT + 16}" cy="${top - 4}" r="4" fill="${colour}"/>`,
    text(RIGHT + 28, top, name),
  ];
}

/** A logarithmic axis has no place for nothing: such a point is drawn hollow, at its end. */
function isOn(value: number | undefined, { from }: Axis): boolean {
  return value !== undefined && value >= from;
}

function placeX(value: number, axis: Axis): number {
  return MARGIN.left + shareOf(value, axis) * (RIGHT - MARGIN.left);
}

function placeY(value: number, axis: Axis): number {
  return BOTTOM - shareOf(value, axis) * (BOTTOM - MARGIN.top);
}

function shareOf(value: number, { scale, from, to }: Axis): number {
  const of = scale === 'log' ? Math.log : (number: number): number => number;
  const share = (of(Math.max(value, from)) - of(from)) / (of(to) - of(from));
  return Math.min(1, Math.max(0, share));
}

type Point = readonly [x: number, y: number];

function line([x1, y1]: Point, [x2, y2]: Point, colour: string): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(round);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="${colour}"/>`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const more = attributes === '' ? '' : ` ${attributes}`;
  return `<text x="${round(x)}" y="${round(y)}"${more} fill="#222222">${escapeText(content)}</text>`;
}

function label(value: number): string {
  return value === 0 || Math.abs(value) >= 0.001
    ? value.toLocaleString('en')
    : value.toExponential();
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escapeText(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
