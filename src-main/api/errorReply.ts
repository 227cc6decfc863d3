import { z } from 'zod';
import { ERROR_KINDS, type ErrorBody, PolarimeterError } from '../contract/errors.ts';

/** A bug has no code of its own in the closed list: users can only report it. */
const BUG = {
  code: 'internal',
  message: 'the server met an error that it did not expect',
  where: null,
  cause: 'a bug in Polarimeter',
  remedy: 'report it with the lines that the server printed',
} as const;

export type WireError = ErrorBody | typeof BUG;

/** The first complaint of zod as a usage error that names the field. */
function usage(error: z.ZodError): PolarimeterError {
  const issue = error.issues[0];
  return new PolarimeterError(
    'usage',
    issue?.message ?? 'the request is not valid',
    issue?.path.join('.') || null,
  );
}

/** A thrown value as the error that users are shown; what is not one of theirs is a bug and goes to the log. */
export function wireError(
  error: unknown,
  log: (message: string) => void,
): { body: WireError; status: number } {
  const known = error instanceof z.ZodError ? usage(error) : error;
  if (known instanceof PolarimeterError) return { body: known.body, status: ERROR_KINDS[known.code].http };
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return { body: BUG, status: 500 };
}

/** The one shape of every failed reply: { error: ErrorBody }. */
export function errorReply(error: unknown, log: (message: string) => void): Response {
  const { body, status } = wireError(error, log);
  return Response.json({ error: body }, { status });
}
