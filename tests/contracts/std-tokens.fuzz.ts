import { compileStandardContract, createDevNode, type DevNode } from '@lucerna/sdk';
import fc from 'fast-check';
import type { Abi, Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runs } from '../../tools/src/fuzz-runs.ts';
import { DevContract, send } from './dev-contract.ts';
import { alice, bob, carol, NOBODY } from './standard-tokens.ts';
import {
  Erc20Model,
  Erc721Model,
  Erc1155Model,
  type Operation,
  type TokenModel,
} from './token-models.ts';

// Any calls of a token do what the standard says of maps, refuse what it refuses, and leave it as it
// says; a call that is refused changes nothing.

const SENDERS: readonly Address[] = [alice.address, bob.address, carol.address];
const IDS: readonly bigint[] = [1n, 2n, 2n ** 256n - 1n];
const SUPPLY = 20n;
const tally = { calls: 0, refused: 0 };

let node: DevNode;

beforeAll(async () => {
  node = await createDevNode();
});

afterAll(async () => {
  await node.close();
  process.stdout.write(`tokens: ${tally.calls} calls, of which ${tally.refused} were refused\n`);
});

const sender = fc.constantFrom(...SENDERS);
const account = fc.oneof({ arbitrary: sender, weight: 12 }, fc.constant(NOBODY));
const value = fc.oneof(
  { arbitrary: fc.bigInt({ min: 0n, max: 9n }), weight: 10 },
  fc.constantFrom(SUPPLY, 2n ** 256n - 1n, 2n ** 256n - 10n),
);
const id = fc.constantFrom(...IDS);
const ids = fc.array(id, { maxLength: 3 });
const data = fc.constant('0x');

type Call = fc.Arbitrary<Operation>;
const call = (name: string, ...args: readonly fc.Arbitrary<unknown>[]): Call =>
  fc.record({ from: sender, name: fc.constant(name), args: fc.tuple(...args) });

/** A call with lists of ids and of values, which rarely are of different length. */
const batch = (name: string, before: readonly fc.Arbitrary<unknown>[], isBurn = false): Call =>
  fc
    .tuple(fc.tuple(...before), ids, fc.array(value, { minLength: 3, maxLength: 3 }), fc.nat(15))
    .chain(([first, list, values, luck]) => {
      const count = luck === 0 ? 3 : list.length;
      const args = [...first, list, values.slice(0, count), ...(isBurn ? [] : ['0x'])];
      return fc.record({ from: sender, name: fc.constant(name), args: fc.constant(args) });
    });

async function agrees(
  name: string,
  args: readonly unknown[],
  model: TokenModel,
  operations: readonly Operation[],
): Promise<void> {
  const { request } = node.provider;
  const artifact = compileStandardContract(name) as {
    name: string;
    abi: Abi;
    bytecode: `0x${string}`;
  };
  const token = await DevContract.deploy(request, artifact, args, { from: alice.address });
  for (const operation of operations) {
    const options = { from: operation.from, gas: 1_000_000n };
    const receipt = await send(request, token.transaction(operation.name, operation.args, options));
    const isDone = model.apply(operation);
    tally.calls += 1;
    if (!isDone) tally.refused += 1;
    expect(receipt.status).toBe(isDone ? '0x1' : '0x0');
  }
  for (const { name: question, args: asked, expected } of model.answers(SENDERS, IDS)) {
    const answer = await token.read(question, asked, { from: alice.address });
    expect({ question, asked, answer }).toEqual({ question, asked, answer: expected });
  }
}

const sequence = (...calls: readonly Call[]): fc.Arbitrary<readonly Operation[]> =>
  fc.array(fc.oneof(...calls), { minLength: 1, maxLength: 40, size: 'max' });

test('ZX-20 is its model', async () => {
  const calls = sequence(
    call('transfer', account, value),
    call('transferFrom', account, account, value),
    call('approve', account, value),
    call('mint', account, value),
    call('burn', value),
    call('burnFrom', account, value),
  );
  await fc.assert(
    fc.asyncProperty(calls, (operations) => {
      const model = new Erc20Model(alice.address, SUPPLY);
      return agrees('zx20', ['Gold', 'GLD', 18, SUPPLY], model, operations);
    }),
    runs(25),
  );
});

test('ZX-721 is its model', async () => {
  const calls = sequence(
    call('mint', account, id),
    call('transferFrom', account, account, id),
    call('safeTransferFrom', account, account, id, data),
    call('approve', account, id),
    call('setApprovalForAll', account, fc.boolean()),
    call('burn', id),
  );
  await fc.assert(
    fc.asyncProperty(calls, (operations) =>
      agrees('zx721', ['Deeds', 'DEED', ''], new Erc721Model(alice.address), operations),
    ),
    runs(25),
  );
});

test('ZX-1155 is its model', async () => {
  const calls = sequence(
    call('mint', account, id, value, data),
    batch('mintBatch', [account]),
    call('safeTransferFrom', account, account, id, value, data),
    batch('safeBatchTransferFrom', [account, account]),
    call('burn', account, id, value),
    batch('burnBatch', [account], true),
    call('setApprovalForAll', account, fc.boolean()),
  );
  await fc.assert(
    fc.asyncProperty(calls, (operations) =>
      agrees('zx1155', ['ipfs://{id}'], new Erc1155Model(alice.address), operations),
    ),
    runs(25),
  );
});
