import { resolve } from 'node:path';
import type { Durability } from '@lucerna/base';
import { type Mining, VERSION } from '@lucerna/node';
import type { Database } from '@lucerna/platform-node/directory';
import { serveHttp } from '@lucerna/platform-node/http';
import { createLog } from '@lucerna/platform-node/log';
import { createDevNode, type DevNode } from '@lucerna/sdk';
import { formatBanner } from '../banner.ts';
import { writeNote, writeResult } from '../output.ts';
import { untilAskedToStop } from '../stop.ts';

/** Options of `lucerna dev`. */
export type DevOptions = {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly inMemory?: boolean;
  readonly db?: Database;
  readonly chainId?: bigint;
  readonly reset?: boolean;
  readonly blockTime?: number;
  readonly mining: boolean;
  readonly durability: Durability;
  /** Blocks. */
  readonly history?: number;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
};

/** `lucerna dev`: runs until it is asked to stop. */
export async function runDev(options: DevOptions): Promise<void> {
  const json = options.json ?? false;
  const log = createLog({
    format: json ? 'json' : 'text',
    level: options.quiet ? 'warn' : 'info',
  });
  const dataDirectory = options.inMemory ? undefined : resolve(options.dataDir);
  const node = await createDevNode({
    ...(dataDirectory === undefined ? {} : { dataDirectory, reset: options.reset ?? false }),
    ...(options.db === undefined ? {} : { database: options.db }),
    ...(options.chainId === undefined ? {} : { chainId: options.chainId }),
    mining: miningOf(options),
    durability: options.durability,
    ...(options.history === undefined ? {} : { history: options.history }),
    log,
  });
  try {
    const server = await serveHttp({
      host: options.host,
      port: options.port,
      rpc: node.rpc,
      policy: {
        allowedHosts: options.allowHost ?? [],
        allowedOrigins: options.allowOrigin ?? [],
      },
      log,
    });
    try {
      warnOfExposure(options, log.warn);
      announce(options, node, server.endpoint, dataDirectory);
      await untilAskedToStop(() => {
        if (!json && !options.quiet) writeNote('Stopping. Ctrl-C again to stop at once.');
      });
    } finally {
      await server.close();
    }
  } finally {
    await node.close();
  }
}

function miningOf(options: DevOptions): Mining {
  if (options.blockTime !== undefined) return { mode: 'interval', blockTimeMs: options.blockTime };
  return options.mining ? { mode: 'automine' } : { mode: 'manual' };
}

function announce(
  options: DevOptions,
  node: DevNode,
  endpoint: string,
  dataDirectory: string | undefined,
): void {
  const report = {
    endpoint,
    chainId: node.chainId.toString(),
    dataDirectory: dataDirectory ?? null,
    mining: describeMining(miningOf(options)),
    accounts: node.accounts,
  };
  if (options.json) writeResult(JSON.stringify({ ...report, pid: process.pid, version: VERSION }));
  else if (!options.quiet) writeResult(formatBanner(report, VERSION));
}

function describeMining(mining: Mining): string {
  switch (mining.mode) {
    case 'automine':
      return 'a block for every transaction';
    case 'interval':
      return `a block every ${mining.blockTimeMs / 1_000} s`;
    case 'manual':
      return 'on evm_mine only';
  }
}

function warnOfExposure(options: DevOptions, warn: (message: string) => void): void {
  if (/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(options.host)) return;
  warn(
    `listening on ${options.host}: whoever reaches this port can spend from the unlocked accounts, mine blocks and read everything`,
  );
}
