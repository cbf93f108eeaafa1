import type { Fields } from '@lucerna/base';
import { storageErrors } from '@lucerna/storage';

/** The browser's name of what went wrong (`NotFoundError`), or the empty text. */
export function errorName(error: unknown): string {
  const name = (error as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : '';
}

/** True where a file or a folder is not there. */
export function isMissing(error: unknown): boolean {
  return errorName(error) === 'NotFoundError';
}

/** `FILE_OPEN_FAILED` with what the browser said. */
export function openError(error: unknown, fields: Fields): Error {
  return storageErrors.create('FILE_OPEN_FAILED', messageOf(error), fields, error);
}

/** `FILE_READ_FAILED` with what the browser said. */
export function readError(error: unknown, fields: Fields): Error {
  return storageErrors.create('FILE_READ_FAILED', messageOf(error), fields, error);
}

/** `FILE_WRITE_FAILED`, or `FILE_DISK_FULL` when the origin has no room left. */
export function writeError(error: unknown, fields: Fields): Error {
  const full = errorName(error) === 'QuotaExceededError';
  const code = full ? 'FILE_DISK_FULL' : 'FILE_WRITE_FAILED';
  return storageErrors.create(code, messageOf(error), fields, error);
}

/** `FILE_SYNC_FAILED` with what the browser said. */
export function syncError(error: unknown, fields: Fields): Error {
  return storageErrors.create('FILE_SYNC_FAILED', messageOf(error), fields, error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
