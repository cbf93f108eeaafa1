import type { Declared, Event, Place } from './program-scope.ts';
import {
  ANY,
  isTelling,
  listOf,
  mapOf,
  type ProgramType,
  pickType,
  SCALAR_TYPES,
  SCALARS,
  wholeType,
} from './program-types.ts';
import type { ValueGenerator } from './program-values.ts';
import type { Tape } from './tape.ts';

const INTEGER_OPERATORS = ['+', '-', '*', '/', '%', '**'] as const;
const { integer, bool, address, string, bytes } = SCALAR_TYPES;

/** A statement, and the place behind it. */
type Written = readonly [text: string, next: Place];

/** Random statements, as text. */
export class StatementGenerator {
  readonly #tape: Tape;
  readonly #declared: Declared;
  readonly #values: ValueGenerator;

  constructor(tape: Tape, declared: Declared, values: ValueGenerator) {
    this.#tape = tape;
    this.#declared = declared;
    this.#values = values;
    values.block = (place, last) => {
      const [body] = this.block(place, 2);
      return `{\n${body}${place.indent}${last}\n${place.indent.slice(2)}}`;
    };
  }

  /** Some statements, and the place behind them. */
  block(start: Place, most: number): Written {
    let place = start;
    let text = '';
    for (let count = this.#tape.below(most + 1); count > 0 && !this.#tape.isSpent; count -= 1) {
      const [statement, next] = this.#statement(place);
      text += statement;
      place = next;
    }
    return [text, place];
  }

  /** One line with, at times, a semicolon or a comment behind it. */
  line(indent: string, text: string): string {
    const end = this.#tape.pick([
      ...['', '', '', ';', ' # note', ' // note'],
      '; /* a /* nested */ note */',
    ]);
    return `${indent}${text}${end}\n`;
  }

  #nested(place: Place, parts: Partial<Place> = {}, most = 3): string {
    return this.block({ ...place, ...parts, indent: `${place.indent}  ` }, most)[0];
  }

  #statement(place: Place): Written {
    const tape = this.#tape;
    const isDeep = place.indent.length > 10;
    const same = (text: string): Written => [text, place];
    switch (tape.below(isDeep ? 14 : 22)) {
      case 0:
      case 1:
        return this.#let(place);
      case 2:
      case 3:
      case 4:
        return same(this.#assignment(place));
      case 5:
        return same(this.#require(place));
      case 6:
        return same(this.#emit(place));
      case 7:
        return same(this.#call(place));
      case 8:
      case 9:
        return same(this.#mutation(place));
      case 10:
        return same(this.#leave(place));
      case 11:
        return this.#function(place);
      case 12:
        return this.#destructuring(place);
      case 13:
        return same(this.#ledger(place));
      case 14:
      case 15:
        return same(this.#if(place));
      case 16:
        return this.#while(place);
      case 17:
        return same(this.#forEach(place));
      case 18:
        return same(this.#match(place));
      case 19:
      case 20:
        return same(this.#try(place));
      default:
        return same(`${place.indent}tx {\n${this.#nested(place)}${place.indent}}\n`);
    }
  }

  #let(place: Place): Written {
    const tape = this.#tape;
    const type = pickType(tape, this.#declared.entities);
    const name = this.#values.name('local');
    const value = this.#values.value(type, place, 3);
    const isBare = tape.oneIn(3) && (isTelling(type) || type.shape.kind === 'entity');
    const written = isBare ? '' : `: ${wholeType(type).written}`;
    const isFixed = tape.oneIn(5);
    const word = isFixed ? 'const' : 'let';
    const next = { ...place, locals: [...place.locals, { name, type: wholeType(type), isFixed }] };
    return [this.line(place.indent, `${word} ${name}${written} = ${value}`), next];
  }

  #assignment(place: Place): string {
    const tape = this.#tape;
    const type = wholeType(pickType(tape, this.#declared.entities));
    const targets = this.#values.places(type, place, 2, true);
    if (targets.length === 0) return '';
    const target = tape.pick(targets)();
    const operators =
      type.id === 'integer' ? INTEGER_OPERATORS : type.id === 'string' ? (['+'] as const) : [];
    const text =
      operators.length > 0 && tape.oneIn(3)
        ? `${target} ${tape.pick(operators)}= ${this.#values.value(type, place, 2)}`
        : `${target} = ${this.#values.value(type, place, 3)}`;
    return this.line(place.indent, text);
  }

  #failure(place: Place): string {
    if (this.#declared.errors.length > 0 && this.#tape.oneIn(2)) {
      const { name, fields } = this.#tape.pick(this.#declared.errors);
      return `${name}(${this.#list(fields, place)})`;
    }
    return this.#values.value(string, place, 2);
  }

  #list(types: readonly ProgramType[], place: Place): string {
    return types.map((type) => this.#values.value(type, place, 2)).join(', ');
  }

  #require(place: Place): string {
    const condition = this.#values.condition(place, 2);
    const written = this.#tape.pick([
      () => `require(${condition}, "no")`,
      () => `require(true || ${condition}, "never")`,
      () => `require (${condition}) || true, ${this.#values.value(string, place, 2)}`,
      () => `require(${condition} || ${this.#values.condition(place, 1)}, ${this.#failure(place)})`,
      () => `require(${condition})`,
    ]);
    return this.line(place.indent, written());
  }

  #emit(place: Place): string {
    const tape = this.#tape;
    if (place.isView) return '';
    const { events } = this.#declared;
    return this.line(
      place.indent,
      tape.pick([
        () => {
          if (events.length === 0) return `emit("Note", ${this.#values.value(ANY, place, 2)})`;
          const { name, fields } = tape.pick(events);
          return `emit ${name}(${this.#list(fields, place)})`;
        },
        () => `emit("Seen", ${this.#values.value(ANY, place, 2)})`,
        () => this.#undeclaredEvent(place),
      ])(),
    );
  }

  /** An event that is declared by its first use. */
  #undeclaredEvent(place: Place): string {
    const name = this.#values.name('Sudden');
    const types = Array.from({ length: this.#tape.below(3) }, () =>
      wholeType(this.#tape.pick(SCALARS)),
    );
    return `emit ${name}(${this.#list(types, place)})`;
  }

  #call(place: Place): string {
    const tape = this.#tape;
    const { callees } = this.#declared;
    const callable = this.#values.callable(place);
    const choices: (() => string)[] = callable.map(
      (action) => () => this.#values.call(action, place, 2),
    );
    for (const callee of place.isPure ? [] : callees) {
      for (const action of callee.actions) {
        if (place.isView && !action.isView) continue;
        choices.push(() => this.#values.foreignCall(callee, action, place, 2));
      }
      if (!place.isView) {
        const data = (): string => this.#values.value(bytes, place, 1);
        choices.push(() => `contract_call(${callee.address}, null, ${data()})`);
      }
    }
    if (choices.length > 0 && !tape.oneIn(4)) {
      return this.line(place.indent, tape.pick(choices)());
    }
    if (place.isView) return '';
    // More than the contract has reverts, which ends most runs early.
    const amount = tape.oneIn(4) ? this.#values.value(integer, place, 1) : '0';
    return this.line(place.indent, `transfer(${this.#values.value(address, place, 1)}, ${amount})`);
  }

  /** A method that changes a list or a map. */
  #mutation(place: Place): string {
    const tape = this.#tape;
    const value = (type: ProgramType): string => this.#values.value(type, place, 2);
    const element = wholeType(pickType(tape, this.#declared.entities, 1));
    const lists = this.#values.places(listOf(element), place, 2, true);
    const key = tape.pick([string, integer, address]);
    const maps = this.#values.places(mapOf(key, element), place, 2, true);
    const choices: (() => string)[] = [];
    if (lists.length > 0) {
      const list = (): string => tape.pick(lists)();
      choices.push(
        () => `${list()}.push(${value(element)})`,
        () => `${list()}.pop()`,
        () => `${list()}.insert(0, ${value(element)})`,
        () => `if len(${list()}) > 1 { ${list()}.remove_at(0) }`,
        () => `${list()}.clear()`,
        () => `set(${list()}, 0, ${value(element)})`,
      );
    }
    if (maps.length > 0) {
      const map = (): string => tape.pick(maps)();
      choices.push(
        () => `${map()}.set(${value(key)}, ${value(element)})`,
        () => `${map()}.remove(${value(key)})`,
        () => `${map()}.clear()`,
      );
    }
    for (const entity of this.#declared.entities) {
      for (const { name, parameter } of entity.actions) {
        if (parameter === undefined) continue;
        const holders = this.#values.places({ ...ANY, id: entity.name }, place, 2, true);
        if (holders.length > 0) {
          choices.push(() => `${tape.pick(holders)()}.${name}(${value(parameter)})`);
        }
      }
    }
    if (choices.length === 0) return '';
    return this.line(place.indent, tape.pick(choices)());
  }

  /** A conditional `return`, `revert`, `throw`, `break` or `continue`. */
  #leave(place: Place): string {
    const tape = this.#tape;
    const { indent, action } = place;
    const exits: (() => string)[] = [
      () => `revert(${tape.oneIn(2) ? this.#values.value(string, place, 2) : ''})`,
      () => `throw ${this.#values.value(tape.oneIn(3) ? ANY : string, place, 2)}`,
      () => `revert ${this.#failure(place)}`,
    ];
    if (place.isInLoop)
      exits.push(
        () => 'break',
        () => 'continue',
      );
    if (!place.isInFunction) {
      const { result } = action ?? { result: undefined };
      const value = result === undefined ? '' : ` ${this.#values.value(result, place, 2)}`;
      exits.push(() => `return${value}`);
    }
    const condition = this.#values.value(bool, place, 2);
    return `${indent}if ${condition} {\n${indent}  ${tape.pick(exits)()}\n${indent}}\n`;
  }

  #function(place: Place): Written {
    const tape = this.#tape;
    const parameters = Array.from({ length: tape.below(3) }, () => wholeType(tape.pick(SCALARS)));
    const result = wholeType(pickType(tape, this.#declared.entities, 1));
    const name = this.#values.name('fun');
    const text = this.#values.functionValue(parameters, result, place, 2);
    const next = { ...place, functions: [...place.functions, { name, parameters, result }] };
    return [`${place.indent}let ${name} = ${text}\n`, next];
  }

  #destructuring(place: Place): Written {
    const tape = this.#tape;
    const type = wholeType(pickType(tape, this.#declared.entities, 1));
    const names = [this.#values.name('part'), this.#values.name('part')] as const;
    const locals = names.map((name) => ({ name, type: ANY, isFixed: true }));
    const next = { ...place, locals: [...place.locals, ...locals] };
    const text = tape.oneIn(2)
      ? `let [${names[0]}, ${names[1]}] = ${this.#values.value(listOf(type), place, 2)}`
      : `let {a: ${names[0]}, ${names[1]}} = ({a: ${this.#values.value(type, place, 2)}, ${names[1]}: 1})`;
    return [this.line(place.indent, text), next];
  }

  #ledger(place: Place): string {
    if (place.isView) return '';
    const value = this.#values.value(ANY, place, 2);
    const text = this.#tape.pick([
      () => `state_write(${this.#values.value(string, place, 1)}, ${value})`,
      () => `ledger_append(${value})`,
      () => `audit_log(${this.#values.value(string, place, 1)}, ${value})`,
      () => 'gas_charge(17)',
    ]);
    return this.line(place.indent, text());
  }

  #if(place: Place): string {
    const { indent } = place;
    const word = this.#tape.pick(['elif', 'else if']);
    let text = `${indent}if ${this.#values.value(bool, place, 3)} {\n${this.#nested(place)}${indent}}`;
    if (this.#tape.oneIn(3)) {
      text += ` ${word} (${this.#values.value(bool, place, 2)}) {\n${this.#nested(place)}${indent}}`;
    }
    if (this.#tape.oneIn(2)) text += ` else {\n${this.#nested(place)}${indent}}`;
    return `${text}\n`;
  }

  /** A loop that ends: its counter is out of reach of other statements and is raised first. */
  #while(place: Place): Written {
    const { indent } = place;
    const name = this.#values.name('count');
    const rounds = this.#tape.below(5);
    const locals = [...place.locals, { name, type: integer, isFixed: true }];
    const body = this.#nested(place, { locals, isInLoop: true });
    const skip = this.#tape.oneIn(3) ? `${indent}  if ${name} == 2 { continue }\n` : '';
    const text =
      this.line(indent, `let ${name} = 0`) +
      `${indent}while ${name} < ${rounds} {\n${indent}  ${name} += 1\n${skip}${body}${indent}}\n`;
    return [text, { ...place, locals }];
  }

  /** Over a copy, or over what the body may change. */
  #forEach(place: Place): string {
    const tape = this.#tape;
    const { indent } = place;
    const [first, second] = [this.#values.name('item'), this.#values.name('item')];
    const element = wholeType(pickType(tape, this.#declared.entities, 1));
    const key = tape.pick([string, integer, address]);
    const isPair = tape.oneIn(2);
    const [source, keyType, valueType] = tape.pick([
      [listOf(element), integer, element] as const,
      [mapOf(key, element), key, element] as const,
      [string, integer, string] as const,
      [bytes, integer, integer] as const,
    ]);
    const isMap = source.shape.kind === 'map';
    const iterable = this.#values.value(source, place, 2);
    const holders = this.#values.places(source, place, 1, false);
    const isHeld = tape.oneIn(2) && holders.length > 0;
    const through = isHeld ? tape.pick(holders)() : iterable;
    const shielded = source.shape.kind === 'scalar' ? through : `copy(${through})`;
    // Of what is in a literal not all is known.
    const itemType = isHeld || isTelling(valueType) ? valueType : ANY;
    const bound = isPair
      ? [
          { name: first, type: keyType, isFixed: true },
          { name: second, type: itemType, isFixed: true },
        ]
      : [{ name: first, type: isMap ? keyType : itemType, isFixed: true }];
    const body = this.#nested(place, { locals: [...place.locals, ...bound], isInLoop: true }, 2);
    const names = isPair ? `${first}, ${second}` : first;
    const word = tape.oneIn(2) ? 'for each' : 'for';
    if (tape.oneIn(2)) return `${indent}${word} ${names} in ${shielded} {\n${body}${indent}}\n`;
    // A walk over the state itself, which the body may change: not for ever.
    const rounds = this.#values.name('round');
    const stop = `${indent}  ${rounds} += 1\n${indent}  if ${rounds} > 5 { break }\n`;
    return `${indent}let ${rounds} = 0\n${indent}${word} ${names} in ${through} {\n${stop}${body}${indent}}\n`;
  }

  #match(place: Place): string {
    const tape = this.#tape;
    const { indent } = place;
    const subject = wholeType(tape.pick(SCALARS));
    const pattern = (): string => this.#values.leaf(subject, place);
    const arm = (head: string): string =>
      `${indent}  ${head} {\n${this.#nested({ ...place, indent: `${indent}  ` }, {}, 2)}${indent}  }\n`;
    const arms = [arm(pattern()), arm(`case ${pattern()}, ${pattern()}`)];
    if (tape.oneIn(2)) arms.push(arm(tape.pick(['_', 'default'])));
    return `${indent}match (${this.#values.value(subject, place, 2)}) {\n${arms.join('')}${indent}}\n`;
  }

  #try(place: Place): string {
    const tape = this.#tape;
    const { indent } = place;
    const error = this.#values.name('err');
    const body = this.#nested(place);
    const risk = `${indent}  require(${this.#values.value(bool, place, 2)}, ${this.#failure(place)})\n`;
    let text = `${indent}try {\n${body}${tape.oneIn(2) ? risk : ''}${indent}}`;
    const isCaught = !tape.oneIn(4);
    if (isCaught) {
      const locals = [...place.locals, { name: error, type: ANY, isFixed: true }];
      const again = tape.oneIn(5) ? `${indent}  throw ${error}\n` : '';
      const bound = tape.oneIn(4) ? '' : ` (${error})`;
      const inner = bound === '' ? {} : { locals };
      text += ` catch${bound} {\n${this.#nested(place, inner, 2)}${bound === '' ? '' : again}${indent}}`;
    }
    if (!isCaught || tape.oneIn(3)) text += ` finally {\n${this.#nested(place, {}, 2)}${indent}}`;
    return `${text}\n`;
  }
}

/** Fields of an event or error, as a declaration has them. */
export function fieldList({ fields }: Event, tape: Tape, mayBeIndexed: boolean): string {
  let indexed = 0;
  const texts = fields.map(({ written }, position) => {
    const isIndexed = mayBeIndexed && indexed < 3 && tape.oneIn(3);
    if (isIndexed) indexed += 1;
    return `field_${position}: ${written}${isIndexed ? ' indexed' : ''}`;
  });
  return texts.join(', ');
}
