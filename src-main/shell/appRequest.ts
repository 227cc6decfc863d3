import { ERROR_KINDS, PolarimeterError } from '../contract/errors.ts';
import type { EngineSupervisor } from './EngineSupervisor.ts';
import { forwardRequest } from './forwardRequest.ts';
import { isOwnAddress } from './isOwnAddress.ts';

const failed = (error: PolarimeterError): Response =>
  Response.json({ error: error.body }, { status: ERROR_KINDS[error.code].http });

/**
 * Answers a request of the window: forwards it to the engine, or says in the shape of every API error that there is none.
 * A request that the page itself gave up rejects, which is what a browser does.
 */
export async function appRequest(
  engine: Pick<EngineSupervisor, 'address'>,
  request: Request,
): Promise<Response> {
  if (!isOwnAddress(request.url)) {
    return failed(new PolarimeterError('origin-refused', 'the window shows the workbench only', request.url));
  }
  try {
    return await forwardRequest(await engine.address(), request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    if (error instanceof PolarimeterError) return failed(error);
    return failed(new PolarimeterError('engine-stopped', 'the process that computes did not answer'));
  }
}
