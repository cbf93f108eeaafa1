// Deploys token.zx on a running node and uses it as viem uses every ERC-20.
import { readFileSync } from 'node:fs';
import { compileContract } from '@lucerna/sdk';
import * as viem from 'viem';
import { foundry } from 'viem/chains';

const url = process.argv[2] ?? 'http://127.0.0.1:8545';
const client = viem
  .createWalletClient({ chain: foundry, transport: viem.http(url) })
  .extend(viem.publicActions);
const [alice, bob] = await client.getAddresses(); // the node signs for these
if (alice === undefined || bob === undefined) throw new Error(`${url} has no accounts`);

const source = readFileSync(new URL('token.zx', import.meta.url), 'utf8');
const { name, abi, bytecode } = compileContract(source, { sourceName: 'token.zx' });
const args = [viem.parseEther('1000000')];
const deployment = await client.deployContract({ account: alice, abi, bytecode, args });
const { contractAddress: address } = await client.waitForTransactionReceipt({ hash: deployment });
if (!address) throw new Error('a deployment creates a contract');
console.log(`${name} is deployed at ${address}`);

const token = viem.getContract({ address, abi: viem.erc20Abi, client });
const symbol = await token.read.symbol();
console.log(`It calls itself ${await token.read.name()}, ${symbol}`);

const hash = await token.write.transfer([bob, viem.parseEther('12.5')], { account: alice });
const receipt = await client.waitForTransactionReceipt({ hash });
console.log(`Transfer ${hash}: ${receipt.status}, ${receipt.gasUsed} gas`);

for (const owner of [alice, bob]) {
  console.log(`${owner} has ${viem.formatEther(await token.read.balanceOf([owner]))} ${symbol}`);
}
for (const { args } of await token.getEvents.Transfer({}, { fromBlock: 0n })) {
  console.log(`Log: ${viem.formatEther(args.value ?? 0n)} from ${args.from} to ${args.to}`);
}
