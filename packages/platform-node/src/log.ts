import type { Fields, Log } from '@lucerna/base';

/** How bad a line is; a sink shows lines of its level and worse. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How log lines look and where they go. */
export type LogOptions = {
  /** The least bad level that is shown. Default `info`. */
  readonly level?: LogLevel;
  /** `json`: one JSON object a line, for machines. Default `text`. */
  readonly format?: 'text' | 'json';
  /** Takes one line with its line feed. Default: standard error. */
  readonly write?: (line: string) => void;
  /** Time of the lines, in milliseconds since the Unix epoch. Default: now. */
  readonly nowMs?: () => number;
};

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * A log sink. Never on standard output: that is for results.
 *
 * ```text
 * 12:03:04.005 warn  the log ended in a torn record; cut it (offset=4096 bytes=17)
 * {"time":"2026-01-02T12:03:04.005Z","level":"warn","message":"…","offset":4096,"bytes":17}
 * ```
 */
export function createLog(options: LogOptions = {}): Log {
  const { level = 'info', format = 'text' } = options;
  const write = options.write ?? ((line: string): void => void process.stderr.write(line));
  const nowMs = options.nowMs ?? Date.now;
  const toLine = format === 'json' ? jsonLine : textLine;
  const sinkOf = (own: LogLevel): Log['info'] => {
    if (LEVELS.indexOf(own) < LEVELS.indexOf(level)) return () => undefined;
    return (message, fields = {}) => write(toLine(nowMs(), own, message, fields));
  };
  return {
    debug: sinkOf('debug'),
    info: sinkOf('info'),
    warn: sinkOf('warn'),
    error: sinkOf('error'),
  };
}

function textLine(timeMs: number, level: LogLevel, message: string, fields: Fields): string {
  const time = new Date(timeMs).toISOString().slice(11, 23);
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${textValue(value)}`);
  const context = parts.length === 0 ? '' : ` (${parts.join(' ')})`;
  return `${time} ${level.padEnd(5)} ${oneLine(message)}${context}\n`;
}

function textValue(value: Fields[string]): string {
  if (typeof value !== 'string') return String(value);
  // Quoted when it could be taken for the end of the field or hold control characters.
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

/** Text without control characters: a line of the log is one line and does not move the cursor. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

function jsonLine(timeMs: number, level: LogLevel, message: string, fields: Fields): string {
  const line = { time: new Date(timeMs).toISOString(), level, message, ...fields };
  // JSON has no big integers; their digits as text lose nothing.
  const text = JSON.stringify(line, (_, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return `${text}\n`;
}
