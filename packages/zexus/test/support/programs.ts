import { toHex } from '@lucerna/base';
import { checksumAddress } from '@lucerna/protocol';
import type fc from 'fast-check';
import { Tape, tapes } from './tape.ts';

/** A type as a program can write it: the name in the source and the one in the ABI. */
export type ProgramType = { readonly kind: Kind; readonly written: string; readonly abi: string };

/** What a generated action looks like from outside. */
export type ProgramAction = {
  readonly name: string;
  readonly isExported: boolean;
  readonly isPayable: boolean;
  readonly isView: boolean;
  readonly parameters: readonly { readonly name: string; readonly type: ProgramType }[];
  readonly result: ProgramType | undefined;
};

/** A random program and what it should compile to. */
export type GeneratedProgram = {
  readonly source: string;
  readonly contractName: string;
  /** Parameters of `init`; undefined when the program declares none. */
  readonly init: ProgramAction | undefined;
  readonly actions: readonly ProgramAction[];
};

/** Random well-typed programs of the covered grammar; shrinks towards an empty contract. */
export const programs: fc.Arbitrary<GeneratedProgram> = tapes(1_500).map((bytes) =>
  generateProgram(new Tape(bytes)),
);

/** The program that a tape decides on. */
export function generateProgram(tape: Tape): GeneratedProgram {
  return new ProgramGenerator(tape).program();
}

type Kind = 'integer' | 'signed' | 'bool' | 'address' | 'string' | 'bytes' | 'bytes4' | 'bytes32';

const TYPES: readonly ProgramType[] = [
  { kind: 'integer', written: 'integer', abi: 'uint256' },
  { kind: 'address', written: 'address', abi: 'address' },
  { kind: 'bool', written: 'bool', abi: 'bool' },
  { kind: 'string', written: 'string', abi: 'string' },
  { kind: 'signed', written: 'signed', abi: 'int256' },
  { kind: 'bytes', written: 'bytes', abi: 'bytes' },
  { kind: 'bytes32', written: 'hash', abi: 'bytes32' },
  { kind: 'bytes4', written: 'bytes4', abi: 'bytes4' },
  { kind: 'integer', written: 'uint64', abi: 'uint64' },
  { kind: 'integer', written: 'int', abi: 'uint256' },
  { kind: 'signed', written: 'int128', abi: 'int128' },
  { kind: 'bool', written: 'boolean', abi: 'bool' },
  { kind: 'address', written: 'Address', abi: 'address' },
];

const INTEGER_OPERATORS = ['+', '-', '*', '/', '%', '**'] as const;
const ORDERINGS = ['<', '>', '<=', '>='] as const;
const MAX_DEPTH = 4;

type Variable = { readonly name: string; readonly keys: readonly Kind[]; readonly kind: Kind };
type Local = { readonly name: string; readonly kind: Kind; readonly isFixed: boolean };
type Event = { readonly name: string; readonly fields: readonly Kind[] };

/** Where code stands: what it may read, write and call. */
type Place = {
  readonly action: ProgramAction | undefined;
  /** Names in sight, innermost last. */
  readonly locals: readonly Local[];
  readonly isInLoop: boolean;
  readonly indent: string;
};

class ProgramGenerator {
  readonly #tape: Tape;
  readonly #variables: Variable[] = [];
  /** Variables without a type that are set to null and compared with it. */
  readonly #options: string[] = [];
  readonly #events: Event[] = [];
  readonly #actions: ProgramAction[] = [];
  #names = 0;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  program(): GeneratedProgram {
    const tape = this.#tape;
    const contractName = tape.pick(['Vault', 'token', 'Ledger_2']);
    const parts: string[] = [];
    for (let count = tape.below(7); count > 0; count -= 1) parts.push(this.#data());
    for (let count = tape.below(3); count > 0; count -= 1) parts.push(this.#event());
    const init = tape.oneIn(2) ? this.#init(parts) : undefined;
    do parts.push(this.#action());
    while (!tape.isSpent && this.#actions.length < 8);
    const source = `contract ${contractName} {\n${parts.join('\n')}}\n`;
    return { source, contractName, init, actions: this.#actions };
  }

  #name(prefix: string): string {
    this.#names += 1;
    return `${prefix}_${this.#names}`;
  }

  // Declarations

  #data(): string {
    const tape = this.#tape;
    const name = this.#name('data');
    const { kind, written } = tape.pick(TYPES);
    switch (tape.below(6)) {
      case 0:
        this.#variables.push({ name, keys: [], kind });
        return this.#line('  ', `data ${name}: ${written}`);
      case 1: {
        const initial = this.#leaf(kind, outside);
        this.#variables.push({ name, keys: [], kind });
        return this.#line('  ', `data ${name}: ${written} = ${initial}`);
      }
      case 2:
        this.#variables.push({ name, keys: ['address'], kind });
        return this.#line('  ', `data ${name}: map<address, ${written}> = {}`);
      case 3: {
        const key = tape.pick(TYPES);
        const type = `map<${key.written}, map<${TYPES[1]!.written}, ${written}>>`;
        this.#variables.push({ name, keys: [key.kind, 'address'], kind });
        return this.#line('  ', `data ${name}: ${type}${tape.oneIn(2) ? ' = {}' : ''}`);
      }
      case 4:
        // The type comes from the initial value.
        this.#variables.push({ name, keys: [], kind });
        return this.#line('  ', `data ${name} = ${this.#leaf(kind, outside)}`);
      default:
        this.#options.push(name);
        return this.#line('  ', `data ${name}${tape.oneIn(2) ? ' = null' : ''}`);
    }
  }

  #event(): string {
    const name = this.#name('Event');
    const fields = Array.from({ length: this.#tape.below(5) }, () => this.#tape.pick(TYPES));
    this.#events.push({ name, fields: fields.map(({ kind }) => kind) });
    let indexed = 0;
    const texts = fields.map(({ written }, position) => {
      const isIndexed = indexed < 3 && this.#tape.oneIn(3);
      if (isIndexed) indexed += 1;
      return `field_${position}: ${written}${isIndexed ? ' indexed' : ''}`;
    });
    const list = texts.join(', ');
    return this.#line(
      '  ',
      this.#tape.oneIn(4) ? `event ${name} { ${list} }` : `event ${name}(${list})`,
    );
  }

  #parameters(): ProgramAction['parameters'] {
    const length = this.#tape.below(4);
    return Array.from({ length }, () => ({
      name: this.#name('arg'),
      type: this.#tape.pick(TYPES),
    }));
  }

  #init(parts: string[]): ProgramAction {
    const isPayable = this.#tape.oneIn(3);
    const action: ProgramAction = {
      name: 'init',
      isExported: false,
      isPayable,
      isView: false,
      parameters: this.#parameters(),
      result: undefined,
    };
    const word = this.#tape.oneIn(3) ? 'constructor' : 'init';
    parts.push(this.#definition(action, word, isPayable ? ['payable'] : []));
    return action;
  }

  #action(): string {
    const tape = this.#tape;
    const kind = tape.below(6);
    const isView = kind === 1 || kind === 4;
    const isExported = kind !== 3 && kind !== 4;
    const action: ProgramAction = {
      name: this.#name(isExported ? 'do_it' : '_inner'),
      isExported,
      isPayable: kind === 2,
      isView,
      parameters: this.#parameters(),
      result: isView || tape.oneIn(2) ? tape.pick(TYPES) : undefined,
    };
    const modifiers: string[] = [];
    if (isView) modifiers.push('view');
    if (action.isPayable) modifiers.push('payable');
    if (!isExported && tape.oneIn(2)) modifiers.push('private');
    if (isExported && tape.oneIn(4)) modifiers.push('public');
    const text = this.#definition(action, action.name, modifiers);
    // Known to later ones only: what is generated does not recurse.
    this.#actions.push(action);
    return text;
  }

  #definition(action: ProgramAction, word: string, modifiers: readonly string[]): string {
    const parameters = action.parameters
      .map(({ name, type }) => `${name}: ${type.written}`)
      .join(', ');
    const isBefore = this.#tape.oneIn(2);
    const mods = modifiers.join(' ');
    const keyword = isBefore ? `${mods} action`.trim() : `action ${mods}`.trim();
    const result = action.result === undefined ? '' : ` -> ${action.result.written}`;
    const place: Place = {
      action,
      locals: action.parameters.map(({ name, type }) => ({
        name,
        kind: type.kind,
        isFixed: false,
      })),
      isInLoop: false,
      indent: '    ',
    };
    const [body, inner] = this.#block(place, 5);
    const last =
      action.result === undefined
        ? ''
        : this.#line('    ', `return ${this.#value(action.result.kind, inner, 3)}`);
    return `  ${keyword} ${word}(${parameters})${result} {\n${body}${last}  }\n`;
  }

  // Statements

  /** Some statements, and the place behind them. */
  #block(start: Place, most: number): [text: string, end: Place] {
    let place = start;
    let text = '';
    for (let count = this.#tape.below(most + 1); count > 0 && !this.#tape.isSpent; count -= 1) {
      const [statement, next] = this.#statement(place);
      text += statement;
      place = next;
    }
    return [text, place];
  }

  #nested(place: Place, isInLoop: boolean = place.isInLoop): string {
    const [text] = this.#block({ ...place, isInLoop, indent: `${place.indent}  ` }, 3);
    return text;
  }

  #statement(place: Place): [text: string, next: Place] {
    const tape = this.#tape;
    const isDeep = place.indent.length > 10;
    const { indent, action } = place;
    switch (tape.below(isDeep ? 9 : 12)) {
      case 0:
        return this.#let(place);
      case 1:
        return [this.#assignment(place), place];
      case 2:
      case 3:
        return [action?.isView === true ? '' : this.#write(place), place];
      case 4:
        return [this.#require(place), place];
      case 5:
        return [action?.isView === true ? '' : this.#emit(place), place];
      case 6:
        return [this.#callStatement(place), place];
      case 7:
        return [this.#option(place), place];
      case 8: {
        if (place.isInLoop && tape.oneIn(3)) {
          const condition = this.#value('bool', place, 2);
          return [`${indent}if ${condition} { break }\n`, place];
        }
        const message = tape.oneIn(2) ? this.#value('string', place, 2) : '';
        const exit =
          action?.result === undefined
            ? tape.pick(['return', `revert(${message})`])
            : tape.pick([
                `return ${this.#value(action.result.kind, place, 2)}`,
                `revert(${message})`,
              ]);
        return [
          `${indent}if ${this.#value('bool', place, 2)} {\n${indent}  ${exit}\n${indent}}\n`,
          place,
        ];
      }
      case 9:
      case 10:
        return [this.#if(place), place];
      default:
        return this.#while(place);
    }
  }

  #let(place: Place): [text: string, next: Place] {
    const { kind, written } = this.#tape.pick(TYPES);
    const name = this.#name('local');
    const value = this.#value(kind, place, 3);
    // A declared type keeps a hex literal, or a sum, what it is meant to be.
    const type = this.#tape.oneIn(3) && !isOpen(kind) ? '' : `: ${plain(kind, written)}`;
    const next = { ...place, locals: [...place.locals, { name, kind, isFixed: false }] };
    return [this.#line(place.indent, `let ${name}${type} = ${value}`), next];
  }

  #assignment(place: Place): string {
    const locals = place.locals.filter(({ isFixed }) => !isFixed);
    if (locals.length === 0) return '';
    const { name, kind } = this.#tape.pick(locals);
    return this.#line(place.indent, this.#assign(name, kind, place));
  }

  #write(place: Place): string {
    if (this.#variables.length === 0) return '';
    const variable = this.#tape.pick(this.#variables);
    const target = this.#cell(variable, place, 2);
    return this.#line(place.indent, this.#assign(target, variable.kind, place));
  }

  #assign(target: string, kind: Kind, place: Place): string {
    const operators = kind === 'integer' ? INTEGER_OPERATORS : kind === 'string' ? ['+'] : [];
    if (operators.length > 0 && this.#tape.oneIn(3)) {
      return `${target} ${this.#tape.pick(operators)}= ${this.#value(kind, place, 2)}`;
    }
    return `${target} = ${this.#value(kind, place, 3)}`;
  }

  #require(place: Place): string {
    const condition = this.#value('bool', place, 3);
    switch (this.#tape.below(4)) {
      case 0:
        return this.#line(place.indent, `require(${condition}, "no")`);
      case 1:
        return this.#line(place.indent, `require(${condition})`);
      case 2:
        return this.#line(place.indent, `require ${condition}, ${this.#value('string', place, 2)}`);
      default:
        return this.#line(place.indent, `require(true || ${condition}, "never")`);
    }
  }

  #emit(place: Place): string {
    if (this.#events.length === 0) return '';
    const { name, fields } = this.#tape.pick(this.#events);
    const values = fields.map((kind) => this.#value(kind, place, 2));
    return this.#line(place.indent, `emit ${name}(${values.join(', ')})`);
  }

  #callStatement(place: Place): string {
    const callable = this.#callable(place, () => true);
    if (callable.length === 0 || this.#tape.oneIn(4)) {
      if (place.action?.isView === true) return '';
      // More than the contract has reverts, which ends most runs early.
      const amount = this.#tape.oneIn(4) ? this.#value('integer', place, 1) : '0';
      return this.#line(place.indent, `transfer(${this.#value('address', place, 1)}, ${amount})`);
    }
    return this.#line(place.indent, this.#call(this.#tape.pick(callable), place, 2));
  }

  /** Null in variables that nobody gave a type. */
  #option(place: Place): string {
    if (this.#options.length === 0) return '';
    const name = this.#tape.pick(this.#options);
    const { indent } = place;
    const body = this.#nested(place);
    const test = `${indent}if ${name} ${this.#tape.pick(['==', '!='])} null {\n${body}${indent}}\n`;
    if (place.action?.isView === true || this.#tape.oneIn(3)) return test;
    const value = this.#tape.oneIn(3) ? 'null' : this.#value('integer', place, 2);
    return test + this.#line(indent, `this.${name} = ${value}`);
  }

  #if(place: Place): string {
    const { indent } = place;
    const word = this.#tape.pick(['elif', 'else if']);
    let text = `${indent}if ${this.#value('bool', place, 3)} {\n${this.#nested(place)}${indent}}`;
    if (this.#tape.oneIn(3)) {
      text += ` ${word} (${this.#value('bool', place, 2)}) {\n${this.#nested(place)}${indent}}`;
    }
    if (this.#tape.oneIn(2)) text += ` else {\n${this.#nested(place)}${indent}}`;
    return `${text}\n`;
  }

  /** A loop that ends: its counter is out of reach of other statements and is raised first. */
  #while(place: Place): [text: string, next: Place] {
    const { indent } = place;
    const counter = this.#name('count');
    const rounds = this.#tape.below(5);
    const locals = [...place.locals, { name: counter, kind: 'integer' as const, isFixed: true }];
    const body = this.#nested({ ...place, locals }, true);
    const skip = this.#tape.oneIn(3) ? `${indent}  if ${counter} == 2 { continue }\n` : '';
    const text =
      this.#line(indent, `let ${counter} = 0`) +
      `${indent}while ${counter} < ${rounds} {\n${indent}  ${counter} += 1\n${skip}${body}${indent}}\n`;
    return [text, { ...place, locals }];
  }

  /** One line with, at times, a semicolon or a comment behind it. */
  #line(indent: string, text: string): string {
    const end = this.#tape.pick([
      '',
      '',
      '',
      ';',
      ' # note',
      ' // note',
      '; /* a /* nested */ note */',
    ]);
    return `${indent}${text}${end}\n`;
  }

  // Values

  #callable(place: Place, fits: (action: ProgramAction) => boolean): readonly ProgramAction[] {
    const { action: from } = place;
    if (from === undefined) return [];
    return this.#actions.filter((action) => (action.isView || !from.isView) && fits(action));
  }

  #call({ name, parameters }: ProgramAction, place: Place, depth: number): string {
    const values = parameters.map(({ type }) => this.#value(type.kind, place, depth - 1));
    return `this.${name}(${values.join(', ')})`;
  }

  #cell({ name, keys }: Variable, place: Place, depth: number): string {
    const base = this.#tape.oneIn(3) ? `this.${name}` : name;
    return base + keys.map((kind) => `[${this.#value(kind, place, depth - 1)}]`).join('');
  }

  #value(kind: Kind, place: Place, depth: number): string {
    const tape = this.#tape;
    if (depth <= 0 || tape.isSpent || tape.oneIn(4)) return this.#leaf(kind, place);
    switch (tape.below(5)) {
      case 0: {
        const cells = this.#variables.filter((variable) => variable.kind === kind);
        if (cells.length > 0) return this.#cell(tape.pick(cells), place, depth);
        break;
      }
      case 1: {
        const fits = this.#callable(place, ({ result }) => result?.kind === kind);
        if (fits.length > 0) return this.#call(tape.pick(fits), place, Math.min(depth, MAX_DEPTH));
        break;
      }
    }
    return this.#compound(kind, place, depth - 1);
  }

  #compound(kind: Kind, place: Place, depth: number): string {
    const tape = this.#tape;
    const of = (inner: Kind): string => this.#value(inner, place, depth);
    switch (kind) {
      case 'integer':
        return tape.pick([
          () =>
            `(${of('integer')} ${tape.pick(INTEGER_OPERATORS)} ${this.#leaf('integer', place)})`,
          () => `${of('integer')} + ${tape.pick(['0', 'null', '1'])}`.replace(/^(.*)$/, '($1)'),
          () => `len(${of(tape.pick(['string', 'bytes'] as const))})`,
          () => `balance_of(${of('address')})`,
        ])();
      case 'signed':
        return tape.pick([
          () => `-(${of('integer')})`,
          () => `(${of('signed')} ${tape.pick(INTEGER_OPERATORS)} ${this.#leaf('integer', place)})`,
        ])();
      case 'bool':
        return this.#condition(place, depth);
      case 'string':
        return tape.pick([
          () =>
            `(${of('string')} + ${of(tape.pick(['integer', 'address', 'bool', 'bytes'] as const))})`,
          () => `string(${of(tape.pick(TYPES).kind)})`,
          () => `hex(${of(tape.pick(['bytes', 'address'] as const))})`,
          () => `(${of('string')} * ${tape.below(4)})`,
        ])();
      case 'bytes':
        return `bytes(${of(tape.pick(['string', 'address', 'bytes'] as const))})`;
      case 'bytes32':
        return `${tape.pick(['keccak256', 'sha256'])}(${of(tape.pick(['string', 'bytes'] as const))})`;
      default:
        return this.#leaf(kind, place);
    }
  }

  #condition(place: Place, depth: number): string {
    const tape = this.#tape;
    const of = (inner: Kind): string => this.#value(inner, place, depth);
    switch (tape.below(6)) {
      case 0:
        return `(${of('integer')} ${tape.pick(ORDERINGS)} ${of(tape.pick(['integer', 'signed'] as const))})`;
      case 1: {
        const { kind } = tape.pick(TYPES);
        return `(${of(kind)} ${tape.pick(['==', '!='])} ${of(kind)})`;
      }
      case 2:
        return `(${of('bool')} ${tape.pick(['&&', '||', 'and', 'or'])} ${of('bool')})`;
      case 3:
        return `${tape.pick(['!', 'not '])}${this.#leaf('bool', place)}`;
      case 4:
        return `(${of('string')} ${tape.pick(ORDERINGS)} ${of('string')})`;
      default:
        // Anything has a truth.
        return `!(${of(tape.pick(TYPES).kind)})`;
    }
  }

  #leaf(kind: Kind, place: Place): string {
    const tape = this.#tape;
    const locals = place.locals.filter((local) => local.kind === kind);
    if (locals.length > 0 && tape.oneIn(2)) return tape.pick(locals).name;
    switch (kind) {
      case 'integer':
        return tape.pick([
          () => String(tape.below(4)),
          () => String(tape.below(256) * tape.below(256)),
          // Not a literal alone, which may be too large for where it goes.
          () => `(${(1n << BigInt(tape.below(256))) - 1n} + 0)`,
          () => tape.pick(['TX.timestamp', 'TX.block_number', 'TX.chain_id', 'TX.gas_price']),
          () => tape.pick(['time()', 'now()', 'block_number()']),
          () => (place.action?.isPayable === true ? tape.pick(['TX.value', 'msg.value']) : '7'),
        ])();
      case 'signed':
        return `-${tape.below(200)}`;
      case 'bool':
        return tape.pick(['true', 'false']);
      case 'address':
        return tape.pick([
          () => tape.pick(['TX.caller', 'msg.sender', 'TX.origin', 'TX.coinbase', 'this']),
          () => this.#addressLiteral(),
        ])();
      case 'string':
        return tape.pick([
          '""',
          '"a"',
          "'it is \\'so\\''",
          '"héllo wörld 🌍"',
          `"${'long '.repeat(20)}"`,
        ]);
      case 'bytes':
        return tape.pick(['bytes("")', 'bytes("abc")', `bytes("${'x'.repeat(70)}")`]);
      case 'bytes4':
        return `0x${this.#digits(4)}`;
      case 'bytes32':
        return `0x${this.#digits(32)}`;
    }
  }

  #addressLiteral(): string {
    const digits = this.#digits(20);
    if (this.#tape.oneIn(2)) return `0x${digits}`;
    return checksumAddress(
      Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number(`0x${pair}`)),
    );
  }

  #digits(length: number): string {
    const seed = this.#tape.below(256);
    return toHex(Uint8Array.from({ length }, (_, index) => seed * (index + 1))).slice(2);
  }
}

const outside: Place = { action: undefined, locals: [], isInLoop: false, indent: '' };

/** Values of these kinds are not always known as such without a written type. */
function isOpen(kind: Kind): boolean {
  return kind === 'bytes' || kind === 'bytes4' || kind === 'bytes32' || kind === 'integer';
}

/** Widths are checked where they are written: locals take the whole kind. */
function plain(kind: Kind, written: string): string {
  if (kind === 'integer') return 'integer';
  return kind === 'signed' ? 'signed' : written;
}
