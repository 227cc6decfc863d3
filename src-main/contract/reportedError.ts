import { z } from 'zod';

/** An error as it is told to pages and kept in stores: ErrorBody, of this version or another. */
export const ReportedError = z.object({
  code: z.string(),
  message: z.string(),
  where: z.string().nullable(),
  cause: z.string(),
  remedy: z.string(),
});
