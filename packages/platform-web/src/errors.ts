import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the adapters for browsers. */
export const platformWebErrors: ErrorRegistry<
  'LEDGER_FOLDER_FOREIGN' | 'LEDGER_FOLDER_FORMAT' | 'LEDGER_FOLDER_IN_USE'
> = defineErrors('platform-web', {
  LEDGER_FOLDER_FOREIGN: {
    summary: 'The folder of the origin has other files',
    remedy: 'Give the ledger a folder of its own.',
  },
  LEDGER_FOLDER_FORMAT: {
    summary: 'The folder of the ledger has a layout that is not known here',
    remedy: 'Open it with the version of the program that has made it.',
  },
  LEDGER_FOLDER_IN_USE: {
    summary: 'Another page or worker uses the folder of the ledger',
    remedy: 'Close the ledger there; a page that is closed gives it up by itself.',
  },
});
