import { toHex, toQuantity } from '@lucerna/base';
import { apiErrors } from '../../errors.ts';
import type { Method } from '../method.ts';
import { flag, required } from '../params.ts';
import { defineDevMethod, defineDevSetter } from './dev-method.ts';

/** What a dev chain says about itself. */
export const devInfoMethods: readonly Method[] = [
  defineDevMethod({
    name: 'anvil_nodeInfo',
    summary: 'The head and the settings of the chain.',
    params: [],
    result: { name: 'info', summary: "anvil's fields; the rules of gas and headers are Paris'." },
    handler: ({ dev, node }) => {
      const { header, hash } = node.head();
      const { baseFeePerGas, gasLimit } = dev.info();
      return {
        currentBlockNumber: toQuantity(header.height),
        currentBlockTimestamp: header.timestamp,
        currentBlockHash: toHex(hash),
        hardFork: 'Paris',
        transactionOrder: 'fees',
        environment: {
          baseFee: toQuantity(baseFeePerGas),
          chainId: Number(node.chainId),
          gasLimit: toQuantity(gasLimit),
          gasPrice: toQuantity(baseFeePerGas + node.priorityFee()),
        },
        forkConfig: { forkUrl: null, forkBlockNumber: null, forkRetryBackoff: null },
      };
    },
  }),
  defineDevMethod({
    name: 'anvil_metadata',
    aliases: ['hardhat_metadata'],
    summary: 'The software, the chain and its snapshots.',
    params: [],
    result: { name: 'metadata', summary: "anvil's fields; nothing is forked." },
    handler: ({ dev, node }) => {
      const { header, hash } = node.head();
      const { instanceId, snapshots } = dev.info();
      return {
        clientVersion: node.clientVersion,
        clientSemver: node.clientVersion.replace(/^[^/]*\/v?/, ''),
        clientCommitSha: null,
        chainId: Number(node.chainId),
        instanceId: toHex(instanceId),
        latestBlockNumber: header.height,
        latestBlockHash: toHex(hash),
        forkedNetwork: null,
        snapshots: Object.fromEntries(
          snapshots.map((each) => [toQuantity(each.id), [each.height, toHex(each.hash)]]),
        ),
      };
    },
  }),
  defineDevMethod({
    name: 'anvil_getGenesisTime',
    summary: 'The time of block 0.',
    params: [],
    result: { name: 'timestamp', summary: 'Seconds since the Unix epoch, as a JSON number.' },
    handler: ({ node }) => {
      const genesis = node.header(0);
      if (genesis === undefined) throw apiErrors.create('BLOCK_UNKNOWN');
      return genesis.header.timestamp;
    },
  }),
  defineDevSetter({
    name: 'anvil_setLoggingEnabled',
    aliases: ['hardhat_setLoggingEnabled'],
    summary: 'Whether new blocks are written to the log.',
    params: [required('enabled', flag, 'True or false.')],
    set: (dev, enabled) => dev.setLogging(enabled),
  }),
];
