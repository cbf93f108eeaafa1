import type {
  ActionDeclaration,
  Block,
  ContractDeclaration,
  EventDeclaration,
  Expression,
  Parameter,
  Program,
  Statement,
  TypeReference,
} from '../../src/syntax/ast.ts';

/** Which of the ways to write the same program is taken. */
export type Style = {
  readonly semicolons: boolean;
  /** `and`, `or`, `not` instead of the symbols. */
  readonly words: boolean;
  /** Brackets around conditions and around what is required. */
  readonly brackets: boolean;
  /** `elif` instead of `else if`. */
  readonly elif: boolean;
  readonly modifiers: 'before' | 'behind' | 'last';
  readonly bracedEvents: boolean;
};

const POWERS: Readonly<Record<string, number>> = {
  ...{ '||': 1, '&&': 2, '==': 3, '!=': 3, '<': 4, '>': 4, '<=': 4, '>=': 4, '+': 5, '-': 5 },
  ...{ '*': 6, '/': 6, '%': 6, '**': 8 },
};
const UNARY = 7;
const POSTFIX = 9;
const WORDS: Readonly<Record<string, string>> = { '||': 'or', '&&': 'and', '!': 'not ' };

/** Writes syntax trees with as few brackets as the table of precedence allows. */
export class Printer {
  readonly #style: Style;

  constructor(style: Style) {
    this.#style = style;
  }

  program(program: Program): string {
    return program.contracts.map((contract) => this.#contract(contract)).join('\n');
  }

  expression(expression: Expression): string {
    switch (expression.kind) {
      case 'integer':
      case 'boolean':
        return String(expression.value);
      case 'string':
        return quote(expression.value);
      case 'null':
      case 'this':
        return expression.kind;
      case 'hex':
        return expression.text;
      case 'name':
        return expression.name;
      case 'emptyMap':
        return '{}';
      case 'member':
        return `${this.#object(expression.object)}.${expression.member.name}`;
      case 'index':
        return `${this.#operand(expression.object, POSTFIX)}[${this.expression(expression.key)}]`;
      case 'call':
        return `${this.#callee(expression.callee)}${this.#arguments(expression.arguments)}`;
      case 'unary':
        return this.#unary(expression.operator, expression.operand);
      case 'binary':
      case 'logical':
        return this.#infix(expression.operator, expression.left, expression.right);
    }
  }

  #arguments(values: readonly Expression[]): string {
    return `(${values.map((value) => this.expression(value)).join(', ')})`;
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

  /** `action (x) {` would begin a function as a value. */
  #callee(callee: Expression): string {
    const text = this.#operand(callee, POSTFIX);
    return ['action', 'function'].includes(text) ? `(${text})` : text;
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
    return this.#style.words ? (WORDS[operator] ?? operator) : operator;
  }

  // Statements

  block(block: Block): string {
    const separator = this.#style.semicolons ? '; ' : '\n';
    const statements = block.statements.map((statement) => this.#statement(statement));
    return `{\n${statements.join(separator)}\n}`;
  }

  #statement(statement: Statement): string {
    switch (statement.kind) {
      case 'let': {
        const type = statement.type === undefined ? '' : `: ${printType(statement.type)}`;
        return `let ${statement.name.name}${type} = ${this.expression(statement.value)}`;
      }
      case 'assign': {
        const value = this.expression(statement.value);
        return `${this.expression(statement.target)} ${statement.operator} ${value}`;
      }
      case 'if':
        return this.#if(statement);
      case 'while':
        return `while ${this.#condition(statement.condition)} ${this.block(statement.body)}`;
      case 'return':
        return statement.value === undefined
          ? 'return'
          : `return ${this.expression(statement.value)}`;
      case 'require':
        return this.#require(statement.condition, statement.message);
      case 'revert': {
        const message = statement.message === undefined ? '' : this.expression(statement.message);
        return `revert(${message})`;
      }
      case 'emit':
        return `emit ${statement.event.name}${this.#arguments(statement.arguments)}`;
      case 'break':
      case 'continue':
        return statement.kind;
      case 'expression':
        return leading(this.expression(statement.expression));
    }
  }

  #condition(condition: Expression): string {
    const text = this.expression(condition);
    return this.#style.brackets || text.startsWith('{') ? `(${text})` : text;
  }

  #if(statement: Statement & { readonly kind: 'if' }): string {
    const head = `if ${this.#condition(statement.condition)} ${this.block(statement.then)}`;
    const { otherwise } = statement;
    if (otherwise === undefined) return head;
    const only = otherwise.statements.length === 1 ? otherwise.statements[0] : undefined;
    if (only?.kind !== 'if') return `${head} else ${this.block(otherwise)}`;
    return `${head}\n${this.#style.elif ? 'el' : 'else '}${this.#if(only)}`;
  }

  #require(condition: Expression, message: Expression | undefined): string {
    const tail = message === undefined ? '' : `, ${this.expression(message)}`;
    const head = this.expression(condition);
    const isBare = !this.#style.brackets && !head.startsWith('[');
    return isBare ? `require ${head}${tail}` : `require(${head}${tail})`;
  }

  // Declarations

  #contract(contract: ContractDeclaration): string {
    const data = contract.data.map(({ name, type, initial }) => {
      const typeText = type === undefined ? '' : `: ${printType(type)}`;
      const initialText = initial === undefined ? '' : ` = ${this.expression(initial)}`;
      return `data ${name.name}${typeText}${initialText}`;
    });
    const events = contract.events.map((event) => this.#event(event));
    const actions = contract.actions.map((action) => this.#action(action));
    const members = [...data, ...events, ...actions];
    const separator = this.#style.semicolons ? ';\n' : '\n';
    return `contract ${contract.name.name} {\n${members.join(separator)}\n}`;
  }

  #event(event: EventDeclaration): string {
    const fields = event.fields
      .map((field) => `${printParameter(field)}${field.indexed ? ' indexed' : ''}`)
      .join(', ');
    const { name } = event.name;
    return this.#style.bracedEvents ? `event ${name} { ${fields} }` : `event ${name}(${fields})`;
  }

  #action(action: ActionDeclaration): string {
    const words = action.modifiers.map((modifier) => `${modifier} `).join('');
    const place = this.#style.modifiers;
    const head = `${place === 'before' ? words : ''}action ${place === 'behind' ? words : ''}`;
    const parameters = action.parameters.map(printParameter).join(', ');
    const arrow = this.#style.semicolons ? ' ->' : ':';
    const result = action.result === undefined ? '' : `${arrow} ${printType(action.result)}`;
    const tail = place === 'last' ? words : '';
    return `${head}${action.name.name}(${parameters})${result} ${tail}${this.block(action.body)}`;
  }
}

function powerOf(expression: Expression): number {
  if (expression.kind === 'binary' || expression.kind === 'logical') {
    return POWERS[expression.operator]!;
  }
  return expression.kind === 'unary' ? UNARY : POSTFIX;
}

function printType(type: TypeReference): string {
  if (type.arguments.length === 0) return type.name;
  return `${type.name}<${type.arguments.map(printType).join(', ')}>`;
}

function printParameter({ name, type }: Parameter): string {
  return type === undefined ? name.name : `${name.name}: ${printType(type)}`;
}

/** In brackets what would begin another statement, or go on with the one before. */
function leading(text: string): string {
  return /^(?:[{-]|(?:emit|require|revert|tx|verify)\b)/.test(text) ? `(${text})` : text;
}

function quote(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('$', '\\$')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
