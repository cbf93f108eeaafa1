import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Log } from '@lucerna/base';
import type { DevApi } from '@lucerna/sdk';
import { openArchiveOutput } from '../db/archive-output.ts';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { readBounded } from '../read-bounded.ts';

/**
 * Puts the state in `file` in the place of the new chain of a node.
 *
 * @throws `CHAIN_STARTED` when it is not new; `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`, `DUMP_*`
 */
export async function loadState(
  file: string,
  node: { readonly dev: DevApi; readonly height: () => number; readonly log: Log },
): Promise<void> {
  const height = node.height();
  if (height > 0)
    throw cliErrors.create('CHAIN_STARTED', `its head is block ${height}`, { height });
  await node.dev.loadState(await readBounded(file, cliLimits.values.stateFileBytes));
  node.log.info('state loaded', { file, height: node.height() });
}

/**
 * What writes the state of a node to `file`, in place of one that is there.
 *
 * @throws `OUTPUT_UNWRITABLE`, now when the file could not be written later
 */
export async function openStateOutput(
  file: string,
): Promise<(dev: DevApi, log: Log) => Promise<void>> {
  await checkFolder(dirname(resolve(file)));
  const output = await openArchiveOutput(file, true);
  return async (dev, log) => {
    const state = await dev.dumpState();
    const bytes = await output.write(parts(state));
    log.info('state written', { file, bytes });
  };
}

async function checkFolder(folder: string): Promise<void> {
  try {
    await stat(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('OUTPUT_UNWRITABLE', why, { path: folder }, error);
  }
}

async function* parts(state: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield state;
}
