import { type Hex, toHexKey } from '@lucerna/base';
import { checksumAddress } from '@lucerna/protocol';
import { sdkLimits } from '../limits.ts';

/** Texts that were made lately: the checksum is a hash, and a ledger has the same people again and again. */
const known = new Map<string, Hex>();

/** An address with the checksum of EIP-55. */
export function addressText(address: Uint8Array): Hex {
  const key = toHexKey(address);
  const found = known.get(key);
  if (found !== undefined) return found;
  const text = checksumAddress(address) as Hex;
  if (known.size >= sdkLimits.values.addressTexts) known.clear();
  known.set(key, text);
  return text;
}
