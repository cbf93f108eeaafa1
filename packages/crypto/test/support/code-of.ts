import { isLucernaError } from '@lucerna/base';

/** The code of what `action` throws; anything but a coded error is thrown on. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return coded(error);
  }
  throw new Error('nothing was thrown');
}

/** As `codeOf`, of what a promise is rejected with. */
export async function codeOfAsync(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    return coded(error);
  }
  throw new Error('nothing was thrown');
}

function coded(error: unknown): string {
  if (isLucernaError(error)) return error.code;
  throw error;
}
