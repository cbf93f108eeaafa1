import { equalBytes, isErrorOf, SILENT_LOG, toHex, toHexKey } from '@lucerna/base';
import { type Chain, chainLimits, openChain } from '@lucerna/chain';
import type { BlockAttributes } from '@lucerna/execution';
import {
  carriedGasLimit,
  type Genesis,
  type Header,
  nextBaseFee,
  protocolErrors,
  type RecoveredTransaction,
  recoverTransaction,
  unsignedTransaction,
} from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { nodeErrors } from '../errors.ts';
import { type DevCore, initialOffset, nowSeconds } from './core.ts';
import { currentRoot } from './dump.ts';
import {
  type Dump,
  type DumpedHeader,
  type DumpedPatch,
  decodeDump,
  invalid,
} from './dump-format.ts';
import { keptSettings, sourceOf } from './history.ts';
import { type KeptTransaction, recallTransaction } from './pool-contents.ts';
import { noteOfPool, poolSettled, settlePool } from './pool-settling.ts';
import { rewindTo } from './rewind.ts';
import { decodeSettings, INITIAL_SETTINGS } from './settings.ts';

/** There while a dump takes the place of the chain: what is found beside it is half of one. */
const LOADING_KEY = 'dev/loading';

/** A dump whose transactions are decoded. */
type Loadable = Pick<Dump, 'genesis' | 'patches' | 'stateRoot'> & {
  readonly blocks: readonly {
    readonly header: DumpedHeader;
    readonly transactions: readonly RecoveredTransaction[];
    readonly patches: readonly DumpedPatch[];
  }[];
};

/**
 * `DevApi.loadState`, in the queue. Everything is decoded, and done once in memory, before the chain
 * goes back to block 0; a crash after that is for {@link recoverLoad}.
 */
export async function loadDump(core: DevCore, bytes: Uint8Array): Promise<void> {
  const { settings, snapshots } = core;
  const dump = decodeDump(bytes);
  checkChainId(dump.genesis, core.chain.genesis);
  const loadable = { ...dump, blocks: await recallBlocks(core, dump) };
  const pool = dump.pool.map((kept) => recallChecked(core, kept));
  const poolNote = noteOfPool(dump.pool);
  const limit = chainLimits.values.noteBytes;
  if (poolNote.value.length > limit) {
    throw nodeErrors.create('DUMP_TOO_LARGE', `its pool has more than ${limit} bytes`, { limit });
  }
  const filters = parseFilters(dump.filters);
  const loaded = {
    ...readSettings(dump.settings),
    ...keptSettings(settings.current),
    offsetSeconds: dump.chainSeconds - nowSeconds(core),
    generation: settings.current.generation + 1,
  };
  await rehearse(core, loadable);

  const removal = snapshots.removal(() => true);
  const loading = { key: LOADING_KEY, value: Uint8Array.of(1) };
  await rewindTo(core, { height: 0, ordinal: 0 }, [loading, ...removal.notes]);
  removal.written();
  try {
    await apply(core.chain, loadable, core.takeTurn);
    await settings.change(loaded, [{ key: LOADING_KEY, value: undefined }, poolNote]);
  } catch (error) {
    await recoverLoad(core);
    settlePool(core, []);
    await poolSettled(core);
    throw error;
  }
  settlePool(core, pool);
  core.filters.restore(filters);
  await poolSettled(core);
}

/**
 * Goes back to block 0 when there is only half of what was to be loaded. The pool, whose journal may not
 * be replayed yet, is then to be settled.
 */
export async function recoverLoad(core: DevCore): Promise<void> {
  const { chain, settings, snapshots } = core;
  if (chain.note(LOADING_KEY) === undefined) return;
  core.log.warn('loading a dump was interrupted: the chain begins anew', {
    height: chain.head().header.height,
  });
  const kept = keptSettings(settings.current);
  const fresh = { ...INITIAL_SETTINGS, ...kept, offsetSeconds: initialOffset(core) };
  const removal = snapshots.removal(() => true);
  const done = { key: LOADING_KEY, value: undefined };
  await rewindTo(core, { height: 0, ordinal: 0 }, [
    settings.noteOf(fresh),
    done,
    ...removal.notes,
    noteOfPool([]),
  ]);
  settings.written(fresh);
  removal.written();
}

/** @throws `DUMP_CHAIN_ID` */
function checkChainId(dumped: Genesis, own: Genesis): void {
  if (dumped.chainId === own.chainId) return;
  throw nodeErrors.create('DUMP_CHAIN_ID', `${dumped.chainId}, not ${own.chainId}`, {
    dumped: dumped.chainId,
    chainId: own.chainId,
  });
}

function readSettings(bytes: Uint8Array): ReturnType<typeof decodeSettings> {
  return orInvalid(() => decodeSettings(bytes));
}

function parseFilters(text: string): ReturnType<DevCore['filters']['dump']> {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('its filters are no JSON');
  }
}

async function recallBlocks(core: DevCore, { blocks }: Dump): Promise<Loadable['blocks']> {
  const recalled: Loadable['blocks'][number][] = [];
  for (const { header, transactions, patches } of blocks) {
    await core.takeTurn();
    const checked = transactions.map((kept) => recallChecked(core, kept));
    recalled.push({ header, transactions: checked, patches });
  }
  return recalled;
}

/** A transaction whose sender is the one that has signed it, or that the placeholder names. */
function recallChecked(
  core: Pick<DevCore, 'signatures'>,
  kept: KeptTransaction,
): RecoveredTransaction {
  const { raw, sender, unsigned } = kept;
  return orInvalid(() => {
    const recalled = unsigned ? recallTransaction(kept) : recoverTransaction(raw, core.signatures);
    const isRight = unsigned
      ? equalBytes(unsignedTransaction(recalled.transaction, sender).raw, raw)
      : equalBytes(recalled.sender, sender);
    if (!isRight) throw invalid(`${toHex(recalled.hash)} is not of ${toHex(sender)}`);
    return recalled;
  });
}

/** @throws `DUMP_INVALID` for what is wrong with bytes or transactions */
function orInvalid<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!isErrorOf(error, protocolErrors)) throw error;
    throw nodeErrors.create('DUMP_INVALID', error.message, {}, error);
  }
}

/** Does it all on a chain in memory. @throws as {@link apply} */
async function rehearse(core: DevCore, dump: Loadable): Promise<void> {
  const ports = {
    log: createMemoryFile(),
    store: createMemoryStore(),
    signatures: core.signatures,
    sink: SILENT_LOG,
  };
  const { genesis } = core.chain;
  const options = { genesis, durability: 'process', history: 0, cheats: 'allowed' } as const;
  const scratch = await openChain(ports, options);
  try {
    await apply(scratch, dump, core.takeTurn);
  } finally {
    await scratch.close();
  }
}

/**
 * Makes the dumped blocks and patches again on a chain of nothing but block 0.
 *
 * @throws `DUMP_INVALID` when they do not lead to the dumped states
 */
async function apply(chain: Chain, dump: Loadable, takeTurn: () => Promise<void>): Promise<void> {
  const changes = genesisChanges(chain, dump.genesis);
  if (changes.length > 0) await applyPatch(chain, changes);
  for (const patch of dump.patches) await applyPatch(chain, patch);
  for (const { header, transactions, patches } of dump.blocks) {
    await takeTurn();
    const { executed } = chain.build(attributesOf(chain, header), sourceOf(transactions));
    checkSame(executed.block.header, header);
    await chain.commit(executed);
    for (const patch of patches) {
      await takeTurn();
      await applyPatch(chain, patch);
    }
  }
  if (!equalBytes(currentRoot(chain), dump.stateRoot)) throw invalid('its last state is another');
}

const ROOTS = ['stateRoot', 'receiptsRoot'] as const;

function checkSame(made: Header, dumped: DumpedHeader): void {
  const other = ROOTS.find((root) => !equalBytes(made[root], dumped[root]));
  if (other !== undefined) throw invalid(`block ${made.height} has another ${other}`);
}

/** What makes the block with this header again. Its parent's hash may be another one. */
function attributesOf(chain: Chain, header: DumpedHeader): BlockAttributes {
  const { header: parent } = chain.head();
  const rules = chain.rulesAt(parent.height + 1);
  const { timestamp, coinbase, gasLimit, mixHash, baseFeePerGas } = header;
  const attributes = { timestamp, coinbase, gasLimit, mixHash };
  const isPlain =
    timestamp >= parent.timestamp &&
    gasLimit === carriedGasLimit(parent.gasLimit, rules) &&
    baseFeePerGas === nextBaseFee(parent, rules);
  return isPlain ? attributes : { ...attributes, lifted: true, baseFeePerGas };
}

/** What makes the state of this chain's block 0 that of another genesis. */
function genesisChanges(chain: Chain, genesis: Genesis): DumpedPatch {
  const state = chain.state();
  const wanted = new Set(genesis.alloc.map(({ address }) => toHexKey(address)));
  const gone = chain.genesis.alloc
    .filter(({ address }) => !wanted.has(toHexKey(address)))
    .map(({ address }) => ({ address, after: undefined, cleared: false, slots: [] }));
  const set = genesis.alloc.flatMap(({ address, nonce, balance, code = new Uint8Array(0) }) => {
    const before = state.account(address);
    const codeBefore = before === undefined ? undefined : state.code(before.codeHash);
    const isSame =
      before?.nonce === nonce &&
      before.balance === balance &&
      codeBefore !== undefined &&
      equalBytes(codeBefore, code);
    if (isSame) return [];
    return [{ address, after: { nonce, balance, code }, cleared: false, slots: [] }];
  });
  return [...gone, ...set];
}

async function applyPatch(chain: Chain, changes: DumpedPatch): Promise<void> {
  await chain.patch((journal) => {
    for (const { address, after, cleared, slots } of changes) {
      if (after === undefined || cleared) journal.deleteAccount(address);
      if (after === undefined) continue;
      journal.setBalance(address, after.balance);
      journal.setNonce(address, after.nonce);
      if (after.code !== undefined) journal.setCode(address, after.code);
      for (const { slot, word } of slots) journal.setStorage(address, slot, word);
    }
  }, []);
}
