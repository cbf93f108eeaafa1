import { expect } from 'vitest';
import type { Block, Expression, Program, Statement } from '../../src/syntax/ast.ts';
import type { DiagnosticCode } from '../../src/syntax/diagnostic-codes.ts';
import { formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import { type ParseResult, parse } from '../../src/syntax/parser.ts';
import type { SourceFile } from '../../src/syntax/source.ts';

export function sourceOf(text: string): SourceFile {
  return { name: 'test.zx', text };
}

export function parseText(text: string): ParseResult {
  return parse(sourceOf(text));
}

/** The program of a text that has nothing wrong. */
export function programOf(text: string): Program {
  const { program, diagnostics } = parseText(text);
  const messages = diagnostics.map((diagnostic) => formatDiagnostic(sourceOf(text), diagnostic));
  expect(messages.join('\n'), text).toBe('');
  return program;
}

/** The codes of what is wrong with a text, in order. */
export function codesOf(text: string): readonly DiagnosticCode[] {
  return parseText(text).diagnostics.map(({ code }) => code);
}

/** The body of an action that holds the statements of `text`. */
export function inAction(text: string): string {
  return `contract C {\n  action f() {\n${text}\n  }\n}`;
}

export function bodyOf(text: string): Block {
  return programOf(inAction(text)).contracts[0]!.actions[0]!.body;
}

/** The only statement of `text`, without places. */
export function statementOf(text: string): unknown {
  const { statements } = bodyOf(text);
  expect(statements, text).toHaveLength(1);
  return withoutSpans(statements[0] as Statement);
}

export function expressionOf(text: string): Expression {
  const statement = bodyOf(`return ${text}`).statements[0];
  if (statement?.kind !== 'return' || statement.value === undefined) throw new Error(text);
  return statement.value;
}

/** The value with `span` left out at every level, for comparison. */
export function withoutSpans(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSpans);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'span');
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutSpans(part)]));
}

/** The tree in brackets: `(a + (b * c))`. */
export function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'integer':
    case 'boolean':
      return String(expression.value);
    case 'string':
      return JSON.stringify(expression.value);
    case 'hex':
      return expression.text;
    case 'name':
      return expression.name;
    case 'null':
    case 'this':
      return expression.kind;
    case 'emptyMap':
      return '{}';
    case 'member':
      return `${shape(expression.object)}.${expression.member.name}`;
    case 'index':
      return `${shape(expression.object)}[${shape(expression.key)}]`;
    case 'call':
      return `${shape(expression.callee)}(${expression.arguments.map(shape).join(', ')})`;
    case 'unary':
      return `(${expression.operator}${shape(expression.operand)})`;
    default:
      return `(${shape(expression.left)} ${expression.operator} ${shape(expression.right)})`;
  }
}
