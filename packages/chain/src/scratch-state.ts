import type { ExecutedBlock } from '@lucerna/execution';
import { confirmedState, StateCommitter, type StateDiff, type StateReader } from '@lucerna/state';
import { DiffLayer, type SnapshotReader } from '@lucerna/storage';

/** A copy of the latest state for trying things out: what changes it stays in memory. */
export type ScratchState = {
  readonly state: StateReader;
  /** Makes `diff`, which was made on `state`, part of it. The root of the state after it. */
  readonly commit: (diff: StateDiff) => Uint8Array;
};

/**
 * The state that `latest` holds, of root `stateRoot`, or the one after a block that was built on it.
 *
 * @param height of the next block
 */
export function scratchState(
  latest: SnapshotReader,
  stateRoot: Uint8Array,
  height: number,
  built: ExecutedBlock | undefined,
): ScratchState {
  const layer = new DiffLayer(latest);
  const committer = new StateCommitter();
  if (built !== undefined) layer.publish(built.batch);
  let parentRoot = built?.block.header.stateRoot ?? stateRoot;
  return {
    state: confirmedState(layer, () => parentRoot),
    commit: (diff) => {
      const options = { parentRoot, height, history: false };
      const { stateRoot: root, batch } = committer.commit(layer, diff, options);
      layer.publish(batch);
      parentRoot = root;
      return root;
    },
  };
}
