/** Fewer problems than this tell nothing apart: the first rung asks at least so many where there are that many. */
export const FEWEST_PROBLEMS = 32;

/** One rung: how many candidates enter it, and which share of the selection problems each has answered after it. */
export interface RungPlan {
  readonly entering: number;
  readonly share: number;
}

/** Full evaluations that a plan takes: each rung asks only what the one before did not. */
export function halvingCost(rungs: readonly RungPlan[]): number {
  return rungs.reduce(
    (cost, { entering, share }, i) => cost + entering * (share - (rungs[i - 1]?.share ?? 0)),
    0,
  );
}

/** How many of a rung go on. */
export const survivors = (entering: number, keepOneOf: number): number =>
  Math.max(1, Math.ceil(entering / keepOneOf));

export interface HalvingLimits {
  /** In full evaluations. */
  readonly evaluations: number;
  readonly keepOneOf: number;
  /** Of the smallest OOD probe that selects. */
  readonly problems: number;
  /** Problems that are answered side by side. */
  readonly batch: number;
}

/** Whole batches, at least one, and not more than were meant. */
function wholeBatches(share: number, { problems, batch }: HalvingLimits): number {
  if (share >= 1) return 1;
  return Math.min(1, Math.max(batch, Math.floor((share * problems) / batch) * batch) / problems);
}

function withRungs(candidates: number, rungs: number, limits: HalvingLimits): RungPlan[] {
  const { keepOneOf } = limits;
  const plan: RungPlan[] = [];
  let entering = candidates;
  for (let rung = 0; rung < rungs; rung++) {
    plan.push({ entering, share: wholeBatches(keepOneOf ** (rung + 1 - rungs), limits) });
    entering = survivors(entering, keepOneOf);
  }
  return plan;
}

/** Until one is left, or two where one rung more would keep both. */
const mostRungs = (candidates: number, keepOneOf: number): number => {
  let rungs = 1;
  for (let left = candidates; left > 1 && survivors(left, keepOneOf) < left; rungs++)
    left = survivors(left, keepOneOf);
  return rungs;
};

/**
 * Rungs of successive halving within a budget: as few rungs as it allows, so that the first one asks as much as can be afforded. Where even
 * the smallest first rung is too much, fewer candidates enter. After Jamieson and Talwalkar, arXiv 1502.07943.
 */
export function halvingPlan(candidates: number, limits: HalvingLimits): RungPlan[] {
  const { evaluations, keepOneOf, problems } = limits;
  const smallest = Math.min(1, FEWEST_PROBLEMS / Math.max(1, problems));
  for (let entering = candidates; entering > 1; entering--) {
    for (let rungs = 1; rungs <= mostRungs(entering, keepOneOf); rungs++) {
      const plan = withRungs(entering, rungs, limits);
      if ((plan[0]?.share ?? 1) < smallest) break;
      if (halvingCost(plan) <= evaluations) return plan;
    }
  }
  return [{ entering: Math.min(1, candidates), share: 1 }];
}
