import { z } from 'zod';

const Reply = z.object({ formula: z.string() });

/**
 * The formula of an answer in the JSON format of GeneralPoints. `paper`: of the whole answer as JSON, else the first text between
 * double quotes after "formula": and one space. `lenient`: also with other spacing or single quotes, the last one in the answer, because
 * a model that thinks aloud names candidates first. Null where there is none.
 */
export function formulaOfJson(answer: string, grading: 'paper' | 'lenient'): string | null {
  try {
    const reply = Reply.safeParse(JSON.parse(answer));
    if (reply.success) return reply.data.formula;
  } catch {
    // Not JSON: then only the formula is looked for, as the environment does.
  }
  if (grading === 'paper') return /"formula": "(.*?)"/.exec(answer)?.[1] ?? null;
  return (
    answer
      .match(/(["'])formula\1\s{0,8}:\s{0,8}(?:"[^"\n]*"|'[^'\n]*')/g)
      ?.at(-1)
      ?.match(/["']([^"']*)["']$/)?.[1] ?? null
  );
}
