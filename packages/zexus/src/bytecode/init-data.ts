import { zexusErrors } from '../errors.ts';
import { zexusLimits } from '../limits.ts';
import { containerLength } from './decode-container.ts';
import { ZEXUS_PREFIX } from './format.ts';

/** True for code and init data of this language's contracts. */
export function hasZexusPrefix(bytes: Uint8Array): boolean {
  for (let offset = 0; offset < ZEXUS_PREFIX.length; offset += 1) {
    if (bytes[offset] !== ZEXUS_PREFIX[offset]) return false;
  }
  return true;
}

/**
 * Splits the data of a deployment: the container, which is what is stored as code, and the
 * constructor's arguments as the ABI encodes them. Only the header is read. Both are views.
 *
 * @throws `ZXC_LIMIT` for too much data, and what `containerLength` throws
 */
export function splitInitData(data: Uint8Array): {
  readonly code: Uint8Array;
  readonly args: Uint8Array;
} {
  const max = zexusLimits.values.initDataBytes;
  if (data.length > max) {
    const detail = `initDataBytes: ${data.length} of ${max}`;
    throw zexusErrors.create('ZXC_LIMIT', detail, { offset: max });
  }
  const length = containerLength(data);
  return { code: data.subarray(0, length), args: data.subarray(length) };
}
