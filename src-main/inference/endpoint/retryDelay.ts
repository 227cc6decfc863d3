import type { RetryEffects } from './EndpointClient.ts';
import type { Reply } from './postJson.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Milliseconds until the next attempt: as the server says, else doubling from half a second, the upper half of it by chance. */
export function retryDelay(
  attempt: number,
  reply: Reply,
  { random, now }: Pick<RetryEffects, 'random' | 'now'>,
): number {
  const asked = reply.kind === 'reply' ? retryAfter(reply.headers, now()) : null;
  if (asked !== null) return asked;
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return ceiling * (0.5 + 0.5 * random());
}

/** Seconds or a date, as HTTP has it. */
function retryAfter(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
