import { describe, expect, it } from 'vitest';
import { opcodeByCode } from '../../src/bytecode/opcodes.ts';
import { Assembler, ConstantPool } from '../../src/compiler/assembler.ts';

function names(assembler: Assembler): readonly string[] {
  return assembler
    .finish()
    .map(({ opcode, operands }) => [opcodeByCode(opcode)?.name, ...operands].join(' '));
}

/** An assembler with values on the stack. */
function withValues(count: number): Assembler {
  const assembler = new Assembler();
  for (let index = 0; index < count; index += 1) assembler.emit('LOAD_CONST', [0]);
  return assembler;
}

describe('the stack', () => {
  it.each([
    ['CALL_TOP', [2], 2, 3, 1],
    ['CALL_METHOD', [0, 2], 2, 3, 1],
    ['BUILD_LIST', [3], 3, 3, 1],
    ['BUILD_MAP', [2], 2, 4, 1],
    ['EMIT', [0, 2], 2, 2, 0],
    ['STORE_INDEX', [], 0, 3, 0],
    ['DUP2', [], 0, 2, 4],
    ['CALL_CONTRACT', [], 0, 5, 1],
    ['STATIC_CALL', [], 0, 4, 1],
  ] as const)('%s takes and leaves what its row says', (name, operands, items, pops, pushes) => {
    const assembler = withValues(pops);
    assembler.emit(name, operands, items);
    for (let index = 0; index < pushes; index += 1) assembler.emit('POP');
    expect(() => assembler.emit('POP')).toThrow();
    const short = withValues(pops - 1);
    expect(() => short.emit(name, operands, items)).toThrow();
  });

  it('is at most as deep as at its deepest point, also where a jump leads', () => {
    const assembler = withValues(1);
    const [start, end] = [assembler.newLabel(), assembler.newLabel()];
    assembler.emit('ITERATE');
    assembler.bind(start);
    assembler.jump('ITER_NEXT_PAIR', end);
    expect(assembler.maxDepth).toBe(3);
    assembler.emit('POP');
    assembler.emit('POP');
    assembler.jump('JUMP', start);
    assembler.bind(end);
    const handler = assembler.newLabel();
    assembler.emit('TX_BEGIN');
    assembler.jump('SETUP_TRY', handler);
    assembler.emit('LOAD_CONST', [0]);
    assembler.emit('THROW');
    assembler.bind(handler);
    assembler.emit('TX_REVERT');
    assembler.emit('RETURN');
    expect(names(assembler)).toEqual([
      ...['LOAD_CONST 0', 'ITERATE', 'ITER_NEXT_PAIR 6', 'POP', 'POP', 'JUMP 2'],
      ...['TX_BEGIN', 'SETUP_TRY 10', 'LOAD_CONST 0', 'THROW', 'TX_REVERT', 'RETURN'],
    ]);
  });

  it('is the same on all ways to a label', () => {
    const assembler = withValues(2);
    const label = assembler.newLabel();
    assembler.jump('JUMP_IF_TRUE', label);
    assembler.emit('POP');
    expect(() => assembler.bind(label)).toThrow();
  });
});

describe('what is open', () => {
  it('ends before a return', () => {
    const assembler = withValues(1);
    assembler.emit('TX_BEGIN');
    expect(() => assembler.emit('RETURN')).toThrow();
  });

  it('is the same on all ways to a label', () => {
    const assembler = withValues(1);
    const label = assembler.newLabel();
    assembler.jump('JUMP_IF_TRUE', label);
    assembler.emit('TX_BEGIN');
    expect(() => assembler.bind(label)).toThrow();
  });

  it('ends only once', () => {
    expect(() => new Assembler().emit('POP_TRY')).toThrow();
    expect(() => new Assembler().emit('TX_COMMIT')).toThrow();
  });

  it('is no longer a try where the failure is handled', () => {
    const assembler = new Assembler();
    const handler = assembler.newLabel();
    assembler.jump('SETUP_TRY', handler);
    assembler.emit('LOAD_CONST', [0]);
    assembler.emit('THROW');
    assembler.bind(handler);
    expect(() => assembler.emit('POP_TRY')).toThrow();
  });
});

describe('code that cannot be reached', () => {
  it.each(['JUMP', 'RETURN', 'REVERT', 'REVERT_ERROR', 'THROW'] as const)(
    'is left out behind %s',
    (name) => {
      const assembler = withValues(1);
      const end = assembler.newLabel();
      if (name === 'JUMP') assembler.jump(name, end);
      else
        assembler.emit(
          name,
          name === 'REVERT_ERROR' ? [0, 1] : [],
          name === 'REVERT_ERROR' ? 1 : 0,
        );
      expect(assembler.isReachable).toBe(false);
      assembler.emit('ADD');
      assembler.bind(assembler.newLabel());
      assembler.emit('ADD');
      if (name === 'JUMP') {
        assembler.bind(end);
        assembler.emit('RETURN');
      }
      expect(names(assembler)).toHaveLength(name === 'JUMP' ? 3 : 2);
    },
  );
});

describe('constants', () => {
  it('are there once, different kinds apart', () => {
    const pool = new ConstantPool();
    const bytes = new Uint8Array(20);
    const indexes = [
      pool.indexOf({ kind: 'string', value: '1' }),
      pool.indexOf({ kind: 'integer', value: 1n }),
      pool.indexOf({ kind: 'bytes', value: bytes }),
      pool.indexOf({ kind: 'address', value: bytes }),
      pool.indexOf({ kind: 'null' }),
      pool.indexOf({ kind: 'string', value: 'null' }),
      pool.indexOf({ kind: 'integer', value: 1n }),
    ];
    expect(indexes).toEqual([0, 1, 2, 3, 4, 5, 1]);
  });
});
