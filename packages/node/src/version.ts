/** Version of the node software; a test holds it equal to the package's. */
export const VERSION = '0.1.0';

/** What `web3_clientVersion` answers. */
export const CLIENT_VERSION: string = `lucerna/v${VERSION}`;

/**
 * The same of a dev chain. Test libraries look at the beginning before they use development methods,
 * such as hardhat-network-helpers, which serves names that begin with `hardhatnetwork` or `anvil` only.
 */
export const DEV_CLIENT_VERSION: string = `anvil-compatible-${CLIENT_VERSION}`;
