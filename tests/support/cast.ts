import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a run of `cast` printed. A failed run is an outcome here, not an exception. */
export type CastOutcome = {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
};

/** The `cast` binary of this platform's package; undefined where there is none. */
export function findCast(): string | undefined {
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const binary = process.platform === 'win32' ? 'cast.exe' : 'cast';
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`@foundry-rs/cast-${platform}-${arch}/package.json`);
    return join(dirname(manifest), 'bin', binary);
  } catch {
    return undefined;
  }
}

/** Runs `cast` in `home`, so that no configuration of the machine's user has a say. */
export async function runCast(
  binary: string,
  home: string,
  args: readonly string[],
): Promise<CastOutcome> {
  const options = { cwd: home, env: { HOME: home, USERPROFILE: home }, encoding: 'utf8' as const };
  try {
    const { stdout, stderr } = await execute(binary, [...args], options);
    return { failed: false, stdout: stdout.trim(), stderr };
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return { failed: true, stdout, stderr };
  }
}
