import { PolarimeterError } from '../contract/errors.ts';
import { engineReply, failedReply } from './engineReply.ts';
import type { EngineSupervisor } from './EngineSupervisor.ts';
import { isOwnAddress } from './isOwnAddress.ts';

/** Answers a request of the window: the engine does, and only to the workbench's own addresses. */
export async function appRequest(
  engine: Pick<EngineSupervisor, 'address'>,
  request: Request,
): Promise<Response> {
  if (isOwnAddress(request.url)) return engineReply(engine, request);
  return failedReply(
    new PolarimeterError('origin-refused', 'the window shows the workbench only', request.url),
  );
}
