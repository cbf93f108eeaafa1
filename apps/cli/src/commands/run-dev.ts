import { resolve } from 'node:path';
import { type Durability, type Log, present } from '@lucerna/base';
import { type Mining, VERSION } from '@lucerna/node';
import type { Database } from '@lucerna/platform-node/directory';
import { type HttpServer, serveHttp } from '@lucerna/platform-node/http';
import { createLog } from '@lucerna/platform-node/log';
import { createDevNode, type DevApi, type DevNode, type DevNodeOptions } from '@lucerna/sdk';
import { type DevReport, describeMining, formatBanner } from '../banner.ts';
import { readMnemonic, readToken } from '../dev/secrets.ts';
import { loadState, openStateOutput } from '../dev/state-file.ts';
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
  /** Seconds since the Unix epoch. */
  readonly timestamp?: number;
  readonly accounts?: number;
  readonly mnemonic?: string;
  readonly mnemonicFile?: string;
  /** Wei. */
  readonly balance?: bigint;
  readonly reset?: boolean;
  readonly loadState?: string;
  readonly dumpState?: string;
  /** Milliseconds. */
  readonly blockTime?: number;
  readonly automine?: boolean;
  readonly mining: boolean;
  readonly gasLimit?: bigint;
  /** Wei per gas. */
  readonly baseFee?: bigint;
  readonly durability: Durability;
  /** Blocks. */
  readonly history?: number;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly tokenFile?: string;
  /** False: the vector database is not served. */
  readonly vector: boolean;
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
  // What is wrong with files is said before anything is made.
  const token = await readToken(options.tokenFile);
  const mnemonic = await readMnemonic(options);
  const { dumpState } = options;
  const writeState = dumpState === undefined ? undefined : await openStateOutput(dumpState);
  const node = await createDevNode({ ...nodeOptions(options), mnemonic, log });
  try {
    const dev = present(node.api.dev, 'a dev node has them');
    await prepareChain(options, { node, dev, log });
    const server = await serve(options, { node, token, log });
    try {
      // Before anybody is told that it runs: they may end it at once.
      const stopped = untilAskedToStop(() => {
        if (!json && !options.quiet) writeNote('Stopping. Ctrl-C again to stop at once.');
      });
      warnOfExposure(options, { hasToken: token !== undefined, log });
      announce(options, { node, dev, endpoint: server.endpoint, token, mnemonic });
      await stopped;
    } finally {
      await server.close();
    }
    await writeState?.(dev, log);
  } finally {
    await node.close();
  }
}

function nodeOptions(options: DevOptions): DevNodeOptions {
  const { db: database, chainId, timestamp, accounts, balance, history } = options;
  const mining = miningOf(options);
  return {
    ...(options.inMemory
      ? {}
      : { dataDirectory: resolve(options.dataDir), reset: options.reset ?? false }),
    durability: options.durability,
    vector: options.vector,
    ...(database === undefined ? {} : { database }),
    ...(chainId === undefined ? {} : { chainId }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(accounts === undefined ? {} : { accounts }),
    ...(balance === undefined ? {} : { balance }),
    ...(mining === undefined ? {} : { mining }),
    ...(history === undefined ? {} : { history }),
  };
}

/** What the command line says about it; undefined: the chain goes on as it was told to. */
function miningOf({ blockTime: blockTimeMs, automine, mining }: DevOptions): Mining | undefined {
  if (!mining) return { mode: 'manual' };
  if (blockTimeMs !== undefined) return { mode: automine ? 'mixed' : 'interval', blockTimeMs };
  return automine ? { mode: 'automine' } : undefined;
}

type Started = { readonly node: DevNode; readonly dev: DevApi; readonly log: Log };

/** What the command line wants of the chain itself. */
async function prepareChain(options: DevOptions, { node, dev, log }: Started): Promise<void> {
  const { loadState: file, gasLimit, baseFee } = options;
  if (file !== undefined) {
    await loadState(file, { dev, height: () => node.api.head().header.height, log });
  }
  // What holds already is not written again at every start.
  if (gasLimit !== undefined && dev.info().gasLimit !== gasLimit) {
    await dev.setBlockGasLimit(gasLimit);
  }
  if (baseFee !== undefined && dev.info().baseFeePerGas !== baseFee) {
    await dev.setNextBlockBaseFee(baseFee);
  }
}

function serve(
  { host, port, allowHost = [], allowOrigin = [] }: DevOptions,
  { node, token, log }: Pick<Started, 'node' | 'log'> & { readonly token: string | undefined },
): Promise<HttpServer> {
  return serveHttp({
    host,
    port,
    rpc: node.rpc,
    chroma: node.vector?.chroma,
    health: node.health,
    policy: { allowedHosts: allowHost, allowedOrigins: allowOrigin, token },
    log,
  });
}

type Announced = Pick<Started, 'node' | 'dev'> & {
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly mnemonic: string | undefined;
};

function announce(options: DevOptions, started: Announced): void {
  if (options.quiet && !options.json) return;
  const { node, dev, endpoint, token, mnemonic } = started;
  const report: DevReport = {
    endpoint,
    chainId: node.chainId.toString(),
    dataDirectory: options.inMemory ? null : resolve(options.dataDir),
    mining: describeMining(dev.mining()),
    token: token !== undefined,
    accounts: node.accounts,
  };
  if (options.json) {
    writeResult(JSON.stringify({ ...report, pid: process.pid, version: VERSION }));
    return;
  }
  const height = node.api.head().header.height;
  const balances = node.api.accounts().map((address) => node.api.account(height, address).balance);
  writeResult(formatBanner(report, { version: VERSION, balances, height, mnemonic }));
}

function warnOfExposure(
  { host }: DevOptions,
  { hasToken, log }: { readonly hasToken: boolean; readonly log: Log },
): void {
  if (/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)) return;
  log.warn(
    hasToken
      ? `listening on ${host}: requests and the token travel unencrypted, so who listens on the way has it`
      : `listening on ${host}: whoever reaches this port can spend from the unlocked accounts, mine blocks, and read and change everything`,
  );
}
