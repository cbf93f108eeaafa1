import { defineErrors, type ErrorRegistry } from './coded-error.ts';

/** Codes of the base package. */
export const baseErrors: ErrorRegistry<'HEX_INVALID' | 'QUEUE_FULL'> = defineErrors('base', {
  HEX_INVALID: {
    summary: 'The text is not 0x-prefixed hex',
    remedy: 'Write 0x and an even number of the digits 0-9 and a-f.',
  },
  QUEUE_FULL: {
    summary: 'The queue is full',
    remedy: 'Wait for earlier work to finish, then try again.',
  },
});
