import { assert, present } from '@lucerna/base';
import { DiagnosticSink } from '../syntax/diagnostics.ts';
import { parse } from '../syntax/parser.ts';
import type { SourceFile } from '../syntax/source.ts';
import { declareProgram } from './modules.ts';
import { type DeclaredOf, NameScope } from './names.ts';

/** Functions of the compiler's own library. */
export type PreludeFunction =
  | '__all'
  | '__any'
  | '__count'
  | '__each'
  | '__filter'
  | '__find'
  | '__map'
  | '__reduce'
  | '__reduce_all'
  | '__sort_by';

/**
 * Methods that take a function, as functions of the value before the dot. Of a map they go over the
 * values. They are compiled into each contract that uses them, so that the machine never runs a function
 * from within an instruction, and their gas is that of their code.
 */
const SOURCE: SourceFile = {
  name: 'zexus:prelude',
  text: `
action __map(items: any, f: any) -> list {
  let result = []
  for each _at, item in items { result.push(f(item)) }
  return result
}

action __filter(items: any, f: any) -> list {
  let result = []
  for each _at, item in items { if f(item) { result.push(item) } }
  return result
}

action __reduce(items: any, f: any, initial: any) -> any {
  let result: any = initial
  for each _at, item in items { result = f(result, item) }
  return result
}

// Without a first value: the first item is it, and nothing comes of no items.
action __reduce_all(items: any, f: any) -> any {
  let result: any = null
  let isFirst = true
  for each _at, item in items {
    if isFirst { result = item } else { result = f(result, item) }
    isFirst = false
  }
  return result
}

action __each(items: any, f: any) {
  for each _at, item in items { f(item) }
}

action __find(items: any, f: any) -> any {
  for each _at, item in items { if f(item) { return item } }
  return null
}

action __any(items: any, f: any) -> bool {
  for each _at, item in items { if f(item) { return true } }
  return false
}

action __all(items: any, f: any) -> bool {
  for each _at, item in items { if !f(item) { return false } }
  return true
}

action __count(items: any, f: any) -> integer {
  let result: integer = 0
  for each _at, item in items { if f(item) { result += 1 } }
  return result
}

// Merge sort from the bottom up: items with equal keys keep their order, and each key is asked for once.
action __sort_by(items: any, f: any) -> list {
  let sorted: list = []
  let keys: list = []
  for each _at, item in items {
    sorted.push(item)
    keys.push(f(item))
  }
  let size: integer = len(sorted)
  let width: integer = 1
  while width < size {
    let merged: list = []
    let mergedKeys: list = []
    let start: integer = 0
    while start < size {
      let middle: integer = start + width
      if middle > size { middle = size }
      let end: integer = middle + width
      if end > size { end = size }
      let left: integer = start
      let right: integer = middle
      while left < middle || right < end {
        let isLeft = right >= end
        if !isLeft && left < middle { isLeft = keys[left] <= keys[right] }
        if isLeft {
          merged.push(sorted[left])
          mergedKeys.push(keys[left])
          left += 1
        } else {
          merged.push(sorted[right])
          mergedKeys.push(keys[right])
          right += 1
        }
      }
      start = end
    }
    sorted = merged
    keys = mergedKeys
    width *= 2
  }
  return sorted
}
`,
};

let scope: NameScope | undefined;

/** A function of the library, which is parsed when the first one is asked for. */
export function preludeFunction(name: PreludeFunction): DeclaredOf<'function'> {
  scope ??= load();
  const declared = present(scope.own(name), `the prelude has ${name}`);
  assert(declared.kind === 'function', `${name} is a function`);
  return declared;
}

/** Whether the file is that of the library. */
export function isPrelude(source: SourceFile): boolean {
  return source === SOURCE;
}

function load(): NameScope {
  const { program, diagnostics } = parse(SOURCE);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert(errors.length === 0, `the prelude parses: ${errors[0]?.message}`);
  const loaded = new NameScope(SOURCE);
  declareProgram(program, loaded, new DiagnosticSink(SOURCE));
  return loaded;
}

/** Names of methods that take a function, and the least number of arguments. */
const METHODS: ReadonlyMap<string, PreludeFunction> = new Map([
  ['map', '__map'],
  ['filter', '__filter'],
  ['each', '__each'],
  ['for_each', '__each'],
  ['forEach', '__each'],
  ['find', '__find'],
  ['any', '__any'],
  ['some', '__any'],
  ['all', '__all'],
  ['every', '__all'],
  ['sort_by', '__sort_by'],
  ['sortBy', '__sort_by'],
  ['count', '__count'],
]);

/**
 * The function that a method with as many arguments is, the first of which is a function; undefined for
 * other methods.
 */
export function higherOrderMethod(name: string, count: number): PreludeFunction | undefined {
  if (name === 'reduce') {
    if (count === 1) return '__reduce_all';
    return count === 2 ? '__reduce' : undefined;
  }
  return count === 1 ? METHODS.get(name) : undefined;
}
