/** What the reference page says of an opcode. */
export type OpcodeDoc = {
  /** What the operands are; empty when there are none. */
  readonly operands: string;
  /** Values taken from the stack and left on it, the topmost last. */
  readonly stack: string;
  readonly meaning: string;
  /** Gas beside the fixed costs; empty when there is none. */
  readonly gas: string;
};

type Row = readonly [operands: string, stack: string, meaning: string, gas?: string];

const arithmetic = '3 beyond ±(2⁵³ − 1)';
const compared = '3 per 32 bytes of the shorter text, 3 per item';
const stateRead = '2100 at the first access to a slot in a transaction, 100 later (EIP-2929)';
const stateWrite = 'as EIP-2200 with the numbers of EIP-2929 and EIP-3529';
const signatureOfCall =
  'The signature is `name(types)->(type)` of the ABI, or a bare name (`zx_call`), or null: bytes in, bytes out.';
const callGas = 'the account (2600 or 100), 9000 for wei, what the called code uses';

const rows: Readonly<Record<string, Row>> = {
  LOAD_CONST: ['constant', '→ v', 'The constant.'],
  LOAD_NAME: ['name', '→ v', 'A local variable; null before its first store.'],
  STORE_NAME: ['name', 'v →', 'Sets a local variable.'],
  POP: ['', 'v →', 'Forgets a value.'],
  DUP: ['', 'v → v v', ''],
  DUP2: ['', 'a b → a b a b', ''],
  ADD: [
    '',
    'a b → c',
    'Sum; null is 0. With a text, both canonical texts; of two lists, a list of the items of both.',
    '3 beyond ±(2⁵³ − 1), per 32 bytes, per item',
  ],
  SUB: ['', 'a b → c', 'Difference; null is 0.', arithmetic],
  MUL: ['', 'a b → c', 'Product; of a text and an integer, the text so many times.', arithmetic],
  DIV: ['', 'a b → c', 'Quotient, rounded down.', arithmetic],
  MOD: ['', 'a b → c', 'What DIV leaves; it has the sign of the divisor.', arithmetic],
  POW: ['', 'a b → c', 'Power.', arithmetic],
  NEG: ['', 'a → b', 'The negative.', arithmetic],
  EQ: ['', 'a b → bool', 'Whether both are equal; lists and maps by what is in them.', compared],
  NEQ: ['', 'a b → bool', 'Whether both are different.', compared],
  LT: ['', 'a b → bool', 'Of integers, or of texts by code points; null is 0.', compared],
  GT: ['', 'a b → bool', '', compared],
  LTE: ['', 'a b → bool', '', compared],
  GTE: ['', 'a b → bool', '', compared],
  AND: ['', 'a b → bool', 'Of two values that are there: `&&` of the language is a jump.'],
  OR: ['', 'a b → bool', 'Of two values that are there: `||` of the language is a jump.'],
  NOT: ['', 'a → bool', ''],
  JUMP: ['instruction', '', 'Goes on there.'],
  JUMP_IF_FALSE: ['instruction', 'v →', 'Goes on there for null, false, 0 and what is empty.'],
  JUMP_IF_TRUE: ['instruction', 'v →', 'Goes on there for everything else.'],
  RETURN: ['', 'v →', 'Ends the action with a result.'],
  CALL_TOP: ['arguments', 'f a… → v', 'Calls a function as a value.', '2 per argument'],
  CALL_BUILTIN: [
    'name, arguments',
    'a… → v',
    'Calls a function of [builtins.md](builtins.md).',
    '2 per argument; as the page says',
  ],
  CALL_METHOD: [
    'name, arguments',
    'object a… → v',
    'Calls a method of the value; of an address, an action of the contract there (`zx_call`).',
    '2 per argument; as the method or the call',
  ],
  BUILD_LIST: ['items', 'v… → list', '', '4 per item'],
  BUILD_MAP: [
    'entries',
    'k v… → map',
    'Of equal keys the last value, at the place of the first.',
    '5 per entry, 3 per 32 bytes of a key',
  ],
  BUILD_SET: [
    'items',
    'v… → list',
    'The items that are different, in the order in which they first occur.',
    '4 per item; comparisons of items that are lists or maps',
  ],
  INDEX: [
    '',
    'object key → v',
    'An item, entry, code point or byte; null where there is none.',
    '3 per 32 bytes of a text or key; in the state, the read',
  ],
  SLICE: [
    '',
    'object start end → part',
    'From start to before end, brought within; null is the beginning or the end.',
    '3 per 32 bytes of a text and of the result, 3 per item; in the state, the reads',
  ],
  GET_ATTR: ['', 'map name → v', 'An entry of a map.', 'as INDEX'],
  EMIT_EVENT: [
    'name',
    'data →',
    'Logs an event that is not declared, with the topic of `name(bytes)`.',
    '750, 8 per byte, the encoding',
  ],
  HASH_BLOCK: [
    '',
    'v → bytes32',
    'SHA-256 of bytes, or of the UTF-8 of the canonical text.',
    '60, 12 per 32 bytes',
  ],
  VERIFY_SIGNATURE: [
    '',
    'signature message key → bool',
    'ECDSA over secp256k1 and the SHA-256 of the message; low s only.',
    '3000, the hash of the message',
  ],
  MERKLE_ROOT: [
    'items',
    'v… → bytes32',
    'As `merkle_root` of [builtins.md](builtins.md).',
    '8 and a SHA-256 per item, a SHA-256 of 65 bytes per node',
  ],
  STATE_READ: ['variable', '→ v', 'A cell of the state; of a map or list, where it is.', stateRead],
  STATE_WRITE: ['variable', 'v →', 'Sets a variable; lists and maps are copied.', stateWrite],
  TX_BEGIN: ['', '', 'From here on, state, balances and logs can be taken back.'],
  TX_COMMIT: ['', '', 'Keeps what was done since the last TX_BEGIN.'],
  TX_REVERT: ['', '', 'Takes it back, and goes on.'],
  GAS_CHARGE: ['gas', '', '', 'the operand'],
  LEDGER_APPEND: ['', 'v →', "Appends to the contract's ledger.", stateWrite],
  REQUIRE: [
    '',
    'condition message →',
    'A false condition reverts with `Error(message)`, null with no data.',
  ],
  AUDIT_LOG: [
    '',
    'action data →',
    'Logs `AuditLog(string,bytes)`.',
    '750, 8 per byte, the encoding',
  ],
  SETUP_TRY: [
    'instruction',
    '→ (there: error)',
    'Until POP_TRY a revert goes on there, with what failed on the stack.',
  ],
  POP_TRY: ['', '', 'Ends the last SETUP_TRY.'],
  THROW: ['', 'v →', 'Reverts; with `Error(canonical text)` when nothing catches it.'],
  NOP: ['', '', 'Nothing.'],
  MAP_READ: [
    'map, keys',
    'k… → v',
    'What the keys lead to: a cell, or where an inner map or list is.',
    `a Keccak-256 per key; ${stateRead}`,
  ],
  MAP_WRITE: [
    'map, keys',
    'k… v →',
    'Sets what the keys lead to.',
    `a Keccak-256 per key; ${stateWrite}`,
  ],
  REVERT: ['', 'message →', 'Reverts with `Error(message)`, null with no data.'],
  EMIT: ['event, arguments', 'a… →', 'Logs a declared event.', '375, 375 per topic, 8 per byte'],
  CALL_ACTION: [
    'action, arguments',
    'a… → v',
    'Calls an action of the same contract.',
    '2 per argument',
  ],
  TX_READ: ['field', '→ v', 'A field of the call and of the block around it.'],
  ITERATE: ['', 'object → iterator', 'Begins to walk over a text, bytes, list or map.'],
  ITER_NEXT: [
    'instruction',
    'iterator → iterator v (there: nothing)',
    'The next item, of a map the next key; goes on there at the end.',
    'in the state, the reads',
  ],
  ITER_NEXT_PAIR: [
    'instruction',
    'iterator → iterator k v (there: nothing)',
    'The next key or position, and what is there.',
    'in the state, the reads',
  ],
  STORE_INDEX: [
    '',
    'object key v →',
    'Sets an item or an entry.',
    '3 for a new entry, 3 per 32 bytes of a key; in the state, the write',
  ],
  MAKE_CLOSURE: ['action, values', 'v… → f', 'A function as a value.', '4 per value'],
  CALL_CONTRACT: [
    '',
    'target signature list value gas → v',
    `Calls another contract. ${signatureOfCall}`,
    callGas,
  ],
  STATIC_CALL: [
    '',
    'target signature list gas → v',
    `The same; nothing may be changed. ${signatureOfCall}`,
    callGas,
  ],
  DELEGATE_CALL: [
    '',
    'target signature list gas → v',
    `Runs the target's code on this contract's state. ${signatureOfCall}`,
    callGas,
  ],
  REVERT_ERROR: ['error, arguments', 'a… →', 'Reverts with a declared error.'],
};

/** What the page says, by the name of the opcode. */
export const OPCODE_DOCS: ReadonlyMap<string, OpcodeDoc> = new Map(
  Object.entries(rows).map(([name, [operands, stack, meaning, gas = '']]) => [
    name,
    { operands, stack, meaning, gas },
  ]),
);
