import { describe, expect, it } from 'vitest';
import { OPCODE_DOCS } from '../../src/bytecode/opcode-docs.ts';
import { OPCODES } from '../../src/bytecode/opcodes.ts';
import { BUILTIN_DOCS } from '../../src/compiler/builtin-docs.ts';
import {
  BUILTIN_ALIASES,
  BUILTIN_SIGNATURES,
  builtinSignature,
} from '../../src/compiler/builtin-signatures.ts';
import { FORBIDDEN_FUNCTIONS } from '../../src/compiler/forbidden-functions.ts';
import {
  METHOD_SIGNATURES,
  methodSignature,
  receiverOf,
} from '../../src/compiler/method-signatures.ts';
import { BUILTINS, builtinPosition } from '../../src/vm/builtin-table.ts';
import { METHOD_ALIASES, METHODS, methodPosition, RECEIVERS } from '../../src/vm/method-table.ts';
import { builtin, endOf, machine } from './builtin-machine.ts';

const names = BUILTINS.map(({ name }) => name);

describe('the table of builtins', () => {
  it('names each builtin once', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.map(builtinPosition)).toEqual(names.map((_, position) => position));
    expect(builtinPosition('random')).toBeUndefined();
  });

  it.each(BUILTINS)('$name has a signature, a line of the page and a body', (row) => {
    const signature = BUILTIN_SIGNATURES.get(row.name);
    expect(signature?.parameters).toHaveLength(row.arguments);
    expect(row.optional).toBeLessThanOrEqual(row.arguments);
    expect(row.arguments).toBeLessThanOrEqual(4);
    const docs = BUILTIN_DOCS.filter(({ name }) => name === row.name);
    expect(docs).toHaveLength(1);
    expect(docs[0]!.example).toContain(`${row.name}(`);
    // Whatever it says to nothing at all: it is there, and throws nothing that is not a halt.
    expect(endOf(() => builtin(machine(), row.name))).toBeDefined();
  });

  it('has no lines of the page without a builtin', () => {
    expect(BUILTIN_DOCS.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  it('has other names only for what there is', () => {
    for (const [alias, name] of BUILTIN_ALIASES) {
      expect(names).toContain(name);
      expect(names).not.toContain(alias);
      expect(builtinSignature(alias)).toBe(builtinSignature(name));
    }
  });

  it('forbids nothing that there is', () => {
    for (const [name, hint] of FORBIDDEN_FUNCTIONS) {
      expect(builtinSignature(name)).toBeUndefined();
      expect(hint.length).toBeGreaterThanOrEqual(10);
    }
  });

  it('says who writes, reads and changes its argument', () => {
    const of = (key: 'mutates' | 'writes'): readonly string[] =>
      BUILTINS.filter((row) => row[key]).map(({ name }) => name);
    expect(of('writes')).toEqual(['transfer', 'require_layout', 'state_write']);
    expect(of('mutates')).toEqual(['set', 'remove', 'clear', 'push', 'pop', 'insert', 'remove_at']);
    expect(BUILTINS.every(({ reads, writes }) => reads || !writes)).toBe(true);
  });
});

describe('the table of methods', () => {
  it.each(RECEIVERS)('%s has methods that are builtins, in order', (receiver) => {
    expect([...METHODS[receiver]].sort()).toEqual(METHODS[receiver]);
    for (const name of METHODS[receiver]) {
      expect(methodPosition(receiver, name)).toBe(builtinPosition(name));
      const signature = methodSignature(receiver, name)!;
      const kinds = BUILTIN_SIGNATURES.get(name)!.parameters[0];
      expect(kinds === undefined || kinds.includes(receiver), `${name} takes a ${receiver}`).toBe(
        true,
      );
      expect(signature.parameters).toHaveLength(signature.parameterNames.length);
      expect(signature.optional).toBeLessThanOrEqual(signature.parameters.length);
    }
    expect(METHOD_SIGNATURES.get(receiver)!.size).toBe(METHODS[receiver].length);
  });

  it('understands other names of methods', () => {
    for (const [alias, name] of METHOD_ALIASES) {
      expect(RECEIVERS.some((receiver) => METHODS[receiver].includes(name))).toBe(true);
      for (const receiver of RECEIVERS) {
        expect(methodPosition(receiver, alias)).toBe(methodPosition(receiver, name));
        expect(methodSignature(receiver, alias)).toBe(methodSignature(receiver, name));
      }
    }
    expect(methodSignature('list', 'mint')).toBeUndefined();
  });

  it('knows which types have methods', () => {
    expect(receiverOf('bytes32')).toBe('bytes');
    expect(receiverOf('entity Point')).toBe('map');
    expect(receiverOf('string')).toBe('string');
    expect(receiverOf('integer')).toBeUndefined();
    expect(receiverOf('contract Token')).toBeUndefined();
    expect(methodSignature('bytes', 'slice')!.result).toBe('bytes');
    expect(methodSignature('string', 'reverse')!.result).toBe('string');
    expect(methodSignature('map', 'get')!.isWhole).toBe(false);
    expect(methodSignature('map', 'has')!.isWhole).toBe(true);
  });
});

describe('the page of opcodes', () => {
  it('has a line for every opcode and no others', () => {
    expect([...OPCODE_DOCS.keys()].sort()).toEqual(OPCODES.map(({ name }) => name).sort());
  });
});
