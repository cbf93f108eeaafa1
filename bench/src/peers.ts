import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Where peers are installed and what is made of their data is kept. */
export const peersFolder: string = join(root, 'bench/peers');

/** Set by the first failure: without a network the second try would only take time. */
let installFailed = false;

/**
 * A package of `bench/peers`, undefined when it cannot be had. It is installed when `install` says
 * so: that a quick run never does.
 */
export async function importPeer<Module>(
  name: string,
  options: { readonly install: boolean },
): Promise<Module | undefined> {
  if ((await peerPackage(name, options)) === undefined) return undefined;
  const { resolve } = createRequire(join(peersFolder, 'package.json'));
  return import(pathToFileURL(resolve(name)).href);
}

/** The folder of a package of `bench/peers`, as {@link importPeer} finds it; nothing of it is loaded. */
export async function peerPackage(
  name: string,
  options: { readonly install: boolean },
): Promise<string | undefined> {
  if (!isInstalled(name)) {
    if (!options.install || installFailed) return undefined;
    if (!(await installPeers())) {
      installFailed = true;
      return undefined;
    }
  }
  return join(peersFolder, 'node_modules', name);
}

/** A peer with the version that is wanted of it: `@ethereumjs/mpt 10.1.3`. */
export function peerName(name: string): string {
  return `${name} ${wantedVersion(root, name) ?? wantedVersion(peersFolder, name) ?? ''}`.trimEnd();
}

/** In the version of the lock file: an older one is from before an update. */
function isInstalled(name: string): boolean {
  const manifest = join(peersFolder, 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) return false;
  const { version }: { version?: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return version === wantedVersion(peersFolder, name);
}

function wantedVersion(folder: string, name: string): string | undefined {
  const manifest: {
    dependencies?: Readonly<Record<string, string>>;
    devDependencies?: Readonly<Record<string, string>>;
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return manifest.dependencies?.[name] ?? manifest.devDependencies?.[name];
}

async function installPeers(): Promise<boolean> {
  console.error('lucerna: installing what the benchmarks compare with (bench/peers) …');
  const npm = process.env['npm_execpath'];
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm tells its scripts where it was called: the folder has to be said, not only entered.
  const child = spawn(command, [...first, 'ci', ...flags, `--prefix=${peersFolder}`], {
    cwd: peersFolder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: npm === undefined && process.platform === 'win32',
  });
  const [code] = await once(child, 'exit').catch(() => [1]);
  if (code === 0) return true;
  console.error(
    'lucerna: the install failed: see the npm message above; measuring without these peers.',
  );
  return false;
}
