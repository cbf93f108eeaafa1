import { type Command, Option } from 'commander';
import { parseGas, parseRpcUrl, parseTimeoutMs, parseWei } from '../arguments.ts';
import type {
  AbiOptions,
  CalledOptions,
  CompileOptions,
  ConnectionOptions,
  DeployOptions,
  EncodeOptions,
  TransactionOptions,
} from './contract-options.ts';

const DEFAULT_RPC_URL = 'http://127.0.0.1:8545';
const DEFAULT_TIMEOUT_MS = 60_000;

const INPUT =
  'a source, a file with bytecode or a compiled JSON, 0x-hex, an address, or zexus:NAME';
const ARGUMENTS = 'one for each parameter; -- before text that begins with a dash';

/** Adds `lucerna contract` and its commands. What they run is loaded only when they run. */
export function addContractCommand(program: Command): void {
  const contract = program
    .command('contract')
    .description('Compile, deploy, call and read contracts.');
  addCompileCommands(contract);
  addReadCommands(contract);
  addEncodeCommand(contract);
  addNodeCommands(contract);
}

function addCompileCommands(contract: Command): void {
  contract
    .command('compile')
    .description('Compile a contract to the JSON that viem and ethers take.')
    .argument('<file>', 'source text, or zexus:NAME of the standard library')
    .addOption(contractOption())
    .option('-o, --out <file>', 'write the JSON to a file')
    .option('--strip', 'leave out the source map: smaller, but failures have no line')
    .addOption(cacheOption())
    .option('--json', 'one line of JSON, diagnostics as JSON lines')
    .action(async (file: string, options: CompileOptions) => {
      const { runCompile } = await import('./contract-compile.ts');
      await runCompile(file, options);
    });
  withInput(contract.command('abi'))
    .description("Print a contract's ABI.")
    .action(async (input: string, options: AbiOptions) => {
      const { runAbi } = await import('./contract-compile.ts');
      await runAbi(input, options);
    });
}

function addEncodeCommand(contract: Command): void {
  contract
    .command('encode')
    .description('Print the data of a call, such as a proxy takes them.')
    .argument('<input>', INPUT)
    .argument('<action>', 'its name in the source or in the ABI')
    .argument('[args...]', ARGUMENTS)
    .addOption(contractOption())
    .addOption(rpcOption())
    .addOption(cacheOption())
    .action(
      async (input: string, action: string, args: readonly string[], options: EncodeOptions) => {
        const { runEncode } = await import('./contract-query.ts');
        await runEncode(input, action, args, options);
      },
    );
}

function addReadCommands(contract: Command): void {
  withInput(contract.command('inspect'))
    .description('Print what a contract has: actions, events, state, size.')
    .action(async (input: string, options: AbiOptions) => {
      const { runInspect } = await import('./contract-inspect.ts');
      await runInspect(input, options);
    });
  withInput(contract.command('disasm'))
    .description("Print a contract's instructions.")
    .action(async (input: string, options: AbiOptions) => {
      const { runDisasm } = await import('./contract-inspect.ts');
      await runDisasm(input, options);
    });
}

function addNodeCommands(contract: Command): void {
  withTransaction(contract.command('deploy'))
    .description('Deploy a contract and wait for its block.')
    .argument('<file>', 'a source, a file with bytecode, a compiled JSON, or zexus:NAME')
    .argument('[args...]', ARGUMENTS)
    .addOption(contractOption())
    .addOption(cacheOption())
    .action(
      async (file: string, args: readonly string[], options: DeployOptions, command: Command) => {
        requireKeyForm(command, options);
        const { runDeploy } = await import('./contract-send.ts');
        await runDeploy(file, args, options);
      },
    );
  withTransaction(contract.command('call'))
    .description("Send a transaction to a contract's action and wait for its block.")
    .argument('<address>', 'the contract')
    .argument('<action>', 'its name in the source or in the ABI')
    .argument('[args...]', ARGUMENTS)
    .addOption(calledOption())
    .action(
      async (
        address: string,
        action: string,
        args: readonly string[],
        options: TransactionOptions & CalledOptions,
        command: Command,
      ) => {
        requireKeyForm(command, options);
        const { runCall } = await import('./contract-send.ts');
        await runCall(address, action, args, options);
      },
    );
  withConnection(contract.command('query'))
    .description("Ask a contract's action without a transaction.")
    .argument('<address>', 'the contract')
    .argument('<action>', 'its name in the source or in the ABI')
    .argument('[args...]', ARGUMENTS)
    .addOption(calledOption())
    .action(
      async (
        address: string,
        action: string,
        args: readonly string[],
        options: ConnectionOptions & CalledOptions,
        command: Command,
      ) => {
        requireKeyForm(command, options);
        const { runQuery } = await import('./contract-query.ts');
        await runQuery(address, action, args, options);
      },
    );
}

function calledOption(): Option {
  return new Option('--abi <input>', 'the contract with the action, when that is behind a proxy');
}

function withInput(command: Command): Command {
  return command
    .argument('<input>', INPUT)
    .addOption(contractOption())
    .addOption(rpcOption())
    .addOption(cacheOption())
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines');
}

function withConnection(command: Command): Command {
  return command
    .addOption(rpcOption())
    .addOption(
      new Option('--private-key <key>', 'sign with this key, which is not sent').conflicts('from'),
    )
    .option('--from <address>', "send from this account of the node (default: the node's first)")
    .option('--value <wei>', 'send this much along', parseWei)
    .option('--gas <limit>', 'gas limit (default: what is needed)', parseGas)
    .option('--json', 'print the result in one line of JSON, diagnostics as JSON lines');
}

function withTransaction(command: Command): Command {
  return withConnection(command).addOption(
    new Option('--timeout <seconds>', 'how long to wait for the block')
      .argParser(parseTimeoutMs)
      .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1_000)),
  );
}

function contractOption(): Option {
  return new Option('--contract <name>', 'which contract of a source with several');
}

function cacheOption(): Option {
  return new Option('--no-cache', 'compile a source anew, and keep nothing of it');
}

function rpcOption(): Option {
  return new Option('--rpc <url>', 'JSON-RPC address of the node')
    .argParser(parseRpcUrl)
    .default(DEFAULT_RPC_URL);
}

/** Refuses what is no key without repeating it: it may be one with a digit missing. */
function requireKeyForm(command: Command, { privateKey }: ConnectionOptions): void {
  if (privateKey === undefined || /^0x[0-9a-fA-F]{64}$/.test(privateKey)) return;
  command.error("error: option '--private-key <key>' is invalid. A key is 0x and 64 hex digits.");
}
