import { describe, expect, test } from 'vitest';
import { completeLock } from '../src/lock/complete.ts';
import { findGaps, type Lockfile, resolveInLock } from '../src/lock/lockfile.ts';
import { lockProblems } from '../src/lock/problems.ts';

const lock: Lockfile = {
  packages: {
    '': { dependencies: { tool: '1.0.0' } },
    'node_modules/tool': {
      version: '1.0.0',
      dev: true,
      optionalDependencies: {
        '@tool/cli-linux-x64': '1.0.0',
        '@tool/cli-linux-arm64-musl': '^1.0.0',
        '@tool/cli-win32-amd64': '1.0.0',
      },
    },
    'node_modules/@tool/cli-linux-x64': { version: '1.0.0' },
    'node_modules/zebra': { version: '1.0.0' },
  },
};

describe('resolveInLock', () => {
  const nested: Lockfile = {
    packages: {
      'node_modules/a/node_modules/b': { version: '2.0.0' },
      'node_modules/b': { version: '1.0.0' },
      'packages/p/node_modules/c': { version: '1.0.0' },
    },
  };

  test.each([
    ['node_modules/a', 'b', 'node_modules/a/node_modules/b'],
    ['node_modules/a/node_modules/x', 'b', 'node_modules/a/node_modules/b'],
    ['node_modules/x', 'b', 'node_modules/b'],
    ['packages/p', 'c', 'packages/p/node_modules/c'],
    ['packages/p', 'b', 'node_modules/b'],
    ['', 'b', 'node_modules/b'],
    ['', 'c', undefined],
  ])('from %o, %s is %o', (from, name, expected) => {
    expect(resolveInLock(nested, from, name)).toBe(expected);
  });
});

describe('completeLock', () => {
  test('adds what is missing with the platform that its name tells', () => {
    const { lock: completed, added } = completeLock(lock);
    expect(added).toEqual([
      'node_modules/@tool/cli-linux-arm64-musl',
      'node_modules/@tool/cli-win32-amd64',
    ]);
    expect(completed.packages['node_modules/@tool/cli-linux-arm64-musl']).toEqual({
      version: '1.0.0',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    });
    expect(completed.packages['node_modules/@tool/cli-win32-amd64']).toMatchObject({
      cpu: ['x64'],
      os: ['win32'],
    });
    expect(findGaps(completed)).toEqual([]);
  });

  test('keeps the keys in order and changes a complete lock in nothing', () => {
    const { lock: completed } = completeLock(lock);
    expect(Object.keys(completed.packages)).toEqual([
      '',
      'node_modules/@tool/cli-linux-arm64-musl',
      'node_modules/@tool/cli-linux-x64',
      'node_modules/@tool/cli-win32-amd64',
      'node_modules/tool',
      'node_modules/zebra',
    ]);
    expect(completeLock(completed)).toEqual({ lock: completed, added: [] });
  });
});

describe('lockProblems', () => {
  const manifests = new Map([['', { dependencies: { tool: '1.0.0' } }]]);
  const complete = completeLock(lock).lock;

  test('a complete lock has none', () => {
    expect(lockProblems(complete, manifests)).toEqual([]);
  });

  test('an optional dependency that does not resolve', () => {
    expect(lockProblems(lock, manifests)[0]).toMatch(
      /^package-lock\.json: @tool\/cli-linux-arm64-musl, optional in node_modules\/tool, is missing/,
    );
  });

  test('a registry address, while a workspace link is none', () => {
    const packages = {
      ...complete.packages,
      'node_modules/@lucerna/base': { resolved: 'packages/base', link: true },
      'node_modules/far': { resolved: 'https://registry.example/far.tgz' },
    };
    expect(lockProblems({ packages }, manifests)).toEqual([
      'package-lock.json: node_modules/far is tied to https://registry.example/far.tgz',
    ]);
  });

  test.each(['^1.0.0', '~1.0.0', '1.x', '*', 'latest', '>=1.0.0', '1.0', 'file:../tool'])(
    'the version %s is not exact',
    (version) => {
      const problems = lockProblems(complete, new Map([['', { dependencies: { tool: version } }]]));
      expect(problems[0]).toBe(`package.json: tool ${version} is not an exact version`);
    },
  );

  test('a package.json that the lock does not know about', () => {
    const changed = new Map([
      ['', { dependencies: { tool: '1.0.1' } }],
      ['packages/new', {}],
    ]);
    expect(lockProblems(complete, changed)).toEqual([
      'package.json: dependencies differ from the lock: run npm install',
      'package-lock.json: packages/new is missing: run npm install',
    ]);
  });
});
