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

function withRungs(candidates: number, rungs: number, keepOneOf: number): RungPlan[] {
  const plan: RungPlan[] = [];
  let entering = candidates;
  for (let rung = 0; rung < rungs; rung++) {
    plan.push({ entering, share: keepOneOf ** (rung + 1 - rungs) });
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

export interface HalvingLimits {
  /** In full evaluations. */
  readonly evaluations: number;
  readonly keepOneOf: number;
  /** Of the smallest OOD probe that selects. */
  readonly problems: number;
}

/**
 * Rungs of successive halving within a budget: as few rungs as it allows, so that the first one asks as much as can be afforded. Where even
 * the smallest first rung is too much, fewer candidates enter. After Jamieson and Talwalkar, arXiv 1502.07943.
 */
export function halvingPlan(
  candidates: number,
  { evaluations, keepOneOf, problems }: HalvingLimits,
): RungPlan[] {
  const smallest = Math.min(1, FEWEST_PROBLEMS / Math.max(1, problems));
  for (let entering = candidates; entering > 1; entering--) {
    for (let rungs = 1; rungs <= mostRungs(entering, keepOneOf); rungs++) {
      const plan = withRungs(entering, rungs, keepOneOf);
      if ((plan[0]?.share ?? 1) < smallest) break;
      if (halvingCost(plan) <= evaluations) return plan;
    }
  }
  return [{ entering: Math.min(1, candidates), share: 1 }];
}
