import type { Claim } from './Claim.ts';
import { directionPredictsAccuracy } from './ledger/directionPredictsAccuracy.ts';
import { energyTowardPrincipals } from './ledger/energyTowardPrincipals.ts';
import { extrapolationFailsElsewhere } from './ledger/extrapolationFailsElsewhere.ts';
import { fixedSpectrum } from './ledger/fixedSpectrum.ts';
import { fp32RemovesSparsity } from './ledger/fp32RemovesSparsity.ts';
import { hiddenStatesGetSparser } from './ledger/hiddenStatesGetSparser.ts';
import { inDistributionData } from './ledger/inDistributionData.ts';
import { klGate } from './ledger/klGate.ts';
import { loraRankOneMatches } from './ledger/loraRankOneMatches.ts';
import { normLayersStayPut } from './ledger/normLayersStayPut.ts';
import { oneOrderInAllMeasures } from './ledger/oneOrderInAllMeasures.ts';
import { pissaCollapses } from './ledger/pissaCollapses.ts';
import { pissaHelps } from './ledger/pissaHelps.ts';
import { principalNotLowAvoidedMost } from './ledger/principalNotLowAvoidedMost.ts';
import { proxyTuningClosesTheGap } from './ledger/proxyTuningClosesTheGap.ts';
import { randomMaskSuffices } from './ledger/randomMaskSuffices.ts';
import { rankOneShareLargerInRl } from './ledger/rankOneShareLargerInRl.ts';
import { rankOneSuffices } from './ledger/rankOneSuffices.ts';
import { rlAvoidsPrincipalWeights } from './ledger/rlAvoidsPrincipalWeights.ts';
import { rlChangesSmallWeights } from './ledger/rlChangesSmallWeights.ts';
import { rlCollapsesFormats } from './ledger/rlCollapsesFormats.ts';
import { rlExtrapolates } from './ledger/rlExtrapolates.ts';
import { rlHealsOod } from './ledger/rlHealsOod.ts';
import { rlLeavesMoreUnchanged } from './ledger/rlLeavesMoreUnchanged.ts';
import { rlTurnsBack } from './ledger/rlTurnsBack.ts';
import { rotationMovesTheMask } from './ledger/rotationMovesTheMask.ts';
import { runsShareAMask } from './ledger/runsShareAMask.ts';
import { safeMaskTrains } from './ledger/safeMaskTrains.ts';
import { sftMovesFurther } from './ledger/sftMovesFurther.ts';
import { singularValuesBarelyChange } from './ledger/singularValuesBarelyChange.ts';
import { smallSftIsSparseToo } from './ledger/smallSftIsSparseToo.ts';
import { sparsityIsIntrinsic } from './ledger/sparsityIsIntrinsic.ts';
import { sparsityIsRounding } from './ledger/sparsityIsRounding.ts';
import { sparsityIsTheOptimiser } from './ledger/sparsityIsTheOptimiser.ts';
import { spectrumStaysPut } from './ledger/spectrumStaysPut.ts';
import { stripesAlongHeads } from './ledger/stripesAlongHeads.ts';
import { subnetworksOverlap } from './ledger/subnetworksOverlap.ts';
import { subnetworkSuffices } from './ledger/subnetworkSuffices.ts';
import { subspacesBarelyTurn } from './ledger/subspacesBarelyTurn.ts';
import { svfComplementsRl } from './ledger/svfComplementsRl.ts';
import { svfSuffices } from './ledger/svfSuffices.ts';
import { toleranceMovesSparsity } from './ledger/toleranceMovesSparsity.ts';
import { updatesHaveFullRank } from './ledger/updatesHaveFullRank.ts';

/** Every claim: the sides of each conflict together and in its order, then the rest by paper. */
export const LEDGER: readonly Claim[] = [
  rlAvoidsPrincipalWeights,
  energyTowardPrincipals,
  runsShareAMask,
  subnetworksOverlap,
  randomMaskSuffices,
  sparsityIsIntrinsic,
  sparsityIsRounding,
  sparsityIsTheOptimiser,
  updatesHaveFullRank,
  rankOneSuffices,
  rankOneShareLargerInRl,
  loraRankOneMatches,
  rlExtrapolates,
  extrapolationFailsElsewhere,
  rlTurnsBack,
  rlHealsOod,
  pissaHelps,
  pissaCollapses,
  rlLeavesMoreUnchanged,
  fp32RemovesSparsity,
  rlChangesSmallWeights,
  principalNotLowAvoidedMost,
  stripesAlongHeads,
  spectrumStaysPut,
  subspacesBarelyTurn,
  safeMaskTrains,
  rotationMovesTheMask,
  klGate,
  toleranceMovesSparsity,
  normLayersStayPut,
  smallSftIsSparseToo,
  inDistributionData,
  subnetworkSuffices,
  sftMovesFurther,
  directionPredictsAccuracy,
  singularValuesBarelyChange,
  svfComplementsRl,
  svfSuffices,
  oneOrderInAllMeasures,
  fixedSpectrum,
  hiddenStatesGetSparser,
  rlCollapsesFormats,
  proxyTuningClosesTheGap,
];
