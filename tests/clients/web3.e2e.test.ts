import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Contract, type ContractAbi, Web3, WebSocketProvider } from 'web3';
import { TOKEN } from '../contracts/artifacts.ts';
import { SUPPLY, TRANSFER_TOPIC } from '../contracts/erc20-standard.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { DEV_BALANCE, devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { recomputeAllHashes } from '../support/recompute-hashes.ts';
import { countSchemaChecked } from '../support/rpc-conformance.ts';

const abi = TOKEN.abi as ContractAbi;
const recipient = '0x00000000000000000000000000000000000A11cE';
const zeroHash = `0x${'00'.repeat(32)}`;

let stage: ClientStage;

beforeAll(async () => {
  stage = await openClientStage();
});
afterEach(() => {
  expect(stage.findings()).toEqual([]);
});
afterAll(async () => {
  await stage.close();
});

/** A client that signs with one of the dev accounts. */
function connect(url: string, account: number): { readonly web3: Web3; readonly sender: string } {
  const web3 = new Web3(url);
  const [own] = web3.eth.accounts.wallet.add(privateKeyOf(devAccount(account)));
  if (own === undefined) throw new Error('the account was added');
  return { web3, sender: own.address };
}

/** Ends the connection, if its transport has one. */
function disconnect({ provider }: Web3): void {
  if (provider instanceof WebSocketProvider) provider.disconnect();
}

// Each transport with an account of its own, so that one cannot live on what the other has left.
describe.each([
  ['HTTP', 'url', 0],
  ['WebSocket', 'webSocketUrl', 1],
] as const)('web3.js over %s', (_name, address, account) => {
  let web3: Web3;
  let sender: string;

  beforeAll(() => {
    ({ web3, sender } = connect(stage[address], account));
  });
  afterAll(() => disconnect(web3));

  test('reads the chain', async () => {
    expect(await web3.eth.getChainId()).toBe(31_337n);
    expect(await web3.eth.net.getId()).toBe(31_337n);
    expect(await web3.eth.getNodeInfo()).toMatch(/^anvil-compatible-lucerna\/v/);
    expect(await web3.eth.isSyncing()).toBe(false);
    expect(await web3.eth.net.isListening()).toBe(true);
    expect(await web3.eth.net.getPeerCount()).toBe(0n);
    expect(await web3.eth.getBalance(sender)).toBe(DEV_BALANCE);
    expect(await web3.eth.getTransactionCount(sender)).toBe(0n);
    expect(await web3.eth.getCode(sender)).toBe('0x');
    expect(BigInt(await web3.eth.getStorageAt(sender, 0))).toBe(0n);
    expect(await web3.eth.getAccounts()).toHaveLength(10);
    const genesis = await web3.eth.getBlock(0);
    expect(genesis).toMatchObject({ number: 0n, gasLimit: 30_000_000n, transactions: [] });
    expect(await web3.eth.getBlock(genesis.hash)).toEqual(genesis);
    await expect(web3.eth.getTransaction(zeroHash)).rejects.toThrow('not found');
  });

  test('estimates fees and gas', async () => {
    const fees = await web3.eth.calculateFeeData();
    expect(fees.maxFeePerGas).toBeGreaterThan(BigInt(fees.maxPriorityFeePerGas ?? 0));
    const transfer = { from: sender, to: recipient, value: '1' };
    expect(await web3.eth.estimateGas(transfer)).toBe(21_000n);
    expect(await web3.eth.estimateGas({ ...transfer, data: '0x00ff' })).toBe(21_020n);
    expect(await web3.eth.call(transfer)).toBe('0x');
  });

  test.each([0, 1, 2])('sends a transfer of type %i', async (type) => {
    const before = await web3.eth.getBalance(recipient);
    // web3.js looks at the fees of the head itself for type 2 only.
    const price = type === 2 ? {} : { gasPrice: await web3.eth.getGasPrice() };
    const value = web3.utils.toWei('1.5', 'ether');
    const transfer = { from: sender, to: recipient, value, type, gas: 21_000n, ...price };
    const receipt = await web3.eth.sendTransaction(transfer);
    expect(receipt).toMatchObject({ status: 1n, gasUsed: 21_000n, type: BigInt(type), logs: [] });
    expect((await web3.eth.getBalance(recipient)) - before).toBe(BigInt(value));
    expect(await web3.eth.getTransactionReceipt(receipt.transactionHash)).toEqual(receipt);
    const read = await web3.eth.getTransaction(receipt.transactionHash);
    expect(read).toMatchObject({ type: BigInt(type), value: BigInt(value), chainId: 31_337n });
    const block = await web3.eth.getBlock(receipt.blockNumber, true);
    expect(block.transactions).toMatchObject([{ hash: receipt.transactionHash }]);
  });

  test('sends from an account that the node signs for', async () => {
    const remote = new Web3(stage[address]);
    const from = devAccount(4 + account).address;
    const receipt = await remote.eth.sendTransaction({ from, to: recipient, value: '7' });
    expect(receipt).toMatchObject({ status: 1n, gasUsed: 21_000n });
    expect(await remote.eth.getTransactionCount(from)).toBe(1n);
    disconnect(remote);
  });

  test('tells apart what is wrong with a transaction', async () => {
    const transfer = { from: sender, to: recipient, value: '1', gas: 21_000n };
    await expect(web3.eth.sendTransaction({ ...transfer, nonce: 0n })).rejects.toThrow(
      'nonce too low',
    );
    const poor = connect(stage[address], 20);
    // web3.js calls before it sends, and takes whatever is wrong then for a revert.
    await expect(
      poor.web3.eth.sendTransaction({ ...transfer, from: poor.sender }),
    ).rejects.toMatchObject({ reason: expect.stringContaining('insufficient funds') });
    disconnect(poor.web3);
  });

  describe('a contract', () => {
    let token: Contract<ContractAbi>;

    test('is deployed where web3.js expects it', async () => {
      const data = TOKEN.bytecode;
      const constructorArguments = [SUPPLY] as never;
      const deployment = new web3.eth.Contract(abi).deploy({
        data,
        arguments: constructorArguments,
      });
      const gas = await deployment.estimateGas({ from: sender });
      token = await deployment.send({ from: sender, gas: String(gas) });
      expect(await web3.eth.getCode(token.options.address ?? '')).toBe(data);
    });

    test('is read and written, also where it was', async () => {
      const { methods } = token as unknown as { methods: TokenMethods };
      expect(await methods.name().call()).toBe('Lucerna Quickstart');
      expect(await methods.balanceOf(sender).call()).toBe(SUPPLY);
      const receipt = await methods.transfer(recipient, 5n).send({ from: sender });
      expect(receipt).toMatchObject({ status: 1n });
      expect(receipt.events?.['Transfer']?.returnValues).toMatchObject({
        from: sender,
        to: recipient,
        value: 5n,
      });
      expect(await methods.balanceOf(recipient).call()).toBe(5n);
      const before = String(BigInt(receipt.blockNumber) - 1n);
      expect(await methods.balanceOf(recipient).call({}, before)).toBe(0n);
    });

    test('has events that can be asked for', async () => {
      const [minted, ...others] = await token.getPastEvents('ALLEVENTS', { fromBlock: 0 });
      expect(minted).toMatchObject({ event: 'Transfer', returnValues: { value: SUPPLY } });
      expect(others).toMatchObject([{ event: 'Transfer', returnValues: { value: 5n } }]);
      const toNobody = { filter: { to: sender }, fromBlock: 0 };
      expect(await token.getPastEvents('Transfer' as never, toNobody as never)).toHaveLength(1);
      const logs = await web3.eth.getPastLogs({
        address: token.options.address ?? '',
        topics: [TRANSFER_TOPIC],
        fromBlock: 0,
      });
      expect(logs).toHaveLength(2);
    });
  });

  test('reads the fee history', async () => {
    const head = await web3.eth.getBlockNumber();
    const history = await web3.eth.getFeeHistory(3, 'latest', [50]);
    expect(history.oldestBlock).toBe(head - 2n);
    expect(history.baseFeePerGas).toHaveLength(4);
    expect(history.reward).toHaveLength(3);
  });

  test('proves an account', async () => {
    const proof = await web3.eth.getProof(sender, [], 'latest');
    expect(proof.balance).toBe(await web3.eth.getBalance(sender));
    expect(proof.accountProof.length).toBeGreaterThan(0);
  });
});

test('all of it has hashes and senders that @ethereumjs computes too, and fits its schemas', async () => {
  expect((await recomputeAllHashes(stage.node.endpoint)).transactions).toBe(12);
  expect(countSchemaChecked(stage.exchanges()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(200);
});

type Receipt = {
  readonly status: bigint;
  readonly blockNumber: bigint;
  readonly events?: Readonly<Record<string, { readonly returnValues: unknown }>>;
};

type Method<T> = {
  readonly call: (options?: object, block?: string) => Promise<T>;
  readonly send: (options: { readonly from: string }) => Promise<Receipt>;
};

/** The token's methods by their names; web3.js types them from an ABI that is known when compiling. */
type TokenMethods = {
  readonly name: () => Method<string>;
  readonly balanceOf: (owner: string) => Method<bigint>;
  readonly transfer: (to: string, value: bigint) => Method<boolean>;
};
