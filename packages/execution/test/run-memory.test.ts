import { fromHex, toHex } from '@lucerna/base';
import { type Abi, encodeFunctionData } from 'viem';
import { describe, expect, it } from 'vitest';
import type { TransactionOutcome } from '../src/outcome.ts';
import { compileClean, deployContract } from './actors.ts';
import { OpenBlock } from './contracts.ts';
import { nativeState } from './natives.ts';
import { ETHER, signer } from './support.ts';

// What a run may make is a bound for all runs that wait for each other: a transaction that calls from
// contract to contract holds no more.

const ALICE = signer(1);

const SOURCE = `
contract Hoarder {
  action hold(others: list<address>, mebibytes: integer) -> integer {
    let texts = []
    let i = 0
    while i < mebibytes {
      texts.push("x".repeat(1048576))
      i += 1
    }
    for each other in others {
      static_call(other, "look(uint256)->(uint256)", [mebibytes])
    }
    return len(texts)
  }

  view action look(mebibytes: integer) -> integer {
    let texts = []
    let i = 0
    while i < mebibytes {
      texts.push("x".repeat(1048576))
      i += 1
    }
    return len(texts)
  }

  action say(length: integer) { revert("x".repeat(length)) }

  action hear(other: address, length: integer) {
    try { contract_call(other, "say(uint256)", [length]) } catch (e) { }
  }
}`;

const CONTRACT = compileClean(SOURCE.replace('      let none = []\n', ''));

function send(
  name: string,
  args: (others: readonly string[]) => readonly unknown[],
): TransactionOutcome {
  const state = nativeState([[ALICE.address, { balance: 100n * ETHER }]]);
  const block = new OpenBlock(state, { gasLimit: 100_000_000n });
  const [first, ...others] = [1, 2, 3].map(() => deployContract(block, ALICE, CONTRACT));
  const hex = others.map((other) => toHex(other));
  const data = encodeFunctionData({
    abi: CONTRACT.abi as Abi,
    functionName: name,
    args: args(hex) as unknown[],
  });
  return block.send(ALICE, { to: first as Uint8Array, data: fromHex(data), gasLimit: 50_000_000n });
}

describe('the memory of a transaction', () => {
  it('is that of all runs that wait for each other', () => {
    // 2 times 24 MiB, for texts are counted as read and as made where they are put together.
    expect(send('hold', ([one]) => [[one], 24n]).status).toBe(1);
    expect(send('hold', ([one]) => [[one], 40n])).toMatchObject({ status: 0 });
  });

  it('is given back by runs that have ended', () => {
    expect(send('hold', ([one, two]) => [[one, two, one, two], 24n]).status).toBe(1);
  });
});

describe('what a callee says when it fails', () => {
  it('is charged to who hears it', () => {
    const used = (length: bigint): bigint => {
      const outcome = send('hear', ([one]) => [one, length]);
      expect(outcome.status).toBe(1);
      return outcome.gasUsed;
    };
    // Made by the callee, and heard: 3 gas for 32 bytes each.
    const words = 1_000_000n / 32n;
    expect(used(1_000_000n) - used(0n)).toBeGreaterThanOrEqual(3n * 3n * words);
  });
});
