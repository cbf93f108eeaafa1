import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Finished,
  makeSandbox,
  pinnedNodePath,
  type Sandbox,
  startProcess,
} from './sandbox.ts';

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = makeSandbox();
});

afterEach(() => {
  sandbox.remove();
});

const run = (args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished> =>
  sandbox.start(args, env).finished;

/** Stands in for npm: notes how it was called, then runs `body`. */
function stubNpm(body: string): Readonly<Record<string, string>> {
  const source = `
    import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs';
    import { dirname } from 'node:path';
    appendFileSync('npm-calls.jsonl', JSON.stringify(process.argv.slice(2)) + '\\n');
    const pinned = ${JSON.stringify(pinnedNodePath(sandbox.root))};
    ${body}
  `;
  sandbox.write('stub-npm.mjs', source);
  return { npm_execpath: join(sandbox.root, 'stub-npm.mjs') };
}

const installingNpm = `
  mkdirSync(dirname(pinned), { recursive: true });
  mkdirSync('node_modules/.bin', { recursive: true });
  try { symlinkSync(process.execPath, pinned); } catch {}
`;

function npmCalls(): readonly (readonly string[])[] {
  const file = join(sandbox.root, 'npm-calls.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const stampText = (): string =>
  readFileSync(join(sandbox.root, 'node_modules/.lucerna-install.json'), 'utf8');

describe('with everything installed', () => {
  test('starts the program on the pinned Node with its arguments and returns its exit code', async () => {
    sandbox.pretendInstalled('dev');
    sandbox.write(
      'child.ts',
      `const args: string[] = process.argv.slice(2);
       console.log(JSON.stringify({ node: process.execPath, args, path: process.env.PATH }));
       process.exitCode = 3;`,
    );
    const result = await run(['run', 'child.ts', '--flag', 'a b', '']);
    expect(result).toMatchObject({ code: 3, stderr: '' });
    const seen = JSON.parse(result.stdout);
    expect(realpathSync(seen.node)).toBe(realpathSync(pinnedNodePath(sandbox.root)));
    expect(seen.args).toEqual(['--flag', 'a b', '']);
    expect(seen.path.startsWith(join(pinnedNodePath(sandbox.root), '..'))).toBe(true);
    expect(npmCalls()).toEqual([]);
  });

  test('keeps the compile cache for the product and leaves it off for the tools', async () => {
    sandbox.pretendInstalled('dev');
    sandbox.write('child.ts', `console.log(String(process.env['NODE_COMPILE_CACHE']));`);
    const env = { NODE_COMPILE_CACHE: '' };
    expect((await run(['dev', 'child.ts'], env)).stdout).toBe('\n');
    const started = startProcess(
      'env',
      ['-u', 'NODE_COMPILE_CACHE', process.execPath].concat(
        'tools/bootstrap.mjs',
        'run',
        'child.ts',
      ),
      { cwd: sandbox.root },
    );
    expect((await started.finished).stdout.trim()).toBe(
      join(realpathSync(sandbox.root), 'node_modules/.cache/compile'),
    );
  });

  test('reports a program that died of a signal as 128 plus its number', async () => {
    sandbox.pretendInstalled('run');
    sandbox.write('child.ts', `process.kill(process.pid, 'SIGKILL');`);
    expect((await run(['run', 'child.ts'])).code).toBe(137);
  });

  test('refuses an unknown profile', async () => {
    const result = await run(['everything', 'child.ts']);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('usage:');
  });
});

describe('with something missing', () => {
  beforeEach(() => {
    sandbox.write('child.ts', `console.log('started');`);
  });

  test('installs without the development tools for `run`', async () => {
    const result = await run(['run', 'child.ts'], stubNpm(installingNpm));
    expect(result).toMatchObject({ code: 0, stdout: 'started\n' });
    expect(npmCalls()).toHaveLength(1);
    expect(npmCalls()[0]?.[0]).toBe('ci');
    expect(npmCalls()[0]).toEqual(expect.arrayContaining(['--omit=dev', '--ignore-scripts']));
    expect(JSON.parse(stampText()).profile).toBe('run');
    expect(existsSync(join(sandbox.root, 'node_modules/.bin/node'))).toBe(true);
    expect((await run(['run', 'child.ts'])).code).toBe(0);
    expect(npmCalls()).toHaveLength(1);
  });

  test('adds the development tools to an install that lacks them, deleting nothing', async () => {
    sandbox.pretendInstalled('run');
    const env = { ...stubNpm(installingNpm), NODE_ENV: 'production' };
    expect((await run(['dev', 'child.ts'], env)).code).toBe(0);
    expect(npmCalls()[0]?.slice(0, 2)).toEqual(['install', '--no-save']);
    expect(npmCalls()[0]).toContain('--include=dev');
    expect(JSON.parse(stampText()).profile).toBe('dev');
  });

  test('installs again when the lock file has changed', async () => {
    sandbox.pretendInstalled('dev');
    sandbox.write('package-lock.json', '{ "lockfileVersion": 3, "packages": {} }\n');
    expect((await run(['run', 'child.ts'], stubNpm(installingNpm))).code).toBe(0);
    expect(npmCalls()[0]?.[0]).toBe('ci');
  });

  test('installs once when two are started at the same moment', async () => {
    const env = stubNpm(`await new Promise((done) => setTimeout(done, 600)); ${installingNpm}`);
    const results = await Promise.all([
      run(['run', 'child.ts'], env),
      run(['run', 'child.ts'], env),
    ]);
    expect(results.map((result) => result.stdout)).toEqual(['started\n', 'started\n']);
    expect(npmCalls()).toHaveLength(1);
    expect(results.map((result) => result.stderr).join('')).toContain('waiting for it');
    expect(existsSync(join(sandbox.root, '.lucerna-install.lock'))).toBe(false);
  });

  test('takes over the lock of a process that is gone', async () => {
    const gone = startProcess(process.execPath, ['-e', ''], { cwd: sandbox.root });
    await gone.finished;
    sandbox.write('.lucerna-install.lock/pid', String(gone.process.pid));
    const result = await run(['run', 'child.ts'], stubNpm(installingNpm));
    expect(result).toMatchObject({ code: 0, stdout: 'started\n' });
  });

  test('says what to do when the install fails, and remembers nothing', async () => {
    const result = await run(
      ['run', 'child.ts'],
      stubNpm(`console.log('no such host'); process.exit(7);`),
    );
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('no such host');
    const lastLine = result.stderr.trim().split('\n').at(-1);
    expect(lastLine).toBe(
      'lucerna: the install failed: see the npm message above, check the network, and run it again.',
    );
    expect(existsSync(join(sandbox.root, 'node_modules/.lucerna-install.json'))).toBe(false);
    expect(existsSync(join(sandbox.root, '.lucerna-install.lock'))).toBe(false);
  });

  test('puts away a pinned Node that cannot run here and serves on one that is new enough', async () => {
    const brokenNode = `
      const { writeFileSync } = await import('node:fs');
      mkdirSync(dirname(pinned), { recursive: true });
      mkdirSync('node_modules/.bin', { recursive: true });
      writeFileSync(pinned, '#!/bin/sh\\nexit 127\\n', { mode: 0o755 });
    `;
    const result = await run(['run', 'child.ts'], stubNpm(brokenNode));
    expect(result).toMatchObject({ code: 0, stdout: 'started\n' });
    expect(existsSync(pinnedNodePath(sandbox.root))).toBe(false);
  });
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(process.platform === 'win32')('the browser of the tests', () => {
  const tests = 'node_modules/vitest/vitest.mjs';

  beforeEach(() => {
    sandbox.pretendInstalled('dev');
    sandbox.write(tests, `console.log('tests');`);
    sandbox.write('child.ts', `console.log('started');`);
    mkdirSync(join(sandbox.root, 'bin'));
  });

  /** Stands in for Debian's apt-get, which is the only program on the path. */
  const withApt = (body: string): Readonly<Record<string, string>> => {
    const folder = join(sandbox.root, 'bin');
    const script = `#!/bin/sh\necho "$*" >> '${sandbox.root}/apt-calls'\n${body}\n`;
    writeFileSync(join(folder, 'apt-get'), script, { mode: 0o755 });
    return { CI: '1', PATH: folder, LUCERNA_CHROMIUM: '' };
  };
  const aptCalls = (): readonly string[] => {
    const file = join(sandbox.root, 'apt-calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const install = 'install -y -qq --no-install-recommends chromium';
  const installing = (): string => `: > '${sandbox.root}/bin/chromium'`;

  test.runIf(isRoot)('is installed for the tests of a build machine, once', async () => {
    const env = withApt(installing());
    const results = await Promise.all([run(['dev', tests], env), run(['dev', tests], env)]);
    expect(results.map(({ stdout }) => stdout)).toEqual(['tests\n', 'tests\n']);
    expect(aptCalls()).toEqual([install]);
    expect((await run(['dev', tests], env)).stderr).toBe('');
  });

  test.runIf(isRoot)('is asked for again when the machine knew of no packages', async () => {
    const env = withApt(`case "$1" in
      update) : > '${sandbox.root}/updated';;
      *) [ -e '${sandbox.root}/updated' ] || exit 100; ${installing()};;
    esac`);
    expect((await run(['dev', tests], env)).code).toBe(0);
    expect(aptCalls()).toEqual([install, 'update -qq', install]);
  });

  test.runIf(isRoot)('is left out, with a sentence, where it cannot be had', async () => {
    const result = await run(['dev', tests], withApt('exit 100'));
    expect(result).toMatchObject({ code: 0, stdout: 'tests\n' });
    expect(result.stderr.trim().split('\n').at(-1)).toBe(
      'lucerna: there is no Chromium: the browser tests are left out.',
    );
    expect(existsSync(join(sandbox.root, '.lucerna-install.lock'))).toBe(false);
  });

  test('is nobody’s business where people decide, or nothing is tested', async () => {
    const env = withApt(installing());
    expect((await run(['dev', tests], { ...env, CI: '' })).code).toBe(0);
    expect((await run(['dev', 'child.ts'], env)).code).toBe(0);
    expect((await run(['dev', tests], { ...env, LUCERNA_CHROMIUM: '/x' })).code).toBe(0);
    if (!isRoot) expect((await run(['dev', tests], env)).code).toBe(0);
    expect(aptCalls()).toEqual([]);
  });
});

/** Prints each signal it sees and exits with 40 plus their number half a second after the first. */
const signalCounter = `
  let seen = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      console.log('saw ' + name);
      seen += 1;
      if (seen === 1) setTimeout(() => process.exit(40 + seen), 500);
    });
  }
  setInterval(() => {}, 1000);
  console.log('pid ' + process.pid + ' is ready');
`;

describe.skipIf(process.platform === 'win32')(
  'signals (skipped on Windows, which has none)',
  () => {
    beforeEach(() => {
      sandbox.pretendInstalled('dev');
      sandbox.write('child.ts', signalCounter);
    });

    test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
      '%s reaches the program once',
      async (signal) => {
        const running = sandbox.start(['run', 'child.ts']);
        await running.printed('is ready');
        running.process.kill(signal);
        const result = await running.finished;
        expect(result.stdout.match(/saw \w+/g)).toEqual([`saw ${signal}`]);
        expect(result.code).toBe(41);
      },
    );

    test('the program is stopped when the process that started the launcher is killed', async () => {
      const parent = startProcess(
        'sh',
        ['-c', `"${process.execPath}" tools/bootstrap.mjs run child.ts & wait`],
        {
          cwd: sandbox.root,
        },
      );
      await parent.printed('is ready');
      parent.process.kill('SIGKILL');
      // The pipe closes when the last process that holds it has gone.
      const result = await parent.finished;
      expect(result.stdout.match(/saw \w+/g)).toEqual(['saw SIGTERM']);
    });

    test.each(['SIGTERM', 'SIGINT'] as const)(
      '%s to npm reaches the program once, its exit code comes out',
      async (signal) => {
        const script = 'exec node tools/bootstrap.mjs run child.ts';
        writeFileSync(
          join(sandbox.root, 'package.json'),
          JSON.stringify({ name: 'sandbox', version: '1.0.0', scripts: { start: script } }),
        );
        const npm = process.env['npm_execpath'];
        const [command, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
        const running = startProcess(command, [...args, 'start', `--prefix=${sandbox.root}`], {
          cwd: sandbox.root,
        });
        await running.printed('is ready');
        running.process.kill(signal);
        const result = await running.finished;
        expect(result.stdout.match(/saw \w+/g)).toEqual([`saw ${signal}`]);
        expect(result.code).toBe(41);
      },
    );
  },
);
