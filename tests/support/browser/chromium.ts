import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

// Those that tools/bootstrap.mjs looks for.
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const APPLICATIONS: Readonly<Record<string, readonly string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].map((name) =>
    join(process.env[name] ?? '', 'Google/Chrome/Application/chrome.exe'),
  ),
};

/** Path of an installed Chrome or Chromium; LUCERNA_CHROMIUM names another one. */
export function findChromium(): string | undefined {
  const named = process.env['LUCERNA_CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const commands = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...commands, ...(APPLICATIONS[process.platform] ?? [])].find((path) => existsSync(path));
}

/** Starts it without a window; `folder` holds what it keeps, such as the files of its pages. */
export function startChromium(executablePath: string, folder: string): Promise<BrowserContext> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launchPersistentContext(folder, {
    executablePath,
    // Its sandbox does not work for root.
    args: isRoot ? ['--no-sandbox'] : [],
  });
}
