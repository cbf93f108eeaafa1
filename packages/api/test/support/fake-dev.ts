import type { DevApi, DevNodeInfo, MineOptions, MiningMode, ReorgTransaction } from '@lucerna/api';
import { toHex } from '@lucerna/base';

/** What a fake dev chain needs of its node. */
type Miner = {
  readonly mine: (options: MineOptions) => Promise<void>;
  readonly head: () => { readonly header: { readonly height: number }; readonly hash: Uint8Array };
  readonly pooledTransaction: (hash: Uint8Array) => unknown;
};

/** A dev chain that remembers what it was told, and does as much of it as answers depend on. */
export class FakeDev implements DevApi {
  /** Name and arguments of every call, bytes as hex. */
  readonly told: (readonly [name: string, ...args: unknown[]])[] = [];
  readonly snapshots: { id: bigint; height: number; hash: Uint8Array }[] = [];
  mode: MiningMode = { automine: true, intervalMs: 0 };
  interval: number | undefined;
  offset = 0;
  readonly #node: Miner;
  #nextId = 0n;

  constructor(node: Miner) {
    this.#node = node;
  }

  async mine(options: MineOptions): Promise<void> {
    this.#tell('mine', options);
    // More would only take time.
    for (let made = 0; made < Math.min(options.blocks ?? 1, 4); made += 1) {
      await this.#node.mine(options);
    }
  }

  async increaseTime(seconds: number): Promise<number> {
    this.#tell('increaseTime', seconds);
    this.offset += seconds;
    return this.offset;
  }

  async setTime(timestamp: number): Promise<number> {
    this.#tell('setTime', timestamp);
    return timestamp - 1_700_000_000;
  }

  async setNextBlockTimestamp(timestamp: number): Promise<void> {
    this.#tell('setNextBlockTimestamp', timestamp);
  }

  async setBlockTimestampInterval(seconds: number | undefined): Promise<void> {
    this.#tell('setBlockTimestampInterval', seconds);
    this.interval = seconds;
  }

  async setBalance(address: Uint8Array, wei: bigint): Promise<void> {
    this.#tell('setBalance', address, wei);
  }

  async setNonce(address: Uint8Array, nonce: bigint): Promise<void> {
    this.#tell('setNonce', address, nonce);
  }

  async setCode(address: Uint8Array, code: Uint8Array): Promise<void> {
    this.#tell('setCode', address, code);
  }

  async setStorage(address: Uint8Array, slot: Uint8Array, word: Uint8Array): Promise<void> {
    this.#tell('setStorage', address, slot, word);
  }

  async impersonate(address: Uint8Array): Promise<void> {
    this.#tell('impersonate', address);
  }

  async stopImpersonating(address: Uint8Array): Promise<void> {
    this.#tell('stopImpersonating', address);
  }

  async autoImpersonate(enabled: boolean): Promise<void> {
    this.#tell('autoImpersonate', enabled);
  }

  mining(): MiningMode {
    return this.mode;
  }

  async setAutomine(enabled: boolean): Promise<void> {
    this.#tell('setAutomine', enabled);
    this.mode = { ...this.mode, automine: enabled };
  }

  async setIntervalMining(intervalMs: number): Promise<void> {
    this.#tell('setIntervalMining', intervalMs);
    this.mode = { ...this.mode, intervalMs };
  }

  async setNextBlockBaseFee(baseFeePerGas: bigint): Promise<void> {
    this.#tell('setNextBlockBaseFee', baseFeePerGas);
  }

  async setMinGasPrice(wei: bigint): Promise<void> {
    this.#tell('setMinGasPrice', wei);
  }

  async setCoinbase(address: Uint8Array): Promise<void> {
    this.#tell('setCoinbase', address);
  }

  async setPrevRandao(mix: Uint8Array): Promise<void> {
    this.#tell('setPrevRandao', mix);
  }

  async setBlockGasLimit(gasLimit: bigint): Promise<void> {
    this.#tell('setBlockGasLimit', gasLimit);
  }

  async dropTransaction(hash: Uint8Array): Promise<boolean> {
    this.#tell('dropTransaction', hash);
    return this.#node.pooledTransaction(hash) !== undefined;
  }

  async dropAllTransactions(): Promise<void> {
    this.#tell('dropAllTransactions');
  }

  async dropTransactionsOf(address: Uint8Array): Promise<void> {
    this.#tell('dropTransactionsOf', address);
  }

  async snapshot(): Promise<bigint> {
    const { header, hash } = this.#node.head();
    const id = this.#nextId;
    this.#nextId += 1n;
    this.snapshots.push({ id, height: header.height, hash });
    return id;
  }

  async revert(id: bigint): Promise<boolean> {
    const at = this.snapshots.findIndex((each) => each.id === id);
    if (at === -1) return false;
    this.snapshots.splice(at);
    return true;
  }

  async rollback(depth: number): Promise<void> {
    this.#tell('rollback', depth);
  }

  async reorg(depth: number, transactions: readonly ReorgTransaction[]): Promise<void> {
    const told = transactions.map(({ blockOffset, raw }) => [blockOffset, toHex(raw)]);
    this.told.push(['reorg', depth, told]);
  }

  async dumpState(): Promise<Uint8Array> {
    return Uint8Array.of(1, 2, 3);
  }

  async loadState(dump: Uint8Array): Promise<void> {
    this.#tell('loadState', dump);
  }

  async reset(): Promise<void> {
    this.#tell('reset');
  }

  async setLogging(enabled: boolean): Promise<void> {
    this.#tell('setLogging', enabled);
  }

  info(): DevNodeInfo {
    return {
      instanceId: new Uint8Array(32).fill(0x1d),
      mining: this.mode,
      timeOffsetSeconds: this.offset,
      blockTimestampIntervalSeconds: this.interval,
      gasLimit: 30_000_000n,
      baseFeePerGas: 7n,
      minGasPrice: 0n,
      snapshots: this.snapshots,
    };
  }

  #tell(name: string, ...args: readonly unknown[]): void {
    this.told.push([name, ...args.map((arg) => (arg instanceof Uint8Array ? toHex(arg) : arg))]);
  }
}
