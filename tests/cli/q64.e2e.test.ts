import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

const entryFile = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

const at = (name: string): string => join(directory.path, name);

type Ended = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a line of bash with `lucerna q64` as `q64`. */
function shell(line: string): Promise<Ended> {
  const script = `q64() { "$NODE" "$ENTRY" q64 "$@"; }; ${line}`;
  return new Promise((resolve) => {
    const options = {
      cwd: directory.path,
      env: { ...process.env, NODE: process.execPath, ENTRY: entryFile },
    };
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function printed(line: string): Promise<string> {
  const { code, stdout, stderr } = await shell(line);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** The code of the error that a line ends with. */
async function failure(line: string): Promise<string> {
  const { code, stdout, stderr } = await shell(`${line} --json`);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return JSON.parse(stderr).error.code;
}

beforeAll(() => {
  writeFileSync(at('hello'), 'Hello');
  writeFileSync(
    at('bytes'),
    Uint8Array.from({ length: 300 }, (_, index) => (index * 7) & 255),
  );
});

describe('encode and decode', () => {
  test('a file, standard input, and back', async () => {
    expect(await printed('q64 encode hello')).toBe('EYm1Gcm8Gf\n');
    expect(await printed('q64 encode < hello')).toBe('EYm1Gcm8Gf\n');
    expect(await printed('q64 encode - < hello')).toBe('EYm1Gcm8Gf\n');
    expect(await printed('q64 encode --no-newline hello')).toBe('EYm1Gcm8Gf');
    expect(await printed('q64 encode hello | q64 decode')).toBe('Hello');
    expect(await printed('printf EYm1Gcm8Gf | q64 decode')).toBe('Hello');
    expect(await printed('q64 encode < /dev/null')).toBe('\n');
    expect(await printed('q64 encode < /dev/null | q64 decode')).toBe('');
    expect(await printed('q64 encode <(printf Hel; printf lo)')).toBe('EYm1Gcm8Gf\n');
  });

  test('a text with one newline at its end, and no other whitespace unless asked', async () => {
    expect(await printed('echo EYm1Gcm8Gf | q64 decode')).toBe('Hello');
    expect(await printed(String.raw`printf 'EYm1Gcm8Gf\r\n' | q64 decode`)).toBe('Hello');
    expect(await failure(String.raw`printf 'EYm1Gcm8Gf\n\n' | q64 decode`)).toBe(
      'Q64_CHARACTER_INVALID',
    );
    expect(await failure(String.raw`printf 'EYm1\nGcm8Gf' | q64 decode`)).toBe(
      'Q64_CHARACTER_INVALID',
    );
    const wrapped = String.raw`printf ' EYm\t1\r\nGcm8Gf\n\n'`;
    expect(await printed(`${wrapped} | q64 decode --ignore-whitespace`)).toBe('Hello');
  });

  test('files, which are there when they are whole', async () => {
    const written = await printed('q64 encode bytes -o bytes.q64 --json');
    expect(JSON.parse(written)).toEqual({
      file: 'bytes.q64',
      encoding: 'q64',
      bytes: 300,
      characters: 600,
    });
    expect(await failure('q64 encode hello -o bytes.q64')).toBe('OUTPUT_EXISTS');
    const read = await printed('q64 decode bytes.q64 --output again --json');
    expect(JSON.parse(read)).toEqual({
      file: 'again',
      encoding: 'q64',
      characters: 600,
      bytes: 300,
    });
    expect(readFileSync(at('again'))).toEqual(readFileSync(at('bytes')));
    expect(await printed('q64 encode hello -o bytes.q64 --force')).toBe(
      'File      bytes.q64\nEncoding  q64\nInput     5 B\nText      10 characters\n',
    );
    expect(readFileSync(at('bytes.q64'), 'utf8')).toBe('EYm1Gcm8Gf\n');
  });

  test('results in JSON', async () => {
    expect(JSON.parse(await printed('q64 encode hello --json'))).toEqual({
      encoding: 'q64',
      text: 'EYm1Gcm8Gf',
      bytes: 5,
      characters: 10,
    });
    expect(JSON.parse(await printed('echo EYm1Gcm8Gf | q64 decode --json'))).toEqual({
      encoding: 'q64',
      data: '0x48656c6c6f',
      characters: 10,
      bytes: 5,
    });
  });
});

describe('the other encodings', () => {
  test('eq64, with and without dots, also across the parts of a long input', async () => {
    expect(await printed('q64 encode hello -e eq64')).toBe('EYm1Gcm8Gf\n');
    expect(await printed('q64 encode hello -e eq64 --group 4')).toBe('EYm1.Gcm8.Gf\n');
    expect(await printed('q64 encode hello -e eq64 --group 8')).toBe('EYm1Gcm8.Gf\n');
    for (const bytes of [0, 1, 131_072, 131_073, 262_144, 1_000_001]) {
      const input = `head -c ${bytes} /dev/zero`;
      const line = `${input} | q64 encode -e eq64 --group 4 | q64 decode -e eq64 --group 4`;
      expect(await printed(`${line} | cmp - <(${input})`)).toBe('');
    }
  }, 60_000);

  test('eq64 is strict about its dots, wherever they are', async () => {
    expect(await failure('echo EYm1Gcm8.Gf | q64 decode -e eq64')).toBe('Q64_CHARACTER_INVALID');
    expect(await failure('echo EYm1Gcm8.Gf | q64 decode -e eq64 --group 4')).toBe(
      'Q64_GROUPING_INVALID',
    );
    const long = 'head -c 300000 /dev/zero | q64 encode -e eq64 --group 4 --no-newline';
    for (const [rest, code, position] of [
      ['.AQ.', 'Q64_GROUPING_INVALID', 750_002],
      ['.AQg', 'Q64_LENGTH_ODD', 750_003],
      ['AQgw', 'Q64_GROUPING_INVALID', 749_999],
      ['.AAgw', 'Q64_CHARACTER_MISPLACED', 750_001],
    ] as const) {
      const line = `(${long}; echo ${rest}) | q64 validate -e eq64 --group 4`;
      const { stderr } = await shell(`${line} --json`);
      expect(JSON.parse(stderr).error).toMatchObject({ code, fields: { position } });
      // Without its spaces it is the same text, and the mistake is where it stands in this one.
      const spaced = `(echo; ${long}; echo ' ${rest}') | q64 validate -e eq64 --group 4`;
      const found = await shell(`${spaced} --ignore-whitespace --json`);
      const fields = { position: position + 2 };
      expect(JSON.parse(found.stderr).error).toMatchObject({ code, fields });
    }
  }, 60_000);

  test('t8q64', async () => {
    const bytes = String.raw`printf '\x0a\x32\x1e\x50\x14\x5a\x28\x46'`;
    expect(await printed(`${bytes} | q64 encode -e t8q64 -k 4`)).toBe('ARgzAVg3\n');
    expect(await printed('echo ARgzAVg3 | q64 decode -e t8q64')).toBe('1 3 5 7\n');
    expect(JSON.parse(await printed('echo ARgzAVg3 | q64 decode -e t8q64 --json'))).toEqual({
      encoding: 't8q64',
      indices: [1, 3, 5, 7],
      characters: 8,
    });
    const wide = '-e t8q64 --index-bits 16';
    expect(await printed(`${bytes} | q64 encode ${wide} -k 2 | q64 decode ${wide}`)).toBe('3 5\n');
    expect(await failure(`${bytes} | q64 encode -e t8q64 -k 9`)).toBe('Q64_ARGUMENT_INVALID');
    expect(await printed(`${bytes} | q64 encode -e t8q64 -k 9 --pad`)).toMatch(/^\w{17}f\n$/);
  });

  test('shq64', async () => {
    const bytes = String.raw`printf '\x0a\x14\x1e\x28\x32'`;
    expect(await printed(`${bytes} | q64 encode -e shq64`)).toBe('Bai8GaqzGap9JUtw\n');
    expect(await printed(`${bytes} | q64 encode -e shq64 --planes 24 --generator pcg64`)).toBe(
      'NYi6LW\n',
    );
    expect(await printed(`${bytes} | q64 encode -e shq64 --planes 24 --seed 42`)).toBe('Bai8Ga\n');
    expect(await printed('echo Ba | q64 decode -e shq64')).toBe('0 0 0 1 1 0 1 0\n');
    expect(await printed('echo Bai8Ga | q64 validate -e shq64 --planes 24')).toContain('valid');
    expect(await failure('echo Bai8Ga | q64 validate -e shq64 --planes 64')).toBe(
      'Q64_LENGTH_INVALID',
    );
    expect(await failure('q64 encode hello -e shq64 --planes 12')).toBe('Q64_ARGUMENT_INVALID');
  });

  test('zoq64', async () => {
    const bytes = String.raw`printf '\xff\xc0\x80\x40'`;
    expect(await printed(`${bytes} | q64 encode -e zoq64`)).toBe('AQgwAQm_\n');
    expect(await printed(`${bytes} | q64 encode -e zoq64 --form interleaved`)).toBe('AXg7ARgx\n');
    expect(await printed('echo AQgwAQm_ | q64 decode -e zoq64')).toBe(
      '3 3 2 1 0 0 0 0 0 0 0 0 0 0 0 0\n',
    );
    expect(await failure('echo AQgwAQ | q64 validate -e zoq64')).toBe('Q64_LENGTH_INVALID');
  });

  test('mq64', async () => {
    const encode = 'q64 encode -e mq64 --levels 2,5';
    expect(await printed(`${encode} hello`)).toBe('EYm1:EYm1Gcm8Gf\n');
    expect(await printed(`${encode} hello | q64 decode -e mq64`)).toBe('Hello');
    expect(await failure('q64 encode -e mq64 --levels 2,4 hello')).toBe('Q64_LEVELS_INVALID');
    expect(await printed('q64 encode -e mq64 --levels 2,4 --truncate hello')).toBe(
      'EYm1:EYm1Gcm8\n',
    );
    // The level that decoding takes may be right while another one is not.
    expect(await printed('echo AQgw:EYm1Gcm8Gf | q64 decode -e mq64')).toBe('Hello');
    expect(await failure('echo AQgw:EYm1Gcm8Gf | q64 validate -e mq64')).toBe('Q64_LEVELS_INVALID');
  });

  test('those that need all of their input say how much they take', async () => {
    const { code, stderr } = await shell('head -c 1048577 /dev/zero | q64 encode -e mq64');
    expect(code).toBe(1);
    expect(stderr).toContain('mq64 takes at most 1048576 bytes; q64 and eq64 take any length');
    expect(stderr).toContain('[INPUT_TOO_LARGE]');
  });
});

describe('validate', () => {
  test('says that a text is right', async () => {
    expect(await printed('q64 encode bytes | q64 validate')).toBe(
      '600 characters of q64, all valid\n',
    );
    expect(JSON.parse(await printed('q64 encode bytes | q64 validate --json'))).toEqual({
      file: '-',
      encoding: 'q64',
      valid: true,
      characters: 600,
    });
  });

  test('says where it is wrong, beyond the first parts of a long one', async () => {
    const half = '"$(head -c 3000000 /dev/zero | q64 encode)"';
    const { code, stdout, stderr } = await shell(`printf %sgw ${half} | q64 validate`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('[Q64_CHARACTER_MISPLACED]');
    expect(stderr).toContain('6000000');
    expect(stderr).toContain('ABCDEFGHIJKLMNOP');
    const inJson = await shell(`printf %sA ${half} | q64 validate --json`);
    expect(JSON.parse(inJson.stderr).error).toMatchObject({
      code: 'Q64_LENGTH_ODD',
      fields: { position: 6_000_001 },
    });
  });
});

describe('what cannot be done', () => {
  test('a file that is missing, and a folder', async () => {
    expect(await failure('q64 encode missing')).toBe('INPUT_UNREADABLE');
    expect(await failure('q64 decode .')).toBe('INPUT_UNREADABLE');
    expect(await failure('q64 encode < .')).toBe('INPUT_UNREADABLE');
    expect(await failure('q64 encode hello -o missing/there')).toBe('OUTPUT_UNWRITABLE');
    expect(await failure('q64 encode hello -o . --force')).toBe('OUTPUT_UNWRITABLE');
  });

  test('a text that is wrong leaves no file, and the one that was there', async () => {
    writeFileSync(at('kept'), 'kept');
    const before = readdirSync(directory.path).sort();
    for (const target of ['fresh', 'kept --force']) {
      const line = `(head -c 3000000 /dev/zero | q64 encode; echo wrong) | q64 decode -o ${target}`;
      expect(await failure(line)).toBe('Q64_CHARACTER_INVALID');
    }
    expect(readdirSync(directory.path).sort()).toEqual(before);
    expect(readFileSync(at('kept'), 'utf8')).toBe('kept');
  });

  test('options of another encoding', async () => {
    const { code, stderr } = await shell('q64 encode hello --seed 1');
    expect(code).toBe(2);
    expect(stderr).toContain('--seed is for shq64, not for q64');
    expect(await shell('q64 encode hello -e base64')).toMatchObject({ code: 2 });
    expect(await shell('q64 decode hello --seed 1')).toMatchObject({ code: 2 });
    expect(await shell('q64 encode hello -e eq64 --group 5')).toMatchObject({ code: 2 });
  });

  test.skipIf(process.platform === 'win32')('Ctrl-C leaves nothing behind', async () => {
    mkdirSync(at('stopped'));
    // The input stays open and says nothing more.
    const command = '"$NODE" "$ENTRY" q64 encode -o stopped/file';
    const line = `exec 3> >(exec ${command}); pid=$!; printf Hello >&3; while [ -z "$(ls -A stopped)" ]; do :; done; kill -INT $pid; wait $pid`;
    const { code, stderr } = await shell(line);
    expect(stderr).toContain('INTERRUPTED');
    expect(code).toBe(130);
    expect(readdirSync(at('stopped'))).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('a second Ctrl-C where nothing comes', async () => {
    mkdirSync(at('silent'));
    // A pipe with a name that somebody has open for writing.
    const command = '"$NODE" "$ENTRY" q64 encode pipe -o silent/file';
    const line = `mkfifo pipe; exec 3<> pipe; ${command} 2> note & pid=$!; while [ -z "$(ls -A silent)" ]; do :; done; kill -INT $pid; while ! grep -q again note; do :; done; kill -INT $pid; wait $pid`;
    expect(await shell(`set -m; ${line}`)).toMatchObject({ code: 130 });
  });

  test.skipIf(process.platform === 'win32')('a reader that has gone', async () => {
    const line = `head -c 3000000 /dev/zero | q64 encode | true; exit "\${PIPESTATUS[1]}"`;
    expect(await shell(line)).toEqual({ code: 141, stdout: '', stderr: '' });
  });

  test.runIf(existsSync('/dev/full'))('a full disk', async () => {
    const { code, stderr } = await shell('q64 encode hello --json > /dev/full');
    expect(code).toBe(1);
    expect(JSON.parse(stderr).error.code).toBe('STDOUT_UNWRITABLE');
  });
});

describe.skipIf(process.platform === 'win32')('memory', () => {
  /** Most memory that a command takes, in bytes. */
  async function mostMemory(line: string): Promise<number> {
    const note =
      "process.on('exit',()=>process.stderr.write(String(process.resourceUsage().maxRSS)))";
    const { code, stderr } = await shell(
      `meter() { "$NODE" --import "data:text/javascript,${note}" "$ENTRY" q64 "$@"; }; ${line}`,
    );
    expect(code).toBe(0);
    return 1_024 * Number(stderr);
  }

  test.each([
    ['q64', 'encode', ''],
    ['q64', 'decode', '| q64 encode'],
    ['eq64 --group 4', 'encode', ''],
    ['eq64 --group 4', 'decode', '| q64 encode -e eq64 --group 4'],
  ])('%s %s takes no more for a long input', async (encoding, command, before) => {
    const meter = (bytes: number): string =>
      `head -c ${bytes} /dev/zero ${before} | meter ${command} -e ${encoding} > /dev/null`;
    const short = await mostMemory(meter(1_000_000));
    const long = await mostMemory(meter(300_000_000));
    console.log(
      `${command} ${encoding}: ${short >> 20} MiB for 1 MB, ${long >> 20} MiB for 300 MB`,
    );
    expect(long - short).toBeLessThan(128 * 2 ** 20);
  });
});
