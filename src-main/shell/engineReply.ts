import { ERROR_KINDS, PolarimeterError } from '../contract/errors.ts';
import type { EngineSupervisor } from './EngineSupervisor.ts';
import { forwardRequest } from './forwardRequest.ts';

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
    return await forwardRequest(await engine.address(), request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    if (error instanceof PolarimeterError) return failedReply(error);
    return failedReply(new PolarimeterError('engine-stopped', 'the process that computes did not answer'));
  }
}
