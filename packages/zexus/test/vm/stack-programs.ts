import type { Container, Mutability } from '../../src/bytecode/container.ts';
import { type Instruction, OPCODES, type Opcode, TX_FIELDS } from '../../src/bytecode/opcodes.ts';
import { BUILTINS } from '../../src/vm/builtin-table.ts';
import { Address, type Value } from '../../src/vm/value.ts';
import { valuesTaken } from '../../src/vm/verify-flow.ts';
import type { Tape } from '../support/tape.ts';
import { Assembler, account, CONTEXT, ERRORS, SCHEMA } from './support.ts';

const POW_2_53 = 2n ** 53n;
const MAX = 2n ** 256n - 1n;
const long = 'zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich 🦊';

/** Values at which rules change, the plain ones first. */
export const VALUES: readonly Value[] = [
  0,
  1,
  2,
  'a',
  true,
  null,
  7,
  -1,
  -3,
  '',
  false,
  new Address(account(0xaa)),
  new Uint8Array([1, 2, 3]),
  Number.MAX_SAFE_INTEGER,
  POW_2_53,
  -POW_2_53,
  255,
  MAX,
  -MAX,
  2n ** 255n,
  10n ** 18n,
  long,
  '1',
  '�🦊',
  new Uint8Array(32).fill(0xff),
  new Uint8Array(0),
  new Uint8Array(70).fill(9),
  new Address(CONTEXT.address),
];

const BINARY = ['ADD', 'LT', 'EQ', 'SUB', 'MUL', 'DIV', 'MOD', 'POW', 'GT', 'LTE', 'GTE', 'NEQ'];
/** Variables that hold no containers: what is in the state comes from these alone. */
const NAMES = ['x', 'y', 'z'];
/** Variables that hold anything. */
const WIDE_NAMES = ['p', 'q', 'r'];
/** Keys of maps and places in lists that meet often. */
const KEYS: readonly Value[] = [0, 1, 'a', 'b', true, 2, -1, null, new Uint8Array([1])];

/** Opcodes whose models are in the tests of those who wrote what they run. */
export const NOT_GENERATED: readonly string[] = [
  'AUDIT_LOG',
  'CALL_CONTRACT',
  'DELEGATE_CALL',
  'EMIT_EVENT',
  'LEDGER_APPEND',
  'STATIC_CALL',
  'VERIFY_SIGNATURE',
];

/** The builtins that the model knows. */
const MODELLED = [
  'string',
  'len',
  'bytes',
  'hex',
  'keccak256',
  'sha256',
  'balance_of',
  'transfer',
  'time',
  'now',
  'block_number',
];
const ARITHMETIC = ['ADD', 'SUB', 'MUL', 'DIV', 'MOD', 'POW', 'ADD', 'SUB'];
const INTEGERS: readonly Value[] = [1, 2, 3, 5, 40, -2, 0, 2 ** 31, POW_2_53, 10n ** 18n, MAX];
const CELLS = [
  ['count', 'integer'],
  ['text', 'untyped'],
  ['delta', 'signed'],
  ['flag', 'bool'],
  ['owner', 'address'],
  ['tag', 'bytes3'],
] as const;
const MAPS: readonly (readonly [name: string, depth: number])[] = [
  ['balances', 1],
  ['notes', 2],
];
const RESULTS = [undefined, 'uint256', 'string', 'int256', 'bool', 'address', 'bytes', 'bytes32'];

/** A random program that the verifier accepts; `main` is its function. Short tapes are small ones. */
export function stackProgram(tape: Tape): Container {
  const assembler = new Assembler();
  assembler.schema = SCHEMA;
  assembler.errors.push(...ERRORS);
  assembler.events.push(
    { name: 'Plain', fields: [] },
    {
      name: 'Moved',
      fields: [
        { name: 'from', type: 'address', indexed: true },
        { name: 'amount', type: 'uint256', indexed: false },
        { name: 'note', type: 'string', indexed: false },
      ],
    },
    {
      name: 'Noted',
      fields: [
        { name: 'note', type: 'string', indexed: true },
        { name: 'data', type: 'bytes', indexed: true },
        { name: 'small', type: 'uint8', indexed: true },
        { name: 'tag', type: 'bytes3', indexed: false },
      ],
    },
  );
  const parameters = ['x', 'y'].map((name) => ({ name, type: '' }));
  const mutability: Mutability = tape.oneIn(8) ? 'view' : 'nonpayable';
  const isView: Mutability = tape.oneIn(4) ? 'view' : 'nonpayable';
  const gasLimit = tape.oneIn(3) ? 20 * (1 + tape.below(250)) : undefined;
  const result = tape.pick(RESULTS);
  const main = new StackGenerator(assembler, tape).program(result ?? 'uint256');
  assembler.action('main', main, { mutability, result });
  const helper = new StackGenerator(assembler, tape).program('uint256');
  assembler.action('helper', helper, {
    exportedAs: undefined,
    parameters,
    mutability: isView,
    gasLimit,
  });
  // Called as a value only: it takes and gives anything.
  const wide = new StackGenerator(assembler, tape).program('any');
  assembler.action('wide', wide, {
    exportedAs: undefined,
    parameters: ['p', 'q'].map((name) => ({ name, type: '' })),
    gasLimit: gasLimit === undefined ? 3_000 : undefined,
  });
  return assembler.container();
}

class StackGenerator {
  readonly #assembler: Assembler;
  readonly #tape: Tape;
  readonly #code: Instruction[] = [];
  #depth = 0;
  #nesting = 0;
  /** What a return has to end before: tries and checkpoints, the innermost last. */
  readonly #open: ('POP_TRY' | 'TX_COMMIT')[] = [];

  constructor(assembler: Assembler, tape: Tape) {
    this.#assembler = assembler;
    this.#tape = tape;
  }

  program(result: string): Instruction[] {
    for (let left = 1 + this.#tape.below(12); left > 0 && !this.#tape.isSpent; left -= 1) {
      this.#statement();
    }
    if (result === 'any') this.#anything();
    else this.#fitting(result);
    this.#emit('RETURN');
    return this.#code;
  }

  /** Leaves the stack as deep as it was, unless something is left there on purpose. */
  #statement(): void {
    const choices = [
      () => this.#store(),
      () => this.#if(),
      () => this.#while(),
      () => {
        const [name, type] = this.#tape.pick(CELLS);
        this.#fitting(type);
        this.#emit('STATE_WRITE', name);
      },
      () => this.#mapWrite(),
      () => this.#emitEvent(),
      () => this.#require(),
      () => {
        this.#expression();
        this.#emit('POP');
      },
      () => this.#emit('NOP'),
      // What is left on the stack stays until the end: jumps have to carry it along.
      () => {
        if (this.#nesting === 0) this.#expression();
        else this.#emit('NOP');
      },
      () => this.#if(() => this.#end()),
      () => this.#wideStore(),
      () => this.#wideStore(),
      () => this.#storeIndex(),
      () => this.#storeIndex(),
      () => this.#try(),
      () => this.#try(),
      () => this.#transaction(),
      () => this.#forEach(),
      () => this.#forEach(),
      () => this.#emit('GAS_CHARGE', this.#tape.pick([0, 1, 100, 3_000])),
    ];
    this.#tape.pick(choices)();
  }

  /** Pushes one value. */
  #expression(): void {
    this.#nesting += 1;
    const isSimple = this.#nesting > 6 || this.#tape.isSpent;
    const choices = [
      () => this.#emit('LOAD_CONST', this.#tape.pick(VALUES)),
      () => this.#emit('LOAD_NAME', this.#tape.pick(NAMES)),
      () => this.#binary(),
      () => this.#binary(),
      () => {
        this.#expression();
        this.#emit(this.#tape.pick(['NOT', 'NEG']));
      },
      () => this.#emit('STATE_READ', this.#tape.pick(CELLS)[0]),
      () => this.#mapRead(),
      () => this.#builtin(),
      () => this.#shortCircuit(),
      () => this.#emit('TX_READ', this.#tape.below(TX_FIELDS.length)),
      () => this.#duplicate(),
      () => {
        this.#expression();
        this.#expression();
        this.#emit('CALL_ACTION', 1, 2);
      },
      () => this.#conditional(),
      () => this.#ofAnything(),
      () => this.#ofAnything(),
    ];
    const chosen = isSimple ? choices[this.#tape.below(2)]! : this.#tape.pick(choices);
    chosen();
    this.#nesting -= 1;
  }

  /** A value without containers, from values that may be or have some. */
  #ofAnything(): void {
    const choices = [
      () => this.#two(this.#tape.pick(['EQ', 'NEQ', 'AND', 'OR'])),
      () => {
        this.#anything();
        this.#emit(this.#tape.pick(['NOT', 'HASH_BLOCK']));
      },
      () => {
        this.#anything();
        this.#emit('LOAD_CONST', this.#tape.pick(['', '+']));
        this.#emit('ADD');
      },
      () => {
        this.#anything();
        this.#emit('CALL_METHOD', 'len', 0);
      },
      () => {
        const count = this.#tape.below(4);
        for (let left = count; left > 0; left -= 1) this.#expression();
        this.#emit('MERKLE_ROOT', count);
      },
      () => {
        this.#two(this.#tape.pick(['LT', 'SUB', 'MUL']));
      },
      () => {
        this.#expression();
        this.#expression();
        this.#emit('DUP2');
        for (const name of ['ADD', 'EQ', 'OR']) this.#emit(name);
      },
    ];
    this.#tape.pick(choices)();
  }

  #two(name: string): void {
    this.#anything();
    this.#anything();
    this.#emit(name);
  }

  /** Pushes a value of any kind. */
  #anything(): void {
    this.#nesting += 1;
    const isSimple = this.#nesting > 7 || this.#tape.isSpent;
    const items = (): number => {
      const count = this.#tape.below(4);
      for (let left = count; left > 0; left -= 1) this.#anything();
      return count;
    };
    const choices = [
      () => this.#emit('LOAD_NAME', this.#tape.pick(WIDE_NAMES)),
      () => this.#emit('LOAD_CONST', this.#tape.pick(VALUES)),
      () => this.#emit('BUILD_LIST', items()),
      () => this.#emit('BUILD_LIST', items()),
      () => this.#map(),
      () => this.#map(),
      () => this.#emit('BUILD_SET', items()),
      () => this.#expression(),
      () => {
        this.#anything();
        this.#key();
        this.#emit('INDEX');
      },
      () => {
        this.#anything();
        this.#emit('LOAD_CONST', this.#tape.pick(['a', 'b', 1]));
        this.#emit('GET_ATTR');
      },
      () => {
        this.#anything();
        this.#emit('LOAD_CONST', this.#tape.pick([0, null, 1, -2, 'a']));
        this.#emit('LOAD_CONST', this.#tape.pick([null, 2, 0, POW_2_53]));
        this.#emit('SLICE');
      },
      () => this.#two('ADD'),
      () => this.#function(),
      () => {
        if (this.#tape.oneIn(4)) this.#anything();
        else this.#function();
        const count = this.#tape.below(3);
        for (let left = count; left > 0; left -= 1) this.#anything();
        this.#emit('CALL_TOP', count);
      },
    ];
    const chosen = isSimple ? choices[this.#tape.below(2)]! : this.#tape.pick(choices);
    chosen();
    this.#nesting -= 1;
  }

  #function(): void {
    const count = this.#tape.below(3);
    for (let left = count; left > 0; left -= 1) this.#anything();
    this.#emit('MAKE_CLOSURE', 2, count);
  }

  #map(): void {
    const count = this.#tape.below(4);
    for (let left = count; left > 0; left -= 1) {
      this.#key();
      this.#anything();
    }
    this.#emit('BUILD_MAP', count);
  }

  #key(): void {
    if (this.#tape.oneIn(12)) this.#anything();
    else this.#emit('LOAD_CONST', this.#tape.pick(KEYS.slice(0, this.#tape.oneIn(6) ? 9 : 6)));
  }

  #wideStore(): void {
    this.#anything();
    this.#emit('STORE_NAME', this.#tape.pick(WIDE_NAMES));
  }

  /** `p[k] = v`, or `p[k] += v`. */
  #storeIndex(): void {
    this.#emit('LOAD_NAME', this.#tape.pick(WIDE_NAMES));
    this.#key();
    const isCompound = this.#tape.oneIn(3);
    if (isCompound) {
      this.#emit('DUP2');
      this.#emit('INDEX');
    }
    this.#anything();
    if (isCompound) this.#emit('ADD');
    this.#emit('STORE_INDEX');
  }

  /** As the compiler writes it, or without a checkpoint. What is caught is kept, dropped or thrown on. */
  #try(): void {
    const isTakenBack = !this.#tape.oneIn(4);
    if (isTakenBack) this.#emitOpen('TX_BEGIN', 'TX_COMMIT');
    const setup = this.#jump('SETUP_TRY');
    this.#open.push('POP_TRY');
    const depth = this.#depth;
    this.#nested(this.#tape.oneIn(2) ? () => this.#failing() : undefined);
    this.#emit('POP_TRY');
    this.#open.pop();
    if (isTakenBack) this.#emit('TX_COMMIT');
    const end = this.#jump('JUMP');
    this.#land(setup);
    this.#depth = depth + 1;
    if (isTakenBack) {
      this.#emit('TX_REVERT');
      this.#open.pop();
    }
    const choices = [
      () => this.#emit('STORE_NAME', this.#tape.pick(WIDE_NAMES)),
      () => this.#emit('POP'),
      () => {
        this.#emit('STORE_NAME', 'p');
        this.#if(() => {
          this.#emit('LOAD_NAME', 'p');
          this.#emit('THROW');
        });
      },
    ];
    this.#tape.pick(choices)();
    this.#nested();
    this.#land(end);
  }

  /** Statements with one among them that most likely fails. */
  #failing(): void {
    this.#statement();
    const choices = [
      () => this.#if(() => this.#end()),
      () => {
        this.#anything();
        this.#emit('NEG');
        this.#emit('POP');
      },
      () => this.#require(),
      () => {
        this.#function();
        this.#emit('CALL_TOP', 0);
        this.#emit('POP');
      },
    ];
    if (this.#nesting < 5) this.#tape.pick(choices)();
  }

  #transaction(): void {
    this.#emitOpen('TX_BEGIN', 'TX_COMMIT');
    this.#nested();
    this.#emit(this.#tape.pick(['TX_REVERT', 'TX_COMMIT']));
    this.#open.pop();
  }

  #emitOpen(name: string, end: 'POP_TRY' | 'TX_COMMIT'): void {
    this.#emit(name);
    this.#open.push(end);
  }

  /** Walks over what may grow meanwhile: the gas ends what does not end by itself. */
  #forEach(): void {
    if (this.#tape.oneIn(3)) this.#anything();
    else if (this.#tape.oneIn(2)) this.#map();
    else this.#emit('LOAD_NAME', this.#tape.pick(WIDE_NAMES));
    this.#emit('ITERATE');
    const isPair = this.#tape.oneIn(2);
    const start = this.#code.length;
    const next = this.#jump(isPair ? 'ITER_NEXT_PAIR' : 'ITER_NEXT');
    this.#emit('STORE_NAME', this.#tape.pick(WIDE_NAMES));
    if (isPair) this.#emit('STORE_NAME', this.#tape.pick(NAMES));
    this.#nested();
    this.#emit('JUMP', start);
    this.#depth -= 1;
    this.#land(next);
  }

  #binary(): void {
    if (this.#tape.oneIn(8)) {
      this.#expression();
      this.#expression();
      this.#emit(this.#tape.pick(BINARY));
    } else {
      this.#integer();
      this.#integer();
      this.#emit(this.#tape.pick(ARITHMETIC));
    }
  }

  /** Pushes an integer, or what stands for one: most programs should get somewhere. */
  #integer(): void {
    this.#nesting += 1;
    const choices = [
      () => this.#emit('LOAD_CONST', this.#tape.pick(INTEGERS)),
      () => this.#emit('STATE_READ', this.#tape.pick(['count', 'delta'])),
      () => this.#emit('TX_READ', this.#tape.pick([1, 3, 4, 5, 7])),
      () => {
        this.#emit('LOAD_CONST', this.#tape.pick(VALUES));
        this.#emit('MAP_READ', 'balances', 1);
      },
      () => {
        this.#integer();
        this.#integer();
        this.#emit(this.#tape.pick(ARITHMETIC));
      },
    ];
    const chosen = this.#nesting > 6 ? choices[0]! : this.#tape.pick(choices);
    chosen();
    this.#nesting -= 1;
  }

  /** Pushes what a cell of the type can hold, usually. */
  #fitting(type: string): void {
    if (this.#tape.oneIn(8)) {
      this.#expression();
    } else if (['integer', 'signed', 'uint256', 'int256'].includes(type)) {
      this.#integer();
    } else if (type === 'bool' && this.#tape.oneIn(2)) {
      this.#emit('LOAD_CONST', true);
    } else if (type === 'bool') {
      this.#integer();
      this.#integer();
      this.#emit(this.#tape.pick(['LT', 'GTE', 'EQ']));
    } else {
      this.#emit('LOAD_CONST', FITTING[type] ?? this.#tape.pick(VALUES));
    }
  }

  #store(): void {
    this.#expression();
    this.#emit('STORE_NAME', this.#tape.pick(NAMES));
  }

  /** Uses the top of the stack twice: `x = (y = v)` and the like. */
  #duplicate(): void {
    this.#expression();
    this.#emit('DUP');
    if (this.#tape.oneIn(2)) this.#emit(this.#tape.pick(BINARY));
    else this.#emit('STORE_NAME', this.#tape.pick(NAMES));
  }

  #mapRead(): void {
    const [name, depth] = this.#tape.pick(MAPS);
    for (let level = 0; level < depth; level += 1) this.#expression();
    this.#emit('MAP_READ', name, depth);
  }

  #mapWrite(): void {
    const [name, depth] = this.#tape.pick(MAPS);
    for (let level = 0; level < depth; level += 1) this.#expression();
    this.#fitting(name === 'balances' ? 'integer' : 'untyped');
    this.#emit('MAP_WRITE', name, depth);
  }

  #builtin(): void {
    const builtin = this.#tape.pick(BUILTINS.filter(({ name }) => MODELLED.includes(name)));
    const types = builtin.arguments === 1 ? [BUILTIN_TYPES[builtin.name]] : ['address', 'uint8'];
    for (const type of types.slice(0, builtin.arguments)) this.#fitting(type ?? 'untyped');
    this.#emit('CALL_BUILTIN', builtin.name, builtin.arguments);
  }

  #emitEvent(): void {
    const index = this.#tape.below(this.#assembler.events.length);
    const { fields } = this.#assembler.events[index]!;
    for (const { type } of fields) {
      this.#fitting(type);
    }
    this.#emit('EMIT', index, fields.length);
  }

  #require(): void {
    this.#fitting('bool');
    this.#emit('LOAD_CONST', this.#tape.pick(['no', null, 5, long]));
    this.#emit('REQUIRE');
  }

  /** Ends the action; a return ends what is open before. Only for what is jumped around. */
  #end(): void {
    const choices = [
      () => {
        this.#expression();
        for (const name of this.#open.toReversed()) this.#emit(name);
        this.#emit('RETURN');
      },
      () => {
        this.#anything();
        this.#emit(this.#tape.pick(['REVERT', 'THROW']));
      },
      () => {
        const index = this.#tape.below(2);
        const types = index === 0 ? [] : ['uint256', 'address'];
        for (const type of types) this.#fitting(type);
        this.#emit('REVERT_ERROR', index, types.length);
      },
    ];
    this.#tape.pick(choices)();
  }

  #if(body?: () => void): void {
    this.#expression();
    const jump = this.#jump(this.#tape.pick(['JUMP_IF_FALSE', 'JUMP_IF_TRUE']));
    const depth = this.#depth;
    this.#nested(body);
    if (this.#tape.oneIn(2)) {
      const end = this.#jump('JUMP');
      this.#land(jump);
      this.#depth = depth;
      this.#nested();
      this.#land(end);
    } else {
      this.#land(jump);
    }
    this.#depth = depth;
  }

  /** Counts a variable up, so that most loops end before the gas does. */
  #while(): void {
    const name = this.#tape.pick(NAMES);
    const start = this.#code.length;
    this.#emit('LOAD_NAME', name);
    this.#emit('LOAD_CONST', this.#tape.pick([3, 1, 20]));
    this.#emit('LT');
    const jump = this.#jump('JUMP_IF_FALSE');
    this.#nested();
    this.#emit('LOAD_NAME', name);
    this.#emit('LOAD_CONST', 1);
    this.#emit('ADD');
    this.#emit('STORE_NAME', name);
    this.#emit('JUMP', start);
    this.#land(jump);
  }

  #nested(body?: () => void): void {
    this.#nesting += 1;
    if (body !== undefined) body();
    else if (this.#nesting < 5) {
      for (let left = this.#tape.below(3); left > 0; left -= 1) this.#statement();
    }
    this.#nesting -= 1;
  }

  /** `a && b`, as the compiler writes it: the left value decides, or is thrown away. */
  #shortCircuit(): void {
    this.#expression();
    this.#emit('DUP');
    const jump = this.#jump(this.#tape.pick(['JUMP_IF_FALSE', 'JUMP_IF_TRUE']));
    this.#emit('POP');
    this.#expression();
    this.#land(jump);
  }

  /** One of two values. */
  #conditional(): void {
    this.#expression();
    const jump = this.#jump('JUMP_IF_FALSE');
    this.#expression();
    const end = this.#jump('JUMP');
    this.#depth -= 1;
    this.#land(jump);
    this.#expression();
    this.#land(end);
  }

  #jump(name: string): number {
    this.#emit(name, 0);
    return this.#code.length - 1;
  }

  #land(jump: number): void {
    const { opcode } = this.#code[jump]!;
    this.#code[jump] = { opcode, operands: [this.#code.length] };
    // A target needs an instruction, and joins may follow each other directly.
    if (this.#tape.oneIn(3)) this.#emit('NOP');
  }

  #emit(name: string, ...operands: readonly Value[]): void {
    const instruction = this.#assembler.op(name, ...operands);
    const opcode: Opcode = OPCODES.find(({ code }) => code === instruction.opcode)!;
    this.#depth += opcode.pushes - valuesTaken(opcode, instruction);
    this.#code.push(instruction);
  }
}

const BUILTIN_TYPES: Readonly<Record<string, string>> = {
  len: 'string',
  bytes: 'string',
  hex: 'bytes',
  keccak256: 'bytes',
  sha256: 'string',
  balance_of: 'address',
};

const FITTING: Readonly<Record<string, Value>> = {
  address: new Address(account(0xaa)),
  uint256: 255,
  uint8: 7,
  string: long,
  bytes: new Uint8Array(70).fill(9),
  bytes3: new Uint8Array([1, 2, 3]),
  bytes32: new Uint8Array(32).fill(0xff),
};
