import { isErrorOf } from '@lucerna/base';
import { expect } from 'vitest';
import { q64Errors } from '../src/errors.ts';

/** Calls, expects one of this package's errors with the code, and gives its fields. */
export function expectCode(code: string, call: () => unknown): unknown {
  let failure: unknown;
  try {
    call();
  } catch (error) {
    failure = error;
  }
  if (!isErrorOf(failure, q64Errors)) throw failure ?? new Error(`nothing was thrown: ${code}`);
  expect(failure.code).toBe(code);
  return failure.fields;
}
