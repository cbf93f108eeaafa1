import { fromHex, type Hex, toHex } from '@lucerna/base';
import { checksumAddress } from '@lucerna/protocol';
import { formatAmount } from '../account/amount.ts';
import { keystoreFolder } from '../account/keystore-folder.ts';
import { sendSigned, sendUnlocked } from '../account/send-transaction.ts';
import { askOnTerminal, isInteractive } from '../account/terminal.ts';
import { addressOfText, openWallet, type Wallet } from '../account/wallet.ts';
import { estimateGas, reportTransaction } from '../contract/outcome.ts';
import { connectRpc, invalidAnswer, type RpcClient } from '../contract/rpc-client.ts';
import {
  type FeeCaps,
  feeCaps,
  firstAccount,
  MAX_FEE_PER_GAS,
  nextNonce,
  quantity,
  requestOf,
} from '../contract/sender.ts';
import { formatLabelled, toJsonLine } from '../db/format.ts';
import { cliErrors } from '../errors.ts';
import { writeNote, writeResult } from '../output.ts';
import type { SendCommandOptions } from './account-options.ts';

/** Chains that are for development only: no network may have these ids. */
const DEV_CHAIN_IDS: readonly bigint[] = [31337n, 1337n];

/** An account with its name, if it was named so. */
type Party = { readonly address: Uint8Array; readonly name: string | undefined };

/** What is going to be sent. */
type Plan = FeeCaps & {
  readonly chainId: bigint;
  readonly from: Party;
  readonly to: Party;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly gasLimit: bigint;
  readonly nonce: bigint;
};

/** `lucerna send`. */
export async function runSend(
  toText: string,
  value: bigint,
  options: SendCommandOptions,
): Promise<void> {
  const json = options.json ?? false;
  checkFees(options);
  const to = await addressOfText(toText);
  const rpc = connectRpc(options.rpc);
  const chainId = await chainIdOf(rpc, options.chainId);
  requireDevChain(to, chainId);
  const folder = keystoreFolder(options.keystore);
  using wallet = options.unlocked
    ? undefined
    : await openWallet(options.from, { ...options, folder, json });
  const from = wallet === undefined ? await unlockedAccount(rpc, options) : await partyOf(wallet);
  requireDevChain(from, chainId);
  const plan = await makePlan(rpc, { chainId, from, to, value }, options);
  await confirm(rpc, plan, options);
  const hash =
    wallet === undefined
      ? await sendUnlocked(rpc, { ...plan, from: from.address, to: to.address }, options.nonce)
      : await sendSigned(rpc, { ...plan, to: to.address }, await wallet.privateKey());
  await report(rpc, plan, hash, options);
}

function checkFees({ maxFee, tip }: SendCommandOptions): void {
  if (maxFee === undefined || tip === undefined || tip <= maxFee) return;
  throw cliErrors.create('OPTIONS_CONFLICT', '--tip is a part of --max-fee, and larger than it');
}

/** The chain that the node is on. @throws `CHAIN_ID_UNEXPECTED`, `NODE_ANSWER_INVALID` */
async function chainIdOf(rpc: RpcClient, expected: bigint | undefined): Promise<bigint> {
  const chainId = await quantity(rpc, 'eth_chainId');
  // A signature for chain 0 would be one for every chain.
  if (chainId === 0n) throw invalidAnswer('eth_chainId answered 0');
  if (expected === undefined || expected === chainId) return chainId;
  const detail = `${chainId} in place of ${expected}`;
  throw cliErrors.create('CHAIN_ID_UNEXPECTED', detail, { chainId, expected });
}

function requireDevChain({ name }: Party, chainId: bigint): void {
  if (name === undefined || DEV_CHAIN_IDS.includes(chainId)) return;
  throw cliErrors.create('NAME_NOT_SECRET', `${name}, on chain ${chainId}`, { name, chainId });
}

async function partyOf(wallet: Wallet): Promise<Party> {
  return { address: await wallet.address(), name: wallet.name };
}

async function unlockedAccount(rpc: RpcClient, { from }: SendCommandOptions): Promise<Party> {
  if (from !== undefined) return addressOfText(from);
  const first = await firstAccount(rpc);
  if (first === undefined) throw cliErrors.create('SENDER_MISSING', rpc.url);
  return { address: fromHex(first), name: undefined };
}

async function makePlan(
  rpc: RpcClient,
  given: Pick<Plan, 'chainId' | 'from' | 'to' | 'value'>,
  options: SendCommandOptions,
): Promise<Plan> {
  const { data = new Uint8Array(0), gas } = options;
  const sender = toHex(given.from.address);
  const message = { to: given.to.address, data, value: given.value, gas };
  const nonce = options.nonce ?? (await nextNonce(rpc, sender));
  const fees = await chosenFees(rpc, options);
  const gasLimit = gas ?? (await estimateGas(rpc, requestOf(sender, message)));
  return { ...given, ...fees, data, nonce, gasLimit };
}

/** What the options say, and for the rest what wallets do. */
async function chosenFees(rpc: RpcClient, { maxFee, tip }: SendCommandOptions): Promise<FeeCaps> {
  if (maxFee !== undefined && tip !== undefined) {
    return { maxFeePerGas: maxFee, maxPriorityFeePerGas: tip };
  }
  const usual = await feeCaps(rpc);
  if (maxFee !== undefined) {
    const part = usual.maxPriorityFeePerGas < maxFee ? usual.maxPriorityFeePerGas : maxFee;
    return { maxFeePerGas: maxFee, maxPriorityFeePerGas: part };
  }
  if (tip === undefined) return usual;
  const base = usual.maxFeePerGas - usual.maxPriorityFeePerGas;
  const sum = base + tip;
  return {
    maxFeePerGas: sum < MAX_FEE_PER_GAS ? sum : MAX_FEE_PER_GAS,
    maxPriorityFeePerGas: tip,
  };
}

/** Shows what is going to be sent, and asks, where somebody sits at a terminal. @throws `NOT_CONFIRMED` */
async function confirm(
  rpc: RpcClient,
  plan: Plan,
  { yes = false }: SendCommandOptions,
): Promise<void> {
  if (yes || !isInteractive()) return;
  const { value, gasLimit, maxFeePerGas, data, nonce, chainId } = plan;
  const lines: (readonly [string, string])[] = [
    ['From', formatParty(plan.from)],
    ['To', formatParty(plan.to)],
    ['Amount', formatAmount(value)],
    [
      'Fee',
      `at most ${formatAmount(gasLimit * maxFeePerGas)} (${gasLimit} gas at ${formatAmount(maxFeePerGas)})`,
    ],
    ['Nonce', String(nonce)],
    ['Chain', `${chainId}, at ${rpc.url}`],
  ];
  if (data.length > 0) lines.push(['Data', `${data.length} bytes`]);
  writeNote(formatLabelled(lines));
  const [answer = ''] = await askOnTerminal([{ prompt: 'Send it? [y/N] ', isHidden: false }]);
  if (!/^y(es)?$/i.test(answer.trim())) throw cliErrors.create('NOT_CONFIRMED');
}

function formatParty({ address, name }: Party): string {
  const text = checksumAddress(address);
  return name === undefined ? text : `${text} (${name})`;
}

async function report(
  rpc: RpcClient,
  plan: Plan,
  hash: Hex,
  { wait = false, json = false, timeout }: SendCommandOptions,
): Promise<void> {
  const { from, to, value, data, gasLimit, chainId } = plan;
  if (wait) {
    // Whoever does not wait to the end knows what to look for.
    if (!json) writeNote(`Sent ${hash}`);
    const message = { to: to.address, data, value, gas: gasLimit };
    const sent = { hash, from: toHex(from.address), message };
    await reportTransaction(rpc, sent, [], { json, timeoutMs: timeout });
    return;
  }
  const facts = {
    transactionHash: hash,
    from: checksumAddress(from.address),
    to: checksumAddress(to.address),
    value,
    chainId,
  };
  writeResult(json ? toJsonLine(facts) : hash);
}
