// Stands in for Vitest's `describe` and `it` in a browser, where suites are bundled with it; `expect` is
// Vitest's own.
export { expect } from 'vitest';

type Body = (...args: never[]) => unknown;

type Scope = {
  readonly name: string;
  readonly parent: Scope | undefined;
  readonly beforeAll: Body[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
  readonly afterAll: Body[];
  readonly children: (Scope | Case)[];
};

type Case = { readonly name: string; readonly body: () => unknown; readonly timeoutMs: number };

/** How a case went. */
export type CaseResult = { readonly name: string; readonly error?: string };

const DEFAULT_TIMEOUT_MS = 60_000;

function newScope(name: string, parent: Scope | undefined): Scope {
  const hooks = { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] };
  return { name, parent, ...hooks, children: [] };
}

let current: Scope = newScope('', undefined);

function inScope(name: string, register: () => unknown): void {
  const scope = newScope(name, current);
  current.children.push(scope);
  current = scope;
  try {
    register();
  } finally {
    current = scope.parent as Scope;
  }
}

function addCase(name: string, body: () => unknown, timeoutMs: number = DEFAULT_TIMEOUT_MS): void {
  current.children.push({ name, body, timeoutMs });
}

type Each = (rows: readonly unknown[]) => (name: string, body: Body, timeoutMs?: number) => void;

/** One call for each row; an array is spread over the parameters. */
function each(add: Add): Each {
  return (rows) => (name, body, timeoutMs) => {
    for (const row of rows) {
      const values = Array.isArray(row) ? row : [row];
      const run = body as unknown as (...args: readonly unknown[]) => unknown;
      add(nameWith(name, values), () => run(...values), timeoutMs);
    }
  };
}

/** `%s`, `%i`, `%d`, `%j` and `$key` as Vitest writes them, about. */
function nameWith(name: string, values: readonly unknown[]): string {
  let next = 0;
  const first = values[0] as Readonly<Record<string, unknown>> | undefined;
  return name
    .replace(/%[sidjo]/g, () => String(values[next++]))
    .replace(/\$(\w+)/g, (whole, key: string) =>
      typeof first === 'object' && key in first ? String(first[key]) : whole,
    );
}

type Add = (name: string, body: () => unknown, timeoutMs?: number) => void;

type Register<T extends Add> = T & {
  readonly each: Each;
  readonly skip: T;
  readonly skipIf: (skip: boolean) => Register<T>;
  readonly runIf: (run: boolean) => Register<T>;
};

function withModes<T extends Add>(add: T): Register<T> {
  const leaveOut = ((): void => undefined) as unknown as T;
  const choose = (run: boolean): Register<T> => withModes(run ? add : leaveOut);
  // A function of its own, because the one that was given may get modes again.
  const registered = ((name, body, timeoutMs) => add(name, body, timeoutMs)) as T;
  return Object.assign(registered, {
    each: each(add),
    skip: leaveOut,
    skipIf: (skip: boolean): Register<T> => choose(!skip),
    runIf: choose,
  });
}

export const describe: Register<typeof inScope> = withModes(inScope);
export const it: Register<typeof addCase> = withModes(addCase);
export const test: Register<typeof addCase> = it;

/** Registers what a file has when it is loaded, apart from other files: hooks are its own. */
export async function inFile(name: string, load: () => Promise<unknown>): Promise<void> {
  const scope = newScope(name, current);
  current.children.push(scope);
  current = scope;
  try {
    await load();
  } finally {
    current = scope.parent as Scope;
  }
}

export const beforeAll = (body: Body): void => void current.beforeAll.push(body);
export const beforeEach = (body: Body): void => void current.beforeEach.push(body);
export const afterEach = (body: Body): void => void current.afterEach.push(body);
export const afterAll = (body: Body): void => void current.afterAll.push(body);

/** Globals as they were before `stubGlobal`; undefined: there was none. */
const stubbed = new Map<string, PropertyDescriptor | undefined>();

/** The part of Vitest's `vi` that tests of packages use. */
export const vi = {
  stubGlobal(name: string, value: unknown): void {
    if (!stubbed.has(name)) stubbed.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  },
  unstubAllGlobals(): void {
    for (const [name, before] of stubbed) {
      if (before === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, before);
    }
    stubbed.clear();
  },
};

/** Runs everything that was registered, one case after the other. */
export async function runCases(
  report: (result: CaseResult) => Promise<void>,
  begin: (name: string) => Promise<void>,
): Promise<void> {
  await runScope(current, [], async (name, run) => {
    await begin(name);
    try {
      await run();
      await report({ name });
    } catch (error) {
      await report({ name, error: error instanceof Error ? `${error.stack}` : String(error) });
    }
  });
}

type RunCase = (name: string, run: () => Promise<void>) => Promise<void>;

async function runScope(scope: Scope, path: readonly string[], runCase: RunCase): Promise<void> {
  for (const hook of scope.beforeAll) await hook();
  for (const child of scope.children) {
    const childPath = [...path, child.name];
    if ('children' in child) await runScope(child, childPath, runCase);
    else await runCase(childPath.join(' > '), () => runBody(scope, child));
  }
  for (const hook of scope.afterAll.toReversed()) await hook();
}

async function runBody(scope: Scope, { body, timeoutMs }: Case): Promise<void> {
  const scopes: Scope[] = [];
  for (let each: Scope | undefined = scope; each !== undefined; each = each.parent) {
    scopes.unshift(each);
  }
  for (const hook of scopes.flatMap(({ beforeEach }) => beforeEach)) await hook();
  try {
    await within(timeoutMs, body);
  } finally {
    for (const hook of scopes.toReversed().flatMap(({ afterEach }) => afterEach.toReversed())) {
      await hook();
    }
  }
}

async function within(timeoutMs: number, body: () => unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
  }
}
