import { EMPTY_BYTES, fixedBytes } from '@lucerna/base';
import { decodeRlp, encodeRlp, type RlpItem } from '@lucerna/protocol';
import { EMPTY_DIFF } from '@lucerna/state';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  decodeExportedPatch,
  decodeNotesRecord,
  decodePatchRecord,
  encodeExportedPatch,
  encodeNotesRecord,
  encodePatchRecord,
  type Note,
  type Patch,
} from '../src/patch-record.ts';
import {
  type BlockRecord,
  decodeBlockRecord,
  decodeReorgRecord,
  encodeBlockRecord,
  encodeReorgRecord,
} from '../src/record.ts';
import { RECORD_KINDS } from '../src/record-kinds.ts';
import { makeScript, type Script } from './support/ledger.ts';

const REFUSED = expect.objectContaining({ code: 'LOG_RECORD_INVALID' });

const at = (kind: number, payload: Uint8Array) => ({
  kind,
  payload,
  start: 5,
  end: { offset: 5 + payload.length, checksum: 0 },
});

const changed = (payload: Uint8Array, change: (items: readonly RlpItem[]) => RlpItem) =>
  encodeRlp(change(decodeRlp(payload) as readonly RlpItem[]));

let script: Script;
beforeAll(async () => {
  script = await makeScript(2);
});

describe('a record of a patch', () => {
  const notes: readonly Note[] = [
    { key: 'a', value: EMPTY_BYTES },
    { key: 'b', value: undefined },
    { key: 'c/1', value: new Uint8Array(300) },
  ];
  const patch: Patch = {
    height: 7,
    ordinal: 2,
    stateRoot: new Uint8Array(32).fill(1),
    diff: EMPTY_DIFF,
  };

  it('is decoded to what was encoded, and so are notes alone and patches of archives', () => {
    const { patch: kind, notes: ofNotes, exportedPatch } = RECORD_KINDS;
    const payload = encodePatchRecord({ patch, notes });
    expect(decodePatchRecord(at(kind, payload))).toEqual({ patch, notes });
    expect(decodeNotesRecord(at(ofNotes, encodeNotesRecord(notes)))).toEqual(notes);
    expect(decodeExportedPatch(at(exportedPatch, encodeExportedPatch(patch)))).toEqual(patch);
    expect(() => decodePatchRecord(at(exportedPatch, payload))).toThrow(REFUSED);
  });

  it('is refused when notes are no notes', () => {
    const { notes: kind } = RECORD_KINDS;
    const key = Uint8Array.of(0x61);
    for (const wrong of [
      [[]],
      [[key, key, key]],
      [key],
      [[Uint8Array.of(0x80)]],
      [[new Uint8Array(200).fill(0x61)]],
    ]) {
      expect(() => decodeNotesRecord(at(kind, encodeRlp(wrong)))).toThrow(REFUSED);
    }
  });
});

describe('a record of a block', () => {
  const record = (changes: Partial<BlockRecord>): BlockRecord => {
    const { block, receipts, diff, lifted, participants } = script.blocks[1]!;
    return { block, receipts, diff, lifted, participants, ...changes };
  };

  it('has what most blocks do not have, and nothing more without it', () => {
    const { block } = record({});
    const none = block.transactions.map(() => []);
    const marked = block.transactions.map((each, index) =>
      index === 0 ? { ...each, unsigned: true as const } : each,
    );
    const somebody = [fixedBytes(1n, 20), fixedBytes(2n, 20)];
    const plain = encodeBlockRecord(record({ participants: none }));
    expect((decodeRlp(plain) as readonly RlpItem[]).length).toBe(4);
    for (const content of [
      record({ lifted: true }),
      record({ block: { ...block, transactions: marked } }),
      record({ participants: none.map((_, index) => (index === 0 ? somebody : [])) }),
    ]) {
      const payload = encodeBlockRecord(content);
      expect((decodeRlp(payload) as readonly RlpItem[]).length).toBe(5);
      expect(decodeBlockRecord(at(RECORD_KINDS.block, payload))).toEqual(content);
    }
  });

  it('is refused when that says nothing, or does not suit the block', () => {
    const payload = encodeBlockRecord(record({ lifted: true }));
    const { length } = script.blocks[1]!.block.transactions;
    const nobody = Array.from({ length }, () => EMPTY_BYTES);
    const [zero, one] = [EMPTY_BYTES, Uint8Array.of(1)];
    for (const extras of [
      [[], zero, []],
      [[], zero, nobody],
      [[Uint8Array.of(length)], zero, []],
      [[zero, zero], zero, []],
      [[one, zero], zero, []],
      [[], Uint8Array.of(2), []],
      [[], one, [...nobody, EMPTY_BYTES]],
      [[], one, [new Uint8Array(21), ...nobody.slice(1)]],
    ]) {
      const wrong = changed(payload, (items) => [...items.slice(0, 4), extras]);
      expect(() => decodeBlockRecord(at(RECORD_KINDS.block, wrong))).toThrow(REFUSED);
    }
  });
});

describe('a record of going back', () => {
  it('says how many patches stay only where some go, and as before where none do', () => {
    const ancestor = { ancestorHeight: 1, ancestorHash: new Uint8Array(32), blocks: [] };
    const plain = { ...ancestor, ordinal: undefined, notes: [] };
    const notes = [{ key: 'k', value: undefined }];
    for (const content of [plain, { ...plain, ordinal: 0 }, { ...plain, ordinal: 3, notes }]) {
      const payload = encodeReorgRecord(content);
      expect(decodeReorgRecord(at(RECORD_KINDS.reorg, payload))).toEqual(content);
    }
    const fields = decodeRlp(encodeReorgRecord(plain)) as readonly RlpItem[];
    expect(fields.length).toBe(3);
  });
});
