import { Address, List } from '../../src/vm/value.ts';
import { list, map, testCases } from './opcode-cases.ts';
import { account } from './support.ts';

const ALICE = new Address(account(1));
const BIG = 2n ** 60n;

testCases({
  LOAD_CONST: [{ operands: ['text'], result: 'text', gas: 1 }],
  LOAD_NAME: [{ operands: ['never stored'], result: null, gas: 2 }],
  STORE_NAME: [{ stack: [5], operands: ['x'], gas: 3 }],
  POP: [{ stack: [5], gas: 1 }],
  DUP: [{ stack: [5], result: 5, gas: 1 }],
  DUP2: [{ stack: [5, 6], result: 6, gas: 2 }],
  ADD: [
    { stack: [2, 3], result: 5, gas: 3 },
    { stack: [BIG, 3], result: BIG + 3n, gas: 3 + 3 },
    { stack: ['a', 1], result: 'a1', gas: 3 + 3 },
    { stack: [true, 1], panic: 0x01 },
    { given: [...list(1, 2), ...list(3)], result: new List([1, 2, 3]), gas: 3 + 3 * 3 },
    { stack: ['a'], given: list(1, null), result: 'a[1, null]', gas: 3 + 2 * 3 + 3 },
    { given: [...map('k', true), ['LOAD_CONST', '']], result: '{k: true}', gas: 3 + 3 + 3 },
    { given: [...list(1), ...map()], panic: 0x01 },
    { given: [...list(1), ['LOAD_CONST', 1]], panic: 0x01 },
  ],
  SUB: [
    { stack: [2, 3], result: -1, gas: 3 },
    { stack: [BIG, BIG], result: 0, gas: 3 + 3 },
    { stack: ['a', 1], panic: 0x01 },
  ],
  MUL: [
    { stack: [2, 3], result: 6, gas: 5 },
    { stack: [2 ** 30, 2 ** 30], result: BIG, gas: 5 + 3 },
    { stack: ['ab', 20], result: 'ab'.repeat(20), gas: 5 + 3 * 2 },
    { stack: [2n ** 255n, 2], panic: 0x11 },
  ],
  DIV: [
    { stack: [7, 2], result: 3, gas: 10 },
    { stack: [BIG, 2], result: 2n ** 59n, gas: 10 + 3 },
    { stack: [7, 0], panic: 0x12 },
  ],
  MOD: [
    { stack: [7, 4], result: 3, gas: 10 },
    { stack: [BIG, 7], result: 1, gas: 10 + 3 },
    { stack: [7, 0], panic: 0x12 },
  ],
  POW: [
    { stack: [3, 4], result: 81, gas: 20 },
    { stack: [2, 60], result: BIG, gas: 20 + 3 },
    { stack: [2, 256], panic: 0x11 },
  ],
  NEG: [
    { stack: [5], result: -5, gas: 2 },
    { stack: [BIG], result: -BIG, gas: 2 + 3 },
    { stack: [null], panic: 0x01 },
  ],
  EQ: [
    { stack: [5, 5], result: true, gas: 2 },
    { stack: ['a'.repeat(33), 'b'.repeat(40)], result: false, gas: 2 + 3 * 2 },
    { given: [...list(1, 2), ...list(1, 2)], result: true, gas: 2 + 2 * 3 },
    { given: [...list(1, 2), ...list(2, 2)], result: false, gas: 2 + 3 },
    { given: [...list(1), ...list(1, 2)], result: false, gas: 2 },
    { given: [...map('a', 1, 'b', 2), ...map('b', 2, 'a', 1)], result: true, gas: 2 + 2 * 3 },
    { given: [...map('a', 1), ...map('b', 1)], result: false, gas: 2 + 3 },
    { given: [...map(1, 1), ...map('1', 1)], result: false, gas: 2 + 3 },
    { given: [...list(), ...map()], result: false, gas: 2 },
    { given: [...list('a'), ...list('a')], result: true, gas: 2 + 3 + 3 },
    { given: [...list(), ['LOAD_CONST', null]], result: false, gas: 2 },
    { given: [...list(5), ['DUP']], result: true, gas: 2 },
  ],
  NEQ: [
    { stack: [5, 5], result: false, gas: 2 },
    { stack: [new Uint8Array(33), new Uint8Array(33)], result: false, gas: 2 + 3 * 2 },
  ],
  LT: [
    { stack: [1, 2], result: true, gas: 2 },
    { stack: [true, 2], panic: 0x01 },
  ],
  GT: [
    { stack: [1, 2], result: false, gas: 2 },
    { stack: [null, null], panic: 0x01 },
  ],
  LTE: [
    { stack: [2, 2], result: true, gas: 2 },
    { stack: [ALICE, 2], panic: 0x01 },
  ],
  GTE: [
    { stack: [1, 2], result: false, gas: 2 },
    { stack: ['b', 'a'], result: true, gas: 2 + 3 },
    { stack: ['b', 1], panic: 0x01 },
  ],
  NOT: [
    { stack: [''], result: true, gas: 2 },
    { given: list(), result: true, gas: 2 },
    { given: list(null), result: false, gas: 2 },
    { given: map(), result: true, gas: 2 },
    { given: map('a', null), result: false, gas: 2 },
    { given: [['MAKE_CLOSURE', 0, 0]], result: false, gas: 2 },
    { given: [['STATE_READ', 'items']], result: true, gas: 2 + 2_100 },
    { given: [['STATE_READ', 'balances']], panic: 0x01 },
  ],
  NOP: [{ gas: 0 }],
  AND: [
    { stack: [1, 'a'], result: true, gas: 2 },
    { stack: [1, ''], result: false, gas: 2 },
    { stack: [null, 1], result: false, gas: 2 },
    { given: [...list(1), ...list()], result: false, gas: 2 },
    { given: [...map(1, 1), ...list(0)], result: true, gas: 2 },
  ],
  OR: [
    { stack: [0, 'a'], result: true, gas: 2 },
    { stack: [0, false], result: false, gas: 2 },
    { given: [...list(), ...map()], result: false, gas: 2 },
  ],
});
