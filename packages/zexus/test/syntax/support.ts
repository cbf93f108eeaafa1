import { expect } from 'vitest';
import type {
  Block,
  ContractDeclaration,
  Expression,
  MapLiteralEntry,
  Program,
  Statement,
} from '../../src/syntax/ast.ts';
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
  const messages = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic));
  expect(messages.join('\n'), text).toBe('');
  return program;
}

/** The codes of what is wrong with a text, in order. */
export function codesOf(text: string): readonly DiagnosticCode[] {
  return parseText(text).diagnostics.map(({ code }) => code);
}

/** The contract with the members of `text`, which has nothing wrong. */
export function contractOf(text: string): ContractDeclaration {
  const { contracts } = programOf(`contract C {\n${text}\n}`);
  expect(contracts, text).toHaveLength(1);
  return contracts[0]!;
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
    case 'member':
      return `${shape(expression.object)}.${expression.member.name}`;
    case 'index':
      return `${shape(expression.object)}[${shape(expression.key)}]`;
    case 'unary':
      return `(${expression.operator}${shape(expression.operand)})`;
    case 'binary':
    case 'logical':
      return `(${shape(expression.left)} ${expression.operator} ${shape(expression.right)})`;
    case 'conditional': {
      const { condition, then, otherwise } = expression;
      return `(${shape(condition)} ? ${shape(then)} : ${shape(otherwise)})`;
    }
    default:
      return shapeOfWhole(expression);
  }
}

/** Of what has several parts of one sort. */
function shapeOfWhole(expression: Expression): string {
  switch (expression.kind) {
    case 'call': {
      const options = expression.options.length === 0 ? '' : shapeOfEntries(expression.options);
      return `${shape(expression.callee)}${options}(${shapes(expression.arguments)})`;
    }
    case 'slice': {
      const [start, end] = [expression.start, expression.end].map((part) =>
        part === undefined ? '' : shape(part),
      );
      return `${shape(expression.object)}[${start}:${end}]`;
    }
    case 'construct': {
      const fields = expression.fields.map(({ name, value }) => `${name.name}: ${shape(value)}`);
      return `${shape(expression.entity)}{${fields.join(', ')}}`;
    }
    case 'list':
      return `[${shapes(expression.items)}]`;
    case 'map':
      return shapeOfEntries(expression.entries);
    case 'template':
      return `template(${JSON.stringify(expression.texts)}, ${shapes(expression.values)})`;
    case 'function': {
      const names = expression.parameters.map(({ name }) => name.name).join(', ');
      return `(${names} => ${expression.body.statements.map(shapeOfStatement).join('; ')})`;
    }
    case 'match': {
      const arms = expression.arms.map(({ patterns, body }) => {
        return `${patterns === undefined ? '_' : shapes(patterns)} => ${shape(body)}`;
      });
      return `match ${shape(expression.subject)} {${arms.join('; ')}}`;
    }
    default:
      throw new Error(expression.kind);
  }
}

function shapes(expressions: readonly Expression[]): string {
  return expressions.map(shape).join(', ');
}

function shapeOfEntries(entries: readonly MapLiteralEntry[]): string {
  return `{${entries.map(({ key, value }) => `${shape(key)}: ${shape(value)}`).join(', ')}}`;
}

function shapeOfStatement(statement: Statement): string {
  if (statement.kind !== 'return') return statement.kind;
  return statement.value === undefined ? 'return' : `return ${shape(statement.value)}`;
}
