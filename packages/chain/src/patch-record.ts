import {
  bytes,
  type Codec,
  decodeWith,
  encodeWith,
  hash32,
  list,
  listItems,
  protocolErrors,
  record,
  safeUint,
  text,
} from '@lucerna/protocol';
import { decodeDiff, encodeDiff, type StateDiff } from '@lucerna/state';
import { part } from './codecs.ts';
import { chainLimits } from './limits.ts';
import type { LogRecord } from './log-record.ts';
import { decoded, RECORD_KINDS } from './record-kinds.ts';

/** A place in the history of the state: behind a block and the first patches that follow it. */
export type ChainPoint = {
  /** Of the block. */
  readonly height: number;
  /** How many patches of it count. */
  readonly ordinal: number;
};

/** A value that is kept beside the chain, under a key of printable ASCII. */
export type Note = {
  readonly key: string;
  /** Undefined: nothing is kept under the key any more. */
  readonly value: Uint8Array | undefined;
};

/** A change of the state that no block has made. It amends the state after the block of its height. */
export type Patch = ChainPoint & {
  /** Of the state after it. Its ordinal is 1 for the first patch of a block. */
  readonly stateRoot: Uint8Array;
  /** Values before and after, completed. */
  readonly diff: StateDiff;
};

/** What a log says with a patch. */
export type PatchRecord = { readonly patch: Patch; readonly notes: readonly Note[] };

const { values: limits } = chainLimits;
const noteKey = text(limits.noteKeyBytes);
const noteValue = bytes(limits.noteBytes);

/** A key alone says that its note goes. */
const noteCodec: Codec<Note> = {
  toRlp: ({ key, value }) =>
    value === undefined ? [noteKey.toRlp(key)] : [noteKey.toRlp(key), noteValue.toRlp(value)],
  fromRlp: (item, path) => {
    const [key, value, ...more] = listItems(item, path);
    if (key === undefined || more.length > 0) {
      throw protocolErrors.create('RLP_FIELD_COUNT', path, { path, expected: 2 });
    }
    return {
      key: noteKey.fromRlp(key, `${path}.key`),
      value: value === undefined ? undefined : noteValue.fromRlp(value, `${path}.value`),
    };
  },
  toJson: ({ key }) => key,
};

/** Notes of one record. */
export const notesCodec: Codec<readonly Note[]> = list(noteCodec, limits.recordNotes);

type PatchParts = ChainPoint & { readonly stateRoot: Uint8Array; readonly diff: Uint8Array };

const patchFields = { height: safeUint, ordinal: safeUint, stateRoot: hash32, diff: part };

/** As archives have it. */
const patchCodec: Codec<PatchParts> = record<PatchParts>(patchFields);

const patchRecordCodec: Codec<PatchParts & { readonly notes: readonly Note[] }> = record({
  ...patchFields,
  notes: notesCodec,
});

/** The payload of a patch record. */
export function encodePatchRecord({ patch, notes }: PatchRecord): Uint8Array {
  return encodeWith(patchRecordCodec, { ...toParts(patch), notes });
}

/** The content of a patch record. @throws `LOG_RECORD_INVALID` */
export function decodePatchRecord(source: LogRecord): PatchRecord {
  return decoded(source, RECORD_KINDS.patch, () => {
    const { notes, ...parts } = decodeWith(patchRecordCodec, source.payload, 'record', recordItems);
    return { patch: fromParts(parts), notes };
  });
}

/** The payload of a record with nothing but notes. */
export function encodeNotesRecord(notes: readonly Note[]): Uint8Array {
  return encodeWith(notesCodec, notes);
}

/** The content of such a record. @throws `LOG_RECORD_INVALID` */
export function decodeNotesRecord(source: LogRecord): readonly Note[] {
  return decoded(source, RECORD_KINDS.notes, () =>
    decodeWith(notesCodec, source.payload, 'record', recordItems),
  );
}

/** The payload of a patch in an archive. */
export function encodeExportedPatch(patch: Patch): Uint8Array {
  return encodeWith(patchCodec, toParts(patch));
}

/** The patch of a record of an archive. @throws `LOG_RECORD_INVALID` */
export function decodeExportedPatch(source: LogRecord): Patch {
  return decoded(source, RECORD_KINDS.exportedPatch, () =>
    fromParts(decodeWith(patchCodec, source.payload, 'record')),
  );
}

const recordItems = limits.recordItems;

function toParts({ height, ordinal, stateRoot, diff }: Patch): PatchParts {
  return { height, ordinal, stateRoot, diff: encodeDiff(diff) };
}

function fromParts({ diff, ...point }: PatchParts): Patch {
  return { ...point, diff: decodeDiff(diff) };
}
