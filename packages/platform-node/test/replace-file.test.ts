import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ReplaceFileOptions,
  type ReplaceStep,
  replaceFile,
} from '@lucerna/platform-node/replace-file';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startChild } from './support/run-child.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucerna-replace-'));
  path = join(folder, 'file');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the system said, and when. */
class StepError extends Error {
  readonly step: ReplaceStep;

  constructor(cause: unknown, step: ReplaceStep) {
    super(step, { cause });
    this.step = step;
  }
}

const options = (more: Partial<ReplaceFileOptions> = {}): ReplaceFileOptions => ({
  newPath: join(folder, 'file.new'),
  level: 'power',
  failed: (error, step) => new StepError(error, step),
  ...more,
});

async function* partsOf(...texts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield Buffer.from(text);
  }
}

describe('replaceFile', () => {
  test.each(['process', 'power'] as const)('writes all parts at level %s', async (level) => {
    expect(await replaceFile(path, partsOf('one ', '', 'two'), options({ level }))).toBe(7);
    expect(readFileSync(path, 'utf8')).toBe('one two');
    expect(await replaceFile(path, [Buffer.from('three')], options({ level }))).toBe(5);
    expect(readFileSync(path, 'utf8')).toBe('three');
    expect(await replaceFile(path, [], options({ level }))).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('writes over what a crash has left of a longer new file', async () => {
    writeFileSync(join(folder, 'file.new'), 'half of something long');
    await replaceFile(path, partsOf('short'), options());
    expect(readFileSync(path, 'utf8')).toBe('short');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('shows the old file until the new one is whole', async () => {
    writeFileSync(path, 'old');
    const seen: string[] = [];
    const look = (): void => void seen.push(readFileSync(path, 'utf8'));
    async function* parts(): AsyncGenerator<Uint8Array> {
      look();
      yield Buffer.from('new');
      look();
    }
    await replaceFile(path, parts(), options({ beforeRename: look }));
    look();
    expect(seen).toEqual(['old', 'old', 'old', 'new']);
  });

  test('changes nothing when the parts or the last look fail, and throws what they throw', async () => {
    writeFileSync(path, 'old');
    const failure = new RangeError('no');
    const look = (): Promise<never> => Promise.reject(failure);
    await expect(replaceFile(path, partsOf('new', failure), options())).rejects.toBe(failure);
    const looking = options({ beforeRename: look });
    await expect(replaceFile(path, partsOf('new'), looking)).rejects.toBe(failure);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('says which step the system has refused, and leaves no new file', async () => {
    await mkdir(path);
    await expect(replaceFile(path, partsOf('new'), options())).rejects.toMatchObject({
      step: 'rename',
      cause: { syscall: 'rename' },
    });
    const nowhere = options({ newPath: join(folder, 'nowhere/file') });
    await expect(replaceFile(path, partsOf('new'), nowhere)).rejects.toMatchObject({
      step: 'write',
      cause: { code: 'ENOENT' },
    });
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test.runIf(process.platform === 'linux')(
    'has put the file in place when only the folder cannot be synced, which it need not at level process',
    async () => {
      for (const [level, outcome] of [
        ['power', 'syncFolder'],
        ['process', '3'],
      ] as const) {
        writeFileSync(path, 'old');
        const child = startChild('./replace-unsynced.ts', [path, level]);
        expect(await child.line()).toBe(outcome);
        await child.end();
        expect(readFileSync(path, 'utf8')).toBe('new');
        expect(readdirSync(folder)).toEqual(['file']);
      }
    },
  );
});
