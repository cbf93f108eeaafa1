import { toHex } from '@lucerna/base';
import { checksumAddress } from '@lucerna/protocol';
import { exportedName } from '../../src/exports/exported-name.ts';
import type { Callee, Declared, Place, ProgramAction } from './program-scope.ts';
import {
  ANY,
  listOf,
  type ProgramEntity,
  type ProgramType,
  pickType,
  SCALAR_TYPES,
  SCALARS,
  type ScalarKind,
  wholeType,
} from './program-types.ts';
import type { Tape } from './tape.ts';

const INTEGER_OPERATORS = ['+', '-', '*', '/', '%', '**'] as const;
const ORDERINGS = ['<', '>', '<=', '>='] as const;
const { integer, signed, bool, address, string, bytes, bytes4 } = SCALAR_TYPES;

type Choice = () => string;

/** Writes the blocks of functions as values. */
type BlockWriter = (place: Place, last: string) => string;

/** Random values of a type, as text. */
export class ValueGenerator {
  readonly #tape: Tape;
  readonly #declared: Declared;
  readonly #mayRunOut: boolean;
  /** Given by whoever writes statements. */
  block: BlockWriter = (_, last) => `{ ${last} }`;
  #names = 0;

  /** @param mayRunOut whether calls are given little gas now and then */
  constructor(tape: Tape, declared: Declared, mayRunOut: boolean) {
    this.#tape = tape;
    this.#declared = declared;
    this.#mayRunOut = mayRunOut;
  }

  /** A name that nothing else has. */
  name(prefix: string): string {
    this.#names += 1;
    return `${prefix}_${this.#names}`;
  }

  value(type: ProgramType, place: Place, depth: number): string {
    const tape = this.#tape;
    if (depth <= 0 || tape.isSpent || tape.oneIn(4)) return this.leaf(type, place);
    switch (tape.below(9)) {
      case 0:
      case 1: {
        const reads = this.#reads(type, place, depth);
        if (reads.length > 0) return tape.pick(reads)();
        break;
      }
      case 2: {
        const calls = this.#calls(type, place, depth);
        if (calls.length > 0) return tape.pick(calls)();
        break;
      }
      case 3:
        return this.#choice(type, place, depth);
    }
    return this.#compound(type, place, depth - 1);
  }

  /** Variables and places within them that hold values of the type, also as targets of assignments. */
  places(type: ProgramType, place: Place, depth: number, isTarget: boolean): readonly Choice[] {
    const found: Choice[] = [];
    const visit = (holder: ProgramType, text: Choice, levels: number, isWhole: boolean): void => {
      if (holder.id === type.id && isWhole) found.push(text);
      if (levels === 0) return;
      const { shape } = holder;
      if (shape.kind === 'list') {
        visit(shape.element, () => `${text()}[${this.#position(place)}]`, levels - 1, true);
      } else if (shape.kind === 'map') {
        const key = (): string => this.value(shape.key, place, Math.min(depth - 1, 1));
        visit(shape.value, () => `${text()}[${key()}]`, levels - 1, true);
      } else if (shape.kind === 'entity') {
        for (const field of shape.entity.fields) {
          visit(field.type, () => `${text()}.${field.name}`, levels - 1, true);
        }
      }
    };
    for (const local of place.locals) {
      visit(local.type, () => local.name, 2, !(isTarget && local.isFixed));
    }
    if (place.isPure || (isTarget && place.isView)) return found;
    for (const variable of this.#declared.variables) {
      visit(
        variable.type,
        () => (this.#tape.oneIn(3) ? `this.${variable.name}` : variable.name),
        2,
        true,
      );
    }
    return found;
  }

  #reads(type: ProgramType, place: Place, depth: number): readonly Choice[] {
    const found = [...this.places(type, place, depth, false)];
    const lists = this.places(listOf(type), place, depth, false);
    const pick = (): string => this.#tape.pick(lists)();
    if (lists.length > 0) {
      found.push(
        () => `${pick()}.${this.#tape.pick(['first', 'last'])}()`,
        () => `(${pick()}[${this.#position(place)}] ?? ${this.leaf(type, place)})`,
        () => `${pick()}.get(${this.#position(place)}, ${this.leaf(type, place)})`,
      );
    }
    return found;
  }

  #position(place: Place): string {
    return this.#tape.oneIn(3) ? this.leaf(integer, place) : String(this.#tape.below(3));
  }

  /** Actions that code at the place may call. */
  callable(place: Place): readonly ProgramAction[] {
    const { actions, functions } = this.#declared;
    if (place.isPure) return functions;
    return [...actions.filter(({ isView }) => isView || !place.isView), ...functions];
  }

  call(action: ProgramAction, place: Place, depth: number): string {
    const isFunction = this.#declared.functions.includes(action);
    const values = this.#arguments(action, place, depth);
    return `${isFunction ? '' : 'this.'}${action.name}(${values.join(', ')})`;
  }

  #arguments({ parameters }: ProgramAction, place: Place, depth: number): readonly string[] {
    return parameters.map(({ type }) => this.value(type, place, Math.min(depth, 2) - 1));
  }

  /** A call of another contract, in one of the ways that there are. */
  foreignCall(callee: Callee, action: ProgramAction, place: Place, depth: number): string {
    const tape = this.#tape;
    const { address: target, contractName } = callee;
    const values = this.#arguments(action, place, depth).join(', ');
    const gas = this.#mayRunOut && tape.oneIn(2) ? tape.pick(['300', '3000', '30000']) : '3000000';
    const value = action.isPayable && tape.oneIn(2) ? String(tape.below(3)) : '';
    const entries = [value && `value: ${value}`, tape.oneIn(3) && `gas: ${gas}`].filter(Boolean);
    const options = entries.length > 0 ? `{${entries.join(', ')}}` : '';
    const exported = action.exportedAs ?? exportedName(action.name);
    const name = tape.pick([action.name, exported]);
    // What a view calls in another way must be a static call, which also fits views alone.
    if (place.isView) {
      return tape.pick([
        () => `${contractName}(${target}).${action.name}(${values})`,
        () => `static_call(${target}, "${action.name}", [${values}])`,
      ])();
    }
    return tape.pick([
      () => `(${contractName}(${target}).${action.name}${options}(${values}))`,
      () => `(contract_call${options}(${target}, "${action.name}", [${values}]))`,
      () => `contract_call(${target}, "${name}", [${values}], ${value || 'null'}, ${gas})`,
      () => `static_call(${target}, "${action.name}", [${values}])`,
      () => `delegate_call(${target}, "${action.name}", [${values}])`,
      () => `contract_call(${target}, "${signatureOf(action, exported)}", [${values}])`,
    ])();
  }

  #calls(type: ProgramType, place: Place, depth: number): readonly Choice[] {
    const fits = ({ result }: ProgramAction): boolean => result?.id === type.id;
    const found: Choice[] = this.callable(place)
      .filter(fits)
      .map((action) => () => this.call(action, place, depth));
    for (const { name, parameters, result } of place.functions) {
      if (result.id !== type.id) continue;
      found.push(() => {
        const values = parameters.map((parameter) => this.value(parameter, place, depth - 2));
        return `${name}(${values.join(', ')})`;
      });
    }
    for (const callee of place.isPure ? [] : this.#declared.callees) {
      for (const action of callee.actions.filter(fits)) {
        if (place.isView && !action.isView) continue;
        found.push(() => this.foreignCall(callee, action, place, depth));
      }
    }
    for (const entity of this.#declared.entities) {
      for (const { name, parameter, result } of entity.actions) {
        if (result?.id !== type.id || parameter !== undefined) continue;
        const holders = this.places(entityOf(entity), place, depth, false);
        if (holders.length > 0) found.push(() => `${this.#tape.pick(holders)()}.${name}()`);
      }
    }
    return found;
  }

  /** One of two values, or of several. */
  #choice(type: ProgramType, place: Place, depth: number): string {
    const tape = this.#tape;
    const of = (): string => this.value(type, place, depth - 2);
    if (tape.oneIn(3)) {
      const subject = wholeType(tape.pick(SCALARS));
      const pattern = (): string => this.leaf(subject, place);
      const first = `${pattern()}, ${pattern()} => ${of()}`;
      const second = tape.oneIn(2) ? `; ${pattern()} => ${of()}` : '';
      return `(match (${this.value(subject, place, depth - 1)}) { ${first}${second}; _ => ${of()} })`;
    }
    return `(${this.condition(place, depth - 1)} ? ${of()} : ${of()})`;
  }

  #compound(type: ProgramType, place: Place, depth: number): string {
    const { shape } = type;
    switch (shape.kind) {
      case 'scalar':
        return this.#scalar(shape.scalar, place, depth);
      case 'list':
        return this.#list(shape.element, place, depth);
      case 'map':
        return this.#map(shape.key, shape.value, place, depth);
      case 'entity':
        return this.#entity(shape.entity, place, depth);
      case 'any':
        return this.#any(place, depth);
    }
  }

  #scalar(kind: ScalarKind, place: Place, depth: number): string {
    const tape = this.#tape;
    const of = (type: ProgramType): string => this.value(type, place, depth);
    const text = (): string => of(string);
    const scalar = (): string => of(wholeType(tape.pick(SCALARS)));
    switch (kind) {
      case 'integer':
        return this.#integer(place, depth);
      case 'signed':
        return tape.pick([
          () => `-(${of(integer)})`,
          () => `(${of(signed)} ${tape.pick(INTEGER_OPERATORS)} ${this.leaf(integer, place)})`,
          () => `index_of(${text()}, ${text()})`,
          () => `int("-" + ${tape.below(100)})`,
        ])();
      case 'bool':
        return this.condition(place, depth);
      case 'string':
        return tape.pick([
          () => `("" + ${text()} + ${scalar()})`,
          () => `(${scalar()} + "s")`,
          () => `string(${of(pickType(tape, this.#declared.entities))})`,
          () => `hex(${of(tape.pick([bytes, address]))})`,
          () => `(("" + ${text()}) * ${tape.below(4)})`,
          () => `"a\${${scalar()}} b\${${this.leaf(integer, place)}}"`,
          () => `${tape.pick(['upper', 'lower', 'trim', 'reverse'])}(${text()})`,
          () => `replace(${text()}, ${this.leaf(string, place)}, ${this.leaf(string, place)})`,
          () => `(${text()})[${tape.below(3)}:${tape.oneIn(2) ? '' : tape.below(9)}]`,
          () => `join(${of(listOf(wholeType(tape.pick(SCALARS))))}, ${this.leaf(string, place)})`,
          () => `type(${of(pickType(tape, this.#declared.entities))})`,
          () => `repeat(${text()}, ${tape.below(3)})`,
          () => `substring(${text()}, ${tape.below(4)})`,
        ])();
      case 'bytes':
        return tape.pick([
          () => `bytes(${of(tape.pick([string, address, bytes]))})`,
          () => `encode(${of(pickType(tape, this.#declared.entities))})`,
          () => `concat(${of(bytes)}, ${of(bytes)})`,
          () => `(${of(bytes)})[${tape.below(3)}:${tape.below(40)}]`,
        ])();
      case 'bytes32':
        return tape.pick([
          () =>
            `${tape.pick(['keccak256', 'sha256', 'blake3'])}(${of(tape.pick([string, bytes]))})`,
          () => `hash(${of(pickType(tape, this.#declared.entities))})`,
          () => `merkle_root(${scalar()}, ${scalar()}, ${scalar()})`,
          () => `merkle_root(${of(listOf(wholeType(tape.pick(SCALARS))))})`,
        ])();
      case 'bytes4':
        return `selector("f${tape.below(9)}(uint256)")`;
      default:
        return `address(${tape.below(250)})`;
    }
  }

  #integer(place: Place, depth: number): string {
    const tape = this.#tape;
    const { entities } = this.#declared;
    const of = (type: ProgramType): string => this.value(type, place, depth);
    const integers = (): string => of(listOf(integer));
    return tape.pick([
      () => `(${of(integer)} ${tape.pick(INTEGER_OPERATORS)} ${this.leaf(integer, place)})`,
      () => `(${of(integer)} + ${tape.pick(['0', 'null', '1'])})`,
      () => `len(${of(tape.pick([string, bytes, listOf(pickType(tape, entities, 1))]))})`,
      () => (place.isPure ? '3' : `balance_of(${of(address)})`),
      () => `abs(${of(signed)})`,
      () => `${tape.pick(['min', 'max'])}(${of(integer)}, ${this.leaf(integer, place)})`,
      () => `int(${of(tape.pick([bool, bytes4, integer]))})`,
      () => `sum(${integers()})`,
      () => `${integers()}.reduce((a, b) => a + b, ${tape.below(9)})`,
      () => `${integers()}.count(item => item ${tape.pick(ORDERINGS)} ${tape.below(9)})`,
      () => `sqrt(${of(integer)})`,
      () => (place.isPure ? '4' : tape.pick(['ledger_length()', 'gas_limit()'])),
    ])();
  }

  condition(place: Place, depth: number): string {
    const tape = this.#tape;
    const of = (type: ProgramType): string => this.value(type, place, depth);
    const of2 = (type: ProgramType): string => this.value(type, place, Math.min(depth, 1));
    const other = (): ProgramType => wholeType(pickType(tape, this.#declared.entities, 1));
    const list = (): string => of2(listOf(integer));
    switch (tape.below(12)) {
      case 0:
        return `(${of(integer)} ${tape.pick(ORDERINGS)} ${of(tape.pick([integer, signed]))})`;
      case 1: {
        const type = other();
        const [left, right] = [of(type), of(type)];
        const first = type.id === 'any' ? this.#opaque(left) : left;
        return `(${first} ${tape.pick(['==', '!='])} ${right})`;
      }
      case 2:
        return `(${of(bool)} ${tape.pick(['&&', '||', 'and', 'or'])} ${of(bool)})`;
      case 3:
        return `${tape.pick(['!', 'not '])}${this.leaf(bool, place)}`;
      case 4:
        return `(${of(string)} ${tape.pick(ORDERINGS)} ${of(string)})`;
      case 5:
        return `${tape.pick(['starts_with', 'ends_with', 'contains'])}(${of(string)}, ${this.leaf(string, place)})`;
      case 6:
        return `${list()}.${tape.pick(['any', 'all'])}(item => item ${tape.pick(ORDERINGS)} ${tape.below(9)})`;
      case 7:
        return `${list()}.contains(${this.leaf(integer, place)})`;
      case 8: {
        const key = tape.pick([string, integer, address]);
        const maps = this.#mapsOf(key, place, depth);
        if (maps.length > 0) return `${tape.pick(maps)()}.has(${this.leaf(key, place)})`;
        return `is_empty(${of2(string)})`;
      }
      case 9:
        return `(${this.#opaque(of2(ANY))} ${tape.pick(['==', '!='])} null)`;
      case 10:
        if (!tape.oneIn(4)) return this.leaf(bool, place);
        return `verify_signature(${of2(bytes)}, ${of2(string)}, ${of2(bytes)})`;
      default:
        // Anything has a truth.
        return `!(${of(pickType(tape, this.#declared.entities, 1))})`;
    }
  }

  #mapsOf(key: ProgramType, place: Place, depth: number): readonly Choice[] {
    return SCALARS.flatMap((value) =>
      this.places({ ...ANY, id: `map<${key.id}, ${value.id}>` }, place, depth, false),
    );
  }

  #list(element: ProgramType, place: Place, depth: number): string {
    const tape = this.#tape;
    const of = (type: ProgramType): string => this.value(type, place, depth);
    const same = listOf(element);
    const choices: Choice[] = [
      () => this.leaf(same, place),
      () => `[${of(element)}, ${of(element)}, ${this.leaf(element, place)}]`,
      () => `${of(same)}.${tape.pick(['reverse', 'unique', 'copy'])}()`,
      () => `(${of(same)} + ${of(same)})`,
      () => `(${of(same)})[${tape.below(3)}:${tape.below(5)}]`,
      () => `${of(same)}.push(${of(element)})`,
      () => `${of(same)}.map((item) => item)`,
      () => `${of(same)}.filter(item => string(item) ${tape.pick(ORDERINGS)} "m")`,
      () => `${of(same)}.sort_by((item) => string(item))`,
      () => `set_of(${of(element)}, ${of(element)}, ${this.leaf(element, place)})`,
    ];
    if (place.isView) choices.splice(5, 1);
    if (element.id === 'integer') {
      choices.push(
        () => `range(${tape.below(5)})`,
        () => `${of(same)}.sort()`,
        () => `${of(same)}.map(item => (item ?? 0) * 2 + 1)`,
      );
    }
    if (element.id === 'string') {
      choices.push(
        () => `split(${of(string)}, ${this.leaf(string, place)})`,
        () => `chars(${this.leaf(string, place)})`,
        () => `${of(same)}.sort()`,
      );
      const maps = this.#mapsOf(string, place, depth);
      if (maps.length > 0) choices.push(() => `${tape.pick(maps)()}.keys()`);
    }
    const maps = [string, integer, address].flatMap((key) =>
      this.places({ ...ANY, id: `map<${key.id}, ${element.id}>` }, place, depth, false),
    );
    if (maps.length > 0) choices.push(() => `${tape.pick(maps)()}.values()`);
    return tape.pick(choices)();
  }

  #map(key: ProgramType, value: ProgramType, place: Place, depth: number): string {
    const entry = (): string =>
      `(${this.value(key, place, depth)}): ${this.value(value, place, depth)}`;
    const entries = Array.from({ length: this.#tape.below(4) }, entry);
    return `({${entries.join(', ')}})`;
  }

  #entity({ name, fields }: ProgramEntity, place: Place, depth: number): string {
    const values = fields.map(({ type }) => this.value(type, place, depth));
    if (this.#tape.oneIn(2)) return `${name}(${values.join(', ')})`;
    const named = fields.map((field, index) => `${field.name}: ${values[index]}`);
    return `(${name}{${named.slice(this.#tape.below(2)).join(', ')}})`;
  }

  #any(place: Place, depth: number): string {
    const tape = this.#tape;
    const of = (): string => this.value(ANY, place, depth - 1);
    return tape.pick([
      () => this.value(wholeType(tape.pick(SCALARS)), place, depth),
      () => `[${of()}, ${of()}]`,
      () => `({a: ${of()}, ${tape.pick(['b', '"b"', '7', '(1 + 1)'])}: ${of()}})`,
      () => (place.isPure ? 'null' : `state_read(${this.leaf(string, place)})`),
      () => (place.isPure ? 'null' : `ledger_get(${tape.below(3)})`),
      () => `decode(encode(${of()}))`,
      () => `(${this.#opaque(of())} ?? ${this.leaf(ANY, place)})`,
      () =>
        `${this.value(listOf(integer), place, depth - 1)}.find(item => item > ${tape.below(9)})`,
    ])();
  }

  /** The value as one of which the compiler knows nothing: it refuses comparisons that are always false. */
  #opaque(value: string): string {
    return `decode(encode(${value}))`;
  }

  /** A function as a value that takes values of the types. */
  functionValue(
    parameters: readonly ProgramType[],
    result: ProgramType,
    place: Place,
    depth: number,
  ): string {
    const tape = this.#tape;
    const locals = parameters.map((type) => ({ name: this.name('par'), type, isFixed: false }));
    const names = locals.map(({ name, type }) =>
      tape.oneIn(2) ? `${name}: ${type.written}` : name,
    );
    const inner: Place = {
      ...place,
      locals: [...place.locals, ...locals],
      isInLoop: false,
      isInFunction: true,
      indent: `${place.indent}  `,
    };
    const value = (at: Place): string => this.value(result, at, depth);
    const list =
      names.length === 1 && tape.oneIn(2) && !names[0]!.includes(':')
        ? names[0]!
        : `(${names.join(', ')})`;
    if (tape.oneIn(2)) return `${list} => ${value(inner)}`;
    const word = tape.pick(['action', 'function']);
    const written = this.block(inner, `return ${value(inner)}`);
    return tape.oneIn(2)
      ? `(${names.join(', ')}) => ${written}`
      : `${word}(${names.join(', ')}) ${written}`;
  }

  // Leaves

  leaf(type: ProgramType, place: Place): string {
    const tape = this.#tape;
    const locals = place.locals.filter((local) => local.type.id === type.id);
    if (locals.length > 0 && tape.oneIn(2)) return tape.pick(locals).name;
    const { shape } = type;
    switch (shape.kind) {
      case 'scalar':
        return this.#scalarLeaf(shape.scalar, place);
      case 'list': {
        const items = Array.from({ length: tape.below(4) }, () => this.leaf(shape.element, place));
        return `[${items.join(', ')}]`;
      }
      case 'map': {
        if (!tape.oneIn(3)) return '({})';
        return `({(${this.leaf(shape.key, place)}): ${this.leaf(shape.value, place)}})`;
      }
      case 'entity': {
        const values = shape.entity.fields.map((field) => this.leaf(field.type, place));
        return `${shape.entity.name}(${values.join(', ')})`;
      }
      case 'any':
        return tape.pick(['null', '7', '"x"', '[1, "two"]', '({k: [true]})', 'false', '[]']);
    }
  }

  #scalarLeaf(kind: ScalarKind, place: Place): string {
    const tape = this.#tape;
    switch (kind) {
      case 'integer':
        return tape.pick([
          () => String(tape.below(4)),
          () => String(tape.below(256) * tape.below(256)),
          // Not a literal alone, which may be too large for where it goes.
          () => `(${(1n << BigInt(tape.below(256))) - 1n} + 0)`,
          () =>
            place.isPure
              ? '5'
              : tape.pick(['TX.timestamp', 'TX.block_number', 'TX.chain_id', 'TX.gas_price']),
          () => (place.isPure ? '6' : tape.pick(['time()', 'now()', 'block_number()'])),
          () => (place.action?.isPayable === true ? tape.pick(['TX.value', 'msg.value']) : '7'),
          () => (this.#declared.integers.length > 0 ? tape.pick(this.#declared.integers) : '8'),
        ])();
      case 'signed':
        return `-${tape.below(200)}`;
      case 'bool':
        return tape.pick(['true', 'false']);
      case 'address':
        if (place.isPure) return this.#addressLiteral();
        return tape.pick([
          () =>
            tape.pick(['TX.caller', 'msg.sender', 'TX.origin', 'TX.coinbase', 'this', 'caller()']),
          () => this.#addressLiteral(),
        ])();
      case 'string':
        return tape.pick([
          '""',
          '"a"',
          "'it is \\'so\\''",
          '"héllo wörld 🌍"',
          `"${'long '.repeat(20)}"`,
          '"b"',
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

function entityOf(entity: ProgramEntity): ProgramType {
  return { ...ANY, id: entity.name };
}

/** A signature of the ABI; of what has no plain types a bare name. */
function signatureOf({ name, parameters, result }: ProgramAction, exported: string): string {
  const types = [...parameters.map(({ type }) => type), ...(result ? [result] : [])];
  if (
    types.some(({ abi }) => abi === undefined || !/^[a-z]+[0-9]*$/.test(abi) || abi === 'tuple')
  ) {
    return name;
  }
  if (types.some(({ shape }) => shape.kind !== 'scalar')) return name;
  const list = parameters.map(({ type }) => type.abi).join(',');
  return `${exported}(${list})->(${result?.abi ?? ''})`;
}
