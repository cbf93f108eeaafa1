import type { AbiField } from '../bytecode/container.ts';
import { signatureOf } from '../bytecode/selector.ts';
import { exportedName } from './exported-name.ts';

/** An event of an ERC standard that a declared one is taken for. */
export type StandardEvent = {
  readonly standard: 'ERC-20' | 'ERC-721' | 'ERC-1155';
  /** Which fields the standard indexes, in order. */
  readonly indexed: readonly boolean[];
};

/** The events of the standards by signature; of two with the same one, this is that of ERC-20. */
const STANDARD_EVENTS: ReadonlyMap<string, StandardEvent> = new Map<string, StandardEvent>([
  ['Transfer(address,address,uint256)', { standard: 'ERC-20', indexed: [true, true, false] }],
  ['Approval(address,address,uint256)', { standard: 'ERC-20', indexed: [true, true, false] }],
  ['ApprovalForAll(address,address,bool)', { standard: 'ERC-721', indexed: [true, true, false] }],
  [
    'TransferSingle(address,address,address,uint256,uint256)',
    { standard: 'ERC-1155', indexed: [true, true, true, false, false] },
  ],
  [
    'TransferBatch(address,address,address,uint256[],uint256[])',
    { standard: 'ERC-1155', indexed: [true, true, true, false, false] },
  ],
  ['URI(string,uint256)', { standard: 'ERC-1155', indexed: [false, true] }],
]);

/** What the third field of `Transfer` and `Approval` is called when it is a token and no amount. */
const TOKEN_FIELD_NAMES: readonly string[] = ['tokenId', 'id'];

/**
 * The standard's event whose name and types these are, for an event none of whose fields is declared
 * `indexed`: wallets and indexers look for exactly these topics. `Transfer` and `Approval` of ERC-20
 * and ERC-721 differ in nothing but the index of the third field; it is ERC-721 when that field is
 * called `tokenId`, `token_id` or `id`.
 */
export function standardEvent(
  name: string,
  fields: readonly AbiField[],
): StandardEvent | undefined {
  const event = STANDARD_EVENTS.get(signatureOf(name, fields));
  if (event?.standard !== 'ERC-20') return event;
  const third = exportedName(fields[2]?.name.replace(/^_+/, '') ?? '');
  if (!TOKEN_FIELD_NAMES.includes(third)) return event;
  return { standard: 'ERC-721', indexed: [true, true, true] };
}

/**
 * The fields as they are in the ABI: as declared when any is `indexed`, otherwise as the standard has
 * it whose event it is, otherwise none indexed.
 */
export function indexedFields<Field extends AbiField & { readonly indexed: boolean }>(
  name: string,
  fields: readonly Field[],
): readonly Field[] {
  if (fields.some((field) => field.indexed)) return fields;
  const standard = standardEvent(name, fields);
  if (standard === undefined) return fields;
  return fields.map((field, index) => ({ ...field, indexed: standard.indexed[index] === true }));
}
