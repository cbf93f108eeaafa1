import { type Address, zeroAddress } from 'viem';

// The standards' rules in the most naive form: what a call does to maps, or that it is refused.

/** A call of a token: who, what, with what. */
export type Operation = {
  readonly from: Address;
  readonly name: string;
  readonly args: readonly unknown[];
};

/** A question to a token, and what the model answers. */
export type Answer = {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly expected: unknown;
};

/** What a token would be if it were a few maps. */
export type TokenModel = {
  /** Does the call, whose arguments are those of the operation; false when it is refused. */
  readonly apply: (operation: Operation) => boolean;
  readonly answers: (accounts: readonly Address[], ids: readonly bigint[]) => readonly Answer[];
};

const MAX = 2n ** 256n - 1n;
const NOBODY = zeroAddress;

class Counts {
  readonly #entries = new Map<string, bigint>();

  get(...key: readonly unknown[]): bigint {
    return this.#entries.get(key.join()) ?? 0n;
  }

  set(value: bigint, ...key: readonly unknown[]): void {
    this.#entries.set(key.join(), value);
  }

  add(value: bigint, ...key: readonly unknown[]): void {
    this.set(this.get(...key) + value, ...key);
  }
}

/** ERC-20 with an owner who mints, and with burning. */
export class Erc20Model implements TokenModel {
  readonly #owner: Address;
  readonly #balances = new Counts();
  readonly #allowances = new Counts();
  #supply: bigint;

  constructor(owner: Address, supply: bigint) {
    this.#owner = owner;
    this.#supply = supply;
    this.#balances.set(supply, owner);
  }

  apply({ from, name, args }: Operation): boolean {
    switch (name) {
      case 'transferFrom': {
        const [owner, to, value] = args as [Address, Address, bigint];
        return this.#spend(owner, from, value, () => this.#move(owner, to, value));
      }
      case 'approve': {
        const [spender, value] = args as [Address, bigint];
        if (spender !== NOBODY) this.#allowances.set(value, from, spender);
        return spender !== NOBODY;
      }
      case 'burn': {
        const [value] = args as [bigint];
        return this.#burn(from, value);
      }
      default: {
        const [account, value] = args as [Address, bigint];
        if (name === 'transfer') return this.#move(from, account, value);
        if (name === 'mint') return from === this.#owner && this.#mint(account, value);
        return this.#spend(account, from, value, () => this.#burn(account, value));
      }
    }
  }

  #move(from: Address, to: Address, value: bigint): boolean {
    if (from === NOBODY || to === NOBODY || this.#balances.get(from) < value) return false;
    this.#balances.add(-value, from);
    this.#balances.add(value, to);
    return true;
  }

  #spend(owner: Address, spender: Address, value: bigint, act: () => boolean): boolean {
    const allowed = this.#allowances.get(owner, spender);
    if (allowed < value || !act()) return false;
    if (allowed !== MAX) this.#allowances.set(allowed - value, owner, spender);
    return true;
  }

  #mint(to: Address, value: bigint): boolean {
    if (to === NOBODY || this.#supply + value > MAX) return false;
    this.#supply += value;
    this.#balances.add(value, to);
    return true;
  }

  #burn(from: Address, value: bigint): boolean {
    if (from === NOBODY || this.#balances.get(from) < value) return false;
    this.#supply -= value;
    this.#balances.add(-value, from);
    return true;
  }

  answers(accounts: readonly Address[]): readonly Answer[] {
    return [
      { name: 'totalSupply', args: [], expected: this.#supply },
      ...accounts.flatMap((owner) => [
        { name: 'balanceOf', args: [owner], expected: this.#balances.get(owner) },
        ...accounts.map((spender) => {
          const expected = this.#allowances.get(owner, spender);
          return { name: 'allowance', args: [owner, spender], expected };
        }),
      ]),
    ];
  }
}

/** ERC-721 with an owner who mints, and with burning. */
export class Erc721Model implements TokenModel {
  readonly #owner: Address;
  readonly #owners = new Map<bigint, Address>();
  readonly #approved = new Map<bigint, Address>();
  readonly #operators = new Set<string>();

  constructor(owner: Address) {
    this.#owner = owner;
  }

  apply({ from, name, args }: Operation): boolean {
    switch (name) {
      case 'mint': {
        const [to, id] = args as [Address, bigint];
        if (from !== this.#owner || to === NOBODY || this.#owners.has(id)) return false;
        this.#owners.set(id, to);
        return true;
      }
      case 'burn': {
        const [id] = args as [bigint];
        if (!this.#may(from, id)) return false;
        this.#approved.delete(id);
        return this.#owners.delete(id);
      }
      case 'approve': {
        const [to, id] = args as [Address, bigint];
        const owner = this.#owners.get(id);
        if (owner !== from && !this.#operators.has(`${owner},${from}`)) return false;
        this.#approved.set(id, to);
        return true;
      }
      case 'setApprovalForAll': {
        const [operator, isApproved] = args as [Address, boolean];
        if (operator === NOBODY) return false;
        if (isApproved) this.#operators.add(`${from},${operator}`);
        else this.#operators.delete(`${from},${operator}`);
        return true;
      }
      default: {
        const [owner, to, id] = args as [Address, Address, bigint];
        if (to === NOBODY || !this.#may(from, id) || this.#owners.get(id) !== owner) return false;
        this.#approved.delete(id);
        this.#owners.set(id, to);
        return true;
      }
    }
  }

  #may(who: Address, id: bigint): boolean {
    const owner = this.#owners.get(id);
    if (owner === undefined) return false;
    const isOperator = this.#operators.has(`${owner},${who}`);
    return owner === who || isOperator || this.#approved.get(id) === who;
  }

  answers(accounts: readonly Address[], ids: readonly bigint[]): readonly Answer[] {
    const held = [...this.#owners.values()];
    return [
      ...accounts.flatMap((owner) => {
        const balance = BigInt(held.filter((each) => each === owner).length);
        return [
          { name: 'balanceOf', args: [owner], expected: balance },
          ...accounts.map((operator) => {
            const expected = this.#operators.has(`${owner},${operator}`);
            return { name: 'isApprovedForAll', args: [owner, operator], expected };
          }),
        ];
      }),
      ...ids.flatMap((id) => {
        const owner = this.#owners.get(id);
        if (owner === undefined) return [];
        const approved = this.#approved.get(id) ?? NOBODY;
        return [
          { name: 'ownerOf', args: [id], expected: owner },
          { name: 'getApproved', args: [id], expected: approved },
        ];
      }),
    ];
  }
}

/** ERC-1155 with an owner who mints, and with burning. */
export class Erc1155Model implements TokenModel {
  readonly #owner: Address;
  #balances = new Map<string, bigint>();
  readonly #operators = new Set<string>();

  constructor(owner: Address) {
    this.#owner = owner;
  }

  apply({ from, name, args }: Operation): boolean {
    const one = (value: unknown): readonly bigint[] => [value as bigint];
    const all = (value: unknown): readonly bigint[] => value as readonly bigint[];
    const [first, second, third, fourth] = args as [Address, Address, unknown, unknown];
    const isMine = from === first || this.#operators.has(`${first},${from}`);
    switch (name) {
      case 'setApprovalForAll':
        if (first === NOBODY) return false;
        if (second as unknown as boolean) this.#operators.add(`${from},${first}`);
        else this.#operators.delete(`${from},${first}`);
        return true;
      case 'mint':
      case 'mintBatch': {
        if (from !== this.#owner || first === NOBODY) return false;
        const list = name === 'mint' ? one : all;
        return this.#move(undefined, first, list(second), list(third));
      }
      case 'burn':
      case 'burnBatch': {
        const list = name === 'burn' ? one : all;
        return isMine && this.#move(first, undefined, list(second), list(third));
      }
      default: {
        const list = name === 'safeTransferFrom' ? one : all;
        return isMine && second !== NOBODY && this.#move(first, second, list(third), list(fourth));
      }
    }
  }

  #move(
    from: Address | undefined,
    to: Address | undefined,
    ids: readonly bigint[],
    values: readonly bigint[],
  ): boolean {
    if (ids.length !== values.length) return false;
    const balances = new Map(this.#balances);
    const add = (account: Address, id: bigint, value: bigint): boolean => {
      const balance = (balances.get(`${account},${id}`) ?? 0n) + value;
      balances.set(`${account},${id}`, balance);
      return balance >= 0n && balance <= MAX;
    };
    for (const [index, id] of ids.entries()) {
      const value = values[index] as bigint;
      if (from !== undefined && !add(from, id, -value)) return false;
      if (to !== undefined && !add(to, id, value)) return false;
    }
    this.#balances = balances;
    return true;
  }

  answers(accounts: readonly Address[], ids: readonly bigint[]): readonly Answer[] {
    return accounts.flatMap((account) => [
      {
        name: 'balanceOfBatch',
        args: [ids.map(() => account), ids],
        expected: ids.map((id) => this.#balances.get(`${account},${id}`) ?? 0n),
      },
      ...accounts.map((operator) => {
        const expected = this.#operators.has(`${account},${operator}`);
        return { name: 'isApprovedForAll', args: [account, operator], expected };
      }),
    ]);
  }
}
