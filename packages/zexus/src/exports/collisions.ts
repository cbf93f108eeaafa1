import { toHexKey } from '@lucerna/base';
import { type ExportedAction, selectorOf } from './selector.ts';

/** Two exported actions that callers could not tell apart. */
export type ExportCollision = {
  /** `selector`: calls of them are the same; `name`: only their names in the ABI are. */
  readonly kind: 'name' | 'selector';
  /** What both have: the name, or the selector in hex. */
  readonly shared: string;
  /** Indexes of the actions; `later` is the one to complain about. */
  readonly earlier: number;
  readonly later: number;
};

/**
 * The exported actions that collide with an earlier one, in their order: of equal selectors first, then
 * those of equal names, whatever the parameters. @throws `ABI_TYPE_INVALID`
 */
export function exportCollisions(actions: readonly ExportedAction[]): readonly ExportCollision[] {
  const names = new Map<string, number>();
  const selectors = new Map<string, number>();
  const collisions: ExportCollision[] = [];
  for (const [later, action] of actions.entries()) {
    const selector = selectorOf(action);
    if (selector === undefined || action.exportedAs === undefined) continue;
    const sameName = names.get(action.exportedAs);
    const key = toHexKey(selector);
    const sameSelector = selectors.get(key);
    if (sameSelector !== undefined) {
      collisions.push({ kind: 'selector', shared: `0x${key}`, earlier: sameSelector, later });
    } else if (sameName !== undefined) {
      collisions.push({ kind: 'name', shared: action.exportedAs, earlier: sameName, later });
    }
    if (sameName === undefined) names.set(action.exportedAs, later);
    if (sameSelector === undefined) selectors.set(key, later);
  }
  return collisions;
}
