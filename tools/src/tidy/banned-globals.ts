import { type Finding, findingAt } from './finding.ts';
import type { Source, Tree } from './tree.ts';

type Ban = {
  readonly what: string;
  readonly pattern: RegExp;
  readonly instead: string;
};

const clock = 'take the time from the Clock port';
const timers = 'schedule through the Clock port';
const random = 'draw from the Random port or the seeded generator';

/** A name that stands for the global, also when written `globalThis.name`. */
function globalName(name: string, rest: string): RegExp {
  return new RegExp(`(?<![\\w$#.])(?:globalThis\\s*\\.\\s*)?${name}${rest}`, 'g');
}

/** A call of a global function; a method of that name is somebody else's. */
function globalCall(name: string, instead: string): Ban {
  return { what: name, pattern: globalName(name, '\\s*\\('), instead };
}

/** Any use of a global object. */
function globalObject(name: string, instead: string): Ban {
  return { what: name, pattern: globalName(name, '(?![\\w$]|\\s*\\??:)'), instead };
}

const bans: readonly Ban[] = [
  { what: 'Date.now', pattern: globalName('Date', '\\s*\\.\\s*now\\b'), instead: clock },
  { what: 'new Date', pattern: /\bnew\s+(?:globalThis\s*\.\s*)?Date\b/g, instead: clock },
  {
    what: 'performance.now',
    pattern: globalName('performance', '\\s*\\.\\s*now\\b'),
    instead: clock,
  },
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) =>
    globalCall(name, timers),
  ),
  { what: 'Math.random', pattern: globalName('Math', '\\s*\\.\\s*random\\b'), instead: random },
  {
    what: 'crypto.getRandomValues',
    pattern: globalName('crypto', '\\s*\\.\\s*(?:getRandomValues|randomUUID)\\b'),
    instead: random,
  },
  globalObject('process', 'take options and ports as arguments'),
  globalObject('Buffer', 'use Uint8Array and the helpers of @lucerna/base'),
  globalObject('console', 'write to the Log port'),
  globalCall('fetch', 'take a transport port'),
  {
    what: 'localeCompare',
    pattern: /\.\s*localeCompare\b/g,
    instead: 'compare with < and >, which depend on no locale',
  },
  {
    what: 'toLocale…',
    pattern: /\.\s*toLocale[A-Z]\w*/g,
    instead: 'use the form that depends on no locale',
  },
  globalObject('Intl', 'format in the app, not below it'),
];

/** Code below the platform layer is deterministic: what it needs from outside comes as a port. */
export function bannedGlobals(tree: Tree): readonly Finding[] {
  return tree.sources
    .filter(({ product, workspace }) => product && workspace?.platformFree === true)
    .flatMap((source) => [...judgeNames(source), ...judgeBuiltins(source)]);
}

function judgeNames(source: Source): readonly Finding[] {
  return bans.flatMap(({ what, pattern, instead }) =>
    [...source.code.matchAll(pattern)]
      .filter((match) => !definesMethod(source.code, match.index + match[0].length - 1))
      .map((match) =>
        findingAt(source, match.index, 'banned-globals', `${what} is a platform API: ${instead}`),
      ),
  );
}

function judgeBuiltins(source: Source): readonly Finding[] {
  return source.imports
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ specifier, offset }) => {
      const message = `${specifier} exists in Node only: declare a port, implement it in platform-node`;
      return findingAt(source, offset, 'banned-globals', message);
    });
}

/** `fetch(url: string): Promise<Body>` in a type or a class declares a name and calls nothing. */
function definesMethod(code: string, open: number): boolean {
  if (code[open] !== '(') return false;
  let depth = 0;
  let at = open;
  do {
    if (code[at] === '(') depth += 1;
    if (code[at] === ')') depth -= 1;
    at += 1;
  } while (depth > 0 && at < code.length);
  return /^\s*[:{]/.test(code.slice(at, at + 20));
}
