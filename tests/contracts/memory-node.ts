import { SILENT_LOG, toHex } from '@lucerna/base';
import { createNode, DEV_PRIVATE_KEYS, devSealer, type Mining, type Node } from '@lucerna/node';
import { systemClock } from '@lucerna/platform-node/clock';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import { createMemoryFile, createMemoryStore, KEYSPACES, type KvStore } from '@lucerna/storage';
import type { Request } from './dev-contract.ts';

/** A node in memory whose whole state can be looked at. */
export type MemoryNode = {
  readonly node: Node;
  readonly request: Request;
  /** Every account, every word of storage and every code that there is at the head. */
  readonly dumpState: () => Promise<StateDump>;
};

/** Rows of the state: `accounts 0x…`, `storage 0x…` or `code 0x…`, and what they hold. */
export type StateDump = ReadonlyMap<string, string>;

const STATE_KEYSPACES = [KEYSPACES.accounts, KEYSPACES.storage, KEYSPACES.code];

/** Starts a node with the development accounts. */
export async function startMemoryNode(mining: Mining = { mode: 'automine' }): Promise<MemoryNode> {
  const signatures = await loadSignatureEngine(SILENT_LOG);
  const store = createMemoryStore();
  const node = await createNode(
    { clock: systemClock, log: SILENT_LOG, signatures, blockLog: createMemoryFile(), store },
    { privateKeys: DEV_PRIVATE_KEYS, sealer: devSealer(mining), durability: 'process' },
  );
  return {
    node,
    request: ({ method, params }) => node.rpc.request(method, params),
    dumpState: async (): Promise<StateDump> => {
      await node.chain.flush();
      return dump(store);
    },
  };
}

function dump(store: KvStore): StateDump {
  const rows = new Map<string, string>();
  for (const keyspace of STATE_KEYSPACES) {
    for (const [key, value] of store.range(keyspace)) {
      rows.set(`${keyspace.name} ${toHex(key)}`, toHex(value));
    }
  }
  return rows;
}

/** The rows that the two do not have in common, in order. */
export function changedRows(before: StateDump, after: StateDump): readonly string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => before.get(key) !== after.get(key)).sort();
}
