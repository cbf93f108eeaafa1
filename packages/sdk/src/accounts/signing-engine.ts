import { pureSignatureEngine, type SignatureEngine } from '@lucerna/crypto';

let fastest: SignatureEngine = pureSignatureEngine;

/**
 * What signs where nobody has chosen: the fastest that this process has loaded. Which one it is cannot be
 * seen: all make the same signatures (RFC 6979), the native one in a thirtieth of the time.
 */
export function signingEngine(): SignatureEngine {
  return fastest;
}

/** From now on {@link signingEngine}. */
export function preferSigningEngine(engine: SignatureEngine): void {
  fastest = engine;
}
