import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseAmount } from '../account/amount.ts';
import { parseBytes } from '../account/message.ts';
import { parseChainId, parseGas, parseRpcUrl, parseTimeoutMs } from '../arguments.ts';
import { ACCOUNT, keepSecrets, keystoreOption, withPassword } from './account.ts';
import type { SendCommandOptions } from './account-options.ts';

const DEFAULT_RPC_URL = 'http://127.0.0.1:8545';
const DEFAULT_TIMEOUT_MS = 60_000;
/** The last nonce that a transaction can have (EIP-2681). */
const MAX_NONCE = 2n ** 64n - 2n;

/** Adds `lucerna send`. What it runs is loaded only when it runs. */
export function addSendCommand(program: Command): void {
  const command = keepSecrets(program.command('send'))
    .description('Send coins, signed here with a key that stays here.')
    .argument('<to>', 'an address; on a dev chain also a name such as bob')
    .argument('<amount>', 'such as 1.5eth, 100gwei or 7wei; without a unit it is wei', parseAmount)
    .option('--from <account>', `${ACCOUNT} (default: the only one in the folder)`)
    .option('--unlocked', "send from --from, or the first account, of the node's own, which signs")
    .addOption(keystoreOption());
  addTransactionOptions(withPassword(command))
    .option('-y, --yes', 'send without being asked at the terminal')
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines')
    .action(async (to: string, amount: bigint, options: SendCommandOptions) => {
      const { runSend } = await import('./run-send.ts');
      await runSend(to, amount, options);
    });
}

function addTransactionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--rpc <url>', 'JSON-RPC address of the node')
        .argParser(parseRpcUrl)
        .default(DEFAULT_RPC_URL),
    )
    .option('--chain-id <id>', 'refuse a node on another chain', parseChainId)
    .option('--data <bytes>', 'data to send along, as 0x-hex', parseBytes)
    .option('--nonce <number>', 'nonce (default: the next one)', parseNonce)
    .option('--gas <limit>', 'gas limit (default: what is needed)', parseGas)
    .option('--max-fee <amount>', 'most that a unit of gas may cost (20gwei)', parseAmount)
    .option('--tip <amount>', 'what of that goes to the block producer (1gwei)', parseAmount)
    .option('--wait', 'wait for the block, and print what came of it')
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for the block')
        .argParser(parseTimeoutMs)
        .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1_000)),
    );
}

function parseNonce(text: string): bigint {
  const nonce = /^\d{1,20}$/.test(text) ? BigInt(text) : MAX_NONCE + 1n;
  if (nonce <= MAX_NONCE) return nonce;
  throw new InvalidArgumentError(`A nonce is 0 to ${MAX_NONCE}.`);
}
