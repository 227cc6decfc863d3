import { setTimeout as wait } from 'node:timers/promises';
import { ERROR_KINDS, PolarimeterError } from '../contract/errors.ts';
import type { EngineSupervisor } from './EngineSupervisor.ts';
import { forwardRequest } from './forwardRequest.ts';

/** Nobody listened: the engine has ended, and its supervisor is about to hear of it. */
const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOENT']);
const HEARD_MILLIS = 100;

/** An error in the shape that every failed reply of the API has. */
export function failedReply(error: PolarimeterError): Response {
  return Response.json({ error: error.body }, { status: ERROR_KINDS[error.code].http });
}

/**
 * Forwards a request to the engine, waiting while one starts, or says in the shape of every API error that there is none.
 * A request that its sender gave up rejects, which is what a browser does.
 */
export async function engineReply(
  engine: Pick<EngineSupervisor, 'address'>,
  request: Request,
): Promise<Response> {
  try {
    return await forwarded(engine, request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    if (error instanceof PolarimeterError) return failedReply(error);
    return failedReply(new PolarimeterError('engine-stopped', 'the process that computes did not answer'));
  }
}

/** A request that reached no engine goes to the next one, where it can be sent again. What an engine died of is never repeated. */
async function forwarded(engine: Pick<EngineSupervisor, 'address'>, request: Request): Promise<Response> {
  try {
    return await forwardRequest(await engine.address(), request);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!NOT_REACHED.has(code) || request.body !== null) throw error;
    await wait(HEARD_MILLIS);
    return await forwardRequest(await engine.address(), request);
  }
}
