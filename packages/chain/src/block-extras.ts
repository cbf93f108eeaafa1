import { joinBytes } from '@lucerna/base';
import {
  ADDRESS_BYTES,
  bit,
  bytes,
  type Codec,
  list,
  protocolErrors,
  protocolLimits,
  type RecoveredBlock,
  record,
} from '@lucerna/protocol';
import { positions } from './codecs.ts';
import { chainLimits } from './limits.ts';

/** What a record says of a block beyond its parts. Most blocks have nothing of it. */
export type BlockExtras = {
  /** Positions of the transactions that their senders have not signed. */
  readonly unsigned: readonly number[];
  /** The header does not follow its parent's base fee and gas limit. */
  readonly lifted: boolean;
  /** For each transaction, or for none when there are none, as `ExecutedBlock` has them. */
  readonly participants: readonly (readonly Uint8Array[])[];
};

const NOTHING: BlockExtras = { unsigned: [], lifted: false, participants: [] };

/** The addresses one after the other: one item for each transaction, however many they are. */
const addresses: Codec<readonly Uint8Array[]> = {
  toRlp: (value) => joinBytes(value),
  fromRlp: (item, path) => {
    const joined = bytes(chainLimits.values.recordBytes).fromRlp(item, path);
    if (joined.length % ADDRESS_BYTES !== 0) {
      throw protocolErrors.create('RLP_LENGTH', path, { path, length: joined.length });
    }
    return Array.from({ length: joined.length / ADDRESS_BYTES }, (_, index) =>
      joined.subarray(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES),
    );
  },
  toJson: () => null,
};

const flag: Codec<boolean> = {
  toRlp: (value) => bit.toRlp(value ? 1 : 0),
  fromRlp: (item, path) => bit.fromRlp(item, path) === 1,
  toJson: (value) => value,
};

const fields = record<BlockExtras>({
  unsigned: positions,
  lifted: flag,
  participants: list(addresses, protocolLimits.values.blockTransactions),
});

/** What is nothing has no encoding: a block has one only. */
export const blockExtras: Codec<BlockExtras> = {
  ...fields,
  fromRlp: (item, path) => {
    const extras = fields.fromRlp(item, path);
    const { participants } = extras;
    const isEmpty = participants.length > 0 && participants.every((each) => each.length === 0);
    if (!isEmpty && !isNothing(extras)) return extras;
    throw protocolErrors.create('RLP_NOT_CANONICAL', path, { path });
  },
};

/** What the record of a block has to say beside its parts; undefined: nothing. */
export function extrasOf(
  { transactions }: Pick<RecoveredBlock, 'transactions'>,
  { lifted, participants }: Omit<BlockExtras, 'unsigned'>,
): BlockExtras | undefined {
  const isAlone = participants.every((each) => each.length === 0);
  const extras: BlockExtras = {
    unsigned: unsignedPositions(transactions),
    lifted,
    participants: isAlone ? [] : participants,
  };
  return isNothing(extras) ? undefined : extras;
}

/** The positions of those that their senders have not signed. */
export function unsignedPositions(transactions: RecoveredBlock['transactions']): readonly number[] {
  return [...transactions.entries()].flatMap(([index, { unsigned }]) =>
    unsigned === true ? [index] : [],
  );
}

/** What `extras` says of a block with so many transactions; undefined when they do not suit it. */
export function completeExtras(
  extras: BlockExtras = NOTHING,
  transactions: number,
): BlockExtras | undefined {
  const { unsigned, participants } = extras;
  if ((unsigned.at(-1) ?? -1) >= transactions) return undefined;
  if (participants.length === transactions) return extras;
  if (participants.length > 0) return undefined;
  return { ...extras, participants: Array.from({ length: transactions }, () => []) };
}

/** Whether only a dev chain can have such a block. */
export function isCheated({ block, lifted }: CheatedParts): boolean {
  return lifted || block.transactions.some(({ unsigned }) => unsigned === true);
}

/** What {@link isCheated} looks at. */
export type CheatedParts = {
  readonly block: Pick<RecoveredBlock, 'header' | 'transactions'>;
  readonly lifted: boolean;
};

function isNothing({ unsigned, lifted, participants }: BlockExtras): boolean {
  return unsigned.length === 0 && !lifted && participants.length === 0;
}
