import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { storageErrors } from '@lucerna/storage';
import { errorCode } from './files.ts';

// Layout of a meta page in lmdb 3.5 (mdb.c: MDB_page, MDB_meta), little-endian.
const FLAGS_OFFSET = 18;
const MAGIC_OFFSET = 24;
const VERSION_OFFSET = 28;
const PAGE_SIZE_OFFSET = 48;
const FREE_TREE_FLAGS_OFFSET = 52;
const MAIN_TREE_FLAGS_OFFSET = 100;
const LAST_PAGE_OFFSET = 144;
const META_BYTES = 160;

const META_FLAG = 0x08;
const MAGIC = 0xbeefc0de;
const VERSION = 2;
/** The free list has numbers as keys; another flag here would be one of the environment. */
const FREE_TREE_FLAGS = 0x08;
/** Another flag would be another order of the keys. */
const MAIN_TREE_FLAGS = 0;

/** The file may end before its last page, by the pages that a commit took and gave back. */
const MISSING_BYTES = 2 ** 30;

/**
 * Checks that `data.mdb` in the folder `path`, if it is there, begins with LMDB's two meta pages, and
 * that what LMDB follows in them before it looks at a page is possible. The native library checks a
 * part of it too, but ends the process instead of reporting it (3.5.6).
 *
 * Not a promise: a start waits for it, and the system answers at once.
 *
 * @throws `STORE_CORRUPT`
 */
export function checkLmdbHeader(path: string): void {
  const file = join(path, 'data.mdb');
  const first = readMeta(file, 0);
  if (first === undefined) return;
  const pageBytes = first.page.getUint32(PAGE_SIZE_OFFSET, true);
  const second = isMeta(first, pageBytes) ? readMeta(file, pageBytes) : undefined;
  if (second !== undefined && isMeta(second, pageBytes)) return;
  throw storageErrors.create('STORE_CORRUPT', `${file} is not an LMDB file`, { file });
}

/** A meta page, and the length of its file. */
type Meta = { readonly page: DataView; readonly fileBytes: number };

function isMeta({ page, fileBytes }: Meta, pageBytes: number): boolean {
  const lastPage = Number(page.getBigUint64(LAST_PAGE_OFFSET, true));
  return (
    (page.getUint16(FLAGS_OFFSET, true) & META_FLAG) !== 0 &&
    page.getUint32(MAGIC_OFFSET, true) === MAGIC &&
    page.getUint32(VERSION_OFFSET, true) === VERSION &&
    page.getUint32(PAGE_SIZE_OFFSET, true) === pageBytes &&
    pageBytes >= META_BYTES &&
    page.getUint16(FREE_TREE_FLAGS_OFFSET, true) === FREE_TREE_FLAGS &&
    page.getUint16(MAIN_TREE_FLAGS_OFFSET, true) === MAIN_TREE_FLAGS &&
    lastPage * pageBytes <= 2 * fileBytes + MISSING_BYTES
  );
}

/** The meta page at `offset`, zeros beyond the end of the file; undefined when it is not there or empty. */
function readMeta(file: string, offset: number): Meta | undefined {
  const bytes = new Uint8Array(META_BYTES);
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const fileBytes = fstatSync(handle).size;
    if (fileBytes === 0) return undefined;
    readSync(handle, bytes, 0, META_BYTES, offset);
    return { page: new DataView(bytes.buffer), fileBytes };
  } finally {
    closeSync(handle);
  }
}
