import type { AbiField } from '../bytecode/container.ts';
import type { ActionContext } from './generate-context.ts';
import { abiField, type TypeVariable } from './types.ts';

// The signature of a call says the types of a tuple, not the names of its fields, and has `bytes` where
// a value of any kind is encoded. So the code puts the fields of an entity in order, names those of a
// result, and encodes and decodes what has no type.

/** The type of a parameter or result in the ABI; of a value without a type encoded bytes. */
export function fieldOf(name: string, types: TypeVariable): AbiField {
  return abiField(name, types) ?? { name, type: 'bytes', isEncoded: true };
}

/** Whether a value of the type is another one in a call than in the language. */
export function isForeign({ isEncoded, components }: AbiField): boolean {
  return isEncoded === true || components !== undefined;
}

/** value → value that the call encodes as the parameter's type says; null, the zero of every type, stays */
export function callArgument(context: ActionContext, field: AbiField): void {
  convert(context, field, unlessNull, (inner) => {
    const { assembler } = context;
    if (inner.isEncoded === true) {
      assembler.emit('CALL_BUILTIN', [context.name('encode'), 1], 1);
      return;
    }
    const components = inner.components ?? [];
    unlessNull(context, () =>
      withTemporary(context, (tuple) => {
        for (const component of components) {
          context.load(tuple);
          context.text(component.name);
          assembler.emit('GET_ATTR');
          if (isForeign(component)) callArgument(context, component);
        }
        assembler.emit('BUILD_LIST', [components.length], components.length);
      }),
    );
  });
}

/** value as the call gives it → value of the result's type */
export function callResult(context: ActionContext, field: AbiField): void {
  convert(context, field, always, (inner) => {
    const { assembler } = context;
    if (inner.isEncoded === true) {
      assembler.emit('CALL_BUILTIN', [context.name('decode'), 1], 1);
      return;
    }
    const components = inner.components ?? [];
    withTemporary(context, (tuple) => {
      for (const [index, component] of components.entries()) {
        context.text(component.name);
        context.load(tuple);
        context.number(index);
        assembler.emit('INDEX');
        if (isForeign(component)) callResult(context, component);
      }
      assembler.emit('BUILD_MAP', [components.length], components.length);
    });
  });
}

/** value → what the code makes of it; null stays null */
function unlessNull(context: ActionContext, work: () => void): void {
  const { assembler } = context;
  const end = assembler.newLabel();
  assembler.emit('DUP');
  context.constant({ kind: 'null' });
  assembler.emit('EQ');
  assembler.jump('JUMP_IF_TRUE', end);
  work();
  assembler.bind(end);
}

/** As {@link unlessNull}, of a value that is not null. */
function always(_: ActionContext, work: () => void): void {
  work();
}

/** Converts a value, or for a type such as `tuple[]` each item of a list, into a new list. */
function convert(
  context: ActionContext,
  field: AbiField,
  guarded: typeof unlessNull,
  convertOne: (field: AbiField) => void,
): void {
  const bracket = field.type.lastIndexOf('[');
  if (bracket < 0) {
    convertOne(field);
    return;
  }
  guarded(context, () => {
    const { assembler } = context;
    const [start, end] = [assembler.newLabel(), assembler.newLabel()];
    const [made, item] = [context.takeTemporary(), context.takeTemporary()];
    assembler.emit('BUILD_LIST', [0]);
    context.store(made);
    assembler.emit('ITERATE');
    assembler.bind(start);
    assembler.jump('ITER_NEXT', end);
    convert(context, { ...field, type: field.type.slice(0, bracket) }, guarded, convertOne);
    context.store(item);
    context.load(made);
    context.load(item);
    assembler.emit('CALL_BUILTIN', [context.name('push'), 2], 2);
    assembler.emit('POP');
    assembler.jump('JUMP', start);
    assembler.bind(end);
    context.load(made);
    context.releaseTemporaries([made, item]);
  });
}

/** value → …; keeps it in a variable meanwhile */
function withTemporary(context: ActionContext, use: (name: string) => void): void {
  const name = context.takeTemporary();
  context.store(name);
  use(name);
  context.releaseTemporaries([name]);
}
