import type {
  AppliedModifier,
  Block,
  Expression,
  Identifier,
  MapLiteralEntry,
  MatchArm,
  Parameter,
  Pattern,
  Statement,
  TypeReference,
} from '../../src/syntax/ast.ts';
import type { Style } from './style.ts';

const POWERS: Readonly<Record<string, number>> = {
  ...{ '??': 1, '||': 2, '&&': 3, '==': 4, '!=': 4, '<': 5, '>': 5, '<=': 5, '>=': 5, '+': 6 },
  ...{ '-': 6, '*': 7, '/': 7, '%': 7, '**': 9 },
};
const UNARY = 8;
const POSTFIX = 10;
const WORDS: Readonly<Record<string, string>> = { '||': 'or', '&&': 'and', '!': 'not ' };

/** Statements that stand behind an arrow without a block, whatever separates the arms. */
const SHORT_STATEMENTS: readonly string[] = [
  ...['assign', 'break', 'continue', 'expression', 'return', 'revert', 'throw'],
];

/** Writes values and statements with as few brackets as the grammar allows. */
export class CodePrinter {
  readonly style: Style;
  /** In an interpolation, which has no line breaks. */
  #isInline = false;

  constructor(style: Style) {
    this.style = style;
  }

  // Values

  expression(expression: Expression): string {
    switch (expression.kind) {
      case 'integer':
      case 'boolean':
        return String(expression.value);
      case 'string':
        return this.#string(expression.value);
      case 'null':
      case 'this':
        return expression.kind;
      case 'hex':
        return expression.text;
      case 'name':
        return expression.name;
      case 'template':
        return this.#template(expression.texts, expression.values);
      case 'list':
        return `[${this.#values(expression.items)}]`;
      case 'map':
        return this.#entries(expression.entries);
      case 'function':
        return this.#function(expression.parameters, expression.body);
      case 'match':
        return this.#matchValue(expression.subject, expression.arms);
      default:
        return this.#compound(expression);
    }
  }

  #compound(expression: Expression): string {
    switch (expression.kind) {
      case 'member':
        return `${this.#object(expression.object)}.${expression.member.name}`;
      case 'index':
        return `${this.#operand(expression.object, POSTFIX)}[${this.expression(expression.key)}]`;
      case 'slice': {
        const [start, end] = [expression.start, expression.end].map((part) =>
          part === undefined ? '' : this.expression(part),
        );
        return `${this.#operand(expression.object, POSTFIX)}[${start}:${end}]`;
      }
      case 'call': {
        const options = expression.options.length === 0 ? '' : this.#entries(expression.options);
        return `${this.#callee(expression.callee)}${options}(${this.#values(expression.arguments)})`;
      }
      case 'construct': {
        const fields = expression.fields.map(
          ({ name, value }) => `${name.name}: ${this.expression(value)}`,
        );
        return `${this.#object(expression.entity)}{${fields.join(', ')}}`;
      }
      case 'conditional': {
        const condition = this.#operand(expression.condition, 1);
        const then = this.expression(expression.then);
        return `${condition} ? ${then} : ${this.expression(expression.otherwise)}`;
      }
      case 'unary':
        return this.#unary(expression.operator, expression.operand);
      case 'binary':
      case 'logical':
        return this.#infix(expression.operator, expression.left, expression.right);
      default:
        throw new Error(expression.kind);
    }
  }

  #values(values: readonly Expression[]): string {
    return values.map((value) => this.expression(value)).join(', ');
  }

  #operand(operand: Expression, minimum: number): string {
    const text = this.expression(operand);
    return powerOf(operand) < minimum ? `(${text})` : text;
  }

  /** `self.` would be `this.`. */
  #object(object: Expression): string {
    const isSelf = object.kind === 'name' && object.name === 'self';
    return isSelf ? '(self)' : this.#operand(object, POSTFIX);
  }

  /** `action (x) {` would begin a function as a value, `Name{}(x)` a call with options. */
  #callee(callee: Expression): string {
    const text = this.#operand(callee, POSTFIX);
    const isMistaken = ['action', 'function'].includes(text) || callee.kind === 'construct';
    return isMistaken ? `(${text})` : text;
  }

  #unary(operator: string, operand: Expression): string {
    const isTight = operand.kind === 'unary' || powerOf(operand) > UNARY;
    const text = isTight ? this.expression(operand) : `(${this.expression(operand)})`;
    const gap = operator === '-' && text.startsWith('-') ? ' ' : '';
    return `${this.#word(operator)}${gap}${text}`;
  }

  #infix(operator: string, left: Expression, right: Expression): string {
    const power = POWERS[operator]!;
    const isPower = operator === '**';
    const rightText =
      isPower && right.kind === 'unary'
        ? this.expression(right)
        : this.#operand(right, isPower ? power : power + 1);
    return `${this.#operand(left, isPower ? power + 1 : power)} ${this.#word(operator)} ${rightText}`;
  }

  #word(operator: string): string {
    return this.style.words ? (WORDS[operator] ?? operator) : operator;
  }

  #string(value: string): string {
    const { quotes } = this.style;
    const isRaw = quotes.length === 3 && !this.#isInline;
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
    const text = isRaw ? escaped : escaped.replaceAll('\n', '\\n');
    const quote = quotes[0]!;
    return `${quotes}${text.replaceAll(quote, `\\${quote}`).replaceAll('$', '\\$')}${quotes}`;
  }

  #template(texts: readonly string[], values: readonly Expression[]): string {
    const outer = this.#isInline;
    this.#isInline = true;
    const parts = texts.map((text, index) => {
      const value = values[index];
      return `${escaped(text)}${value === undefined ? '' : `\${${this.expression(value)}}`}`;
    });
    this.#isInline = outer;
    return `"${parts.join('')}"`;
  }

  #entries(entries: readonly MapLiteralEntry[]): string {
    const parts = entries.map(({ key, value }) => `${this.#key(key)}: ${this.expression(value)}`);
    return `{${parts.join(', ')}}`;
  }

  #key(key: Expression): string {
    const isWord = key.kind === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(key.value);
    if (isWord && !this.style.brackets) return key.value;
    const isPlain = ['hex', 'integer', 'string', 'template'].includes(key.kind);
    return isPlain ? this.expression(key) : `(${this.expression(key)})`;
  }

  #function(parameters: readonly Parameter[], body: Block): string {
    const { lambda } = this.style;
    const list = parameters.map(printParameter).join(', ');
    if (lambda === 'action' || lambda === 'function')
      return `${lambda}(${list}) ${this.block(body)}`;
    const [only] = body.statements;
    const value = body.statements.length === 1 && only?.kind === 'return' ? only.value : undefined;
    const text = value === undefined ? undefined : this.expression(value);
    const bodyText = text === undefined ? this.block(body) : text.replace(/^\{.*$/s, '($&)');
    const [first] = parameters;
    const isLone = parameters.length === 1 && first?.type === undefined;
    if (lambda === 'arrow') return `${isLone ? list : `(${list})`} => ${bodyText}`;
    return isLone ? `lambda ${list}: ${bodyText}` : `lambda(${list}) ${bodyText}`;
  }

  // Match

  #matchValue(subject: Expression, arms: readonly MatchArm<Expression>[]): string {
    const texts = arms.map(({ patterns, body }) => {
      return `${this.#patterns(patterns)} => ${this.expression(body)}`;
    });
    return `match ${this.#head(subject)} ${this.#arms(texts)}`;
  }

  #matchStatement(subject: Expression, arms: readonly MatchArm<Block>[]): string {
    const texts = arms.map(({ patterns, body }) => this.#arm(this.#patterns(patterns), body));
    return `match ${this.#head(subject)} ${this.#arms(texts)}`;
  }

  #arms(texts: readonly string[]): string {
    if (this.#isInline) return `{ ${texts.join(', ')} }`;
    return `{\n${texts.join(this.style.semicolons ? ',\n' : '\n')}\n}`;
  }

  #patterns(patterns: readonly Expression[] | undefined): string {
    const isCase = this.style.match !== 'arrow';
    if (patterns === undefined) return isCase ? 'default' : '_';
    const texts = patterns.map((pattern) => {
      const text = this.#head(pattern);
      return text === '_' ? '(_)' : text;
    });
    return `${isCase ? 'case ' : ''}${texts.join(', ')}`;
  }

  #arm(patterns: string, body: Block): string {
    const [only] = body.statements;
    if (this.style.match === 'case') return `${patterns} ${this.block(body)}`;
    if (this.style.match === 'colon' && !this.#isInline && !this.style.semicolons) {
      return `${patterns}:\n${this.#statements(body)}`;
    }
    const isShort = body.statements.length === 1 && SHORT_STATEMENTS.includes(only!.kind);
    return `${patterns} => ${isShort ? this.statement(only!) : this.block(body)}`;
  }

  /** What stands before a block: in brackets when it has braces that would be taken for the block. */
  #head(value: Expression): string {
    const text = this.expression(value);
    return hasBraces(value) ? `(${text})` : text;
  }

  // Statements

  block(block: Block): string {
    if (block.statements.length === 0) return '{ }';
    const gap = this.#isInline ? ' ' : '\n';
    return `{${gap}${this.#statements(block)}${gap}}`;
  }

  #statements(block: Block): string {
    const separator = this.style.semicolons || this.#isInline ? '; ' : '\n';
    return block.statements.map((statement) => this.statement(statement)).join(separator);
  }

  statement(statement: Statement): string {
    switch (statement.kind) {
      case 'let': {
        const word = statement.isConstant ? 'const' : 'let';
        return `${word} ${printPattern(statement.pattern)} = ${this.expression(statement.value)}`;
      }
      case 'assign': {
        const target = leading(this.expression(statement.target));
        return `${target} ${statement.operator} ${this.expression(statement.value)}`;
      }
      case 'return': {
        const value = statement.value === undefined ? '' : ` ${this.expression(statement.value)}`;
        return `return${value}`;
      }
      case 'throw':
        return `throw ${this.expression(statement.value)}`;
      case 'break':
      case 'continue':
        return statement.kind;
      case 'placeholder':
        return '_';
      case 'expression':
        return leading(this.expression(statement.expression));
      default:
        return this.#command(statement);
    }
  }

  #command(statement: Statement): string {
    switch (statement.kind) {
      case 'require':
        return this.#require(statement.condition, statement.message);
      case 'revert': {
        if (statement.message === undefined) return this.style.brackets ? 'revert()' : 'revert';
        const message = this.expression(statement.message);
        const isBare = !this.style.brackets && !message.startsWith('[');
        return isBare ? `revert ${message}` : `revert(${message})`;
      }
      case 'emit':
        return this.#emit(statement.event, statement.arguments, statement.names);
      case 'emitValue': {
        const values = [statement.event, statement.value].filter((value) => value !== undefined);
        return `emit(${this.#values(values)})`;
      }
      default:
        return this.#control(statement);
    }
  }

  #control(statement: Statement): string {
    switch (statement.kind) {
      case 'if':
        return this.#if(statement);
      case 'while':
        return `while ${this.#condition(statement.condition)} ${this.block(statement.body)}`;
      case 'forEach':
        return this.#for(statement);
      case 'match':
        return this.#matchStatement(statement.subject, statement.arms);
      case 'try':
        return this.#try(statement);
      case 'tx':
        return `tx ${this.block(statement.body)}`;
      case 'block':
        return this.block(statement.body);
      default:
        throw new Error(statement.kind);
    }
  }

  #condition(condition: Expression): string {
    const text = this.#head(condition);
    return this.style.brackets || text.startsWith('{') ? `(${text})` : text;
  }

  #if(statement: Statement & { readonly kind: 'if' }): string {
    const head = `if ${this.#condition(statement.condition)} ${this.block(statement.then)}`;
    const { otherwise } = statement;
    if (otherwise === undefined) return head;
    const only = otherwise.statements.length === 1 ? otherwise.statements[0] : undefined;
    if (only?.kind !== 'if') return `${head} else ${this.block(otherwise)}`;
    const gap = this.#isInline ? ' ' : '\n';
    return `${head}${gap}${this.style.elif ? 'el' : 'else '}${this.#if(only)}`;
  }

  #for(statement: Statement & { readonly kind: 'forEach' }): string {
    const { key, value } = statement;
    const names = key === undefined ? value.name : `${key.name}, ${value.name}`;
    const iterable = this.#head(statement.iterable).replace(/^\{.*$/s, '($&)');
    const heads = {
      each: `each ${names} in ${iterable}`,
      bare: `${names} in ${iterable}`,
      names: `each (${names}) in ${iterable}`,
      whole: `each (${names} in ${iterable})`,
    };
    return `for ${heads[this.style.loop]} ${this.block(statement.body)}`;
  }

  #try(statement: Statement & { readonly kind: 'try' }): string {
    const { body, error, handler, cleanup } = statement;
    const parts = [`try ${this.block(body)}`];
    const name = this.style.brackets ? `(${error?.name})` : error?.name;
    const head = error === undefined ? '' : `${name} `;
    if (handler !== undefined) parts.push(`catch ${head}${this.block(handler)}`);
    if (cleanup !== undefined) parts.push(`finally ${this.block(cleanup)}`);
    return parts.join(this.#isInline || this.style.semicolons ? ' ' : '\n');
  }

  #require(condition: Expression, message: Expression | undefined): string {
    const tail = message === undefined ? '' : `, ${this.expression(message)}`;
    const head = this.expression(condition);
    const isBare = !this.style.brackets && !head.startsWith('[') && condition.kind !== 'function';
    const word = this.style.elif ? 'require' : 'verify';
    return isBare ? `${word} ${head}${tail}` : `${word}(${head}${tail})`;
  }

  #emit(event: Identifier, values: readonly Expression[], names: readonly Identifier[]): string {
    if (names.length > 0) {
      const fields = names.map(({ name }, index) => `${name}: ${this.expression(values[index]!)}`);
      return `emit ${event.name} { ${fields.join(', ')} }`;
    }
    if (values.length === 0 && this.style.brackets) return `emit ${event.name}`;
    return `emit ${event.name}(${this.#values(values)})`;
  }

  applied({ name, arguments: args }: AppliedModifier): string {
    const isMistaken =
      /^(?:as|limit|modifier|async|native|static|virtual|override)$|^ex|^in|^p|^s|^v/;
    const word = this.style.brackets || isMistaken.test(name.name) ? 'modifier ' : '';
    return `${word}${name.name}${args.length === 0 ? '' : `(${this.#values(args)})`}`;
  }
}

function powerOf(expression: Expression): number {
  switch (expression.kind) {
    case 'binary':
    case 'logical':
      return POWERS[expression.operator]!;
    case 'conditional':
    case 'function':
      return 0;
    case 'unary':
      return UNARY;
    default:
      return POSTFIX;
  }
}

/** Somewhere in the value there is a function, `Name{…}` or a call with options. */
function hasBraces(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasBraces);
  if (typeof value !== 'object' || value === null) return false;
  const { kind, options } = value as { readonly kind?: string; readonly options?: object[] };
  if (kind === 'construct' || kind === 'function' || kind === 'map') return true;
  return (options ?? []).length > 0 || Object.values(value).some(hasBraces);
}

export function printType(type: TypeReference): string {
  if (type.arguments.length === 0) return type.name;
  return `${type.name}<${type.arguments.map(printType).join(', ')}>`;
}

export function printParameter({ name, type }: Parameter): string {
  return type === undefined ? name.name : `${name.name}: ${printType(type)}`;
}

function printPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'name':
      return printParameter(pattern);
    case 'list':
      return `[${pattern.names.map(({ name }) => name).join(', ')}]`;
    case 'map': {
      const names = pattern.names.map(({ key, local }) =>
        key.name === local.name ? key.name : `${key.name}: ${local.name}`,
      );
      return `{${names.join(', ')}}`;
    }
  }
}

/** In brackets what would begin another statement, or go on with the one before. */
function leading(text: string): string {
  const isOther = /^(?:[{-]|(?:emit|finally|match|require|revert|tx|verify)\b)|^_$/;
  return isOther.test(text) ? `(${text})` : text;
}

function escaped(text: string): string {
  const plain = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '\\$');
  return plain.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}
