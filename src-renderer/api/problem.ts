import { z } from 'zod';

/** An error as users see it: what happened, where, why probably, and what to do. */
export const Problem = z.object({
  code: z.string(),
  message: z.string(),
  where: z.string().nullable(),
  cause: z.string(),
  remedy: z.string(),
});
export type Problem = z.infer<typeof Problem>;

/** A call that did not end in its result. */
export class ApiFailure extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'ApiFailure';
    this.problem = problem;
  }
}

export const UNREACHABLE: Problem = {
  code: 'unreachable',
  message: 'the engine does not answer',
  where: null,
  cause: 'it was stopped, or the connection to its machine is gone',
  remedy: 'start it again; this page goes on by itself',
};

export const UNREADABLE: Problem = {
  code: 'unreadable',
  message: 'the reply of the engine is not what this page expects',
  where: null,
  cause: 'page and engine are of different versions',
  remedy: 'reload the page',
};

/** The problem of a failed call; anything else is a bug and stays one. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiFailure) return error.problem;
  throw error;
}
