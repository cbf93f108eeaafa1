import type { Rules } from '@lucerna/protocol';
import type { Engine } from './engine.ts';
import { executionErrors } from './errors.ts';
import { nativeEngine } from './native/native-engine.ts';
import { zexusEngine } from './zexus-engine.ts';

const ENGINES: readonly Engine[] = [zexusEngine, nativeEngine];

/** The engine that runs `code`, chosen by its prefix; undefined when this chain has none. */
export function engineOf(code: Uint8Array): Engine | undefined {
  return ENGINES.find((engine) => engine.accepts(code));
}

/**
 * Checks code that nobody deploys: that an account can have it, and that it then runs. No code is fine.
 *
 * @throws `ENGINE_MISSING`, `CODE_TOO_LARGE`, `ZXC_*`
 */
export function checkCode(code: Uint8Array, rules: Rules): void {
  if (code.length === 0) return;
  const engine = engineOf(code);
  if (engine === undefined) throw executionErrors.create('ENGINE_MISSING');
  engine.check(code, rules);
}
