import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the command line. */
export const cliErrors: ErrorRegistry<
  | 'ACCOUNT_AMBIGUOUS'
  | 'ACCOUNT_EXISTS'
  | 'ACCOUNT_INVALID'
  | 'ACCOUNT_NOT_CHOSEN'
  | 'KEYSTORE_ACCOUNT_UNKNOWN'
  | 'ACTION_NOT_PAYABLE'
  | 'ACTION_UNKNOWN'
  | 'ARGUMENT_COUNT'
  | 'ARGUMENT_INVALID'
  | 'ARTIFACT_INVALID'
  | 'BLOCKS_DIVERGE'
  | 'BLOCKS_MISSING'
  | 'CHAIN_EXISTS'
  | 'CHAIN_ID_UNEXPECTED'
  | 'CHAIN_STARTED'
  | 'COLUMN_UNKNOWN'
  | 'CONTRACT_REVERTED'
  | 'CONTRACT_UNKNOWN'
  | 'EXPORT_INCOMPLETE'
  | 'FILE_FORMAT_UNKNOWN'
  | 'FILE_MALFORMED'
  | 'HASH_UNEXPECTED'
  | 'IMPORT_INTERRUPTED'
  | 'INPUT_IS_LOG'
  | 'INPUT_TOO_LARGE'
  | 'INPUT_UNREADABLE'
  | 'INTERRUPTED'
  | 'KEYSTORE_ADDRESS_WRONG'
  | 'KEYSTORE_FOLDER_UNREADABLE'
  | 'KEY_FILE_EXISTS'
  | 'NAME_NOT_SECRET'
  | 'NODE_ANSWER_INVALID'
  | 'NODE_REFUSED'
  | 'NODE_UNREACHABLE'
  | 'NOT_CONFIRMED'
  | 'OPTIONS_CONFLICT'
  | 'OUTPUT_EXISTS'
  | 'OUTPUT_UNWRITABLE'
  | 'PASSWORDS_DIFFER'
  | 'PASSWORD_EMPTY'
  | 'PASSWORD_MISSING'
  | 'RECEIPT_TIMEOUT'
  | 'RECEIPT_UNREADABLE'
  | 'RECORDS_DAMAGED'
  | 'ROW_INVALID'
  | 'SECRET_AS_ARGUMENT'
  | 'SECRET_INVALID'
  | 'SENDER_MISSING'
  | 'SEND_UNCERTAIN'
  | 'SIGNATURE_MALFORMED'
  | 'SIGNATURE_WRONG'
  | 'STDOUT_CLOSED'
  | 'STDOUT_UNWRITABLE'
  | 'TOKEN_INVALID'
  | 'TRANSACTION_FAILED'
> = defineErrors('cli', {
  ACCOUNT_AMBIGUOUS: {
    summary: 'Several keystore files have this account',
    remedy: 'Give the path of one of the files in place of the address.',
  },
  ACCOUNT_EXISTS: {
    summary: 'The folder has a keystore of this account already',
    remedy:
      'Use that one; to give it another password, import it into another folder with --keystore.',
  },
  ACCOUNT_INVALID: {
    summary: 'It is no account',
    remedy:
      'Give an address (0x and 40 digits), a name such as alice, or the path of a keystore file.',
  },
  ACCOUNT_NOT_CHOSEN: {
    summary: 'It is not said which account is to send',
    remedy:
      'Name it with --from; `lucerna account list` shows those there are. An account of a dev node sends with --unlocked.',
  },
  KEYSTORE_ACCOUNT_UNKNOWN: {
    summary: 'The folder has no keystore of this account',
    remedy:
      'Look at `lucerna account list`, name another folder with --keystore, or import the key.',
  },
  ACTION_NOT_PAYABLE: {
    summary: 'The action takes no value',
    remedy: 'Leave --value out, or declare the action payable.',
  },
  ACTION_UNKNOWN: {
    summary: 'The contract has no such action',
    remedy: 'Use a name that `lucerna contract inspect` lists among the actions.',
  },
  ARGUMENT_COUNT: {
    summary: 'The number of arguments is wrong',
    remedy: 'Give one argument for every parameter; quote text that has spaces.',
  },
  ARGUMENT_INVALID: {
    summary: 'An argument is not of its type',
    remedy:
      'Write integers in decimal or 0x-hex, true or false, addresses and bytes as 0x-hex, text as it is, lists and values of any type as JSON.',
  },
  ARTIFACT_INVALID: {
    summary: 'The JSON file has no bytecode',
    remedy: 'Give the file that `lucerna contract compile --out` writes.',
  },
  BLOCKS_DIVERGE: {
    summary: 'The file has other blocks than the chain',
    remedy: 'Import it into another directory with --data-dir, and find out which chain is right.',
  },
  BLOCKS_MISSING: {
    summary: 'Blocks between the chain and the file are missing',
    remedy: 'Import a file with the blocks in between first.',
  },
  CHAIN_EXISTS: {
    summary: 'The data directory has a chain already',
    remedy: 'Import the state into another directory with --data-dir.',
  },
  CHAIN_ID_UNEXPECTED: {
    summary: 'The node is on another chain than expected',
    remedy: 'Check --rpc, and sign nothing for this node until you know why.',
  },
  CHAIN_STARTED: {
    summary: 'The chain has blocks already, which the state would take the place of',
    remedy: 'Leave --load-state out to go on with the chain, or add --reset to replace it.',
  },
  COLUMN_UNKNOWN: {
    summary: 'The file has no such column',
    remedy:
      'Name the column with --id-column, --embedding-column, --document-column or --metadata-column.',
  },
  CONTRACT_REVERTED: {
    summary: 'execution reverted',
    remedy: "Meet the contract's condition that the reason names.",
  },
  CONTRACT_UNKNOWN: {
    summary: 'There is no contract at the address',
    remedy: 'Check the address and that --rpc leads to the chain it is on.',
  },
  EXPORT_INCOMPLETE: {
    summary: 'The file has what could be saved, and that is not all',
    remedy:
      'Restore the rest from a copy; the message says what is damaged and how much is missing.',
  },
  FILE_FORMAT_UNKNOWN: {
    summary: 'The format of the file is not known',
    remedy: 'Name it with --format: jsonl, npy, parquet or arrow.',
  },
  FILE_MALFORMED: {
    summary: 'The file is not what its format asks for',
    remedy: 'Check that it is whole, or name another format with --format.',
  },
  HASH_UNEXPECTED: {
    summary: 'The file does not lead to the block that was expected',
    remedy: 'Ask whoever gave you the file or the hash; do not use this chain until you know.',
  },
  IMPORT_INTERRUPTED: {
    summary: 'Stopped before all rows were imported',
    remedy:
      'Run the command again with --existing skip: it goes on with the rows that are missing.',
  },
  INPUT_IS_LOG: {
    summary: "The file is the block log of a node's data directory, and no archive",
    remedy:
      'Use it by copying the whole data directory, or write an archive with `lucerna db export`.',
  },
  INPUT_TOO_LARGE: {
    summary: 'The file is larger than anything that it could be',
    remedy: 'Check the path.',
  },
  INPUT_UNREADABLE: {
    summary: 'The file cannot be read',
    remedy: 'Check the path and its permissions.',
  },
  INTERRUPTED: {
    summary: 'Stopped before it was done',
    remedy: 'Run the command again; nothing has to be cleaned up.',
  },
  KEYSTORE_ADDRESS_WRONG: {
    summary: 'The key in the keystore is that of another address than the file says',
    remedy: 'The file was changed: restore it from a copy, or import the key anew.',
  },
  KEYSTORE_FOLDER_UNREADABLE: {
    summary: 'The folder with the keystores cannot be read',
    remedy: 'Check that it is a folder and its permissions, or name another one with --keystore.',
  },
  KEY_FILE_EXISTS: {
    summary: 'There is a file of this name already, and a key replaces nothing',
    remedy: 'Name a file that does not exist yet.',
  },
  NAME_NOT_SECRET: {
    summary: 'An account with a name has a key that everybody knows',
    remedy: 'Use names on a dev chain (chain id 31337 or 1337) only; elsewhere give an address.',
  },
  NODE_ANSWER_INVALID: {
    summary: 'The answer is not that of a JSON-RPC node',
    remedy: 'Check that --rpc leads to the JSON-RPC port of an Ethereum node.',
  },
  NODE_REFUSED: {
    summary: 'The node refuses the request',
    remedy: 'Do what its words say; no transaction was sent.',
  },
  NODE_UNREACHABLE: {
    summary: 'No node answers',
    remedy: 'Start one with `lucerna dev`, or say with --rpc where it is.',
  },
  NOT_CONFIRMED: {
    summary: 'Nothing was sent',
    remedy: 'Answer y to send it, or add --yes to send without being asked.',
  },
  OPTIONS_CONFLICT: {
    summary: 'The options do not go together',
    remedy: 'Add --help to see what each is for.',
  },
  OUTPUT_EXISTS: {
    summary: 'There is a file of this name already',
    remedy: 'Choose another name, or add --force to replace the file.',
  },
  OUTPUT_UNWRITABLE: {
    summary: 'The result cannot be written to the file',
    remedy: 'Name a file in a folder that exists, is writable and has room.',
  },
  PASSWORDS_DIFFER: {
    summary: 'The two passwords are not the same',
    remedy: 'Run the command again and type the same one twice.',
  },
  PASSWORD_EMPTY: {
    summary: 'The password is empty',
    remedy: 'Give another one; if it is meant to be empty, add --allow-empty-password.',
  },
  PASSWORD_MISSING: {
    summary: 'There is no password, and no terminal to ask for it',
    remedy: 'Name a file with --password-file, or set LUCERNA_PASSWORD.',
  },
  RECEIPT_TIMEOUT: {
    summary: 'The transaction was sent but is in no block yet',
    remedy: 'Wait with a larger --timeout, or make a block (evm_mine) on a chain without mining.',
  },
  RECEIPT_UNREADABLE: {
    summary: 'The transaction was sent, but the node does not say what came of it',
    remedy: 'Ask for its receipt by the hash before sending it again.',
  },
  RECORDS_DAMAGED: {
    summary: 'Records of the database are damaged',
    remedy: 'Export what can be read, and import it into a new folder.',
  },
  ROW_INVALID: {
    summary: 'A row of the file cannot be taken',
    remedy: 'Repair the row. What was before it is there: import again with --existing skip.',
  },
  SECRET_AS_ARGUMENT: {
    summary: 'A secret was given as an argument, which other programs can read',
    remedy:
      'Take it out of the history of the shell, and give it in a file, through standard input or at the prompt.',
  },
  SECRET_INVALID: {
    summary: 'It is neither a private key, nor words, nor a keystore',
    remedy:
      'Give 64 hex digits, 12 to 24 words of BIP-39, or the JSON of a keystore: in a file, through standard input or at the prompt, never as an argument.',
  },
  SENDER_MISSING: {
    summary: 'The node has no accounts of its own',
    remedy: 'Sign with a key of your own: lucerna send --from, lucerna contract --private-key.',
  },
  SEND_UNCERTAIN: {
    summary: 'It is not known whether the transaction was sent',
    remedy: 'Ask a node for it by its hash before sending it again.',
  },
  SIGNATURE_MALFORMED: {
    summary: 'It is no signature',
    remedy: 'Give 0x and 130 hex digits (r, s, v), or 128 in the compact form of EIP-2098.',
  },
  SIGNATURE_WRONG: {
    summary: 'The signature is not that of the account',
    remedy: 'Check the message to the last character, also line ends, and the address.',
  },
  STDOUT_CLOSED: {
    summary: 'Nobody reads standard output any more',
    remedy: 'Run the command again with a reader that takes all of it.',
  },
  STDOUT_UNWRITABLE: {
    summary: 'The result cannot be written to standard output',
    remedy: 'Direct it to where there is room, and run the command again.',
  },
  TOKEN_INVALID: {
    summary: 'The token cannot be used',
    remedy:
      'Take one line of 16 to 1,024 letters, digits, and -._~+/ (openssl rand -hex 32 makes a good one).',
  },
  TRANSACTION_FAILED: {
    summary: 'The transaction is in a block but had no effect',
    remedy: 'Repair what the reason names; what gas it used is paid.',
  },
});
