import type { ClaimInfo } from '../contract/claim.ts';
import type { Claim } from './Claim.ts';

type Listed = Omit<ClaimInfo, 'rule' | 'measures'>;

/** A claim that weights alone cannot test: it stands in the ledger with what it needs and gets no verdict. */
export function listed(info: Listed, because: string): Claim {
  return {
    info: {
      ...info,
      rule: 'None: two sets of weights cannot test it, so it is listed without a verdict.',
      measures: [],
    },
    perTensor: [],
    judge: () => ({ verdict: 'needs', because, evidence: [] }),
  };
}
