import { createLog, type LogOptions } from '@lucerna/platform-node/log';
import { describe, expect, it, vi } from 'vitest';

const nowMs = (): number => Date.UTC(2026, 0, 2, 12, 3, 4, 5);

function linesOf(options: LogOptions, use: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  use(createLog({ ...options, nowMs, write: (line) => lines.push(line) }));
  return lines;
}

describe('the log', () => {
  it('writes one line of text with its fields', () => {
    const lines = linesOf({}, (log) => {
      log.info('ready');
      log.warn('cut a torn record', { offset: 4096, wei: 10n ** 18n, last: true, none: null });
      log.error('no such file', { path: '/a b', name: 'x-1', skipped: undefined });
    });
    expect(lines).toEqual([
      '12:03:04.005 info  ready\n',
      '12:03:04.005 warn  cut a torn record (offset=4096 wei=1000000000000000000 last=true none=null)\n',
      '12:03:04.005 error no such file (path="/a b" name=x-1)\n',
    ]);
  });

  it('keeps control characters out of the terminal', () => {
    const [line] = linesOf({}, (log) => log.info('a\nb\u001b[2J', { text: 'c\n\u001b[2J' }));
    expect(line?.slice(0, -1)).toMatch(/^\P{Cc}+$/u);
  });

  it('writes JSON that can be read back', () => {
    const [line] = linesOf({ format: 'json' }, (log) =>
      log.warn('text\n"quoted"', { count: 3, wei: 2n ** 70n, path: 'p' }),
    );
    expect(line?.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line ?? '')).toEqual({
      time: '2026-01-02T12:03:04.005Z',
      level: 'warn',
      message: 'text\n"quoted"',
      count: 3,
      wei: '1180591620717411303424',
      path: 'p',
    });
  });

  it('shows lines of its level and worse', () => {
    const levels = ['debug', 'info', 'warn', 'error'] as const;
    levels.forEach((level, index) => {
      const lines = linesOf({ level }, (log) => {
        for (const each of levels) log[each](each);
      });
      expect(lines.map((line) => line.slice(19, -1))).toEqual(levels.slice(index));
    });
  });

  it('goes to standard error', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    createLog({ nowMs }).info('ready');
    const calls = write.mock.calls;
    write.mockRestore();
    expect(calls).toEqual([['12:03:04.005 info  ready\n']]);
  });
});
