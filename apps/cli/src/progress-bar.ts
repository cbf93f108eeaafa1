import type { Progress } from '@lucerna/base';

/** Work that is done before this is not worth a line. */
const QUIET_MS = 2_000;
/** Between two lines: more often nobody can read. */
const REDRAW_MS = 100;
const BAR_CHARACTERS = 24;
/** Of a terminal that does not say how wide it is, or says 0. */
const DEFAULT_COLUMNS = 80;
/** Back to the first column, and everything in the line erased (ECMA-48, EL 2). */
const CLEAR_LINE = '\r\u001b[2K';

/** Where a bar is drawn. */
export type ProgressStream = {
  /** Undefined or false: not a terminal, nothing is drawn. */
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
};

/** What a bar needs. */
export type ProgressBarPorts = {
  readonly stream: ProgressStream;
  /** Milliseconds of a clock that does not jump. */
  readonly nowMs: () => number;
};

/** What the numbers of a step are. */
export type ProgressUnit = 'accounts' | 'blocks' | 'bytes' | 'rows' | 'steps';

/**
 * One line on a terminal about work that takes long: what is done, how far it is, how fast it goes and
 * when it will be done. It appears after 2 s and is gone when the work is.
 *
 * ```text
 * Checking the chain  [=========>              ]  41 %  12.4 MB/s  38 s left
 * Counting rows  1,204,224 rows  310,000 rows/s
 * ```
 */
export class ProgressBar {
  readonly #ports: ProgressBarPorts;
  /** Since the first step. */
  readonly #startMs: number;
  #drawnMs: number | undefined;
  #isShown = false;

  constructor(ports: ProgressBarPorts) {
    this.#ports = ports;
    this.#startMs = ports.nowMs();
  }

  /** Begins the next step; what is called then draws. */
  step(title: string, unit: ProgressUnit): Progress {
    const { nowMs } = this.#ports;
    const stepMs = nowMs();
    return (done, total) => {
      const now = nowMs();
      if (!this.#isDue(now)) return;
      this.#draw(now, progressLine({ title, unit, done, total, elapsedMs: now - stepMs }));
    };
  }

  /** Takes the line away, for text that comes in its place or because the work has ended. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#drawnMs = undefined;
    this.#ports.stream.write(CLEAR_LINE);
  }

  #isDue(now: number): boolean {
    if (this.#ports.stream.isTTY !== true || now - this.#startMs < QUIET_MS) return false;
    return this.#drawnMs === undefined || now - this.#drawnMs >= REDRAW_MS;
  }

  #draw(now: number, line: string): void {
    const { stream } = this.#ports;
    // A line that fills the last column would wrap, and could not be erased.
    const columns = (stream.columns || DEFAULT_COLUMNS) - 1;
    this.#drawnMs = now;
    this.#isShown = true;
    stream.write(`${CLEAR_LINE}${line.slice(0, columns)}`);
  }
}

type Moment = {
  readonly title: string;
  readonly unit: ProgressUnit;
  readonly done: number;
  readonly total: number | undefined;
  /** Since the step began. */
  readonly elapsedMs: number;
};

function progressLine({ title, unit, done, total, elapsedMs }: Moment): string {
  const perSecond = elapsedMs > 0 ? (done * 1_000) / elapsedMs : 0;
  const rate = `${formatAmount(perSecond, unit)}/s`;
  if (total === undefined || total <= 0) return [title, formatAmount(done, unit), rate].join('  ');
  // The total may have been an estimate, or have grown meanwhile.
  const part = Math.min(1, done / total);
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  const parts = [title, `[${bar(part)}]`, percent, rate];
  if (perSecond > 0) parts.push(`${formatSeconds(Math.max(0, total - done) / perSecond)} left`);
  return parts.join('  ');
}

function bar(part: number): string {
  const full = Math.floor(part * BAR_CHARACTERS);
  const head = full === BAR_CHARACTERS ? '' : '>';
  return `${'='.repeat(full)}${head}`.padEnd(BAR_CHARACTERS);
}

function formatAmount(amount: number, unit: ProgressUnit): string {
  if (unit === 'bytes') return formatBytes(amount);
  return `${Math.round(amount).toLocaleString('en')} ${unit}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes for people, in powers of 1000: `950 B`, `12.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.95 would round to 1000.0.
  while (value >= 999.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
