import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** A Python on this machine. */
export type Python = {
  readonly program: string;
  /** Versions of the packages that it can import, by their names. */
  readonly packages: Readonly<Record<string, string>>;
};

/** What the clients' programs import, and the first version of each that the guide is about. */
const CLIENT_PACKAGES: Readonly<Record<string, readonly [number, number]>> = {
  chromadb: [1, 5],
  numpy: [1, 26],
  web3: [7, 10],
};

// Imported in earnest: a package whose own dependencies are missing is none.
const PROBE = `
import importlib, importlib.metadata, json
found = {}
for name in ${JSON.stringify(Object.keys(CLIENT_PACKAGES))}:
    try:
        importlib.import_module(name)
        found[name] = importlib.metadata.version(name)
    except Exception:
        pass
print(json.dumps(found))
`;

/** What programs that speak to a node find in their environment. */
const environment = { ...process.env, ANONYMIZED_TELEMETRY: 'False', PYTHONUTF8: '1' };

/**
 * The Python that LUCERNA_PYTHON names, or `python3`, with those of the clients that it has. Undefined
 * where there is none.
 */
export function findPython(): Python | undefined {
  const program = process.env['LUCERNA_PYTHON'] ?? 'python3';
  try {
    const options = { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    const printed = execFileSync(program, ['-c', PROBE], options as { encoding: 'utf8' });
    return { program, packages: JSON.parse(printed) };
  } catch {
    return undefined;
  }
}

/** Why programs that import `packages` cannot run; undefined: they can. */
export function pythonLack(
  python: Python | undefined,
  packages: readonly string[],
): string | undefined {
  if (python === undefined) return 'no python3, and none named by LUCERNA_PYTHON';
  const missing = packages.filter((name) => !isEnough(name, python.packages[name]));
  const wanted = missing.map((name) => `${name} ${CLIENT_PACKAGES[name]?.join('.') ?? ''}`.trim());
  return wanted.length === 0 ? undefined : `${python.program} has no ${wanted.join(', no ')}`;
}

function isEnough(name: string, version: string | undefined): boolean {
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? [];
  const [least, leastMinor] = CLIENT_PACKAGES[name] ?? [Number.POSITIVE_INFINITY, 0];
  return major > least || (major === least && minor >= leastMinor);
}

/** Runs a program. @returns what it prints @throws with what it says of its failure */
export async function runPython(
  { program }: Python,
  directory: string,
  args: readonly string[],
): Promise<string> {
  const options = { cwd: directory, env: environment };
  const { stdout } = await promisify(execFile)(program, [...args], options);
  return stdout;
}
