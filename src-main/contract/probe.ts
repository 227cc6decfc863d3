/** Probes: problems with a verifier, in-distribution or out-of-distribution, and what comes of comparing answers to them. */
import { z } from 'zod';
import { Answer, EvaluatorInfo, GenerationSettings } from './evaluator.ts';

export const Verifier = z.discriminatedUnion('kind', [
  /** The answer is this text; space around it does not count. */
  z.strictObject({
    kind: z.literal('exact'),
    answer: z.union([z.string(), z.array(z.string()).min(1)]),
    ignoreCase: z.boolean().default(false),
  }),
  /** The last number in the answer is this one: |x - answer| <= absolute + relative |answer|. */
  z.strictObject({
    kind: z.literal('numeric'),
    answer: z.number(),
    absolute: z.number().nonnegative().default(0),
    relative: z.number().nonnegative().default(0),
  }),
  /** The answer matches; the pattern is run with a time limit. */
  z.strictObject({
    kind: z.literal('regex'),
    pattern: z.string().min(1),
    flags: z
      .string()
      .regex(/^[imsu]*$/)
      .default(''),
  }),
  /** The choice with the highest log-likelihood after the prompt is this one, from 0; `normalised` divides by its bytes. */
  z.strictObject({
    kind: z.literal('choice'),
    choices: z.array(z.string().min(1)).min(2).max(64),
    answer: z.number().int().nonnegative(),
    normalised: z.boolean().default(false),
  }),
  /** A formula that uses each of the numbers once and makes the target, in exact fractions (arXiv 2501.17161, GeneralPoints). */
  z.strictObject({
    kind: z.literal('points'),
    numbers: z.array(z.number().int()).min(1).max(8),
    target: z.number().int(),
    /** Numbers of another rule: an answer with these is counted as a reading of that rule. */
    otherNumbers: z.array(z.number().int()).optional(),
    /** `formula`: the answer is the formula. `json`: it is the JSON object of the GeneralPoints prompt. */
    format: z.enum(['formula', 'json']).default('formula'),
    /**
     * `paper`: every character but digits, + - * / ( ) before the first equals sign is illegal, a space included, as the published grader has it.
     * `lenient`: spaces, Unicode minus, multiplication and division signs, and x for times are read as what they mean.
     */
    grading: z.enum(['paper', 'lenient']).default('lenient'),
  }),
]);
export type Verifier = z.infer<typeof Verifier>;

/** One line of a probe file. */
export const Problem = z.strictObject({
  /** Unique in the probe. */
  id: z.string().min(1).max(200),
  prompt: z.string(),
  verifier: Verifier,
  /** For tables by stratum, e.g. { "multiset": "new" }. */
  strata: z.record(z.string(), z.string()).default({}),
  /** The problem that this one is a perturbed twin of. */
  twin: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

export const ProbeKind = z.enum(['id', 'ood']);
export type ProbeKind = z.infer<typeof ProbeKind>;

/** A probe in a study or sweep. */
export const ProbeChoice = z.object({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  kind: ProbeKind,
  /** A JSONL file of problems: absolute, or relative to the file that names it. */
  path: z.string().min(1),
  /** The first so many problems; null: all. */
  limit: z.number().int().positive().nullable().default(null),
});
export type ProbeChoice = z.infer<typeof ProbeChoice>;

/** How an answer was judged: one word, "correct" or what was wrong. */
export const Outcome = z.object({
  problem: z.string(),
  correct: z.boolean(),
  /** correct, wrong-value, wrong-numbers, other-rule, division-by-zero, not-a-formula, no-number, no-match, pattern-too-slow, wrong-choice, cut-off */
  verdict: z.string(),
  /** The last one. */
  answer: Answer,
  /** How many tries it took, or were allowed; absent where one was. */
  tries: z.number().int().positive().optional(),
});
export type Outcome = z.infer<typeof Outcome>;

/** A share of n with its interval. */
export const Accuracy = z.object({
  correct: z.number().int(),
  n: z.number().int(),
  value: z.number(),
  /** Wilson, 95 %. */
  interval: z.tuple([z.number(), z.number()]),
});
export type Accuracy = z.infer<typeof Accuracy>;

/** The same problems answered by two models. */
export const Paired = z.object({
  n: z.number().int(),
  gained: z.number().int(),
  lost: z.number().int(),
  /** Accuracy of the second minus that of the first, and its interval: Tango's score interval for paired answers, 95 %. */
  difference: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  /** Exact two-sided McNemar test. */
  p: z.number(),
  /** After Holm's correction over the comparisons of the table; null outside one. */
  pAdjusted: z.number().nullable(),
  /** The smallest difference that a test of this n and this share of differing answers would find with 80 % power at 5 %. */
  detectable: z.number(),
});
export type Paired = z.infer<typeof Paired>;

/** (accuracy - target) / (reference - target): the share of what was lost that came back. */
export const Recovery = z.object({
  value: z.number().nullable(),
  /** Fieller's interval for a quotient of paired means, 95 %; null where the denominator's sign is not certain. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
  numerator: z.number(),
  denominator: z.number(),
  /** Why there is no value or no interval. */
  reason: z.string().nullable(),
});
export type Recovery = z.infer<typeof Recovery>;

/** Answers of one checkpoint or recipe to one probe. */
export const ProbeRun = z.object({
  probe: z.string(),
  kind: ProbeKind,
  /** Content of the problems. */
  fingerprint: z.string(),
  accuracy: Accuracy,
  strata: z.array(z.object({ stratum: z.string(), value: z.string(), accuracy: Accuracy })),
  /** How many answers were judged how. */
  verdicts: z.record(z.string(), z.number().int()),
  seconds: z.number(),
  /** Answered from earlier results. */
  cached: z.number().int(),
});
export type ProbeRun = z.infer<typeof ProbeRun>;

/** What makes a probe easy or hard before any model has seen it. */
export const Difficulty = z.object({
  problems: z.number().int(),
  distinctPrompts: z.number().int(),
  /** Accuracy of giving the most frequent answer to every problem; null where answers are not single texts. */
  commonestAnswer: z.number().nullable(),
  /** Of GeneralPoints; counts of formulas are null for hands of more than four numbers. */
  hands: z
    .object({
      /** Different sets of numbers, whatever their order. */
      distinct: z.number().int(),
      /** Share of problems whose numbers are those of an earlier one. */
      duplicates: z.number(),
      /** Essentially different formulas per problem. */
      medianSolutions: z.number().nullable(),
      oneSolution: z.number().nullable(),
      needsDivision: z.number().nullable(),
      unsolvable: z.number().nullable(),
    })
    .nullable(),
});
export type Difficulty = z.infer<typeof Difficulty>;

/** probe --json */
export const ProbeDocument = z.object({
  schema: z.literal('polarimeter.probe/1'),
  evaluator: EvaluatorInfo,
  settings: GenerationSettings,
  models: z.array(
    z.object({
      label: z.string(),
      path: z.string(),
      fingerprint: z.string(),
      probes: z.array(ProbeRun),
      /** Against the first model of the document. */
      paired: z.array(
        Paired.extend({
          probe: z.string(),
          /** The same difference by a paired bootstrap over problems: middle 95 % of 10 000 resamples by the seed of the settings. */
          bootstrap: z.tuple([z.number(), z.number()]),
        }),
      ),
      /** Problems against their perturbed twins, for probes that have such; the difference is what the change costs. */
      twins: z.array(Paired.extend({ probe: z.string() })),
    }),
  ),
});
export type ProbeDocument = z.infer<typeof ProbeDocument>;
