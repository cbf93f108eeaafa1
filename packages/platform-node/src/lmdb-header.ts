import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { storageErrors } from '@lucerna/storage';
import { errorCode } from './files.ts';

// Layout of a meta page in lmdb 3.5 (mdb.c: MDB_page, MDB_meta), little-endian.
const FLAGS_OFFSET = 18;
const MAGIC_OFFSET = 24;
const VERSION_OFFSET = 28;
const PAGE_SIZE_OFFSET = 48;
const META_BYTES = 160;

const META_FLAG = 0x08;
const MAGIC = 0xbeefc0de;
const VERSION = 2;

/**
 * Checks that `data.mdb` in the folder `path`, if it is there, begins with LMDB's two meta pages. The
 * native library does that too, but ends the process instead of reporting it (3.5.6).
 *
 * Not a promise: a start waits for it, and the system answers at once.
 *
 * @throws `STORE_CORRUPT`
 */
export function checkLmdbHeader(path: string): void {
  const file = join(path, 'data.mdb');
  const first = readMeta(file, 0);
  if (first === undefined) return;
  const pageSize = first.getUint32(PAGE_SIZE_OFFSET, true);
  const second = isMeta(first) ? readMeta(file, pageSize) : undefined;
  if (second !== undefined && isMeta(second)) return;
  throw storageErrors.create('STORE_CORRUPT', `${file} is not an LMDB file`, { file });
}

function isMeta(page: DataView): boolean {
  return (
    (page.getUint16(FLAGS_OFFSET, true) & META_FLAG) !== 0 &&
    page.getUint32(MAGIC_OFFSET, true) === MAGIC &&
    page.getUint32(VERSION_OFFSET, true) === VERSION
  );
}

/** The bytes at `offset`, zeros beyond the end of the file; undefined when it is not there or empty. */
function readMeta(file: string, offset: number): DataView | undefined {
  const bytes = new Uint8Array(META_BYTES);
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    if (fstatSync(handle).size === 0) return undefined;
    readSync(handle, bytes, 0, META_BYTES, offset);
    return new DataView(bytes.buffer);
  } finally {
    closeSync(handle);
  }
}
