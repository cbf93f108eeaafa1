import type { Fields, Log } from '@lucerna/base';

/** A log sink that remembers what was written at which level. */
export type RecordingSink = Log & {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: Fields }[];
  readonly count: (level: string) => number;
};

export function recordingSink(): RecordingSink {
  const lines: { level: string; message: string; fields: Fields }[] = [];
  const at =
    (level: string) =>
    (message: string, fields: Fields = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    count: (level) => lines.filter((line) => line.level === level).length,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}
