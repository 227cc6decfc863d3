import type { Claim } from './Claim.ts';
import { energyTowardPrincipals } from './ledger/energyTowardPrincipals.ts';
import { principalNotLowAvoidedMost } from './ledger/principalNotLowAvoidedMost.ts';
import { rankOneShareLargerInRl } from './ledger/rankOneShareLargerInRl.ts';
import { rlAvoidsPrincipalWeights } from './ledger/rlAvoidsPrincipalWeights.ts';
import { rlChangesSmallWeights } from './ledger/rlChangesSmallWeights.ts';
import { rlLeavesMoreUnchanged } from './ledger/rlLeavesMoreUnchanged.ts';
import { runsShareAMask } from './ledger/runsShareAMask.ts';
import { sparsityIsIntrinsic } from './ledger/sparsityIsIntrinsic.ts';
import { sparsityIsRounding } from './ledger/sparsityIsRounding.ts';
import { spectrumStaysPut } from './ledger/spectrumStaysPut.ts';
import { subnetworksOverlap } from './ledger/subnetworksOverlap.ts';
import { updatesHaveFullRank } from './ledger/updatesHaveFullRank.ts';

/** Every claim: the sides of each conflict together and in its order, then the rest by paper. */
export const LEDGER: readonly Claim[] = [
  rlAvoidsPrincipalWeights,
  energyTowardPrincipals,
  runsShareAMask,
  subnetworksOverlap,
  sparsityIsIntrinsic,
  sparsityIsRounding,
  updatesHaveFullRank,
  rankOneShareLargerInRl,
  rlLeavesMoreUnchanged,
  rlChangesSmallWeights,
  principalNotLowAvoidedMost,
  spectrumStaysPut,
];
