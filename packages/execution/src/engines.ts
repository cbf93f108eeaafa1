import type { Engine } from './engine.ts';
import { zexusEngine } from './zexus-engine.ts';

const ENGINES: readonly Engine[] = [zexusEngine];

/** The engine that runs `code`, chosen by its prefix; undefined when this chain has none. */
export function engineOf(code: Uint8Array): Engine | undefined {
  return ENGINES.find((engine) => engine.accepts(code));
}
