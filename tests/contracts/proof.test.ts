import { createMPT, verifyMPTWithMerkleProof } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { hexToBytes } from '@ethereumjs/util';
import { createDevNode, type DevNode } from '@lucerna/sdk';
import { type Address, type Hex, hexToBigInt, keccak256, numberToHex, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devAccount } from '../support/dev-accounts.ts';
import type { RpcBlock } from '../support/rpc-types.ts';
import { compileFixture } from './artifacts.ts';
import { DevContract } from './dev-contract.ts';
import { continuationSlots, entrySlot, textWords, variableSlot } from './storage-slots.ts';

// What eth_getProof says is checked by @ethereumjs/mpt against the state root of a block, at slots
// that are computed from the specification alone.

const alice = devAccount(0).address;
const bob = devAccount(1).address;
const stranger: Address = '0x00000000000000000000000000000000000a11ce';

const TITLE = 'An archive whose title, ünlike others, does not fit one word of storage';
const NOTE = 'A note behind two keys: '.repeat(7);
const AMOUNT = 10n ** 24n;
const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';

type Proof = {
  readonly address: Hex;
  readonly nonce: Hex;
  readonly balance: Hex;
  readonly storageHash: Hex;
  readonly codeHash: Hex;
  readonly accountProof: readonly Hex[];
  readonly storageProof: readonly {
    readonly key: Hex;
    readonly value: Hex;
    readonly proof: readonly Hex[];
  }[];
};

let node: DevNode;
let archive: DevContract;

beforeAll(async () => {
  node = await createDevNode();
  const from = { from: alice };
  archive = await DevContract.deploy(node.provider.request, compileFixture('archive'), [], from);
  // Others' entries, so that the tries have branches.
  for (let index = 0n; index < 20n; index += 1n) {
    await archive.write('note', [index, `note ${index}`], { from: bob });
    await archive.write(
      'share',
      [
        `0x${'00'.repeat(18)}${toHex(index + 256n)
          .slice(2)
          .padStart(4, '0')}`,
        index + 1n,
      ],
      { from: bob },
    );
  }
  await archive.write('entitle', [TITLE], from);
  await archive.write('note', [7n, NOTE], from);
  await archive.write('share', [bob, AMOUNT], from);
});

afterAll(() => node.close());

async function getProof(address: Hex, slots: readonly Hex[], block = 'latest'): Promise<Proof> {
  const params = [address, slots, block];
  return (await node.provider.request({ method: 'eth_getProof', params })) as Proof;
}

async function stateRoot(block = 'latest'): Promise<Hex> {
  const params = [block, false];
  const answer = await node.provider.request({ method: 'eth_getBlockByNumber', params });
  return (answer as RpcBlock).stateRoot;
}

/** What the proof proves about the hashed key: its value, or null when there is none. */
async function proven(root: Hex, key: Hex, proof: readonly Uint8Array[]): Promise<Hex | null> {
  const trie = await createMPT({ useKeyHashing: true });
  const value = await verifyMPTWithMerkleProof(
    trie,
    hexToBytes(root),
    hexToBytes(key),
    proof as Uint8Array[],
  );
  return value === null ? null : toHex(value);
}

const bytesOf = (nodes: readonly Hex[]): readonly Uint8Array[] => nodes.map(hexToBytes);

/** The account leaf that the answer claims (EIP-1186). */
function accountLeaf({ nonce, balance, storageHash, codeHash }: Proof): Hex {
  const minimal = (quantity: Hex): bigint => hexToBigInt(quantity);
  return toHex(
    RLP.encode([minimal(nonce), minimal(balance), hexToBytes(storageHash), hexToBytes(codeHash)]),
  );
}

/** The trie's value for a word: RLP of it without leading zeros; none for zero. */
function wordLeaf(word: Hex): Hex | null {
  const value = hexToBigInt(word);
  return value === 0n ? null : toHex(RLP.encode(value));
}

/** Checks account and slots against the state root of the block. */
async function expectProven(address: Hex, slots: readonly Hex[], block = 'latest'): Promise<Proof> {
  const proof = await getProof(address, slots, block);
  expect(proof.address).toBe(address.toLowerCase());
  const root = await stateRoot(block);
  expect(await proven(root, address, bytesOf(proof.accountProof))).toBe(accountLeaf(proof));
  expect(proof.storageProof.map(({ key }) => key)).toEqual(slots);
  for (const [index, { value, proof: nodes }] of proof.storageProof.entries()) {
    const slot = slots[index] as Hex;
    expect(await proven(proof.storageHash, slot, bytesOf(nodes))).toBe(wordLeaf(value));
    const stored = await node.provider.request({
      method: 'eth_getStorageAt',
      params: [address, slot, block],
    });
    expect(hexToBigInt(value)).toBe(hexToBigInt(stored as Hex));
  }
  return proof;
}

const values = ({ storageProof }: Proof): readonly Hex[] =>
  storageProof.map(({ value }) => numberToHex(hexToBigInt(value), { size: 32 }));

/** Head and continuation of a text that stands at `head`. */
function textSlots(head: Hex, text: string): readonly Hex[] {
  return [head, ...continuationSlots(head, new TextEncoder().encode(text).length)];
}

describe('a proof', () => {
  test('of a text longer than thirty bytes has all its words', async () => {
    const slots = textSlots(variableSlot('title'), TITLE);
    expect(slots.length).toBeGreaterThanOrEqual(3);
    expect(values(await expectProven(archive.address, slots))).toEqual(textWords(TITLE));
  });

  test('of a text behind two keys has all its words', async () => {
    const head = entrySlot('notes', { address: alice }, { natural: 7n });
    const slots = textSlots(head, NOTE);
    expect(slots).toHaveLength(6);
    expect(values(await expectProven(archive.address, slots))).toEqual(textWords(NOTE));
  });

  test('of a short text has one word', async () => {
    const head = entrySlot('notes', { address: bob }, { natural: 0n });
    expect(values(await expectProven(archive.address, [head]))).toEqual(textWords('note 0'));
  });

  test('of a number behind two keys has the number', async () => {
    const slot = entrySlot('shares', { address: alice }, { address: bob });
    const proof = await expectProven(archive.address, [slot]);
    expect(hexToBigInt(proof.storageProof[0]?.value ?? '0x')).toBe(AMOUNT);
  });

  test('shows that an entry is absent', async () => {
    const absent = [
      entrySlot('shares', { address: bob }, { address: alice }),
      entrySlot('shares', { address: stranger }, { address: stranger }),
      entrySlot('notes', { address: alice }, { natural: 8n }),
      variableSlot('nothing'),
      numberToHex(0, { size: 32 }),
    ];
    const proof = await expectProven(archive.address, absent);
    for (const { value, proof: nodes } of proof.storageProof) {
      expect(value).toBe('0x0');
      expect(nodes.length).toBeGreaterThan(0);
    }
  });

  test('shows the code of the contract and the absence of a stranger', async () => {
    const contract = await expectProven(archive.address, []);
    expect(contract.codeHash).toBe(keccak256(archive.artifact.bytecode));
    const nobody = await getProof(stranger, [variableSlot('title')]);
    expect(nobody).toMatchObject({ nonce: '0x0', balance: '0x0', storageHash: EMPTY_ROOT });
    expect(await proven(await stateRoot(), stranger, bytesOf(nobody.accountProof))).toBeNull();
    expect(nobody.storageProof).toMatchObject([{ value: '0x0', proof: [] }]);
  });

  test('of an older block has the state of that block', async () => {
    const head = await node.provider.request({ method: 'eth_blockNumber' });
    const before = toHex(Number(head) - 3);
    const slots = textSlots(variableSlot('title'), TITLE);
    const old = await expectProven(archive.address, slots, before);
    expect(old.storageProof.map(({ value }) => value)).toEqual(slots.map(() => '0x0'));
    const now = await expectProven(archive.address, slots);
    expect(now.storageHash).not.toBe(old.storageHash);
    const [nodes] = now.storageProof.map(({ proof }) => bytesOf(proof));
    // Nobody can pass off the text of today as that of the older block.
    await expect(proven(old.storageHash, slots[0] as Hex, nodes ?? [])).rejects.toThrow();
  });
});

describe('a flipped byte', () => {
  /** Every byte of every node, one at a time; how many there were. */
  async function flipAll(root: Hex, key: Hex, nodes: readonly Hex[]): Promise<number> {
    const intact = bytesOf(nodes);
    let flipped = 0;
    for (const [index, original] of intact.entries()) {
      for (let offset = 0; offset < original.length; offset += 1) {
        const damaged = original.slice();
        damaged[offset] = (original[offset] as number) ^ (1 << (flipped % 8));
        const proof = intact.with(index, damaged);
        const outcome = await proven(root, key, proof).then(
          (value) => `proves ${value}`,
          () => 'refused',
        );
        if (outcome !== 'refused') throw new Error(`node ${index}, byte ${offset}: ${outcome}`);
        flipped += 1;
      }
    }
    return flipped;
  }

  test.each([
    ['the head of a text', variableSlot('title')],
    ['a word of its continuation', textSlots(variableSlot('title'), TITLE)[1] as Hex],
    ['a nested entry', entrySlot('shares', { address: alice }, { address: bob })],
    ['an absent entry', entrySlot('shares', { address: bob }, { address: alice })],
  ])('in the proof of %s is refused', async (_what, slot) => {
    const { storageHash, storageProof } = await expectProven(archive.address, [slot]);
    const nodes = storageProof[0]?.proof ?? [];
    expect(nodes.length).toBeGreaterThanOrEqual(2);
    expect(await flipAll(storageHash, slot, nodes)).toBe(nodes.join('').length / 2 - nodes.length);
  });

  test.each(['the contract', 'a stranger'])('in the proof of %s is refused', async (who) => {
    const address = who === 'the contract' ? archive.address : stranger;
    const { accountProof } = await getProof(address, []);
    expect(await flipAll(await stateRoot(), address, accountProof)).toBeGreaterThan(100);
  });
});
