import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { cliErrors } from '../errors.ts';

/** What somebody at a terminal is asked. */
export type Question = {
  readonly prompt: string;
  /** What is typed is not shown. */
  readonly isHidden: boolean;
};

/** Whether somebody can be asked: standard input is a terminal, and so is where the question goes. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * One line for each question. The questions are on stderr: stdout is for the result.
 *
 * @throws `INTERRUPTED` by Ctrl-C and by Ctrl-D
 */
export async function askOnTerminal(questions: readonly Question[]): Promise<readonly string[]> {
  let isHidden = false;
  const output = new Writable({
    write: (part, _encoding, done): void => {
      if (!isHidden) process.stderr.write(part);
      done();
    },
  });
  const lines = createInterface({
    input: process.stdin,
    output,
    terminal: true,
    // What was typed is not offered again with the arrow keys.
    historySize: 0,
  });
  const next = lineReader(lines);
  try {
    const answers: string[] = [];
    for (const question of questions) {
      ({ isHidden } = question);
      // The line editor would show what was typed ahead behind its prompt.
      if (isHidden) process.stderr.write(question.prompt);
      else {
        lines.setPrompt(question.prompt);
        lines.prompt();
      }
      answers.push(await next.line());
      if (isHidden) process.stderr.write('\n');
    }
    return answers;
  } finally {
    next.stop();
    lines.close();
  }
}

/** Gives one line after the other; those that were typed ahead first. */
function lineReader(lines: Interface): {
  readonly line: () => Promise<string>;
  /** What closes it from now on is not somebody who wants to stop. */
  readonly stop: () => void;
} {
  const typed: string[] = [];
  let isClosed = false;
  let wake = (): void => undefined;
  const end = (): void => {
    if (!isClosed) process.stderr.write('\n');
    isClosed = true;
    wake();
  };
  lines.on('SIGINT', end);
  lines.on('close', end);
  lines.on('line', (line) => {
    typed.push(line);
    wake();
  });
  const line = async (): Promise<string> => {
    for (;;) {
      const first = typed.shift();
      if (first !== undefined) return first;
      if (isClosed) throw cliErrors.create('INTERRUPTED');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { line, stop: () => lines.off('close', end) };
}
