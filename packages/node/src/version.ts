/** Version of the node software; a test holds it equal to the package's. */
export const VERSION = '0.1.0';

/** What `web3_clientVersion` answers. */
export const CLIENT_VERSION: string = `lucerna/v${VERSION}`;
