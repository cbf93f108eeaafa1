import type { ChromaCall } from './context.ts';
import { refusal } from './errors.ts';
import type { AnswerValue } from './values.ts';

const NANOSECONDS_PER_MS = 1_000_000n;

/** What Chroma's own server says, whatever its version. Clients want three numbers. */
export const PROTOCOL_VERSION = '1.0.0';

export function getHeartbeat({ clock }: ChromaCall): AnswerValue {
  return { 'nanosecond heartbeat': BigInt(Math.trunc(clock.nowMs())) * NANOSECONDS_PER_MS };
}

export function getHealth(): AnswerValue {
  return { is_executor_ready: true, is_log_client_ready: true };
}

export function getVersion(): AnswerValue {
  return PROTOCOL_VERSION;
}

export function getPreflightChecks({ maxBatchRecords }: ChromaCall): AnswerValue {
  return { max_batch_size: BigInt(maxBatchRecords), supports_base64_encoding: true };
}

/** Deletes everything. @throws `CHROMA_FORBIDDEN` */
export async function reset({ database, allowReset }: ChromaCall): Promise<AnswerValue> {
  if (!allowReset) throw refusal('CHROMA_FORBIDDEN', 'Reset is disabled by config');
  await database.reset();
  return true;
}
