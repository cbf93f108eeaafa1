import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { encodeQ64, Q64Stats } from '@lucerna/q64';
import { afterAll, describe, expect, it } from 'vitest';
import { q64DecodeStream, q64EncodeStream } from '../src/q64-streams.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucerna-q64-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bytesOf(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => 37 * index + (index >> 8)));
}

describe('streams of Node.js', () => {
  it('encode and decode files', async () => {
    const [plain, encoded, decoded] = ['plain', 'encoded', 'decoded'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const bytes = bytesOf(300_001);
    writeFileSync(plain, bytes);
    const stats = new Q64Stats();
    const encoder = q64EncodeStream({ chunkSize: 1_001, stats });
    // Parts of an odd length, so that hardly one begins where the one before has ended.
    const source = createReadStream(plain, { highWaterMark: 777 });
    await pipeline(source, encoder, createWriteStream(encoded));
    expect(readFileSync(encoded, 'latin1')).toBe(encodeQ64(bytes));
    const text = createReadStream(encoded, { highWaterMark: 333 });
    await pipeline(text, q64DecodeStream({ stats }), createWriteStream(decoded));
    expect(readFileSync(decoded)).toEqual(bytes);
    expect(stats.snapshot()).toMatchObject({
      operations: 300 + 5,
      bytesEncoded: 300_001,
      bytesDecoded: 300_001,
    });
  });

  it('give pieces of the size that was asked for', async () => {
    const stream = Readable.from([bytesOf(100)]).pipe(q64EncodeStream({ chunkSize: 30 }));
    const lengths: number[] = [];
    for await (const piece of stream) lengths.push((piece as Buffer).length);
    expect(lengths).toEqual([60, 60, 60, 20]);
    const strings = q64DecodeStream();
    strings.write('AQ');
    strings.end('4751', 'hex'); // 'GQ'
    await expect(buffer(strings)).rejects.toMatchObject({ code: 'Q64_CHARACTER_MISPLACED' });
  });

  it('take no more than somebody reads', async () => {
    let asked = 0;
    const source = new Readable({
      read() {
        asked += 1;
        this.push(Buffer.alloc(65_536));
      },
    });
    const slow = new Writable({
      highWaterMark: 1,
      write: () => undefined, // never ready for more
    });
    source.pipe(q64EncodeStream()).pipe(q64DecodeStream()).pipe(slow);
    for (let turn = 0; turn < 200; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    // What the queues of four streams hold.
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(20);
    source.destroy();
  });

  it('have no more on its way in a long pipe than in a short one', async () => {
    const part = bytesOf(65_536);
    const parts = 1_000;
    let given = 0;
    let taken = 0;
    let most = 0;
    const source = new Readable({
      read() {
        given += part.length;
        this.push(given > parts * part.length ? null : part);
      },
    });
    const sink = new Writable({
      write(piece: Buffer, _encoding, done) {
        most = Math.max(most, given - taken);
        taken += piece.length;
        setImmediate(done);
      },
    });
    await pipeline(source, q64EncodeStream(), q64DecodeStream(), sink);
    expect(taken).toBe(parts * part.length);
    expect(most).toBeLessThan(20 * part.length);
  });

  it('fail with the position in the whole stream', async () => {
    const expected = { code: 'Q64_CHARACTER_INVALID', fields: { position: 6, expected: 2 } };
    const parts = ['AQg', 'wAQ\n'].map((part) => Buffer.from(part));
    await expect(
      pipeline(Readable.from(parts), q64DecodeStream(), new PassThrough().resume()),
    ).rejects.toMatchObject(expected);
    const spaced = Readable.from(parts).pipe(q64DecodeStream({ ignoreWhitespace: true }));
    expect(await buffer(spaced)).toEqual(Buffer.alloc(3));
    const cut = Readable.from([Buffer.from('AQg')]).compose(q64DecodeStream());
    await expect(buffer(cut)).rejects.toMatchObject({ code: 'Q64_LENGTH_ODD' });
    expect(() => q64EncodeStream({ chunkSize: 0 })).toThrow('chunkSize');
    expect(() => q64DecodeStream({ chunkSize: 2 ** 40 })).toThrow('chunkSize');
  });
});
