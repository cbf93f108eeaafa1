import type { Hex } from 'viem';

// EIP-20's interface in the numbers that every client knows by heart, from nobody's code.

/** Function selectors by signature. */
export const ERC20_SELECTORS: Readonly<Record<string, Hex>> = {
  'name()': '0x06fdde03',
  'symbol()': '0x95d89b41',
  'decimals()': '0x313ce567',
  'totalSupply()': '0x18160ddd',
  'balanceOf(address)': '0x70a08231',
  'allowance(address,address)': '0xdd62ed3e',
  'transfer(address,uint256)': '0xa9059cbb',
  'approve(address,uint256)': '0x095ea7b3',
  'transferFrom(address,address,uint256)': '0x23b872dd',
};

/** First topic of `Transfer(address,address,uint256)`. */
export const TRANSFER_TOPIC: Hex =
  '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

/** First topic of `Approval(address,address,uint256)`. */
export const APPROVAL_TOPIC: Hex =
  '0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925';

/** An allowance that is not used up. */
export const INFINITE: bigint = 2n ** 256n - 1n;

/** What the quickstart's token says about itself. */
export const TOKEN_NAME = 'Lucerna Quickstart';
export const TOKEN_SYMBOL = 'LQS';

export const SUPPLY: bigint = 1_000_000n * 10n ** 18n;
