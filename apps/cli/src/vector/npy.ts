import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import type { FileInput } from './file-input.ts';

// NumPy's format of one array (NEP 1): the bytes 93 "NUMPY", a version, the length of the header, the
// header as a Python literal, then the values.

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** Magic, version, and the length of the header of version 1. */
const PREFIX_BYTES = 10;
/** The values begin at a multiple of it. */
const ALIGNMENT = 64;

/** How to read a value, by what NumPy calls its type without the order of the bytes. */
const READERS: Readonly<Record<string, { readonly bytes: number; readonly read: ValueReader }>> = {
  f2: { bytes: 2, read: (view, offset, little) => view.getFloat16(offset, little) },
  f4: { bytes: 4, read: (view, offset, little) => view.getFloat32(offset, little) },
  f8: { bytes: 8, read: (view, offset, little) => view.getFloat64(offset, little) },
  i1: { bytes: 1, read: (view, offset) => view.getInt8(offset) },
  u1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
};

type ValueReader = (view: DataView, offset: number, littleEndian: boolean) => number;

/** What the header of a file says. */
export type NpyHeader = {
  /** As NumPy writes it: `<f4`. */
  readonly type: string;
  readonly rows: number;
  readonly dimension: number;
  /** Where the values begin. */
  readonly offset: number;
  readonly rowBytes: number;
};

/**
 * The header of an array of one embedding (one axis) or of several (two). Types are `f2`, `f4`, `f8`
 * of either byte order, `i1` and `u1`.
 *
 * @throws `FILE_MALFORMED` when it is no such array, or the file is shorter or longer than it says
 */
export async function readNpyHeader(input: FileInput): Promise<NpyHeader> {
  const { text, offset } = await headerText(input);
  const [, descr = ''] = /'descr':\s*'([^']*)'/.exec(text) ?? [];
  const [, order = ''] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, shape] = /'shape':\s*\(([^)]*)\)/.exec(text) ?? [];
  if (order === '' || shape === undefined) throw malformed(input, 'its header is not one of NumPy');
  const [, byteOrder = '', kind = ''] = /^([<>|])(\w+)$/.exec(descr) ?? [];
  const reader = READERS[kind];
  if (reader === undefined || (byteOrder === '|' && reader.bytes > 1)) {
    throw malformed(input, `it holds ${descr || 'no plain type'}, not f2, f4, f8, i1 or u1`);
  }
  const [rows, dimension] = shapeOf(input, shape);
  if (order === 'True' && rows > 1 && dimension > 1) {
    throw malformed(input, 'it has one column after the other; save numpy.ascontiguousarray of it');
  }
  const rowBytes = dimension * reader.bytes;
  const bytes = offset + rows * rowBytes;
  if (bytes !== input.size) {
    throw malformed(input, `it has ${input.size} bytes where its header says ${bytes}`);
  }
  return { type: descr, rows, dimension, offset, rowBytes };
}

async function headerText(input: FileInput): Promise<{ text: string; offset: number }> {
  const prefix = await input.read(0, Math.min(PREFIX_BYTES + 2, input.size));
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  if (prefix.length < PREFIX_BYTES || !MAGIC.every((byte, index) => prefix[index] === byte)) {
    throw malformed(input, 'it does not begin as a .npy file does');
  }
  const version = prefix[6] ?? 0;
  if (version < 1 || version > 3) throw malformed(input, `its format version is ${version}`);
  const isShort = version === 1;
  if (!isShort && prefix.length < PREFIX_BYTES + 2) throw malformed(input, 'it ends in its header');
  const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = isShort ? PREFIX_BYTES : PREFIX_BYTES + 2;
  const offset = start + length;
  if (length > cliLimits.values.npyHeaderBytes || offset > input.size) {
    throw malformed(input, `its header would have ${length} bytes`);
  }
  return { text: new TextDecoder().decode(await input.read(start, length)), offset };
}

function shapeOf(input: FileInput, shape: string): readonly [rows: number, dimension: number] {
  const axes = shape
    .split(',')
    .map((axis) => axis.trim())
    .filter((axis) => axis !== '');
  const [first = '', second] = axes;
  const isSound = axes.every((axis) => /^\d{1,15}$/.test(axis));
  if (!isSound || axes.length < 1 || axes.length > 2) {
    throw malformed(input, `its shape is (${shape}), not (rows, dimension)`);
  }
  return second === undefined ? [1, Number(first)] : [Number(first), Number(second)];
}

/** Embeddings `from` to `to` (exclusive) of the file, one after the other. */
export async function readNpyRows(
  input: FileInput,
  header: NpyHeader,
  from: number,
  to: number,
): Promise<Float32Array> {
  const { type, dimension, offset, rowBytes } = header;
  const bytes = await input.read(offset + from * rowBytes, (to - from) * rowBytes);
  const values = new Float32Array((to - from) * dimension);
  const reader = READERS[type.slice(1)];
  if (reader === undefined) throw malformed(input, `it holds ${type}`);
  const littleEndian = !type.startsWith('>');
  if (type === '<f4' && IS_LITTLE_ENDIAN) {
    new Uint8Array(values.buffer).set(bytes);
    return values;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < values.length; index += 1) {
    values[index] = reader.read(view, index * reader.bytes, littleEndian);
  }
  return values;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The header of a file with `rows` embeddings as `<f4`. */
export function npyHeader(rows: number, dimension: number): Uint8Array {
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dimension}), }`;
  const unpadded = PREFIX_BYTES + dict.length + 1;
  const text = `${dict.padEnd(dict.length + ((ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT))}\n`;
  const header = new Uint8Array(PREFIX_BYTES + text.length);
  header.set(MAGIC);
  header[6] = 1;
  new DataView(header.buffer).setUint16(8, text.length, true);
  header.set(new TextEncoder().encode(text), PREFIX_BYTES);
  return header;
}

/** Embeddings as the bytes that follow the header. */
export function npyValues(values: Float32Array): Uint8Array {
  if (IS_LITTLE_ENDIAN) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true);
  return bytes;
}

function malformed({ path }: FileInput, detail: string): Error {
  return cliErrors.create('FILE_MALFORMED', `${path}: ${detail}`, { path });
}
