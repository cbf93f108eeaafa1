import { present } from '@lucerna/base';
import { plainDepth, type StateShape, type StateVariable } from '../layout/schema.ts';
import { zexusLimits } from '../limits.ts';
import { encodeUtf8 } from '../utf8.ts';
import { type ByteReader, malformed } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { SHAPE_KINDS, VARIABLE_KINDS } from './format.ts';
import { cellTypeCode, cellTypeOfCode } from './type-codes.ts';

// Variables of the state in a container: docs/spec/zxc.md, "State". Cells and plain maps of cells have
// forms of their own, which are shorter; everything else is a tree.

/** Writes a variable in its one form. */
export function writeVariable(out: ByteWriter, { name, shape }: StateVariable): void {
  out.counted(encodeUtf8(name));
  const { depth, leaf } = plainDepth(shape);
  if (leaf.kind !== 'cell') {
    out.byte(VARIABLE_KINDS.tree);
    writeShape(out, shape);
    return;
  }
  out.byte(depth === 0 ? VARIABLE_KINDS.cell : VARIABLE_KINDS.plainMap);
  if (depth > 0) out.number(depth);
  writeCellType(out, leaf);
}

/** Writes a shape as a tree: also what the fingerprint of a state's layout is made of. */
export function writeShape(out: ByteWriter, shape: StateShape): void {
  out.byte(SHAPE_KINDS[shape.kind]);
  if (shape.kind === 'cell') writeCellType(out, shape);
  else writeShape(out, shape.kind === 'list' ? shape.element : shape.value);
}

function writeCellType(out: ByteWriter, { type }: Extract<StateShape, { kind: 'cell' }>): void {
  out.byte(present(cellTypeCode(type), 'a type of cells'));
}

/** The variable whose name was read. @throws `ZXC_FLAG`, `ZXC_LIMIT`, `ZXC_TYPE`, `ZXC_SHAPE` */
export function readVariable(reader: ByteReader, name: string): StateVariable {
  const kind = reader.flag(VARIABLE_KINDS.tree);
  const offset = reader.position;
  if (kind !== VARIABLE_KINDS.tree) {
    const depth = kind === VARIABLE_KINDS.plainMap ? readDepth(reader) : 0;
    return { name, shape: withPlainMaps(readCell(reader), depth) };
  }
  const shape = readShape(reader);
  if (!isShape(shape)) throw malformed('ZXC_SHAPE', offset, name);
  if (plainDepth(shape).leaf.kind === 'cell') throw malformed('ZXC_SHAPE', offset, name);
  return { name, shape };
}

function readDepth(reader: ByteReader): number {
  const offset = reader.position;
  const depth = reader.number();
  const max = zexusLimits.values.containerMapDepth;
  if (depth >= 1 && depth <= max) return depth;
  throw malformed('ZXC_LIMIT', offset, `containerMapDepth: ${depth} of 1 to ${max}`);
}

function withPlainMaps(leaf: StateShape, depth: number): StateShape {
  let shape = leaf;
  for (let level = 0; level < depth; level += 1) shape = { kind: 'map', value: shape };
  return shape;
}

/** A tree has one way only, from the outside to its cell: it is read down and made on the way up. */
function readShape(reader: ByteReader): StateShape {
  const outer: number[] = [];
  const max = zexusLimits.values.containerMapDepth;
  let kind = reader.flag(SHAPE_KINDS.list);
  while (kind !== SHAPE_KINDS.cell) {
    const offset = reader.position - 1;
    if (outer.length >= max) {
      throw malformed('ZXC_LIMIT', offset, `containerMapDepth: more than ${max}`);
    }
    outer.push(kind);
    kind = reader.flag(SHAPE_KINDS.list);
  }
  return outer.reduceRight<StateShape>((inner, code) => {
    if (code === SHAPE_KINDS.list) return { kind: 'list', element: inner };
    return { kind: code === SHAPE_KINDS.map ? 'map' : 'enumerable', value: inner };
  }, readCell(reader));
}

function readCell(reader: ByteReader): StateShape {
  const offset = reader.position;
  const type = cellTypeOfCode(reader.byte());
  if (type === undefined) throw malformed('ZXC_TYPE', offset);
  return { kind: 'cell', type };
}

/**
 * Whether containers can hold the shape: what the verifier asks, and a decoded one obeys already. What can
 * be cleared has no plain map in it, which could not be.
 */
export function isShape(shape: StateShape): boolean {
  let inner = shape;
  let isCleared = false;
  for (let level = 0; inner.kind !== 'cell'; level += 1) {
    if (level >= zexusLimits.values.containerMapDepth) return false;
    if (inner.kind !== 'map') isCleared = true;
    else if (isCleared) return false;
    inner = inner.kind === 'list' ? inner.element : inner.value;
  }
  const code = cellTypeCode(inner.type);
  return code !== undefined && cellTypeOfCode(code) === inner.type;
}
