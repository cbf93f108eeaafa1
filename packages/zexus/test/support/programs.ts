import type fc from 'fast-check';
import {
  type Callee,
  type Declared,
  OUTSIDE,
  type Place,
  type ProgramAction,
} from './program-scope.ts';
import { fieldList, StatementGenerator } from './program-statements.ts';
import {
  ANY,
  isTelling,
  listOf,
  mapOf,
  type ProgramEntity,
  type ProgramType,
  pickType,
  SCALAR_TYPES,
  SCALARS,
  wholeType,
} from './program-types.ts';
import { ValueGenerator } from './program-values.ts';
import { Tape, tapes } from './tape.ts';

export type { ProgramAction } from './program-scope.ts';

/** A random contract and what it should compile to. */
export type GeneratedContract = {
  readonly name: string;
  /** Parameters of `init`; undefined when the contract declares none. */
  readonly init: ProgramAction | undefined;
  readonly actions: readonly ProgramAction[];
};

/** A random program: perhaps a contract that is called, and the contract that calls it, in this order. */
export type GeneratedProgram = {
  readonly source: string;
  readonly contracts: readonly GeneratedContract[];
};

/** Where the first contract of a program has to be deployed: the second one calls it there. */
export const PEER_ADDRESS: string = `0x${'00'.repeat(19)}d0`;

/** What a program may do besides. */
export type ProgramOptions = {
  /** Calls and actions with so little gas that they may run out of it. */
  readonly mayRunOut?: boolean;
};

/** Random well-typed programs of the whole language; shrinks towards an empty contract. */
export function programs(options: ProgramOptions = {}): fc.Arbitrary<GeneratedProgram> {
  return tapes(2_000).map((bytes) => generateProgram(new Tape(bytes), options));
}

/** The program that a tape decides on. */
export function generateProgram(tape: Tape, options: ProgramOptions = {}): GeneratedProgram {
  const declared: Pick<Declared, 'entities' | 'functions' | 'integers'> = {
    entities: [],
    functions: [],
    integers: [],
  };
  const isPair = tape.oneIn(2);
  const first = new ProgramGenerator(tape, declared, [], options, 'a');
  const parts = [first.shared()];
  const contracts: GeneratedContract[] = [];
  const callees: Callee[] = [];
  if (isPair) {
    const [text, contract] = first.contract('Peer', 3);
    parts.push(text);
    contracts.push(contract);
    const actions = contract.actions.filter(({ isExported }) => isExported);
    callees.push({ contractName: contract.name, address: PEER_ADDRESS, actions });
  }
  const name = tape.pick(['Vault', 'token', 'Ledger_2']);
  const main = new ProgramGenerator(tape, declared, callees, options, 'b');
  const [text, contract] = main.contract(name, 8);
  return { source: parts.join('') + text, contracts: [...contracts, contract] };
}

class ProgramGenerator {
  readonly #tape: Tape;
  readonly #declared: Declared;
  readonly #values: ValueGenerator;
  readonly #statements: StatementGenerator;
  readonly #options: ProgramOptions;
  readonly #actions: ProgramAction[] = [];
  readonly #prefix: string;

  constructor(
    tape: Tape,
    shared: Pick<Declared, 'entities' | 'functions' | 'integers'>,
    callees: Callee[],
    options: ProgramOptions,
    prefix: string,
  ) {
    this.#tape = tape;
    this.#prefix = prefix;
    this.#options = options;
    this.#declared = {
      ...shared,
      variables: [],
      events: [],
      errors: [],
      modifiers: [],
      actions: this.#actions,
      callees,
    };
    this.#values = new ValueGenerator(tape, this.#declared, options.mayRunOut === true);
    this.#statements = new StatementGenerator(tape, this.#declared, this.#values);
  }

  /** What stands outside of contracts. */
  shared(): string {
    const tape = this.#tape;
    const parts: string[] = [];
    if (tape.oneIn(2)) {
      const level = tape.below(9) + 1;
      parts.push(`enum Level { Low, Mid = ${level}, High }\n`);
      this.#declared.integers.push('Level.Low', 'Level.Mid', 'Level.High');
    }
    if (tape.oneIn(2)) {
      parts.push(`const LIMIT: integer = ${tape.below(9)} + ${tape.below(9)} * 10\n`);
      this.#declared.integers.push('LIMIT');
    }
    for (let count = tape.below(3); count > 0; count -= 1) parts.push(this.#entity());
    for (let count = tape.below(3); count > 0; count -= 1) parts.push(this.#function());
    return parts.join('');
  }

  contract(name: string, most: number): [text: string, contract: GeneratedContract] {
    const tape = this.#tape;
    const parts: string[] = [];
    for (let count = tape.below(9); count > 0; count -= 1) parts.push(this.#data());
    for (let count = tape.below(3); count > 0; count -= 1) parts.push(this.#event());
    for (let count = tape.below(3); count > 0; count -= 1) parts.push(this.#error());
    for (let count = tape.below(2); count > 0; count -= 1) parts.push(this.#modifier());
    const init = tape.oneIn(2) ? this.#init(parts) : undefined;
    do parts.push(this.#action());
    while (!tape.isSpent && this.#actions.length < most);
    if (tape.oneIn(3)) parts.push('  fallback(data: bytes) -> bytes { return data }\n');
    const source = `contract ${name} {\n${parts.join('\n')}}\n`;
    return [source, { name, init, actions: this.#actions }];
  }

  #name(prefix: string): string {
    return `${this.#values.name(prefix)}${this.#prefix}`;
  }

  // Declarations

  #entity(): string {
    const tape = this.#tape;
    const name = this.#name('Record');
    const fields = Array.from({ length: 1 + tape.below(3) }, (_, index) => ({
      name: `f${index}`,
      type: wholeType(pickType(tape, this.#declared.entities, 1)),
    }));
    const actions: ProgramEntity['actions'][number][] = [];
    const texts = fields.map((field) => {
      const initial = tape.oneIn(3) ? ` = ${this.#values.leaf(field.type, OUTSIDE)}` : '';
      return `  ${field.name}: ${field.type.written}${initial}\n`;
    });
    const [field] = fields;
    if (field !== undefined && tape.oneIn(2)) {
      const { type } = field;
      const [read, write] = [this.#name('read_it'), this.#name('write_it')];
      actions.push({ name: read, parameter: undefined, result: type });
      actions.push({ name: write, parameter: type, result: undefined });
      texts.push(`  action ${read}() -> ${type.written} { return this.f0 }\n`);
      texts.push(`  action ${write}(v: ${type.written}) { ${tape.pick(['f0', 'this.f0'])} = v }\n`);
    }
    this.#declared.entities.push({ name, fields, actions });
    return `entity ${name} {\n${texts.join('')}}\n`;
  }

  #function(): string {
    const parameters = this.#parameters(2);
    const result = wholeType(pickType(this.#tape, this.#declared.entities));
    const action: ProgramAction = {
      name: this.#name('helper'),
      isExported: false,
      exportedAs: undefined,
      isPayable: false,
      isView: true,
      parameters,
      result,
    };
    const text = this.#definition(action, `action ${action.name}`, '', true);
    this.#declared.functions.push(action);
    return text;
  }

  #data(): string {
    const tape = this.#tape;
    const name = this.#name('data');
    if (tape.oneIn(5)) return this.#loose(name);
    const picked = pickType(tape, this.#declared.entities, 3);
    const { written } = picked;
    const type = wholeType(picked);
    const initial = (): string =>
      type.shape.kind === 'scalar' || tape.oneIn(2)
        ? this.#values.leaf(type, { ...OUTSIDE, isPure: false })
        : this.#values.value(type, { ...OUTSIDE, isPure: false }, 2);
    const text = tape.pick([
      () => `data ${name}: ${written}`,
      () => `data ${name}: ${written} = ${initial()}`,
      () => `state ${name}: ${written} = ${initial()}`,
      () => `persistent storage ${name}: ${written} = ${initial()}`,
      () => `ledger ${name}: ${written}`,
      // The type comes from the initial value.
      () => `data ${name}${isTelling(type) ? '' : `: ${written}`} = ${initial()}`,
    ])();
    this.#declared.variables.push({ name, type });
    return this.#statements.line('  ', text);
  }

  /** A map or list without a written type: whatever is put into it. */
  #loose(name: string): string {
    const tape = this.#tape;
    const isList = tape.oneIn(2);
    const { string, integer } = SCALAR_TYPES;
    const type = isList ? listOf(ANY) : mapOf(tape.pick([string, integer]), ANY);
    const empty = isList ? '[]' : '{}';
    this.#declared.variables.push({ name, type });
    return this.#statements.line('  ', `${tape.pick(['data', 'state'])} ${name} = ${empty}`);
  }

  #fields(most: number): readonly ProgramType[] {
    return Array.from({ length: this.#tape.below(most) }, () =>
      pickType(this.#tape, this.#declared.entities),
    );
  }

  #event(): string {
    const event = { name: this.#name('Event'), fields: this.#fields(5) };
    this.#declared.events.push(event);
    const list = fieldList(event, this.#tape, true);
    const braces = this.#tape.oneIn(4);
    const text = braces ? `event ${event.name} { ${list} }` : `event ${event.name}(${list})`;
    return this.#statements.line('  ', text);
  }

  #error(): string {
    const error = { name: this.#name('Failed'), fields: this.#fields(4) };
    this.#declared.errors.push(error);
    return this.#statements.line(
      '  ',
      `error ${error.name}(${fieldList(error, this.#tape, false)})`,
    );
  }

  #modifier(): string {
    const tape = this.#tape;
    const name = this.#name('guarded');
    const parameter = tape.oneIn(2) ? wholeType(tape.pick(SCALARS)) : undefined;
    const argument = this.#name('given');
    const locals =
      parameter === undefined ? [] : [{ name: argument, type: parameter, isFixed: true }];
    const place: Place = { ...OUTSIDE, isPure: false, locals, indent: '    ', isInFunction: true };
    const [before] = this.#statements.block(place, 2);
    const [after] = this.#statements.block(place, 1);
    this.#declared.modifiers.push({ name, parameter });
    const head = parameter === undefined ? '' : `(${argument}: ${parameter.written})`;
    return `  modifier ${name}${head} {\n${before}    _\n${after}  }\n`;
  }

  #parameters(most = 4): ProgramAction['parameters'] {
    const tape = this.#tape;
    return Array.from({ length: tape.below(most) }, () => {
      const type = pickType(tape, this.#declared.entities);
      return {
        name: this.#name('arg'),
        type: tape.oneIn(6) && isTelling(type) ? bareType(type) : type,
      };
    });
  }

  #init(parts: string[]): ProgramAction {
    const isPayable = this.#tape.oneIn(3);
    const action: ProgramAction = {
      name: 'init',
      isExported: false,
      exportedAs: undefined,
      isPayable,
      isView: false,
      parameters: this.#parameters().map(({ name, type }) => ({
        name,
        type: type.written === '' ? SCALAR_TYPES.integer : type,
      })),
      result: undefined,
    };
    const word = this.#tape.oneIn(3) ? 'constructor' : 'init';
    parts.push(this.#definition(action, word, isPayable ? 'payable' : '', false));
    return action;
  }

  #action(): string {
    const tape = this.#tape;
    const kind = tape.below(6);
    const isView = kind === 1 || kind === 4;
    const isExported = kind !== 3 && kind !== 4;
    const parameters = this.#parameters();
    const isOverload =
      isExported &&
      tape.oneIn(5) &&
      parameters.length > 0 &&
      parameters.every(({ type }) => type.abi !== undefined) &&
      !this.#isTaken(parameters);
    const action: ProgramAction = {
      name: this.#name(isExported ? 'do_it' : '_inner'),
      isExported,
      exportedAs: isOverload ? 'shared' : undefined,
      isPayable: kind === 2,
      isView,
      parameters,
      result: this.#result(isView),
    };
    const words: string[] = [];
    if (isView) words.push('view');
    if (action.isPayable) words.push('payable');
    if (!isExported && tape.oneIn(2)) words.push('private');
    if (isExported && tape.oneIn(4)) words.push('public');
    const isBefore = tape.oneIn(2);
    const list = words.join(' ');
    const head = isBefore ? `${list} action`.trim() : `action ${list}`.trim();
    const tail = [
      isOverload ? 'as shared' : '',
      isExported && tape.oneIn(8) ? `limit ${this.#limit()}` : '',
      isView ? '' : this.#applied(action),
    ];
    const text = this.#definition(action, `${head} ${action.name}`, tail.join(' '), false);
    // Known to later ones only: what is generated does not recurse.
    this.#actions.push(action);
    return text;
  }

  #result(isSure: boolean): ProgramType | undefined {
    if (!isSure && !this.#tape.oneIn(2)) return undefined;
    const type = pickType(this.#tape, this.#declared.entities);
    return this.#tape.oneIn(5) && isTelling(type) ? bareType(type) : type;
  }

  /** Whether an action with the same name in the ABI has the same number of parameters. */
  #isTaken(parameters: ProgramAction['parameters']): boolean {
    return this.#actions.some(
      (other) => other.exportedAs === 'shared' && other.parameters.length === parameters.length,
    );
  }

  #limit(): number {
    return this.#options.mayRunOut === true && this.#tape.oneIn(2) ? 4_000 : 4_000_000_000;
  }

  #applied({ parameters }: ProgramAction): string {
    const tape = this.#tape;
    const { modifiers } = this.#declared;
    if (modifiers.length === 0 || !tape.oneIn(3)) return '';
    const { name, parameter } = tape.pick(modifiers);
    if (parameter === undefined) return name;
    const locals = parameters
      .filter(({ type }) => type.written !== '')
      .map((given) => ({ ...given, isFixed: true }));
    const place: Place = { ...OUTSIDE, isPure: false, locals };
    return `modifier ${name}(${this.#values.value(parameter, place, 1)})`;
  }

  #definition(action: ProgramAction, head: string, tail: string, isPure: boolean): string {
    const list = action.parameters
      .map(({ name, type }) => (type.written === '' ? name : `${name}: ${type.written}`))
      .join(', ');
    const written = action.result?.written ?? '';
    const result = written === '' ? '' : ` -> ${written}`;
    const indent = isPure ? '  ' : '    ';
    const outer = isPure ? '' : '  ';
    const place: Place = {
      action,
      isPure,
      isView: action.isView,
      locals: action.parameters.map(({ name, type }) => ({
        name,
        type: wholeType(type),
        isFixed: type.written === '',
      })),
      functions: [],
      isInLoop: false,
      isInFunction: false,
      indent,
    };
    const [body, inner] = this.#statements.block(place, 6);
    const last =
      action.result === undefined
        ? ''
        : this.#statements.line(indent, `return ${this.#values.value(action.result, inner, 3)}`);
    const tails =
      tail.trim() === '' ? '' : ` ${tail.trim().replace(/\s+(?=modifier|limit)/g, ' ')}`;
    return `${outer}${head}(${list})${tails}${result} {\n${body}${last}${outer}}\n`;
  }
}

/** The type where it is not written: what the uses ask for. */
function bareType(type: ProgramType): ProgramType {
  return { ...wholeType(type), written: '', abi: undefined };
}
