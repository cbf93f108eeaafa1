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

function inScope(name: string, register: () => void): void {
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
function each(add: (name: string, body: () => unknown, timeoutMs?: number) => void): Each {
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

type Register<Add> = Add & {
  readonly each: Each;
  readonly skipIf: (skip: boolean) => Register<Add>;
};

function withModes<Add extends (name: string, body: () => void, timeoutMs?: number) => void>(
  add: Add,
): Register<Add> {
  const skipped = ((): void => undefined) as unknown as Add;
  return Object.assign(add, {
    each: each(add as never),
    skipIf: (skip: boolean): Register<Add> => (skip ? withModes(skipped) : describeOrIt(add)),
  });
}

function describeOrIt<Add extends (name: string, body: () => void, timeoutMs?: number) => void>(
  add: Add,
): Register<Add> {
  return add as Register<Add>;
}

export const describe: Register<typeof inScope> = withModes(inScope);
export const it: Register<typeof addCase> = withModes(addCase);
export const test: Register<typeof addCase> = it;
export const beforeAll = (body: Body): void => void current.beforeAll.push(body);
export const beforeEach = (body: Body): void => void current.beforeEach.push(body);
export const afterEach = (body: Body): void => void current.afterEach.push(body);
export const afterAll = (body: Body): void => void current.afterAll.push(body);

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
