import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the Q64 encodings. Positions count characters (UTF-16 code units) of the whole text. */
export const q64Errors: ErrorRegistry<
  | 'Q64_ARGUMENT_INVALID'
  | 'Q64_BATCH_RELEASED'
  | 'Q64_BUFFER_DETACHED'
  | 'Q64_BUFFER_FOREIGN'
  | 'Q64_CHARACTER_INVALID'
  | 'Q64_CHARACTER_MISPLACED'
  | 'Q64_CODES_DIFFER'
  | 'Q64_GROUPING_INVALID'
  | 'Q64_INDEX_TOO_LARGE'
  | 'Q64_INDICES_UNSORTED'
  | 'Q64_INPUT_TOO_LARGE'
  | 'Q64_LENGTH_INVALID'
  | 'Q64_LENGTH_ODD'
  | 'Q64_LEVELS_INVALID'
  | 'Q64_NOT_FINITE'
  | 'Q64_STREAM_FINISHED'
> = defineErrors('q64', {
  Q64_ARGUMENT_INVALID: {
    summary: 'The argument is not what this function takes',
    remedy: 'See the function and its options in the reference.',
  },
  Q64_BATCH_RELEASED: {
    summary: 'The batch was released, and its memory may hold another one',
    remedy: 'Take what you need of a batch before it is released.',
  },
  Q64_BUFFER_DETACHED: {
    summary: 'The buffer was transferred to another thread, or is too short for its view now',
    remedy: 'Encode it before it is transferred, or transfer a copy.',
  },
  Q64_BUFFER_FOREIGN: {
    summary: 'The buffer is not one that this pool has lent out',
    remedy: 'Release each array once, and only those that `acquire` of the same pool gave.',
  },
  Q64_CHARACTER_INVALID: {
    summary: 'The text has a character that is in none of the four alphabets',
    remedy: 'Look at the position: the text was damaged, or is not Q64.',
  },
  Q64_CHARACTER_MISPLACED: {
    summary: 'The text has a character of another position',
    remedy: 'Look at the position: the text was cut, shifted or put together elsewhere.',
  },
  Q64_CODES_DIFFER: {
    summary: 'The codes cannot be compared',
    remedy: 'Compare codes that were made by the same encoding with the same options.',
  },
  Q64_GROUPING_INVALID: {
    summary: 'The text is not grouped as it should be',
    remedy: 'Decode it with the group that it was encoded with.',
  },
  Q64_INDEX_TOO_LARGE: {
    summary: 'An index does not fit the form',
    remedy: 'Use the form with indices of 16 bits.',
  },
  Q64_INDICES_UNSORTED: {
    summary: 'The indices of the text do not grow',
    remedy: 'The text comes from another encoding, or its indices have another size.',
  },
  Q64_INPUT_TOO_LARGE: {
    summary: 'The input is larger than one call takes',
    remedy: 'Split it, or use a stream.',
  },
  Q64_LENGTH_INVALID: {
    summary: 'The text has a length that this encoding never gives',
    remedy: 'The text was cut, or comes from another encoding or other options.',
  },
  Q64_LENGTH_ODD: {
    summary: 'The text ends in the middle of a byte',
    remedy: 'The text was cut: two characters stand for each byte.',
  },
  Q64_LEVELS_INVALID: {
    summary: 'The levels are not lengths that grow',
    remedy: 'Give positive whole numbers, each larger than the one before it.',
  },
  Q64_NOT_FINITE: {
    summary: 'The embedding has a value that is not a finite number',
    remedy: 'Replace NaN and infinities before quantising.',
  },
  Q64_STREAM_FINISHED: {
    summary: 'The stream is finished, or has failed',
    remedy: 'Begin another one: nothing can follow the end of a text.',
  },
});
