import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArchiveOutput } from '../src/db/archive-output.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucerna-output-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = (name: string): string => join(folder, name);

async function* partsOf(...texts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield Buffer.from(text);
  }
}

const old = 'what was there before';

describe('a file', () => {
  test('holds all parts, one after the other', async () => {
    const output = await openArchiveOutput(pathOf('new'), false);
    expect(await output.write(partsOf('one ', '', 'two'))).toBe(7);
    expect(readFileSync(pathOf('new'), 'utf8')).toBe('one two');
    expect(readdirSync(folder)).toEqual(['new']);
  });

  test('is not there while it is written', async () => {
    const output = await openArchiveOutput(pathOf('new'), false);
    async function* parts(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one');
      expect(readdirSync(folder)).toEqual(['.new.new']);
      yield Buffer.from('two');
    }
    expect(await output.write(parts())).toBe(6);
    expect(readdirSync(folder)).toEqual(['new']);
  });

  test('is replaced only by force, at once', async () => {
    writeFileSync(pathOf('old'), old);
    await expect(openArchiveOutput(pathOf('old'), false)).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    });
    const output = await openArchiveOutput(pathOf('old'), true);
    await output.write(partsOf('new'));
    expect(readFileSync(pathOf('old'), 'utf8')).toBe('new');
  });

  test('that somebody else has made meanwhile stays', async () => {
    const output = await openArchiveOutput(pathOf('old'), false);
    writeFileSync(pathOf('old'), old);
    await expect(output.write(partsOf('new'))).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(readFileSync(pathOf('old'), 'utf8')).toBe(old);
    expect(readdirSync(folder)).toEqual(['old']);
  });

  test('takes the place of what a killed one has left', async () => {
    writeFileSync(pathOf('.new.new'), 'more than what comes now');
    const output = await openArchiveOutput(pathOf('new'), false);
    expect(await output.write(partsOf('whole'))).toBe(5);
    expect(readFileSync(pathOf('new'), 'utf8')).toBe('whole');
    expect(readdirSync(folder)).toEqual(['new']);
  });

  test('never mixes what two write at a time', async () => {
    const slow = await openArchiveOutput(pathOf('new'), false);
    const fast = await openArchiveOutput(pathOf('new'), false);
    async function* parts(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('slow ');
      expect(await fast.write(partsOf('fast'))).toBe(4);
      yield Buffer.from('slow');
    }
    await expect(slow.write(parts())).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(readFileSync(pathOf('new'), 'utf8')).toBe('fast');
    const forced = await openArchiveOutput(pathOf('new'), true);
    async function* overtaken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('slow ');
      rmSync(pathOf('.new.new'));
      writeFileSync(pathOf('.new.new'), 'half of anoth');
      yield Buffer.from('slow');
    }
    await expect(forced.write(overtaken())).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    expect(readFileSync(pathOf('new'), 'utf8')).toBe('fast');
  });

  test('is as before when the parts fail, and nothing else is left', async () => {
    const failure = new RangeError('no more parts');
    writeFileSync(pathOf('old'), old);
    for (const name of ['old', 'new']) {
      const output = await openArchiveOutput(pathOf(name), true);
      await expect(output.write(partsOf('one', failure))).rejects.toBe(failure);
    }
    expect(readFileSync(pathOf('old'), 'utf8')).toBe(old);
    expect(readdirSync(folder)).toEqual(['old']);
  });

  test('cannot be a folder, or in one that is not there', async () => {
    mkdirSync(pathOf('folder'));
    await expect(openArchiveOutput(pathOf('folder'), true)).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
    const output = await openArchiveOutput(pathOf('nowhere/file'), false);
    await expect(output.write(partsOf('one'))).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    writeFileSync(pathOf('file'), '');
    await expect(openArchiveOutput(pathOf('file/below'), false)).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
  });
});
