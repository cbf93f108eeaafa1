import { isLucernaError } from '@lucerna/base';

/** The code of what a promise is rejected with, or what a call throws; anything uncoded is thrown on. */
export async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (isLucernaError(error)) return error.code;
    throw error;
  }
  throw new Error('nothing was thrown');
}
