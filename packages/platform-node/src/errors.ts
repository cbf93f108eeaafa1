import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** What can go wrong with a data directory. */
export type DirectoryErrorCode =
  | 'DATA_DIRECTORY_IN_USE'
  | 'DATA_DIRECTORY_FOREIGN'
  | 'DATA_DIRECTORY_MISSING'
  | 'DATA_DIRECTORY_SCHEMA'
  | 'DATA_DIRECTORY_DATABASE'
  | 'DATA_DIRECTORY_UNUSABLE';

/** Codes of the data directory. */
export const directoryErrors: ErrorRegistry<DirectoryErrorCode> = defineErrors(
  'platform-node/directory',
  {
    DATA_DIRECTORY_IN_USE: {
      summary: 'Another process uses the data directory',
      remedy: 'Stop that process, or choose another directory with --data-dir.',
    },
    DATA_DIRECTORY_FOREIGN: {
      summary: 'The directory holds files that are not from Lucerna',
      remedy: 'Choose an empty or a new directory with --data-dir.',
    },
    DATA_DIRECTORY_MISSING: {
      summary: 'There is no data directory at this path',
      remedy: 'Name the directory of a node with --data-dir; lucerna dev makes one.',
    },
    DATA_DIRECTORY_SCHEMA: {
      summary: 'The data directory was written by another version of Lucerna',
      remedy:
        'Start that version, choose another directory with --data-dir, or begin anew with --reset.',
    },
    DATA_DIRECTORY_DATABASE: {
      summary: 'The data directory has another database',
      remedy:
        'Start without --db to go on with that one, change it with `lucerna db compact --db`, or begin anew with --reset.',
    },
    DATA_DIRECTORY_UNUSABLE: {
      summary: 'The data directory cannot be used',
      remedy: 'Check that the path is a directory in which you may write, or choose another.',
    },
  },
);

/** What can go wrong with the HTTP server. */
export type HttpErrorCode = 'HTTP_PORT_IN_USE' | 'HTTP_LISTEN_FAILED';

/** Codes of the HTTP server. */
export const httpErrors: ErrorRegistry<HttpErrorCode> = defineErrors('platform-node/http', {
  HTTP_PORT_IN_USE: {
    summary: 'Another program listens on the port',
    remedy: 'Stop that program, or choose another port with --port (0 takes any free one).',
  },
  HTTP_LISTEN_FAILED: {
    summary: 'The address cannot be listened on',
    remedy: 'Choose an address of this machine with --host and a port above 1023 with --port.',
  },
});
