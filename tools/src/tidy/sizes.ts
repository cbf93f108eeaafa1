import { type Finding, findingIn } from './finding.ts';
import type { Source, Tree } from './tree.ts';

const maxFileLines = 600;
const maxFunctionLines = 70;

/** Long files and functions of the product are pointed out, not refused. */
export function sizes(tree: Tree): readonly Finding[] {
  return tree.sources
    .filter(({ product }) => product)
    .flatMap((source) => [...judgeFile(source), ...judgeFunctions(source)]);
}

function warning(path: string, line: number, message: string): Finding {
  return { ...findingIn(path, 'sizes', message), line, severity: 'warning' };
}

function judgeFile({ path, text }: Source): readonly Finding[] {
  const lines = text.trimEnd().split('\n').length;
  return lines > maxFileLines ? [warning(path, 0, `has ${lines} lines`)] : [];
}

/** A function, method or arrow begins on such a line. The control keywords look like methods. */
const functionStart =
  /\bfunction\b|=>\s*\{$|^\s*(?!if\b|for\b|while\b|switch\b|catch\b|return\b|else\b)(?:[\w#*]+ )*[\w#$]+(?:<[^(]*>)?\(.*[{(]$/;

/**
 * The formatter puts a function's closing brace at the indentation of its first line, so lengths can
 * be read off the layout.
 */
function judgeFunctions({ path, code }: Source): readonly Finding[] {
  const lines = code.split('\n').map((line) => line.trimEnd());
  return lines.flatMap((line, start) => {
    if (!functionStart.test(line)) return [];
    const length = lengthFrom(lines, start);
    const message = `has a function of ${length} lines`;
    return length > maxFunctionLines ? [warning(path, start + 1, message)] : [];
  });
}

/** A line such as `}: Options): void {` ends the parameters, not the function. */
function lengthFrom(lines: readonly string[], start: number): number {
  const indent = /^\s*/.exec(lines[start] ?? '')?.[0] ?? '';
  const end = lines.findIndex(
    (line, at) => at > start && line.startsWith(`${indent}}`) && !line.endsWith('{'),
  );
  return end < 0 ? 0 : end - start + 1;
}
