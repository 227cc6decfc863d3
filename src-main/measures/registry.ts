import type { MeasureInfo } from '../contract/measure.ts';
import { StudyOptions } from '../contract/study.ts';
import { alignmentCompared } from './alignmentCompared.ts';
import { angleSweep } from './angleSweep.ts';
import { changedTensorMean } from './changedTensorMean.ts';
import { everChanged } from './everChanged.ts';
import { innerAngles } from './innerAngles.ts';
import { maskOverlap } from './maskOverlap.ts';
import type { Measure, PairMeasure, SetMeasure } from './Measure.ts';
import { maxAbsUpdate } from './maxAbsUpdate.ts';
import { oneStep } from './oneStep.ts';
import { precisionGate } from './precisionGate.ts';
import { principalAngles } from './principalAngles.ts';
import { referenceCosine } from './referenceCosine.ts';
import { relativeNorm } from './relativeNorm.ts';
import { routedExperts } from './routedExperts.ts';
import { runConsensus } from './runConsensus.ts';
import { runOverlap } from './runOverlap.ts';
import { singularValueChange } from './singularValueChange.ts';
import { energyShare, kyFanShare } from './spectralShares.ts';
import { shiftOverCeiling, spectralShift } from './spectralShift.ts';
import { stripes } from './stripes.ts';
import { subspaceGap, wedinBound } from './subspaceGap.ts';
import { svfFit } from './svfFit.ts';
import { unchangedBf16 } from './unchangedBf16.ts';
import { unchangedNative } from './unchangedNative.ts';
import { unchangedWithin } from './unchangedWithin.ts';
import { updateCosine } from './updateCosine.ts';
import { updateEnergy } from './updateEnergy.ts';
import { updateInvalid } from './updateInvalid.ts';
import { updateNorm } from './updateNorm.ts';
import { updateRank } from './updateRank.ts';
import { weightWatcher } from './weightWatcher.ts';

/** The options of a study that decide which measures there are, and with which parameters. */
export type MeasureOptions = Pick<StudyOptions, 'tolerances' | 'k' | 'kSweep' | 'maskShare' | 'maskRank'>;

/** Every measure of one variant, in display order, with the parameters of a study. */
export function variantMeasures(options: MeasureOptions): readonly Measure[] {
  return [
    alignmentCompared,
    unchangedBf16,
    unchangedNative,
    ...options.tolerances.map(unchangedWithin),
    changedTensorMean,
    ...routedExperts,
    updateInvalid,
    relativeNorm,
    updateNorm,
    maxAbsUpdate,
    referenceCosine,
    oneStep,
    ...stripes,
    spectralShift,
    shiftOverCeiling,
    singularValueChange,
    kyFanShare,
    energyShare,
    ...principalAngles,
    subspaceGap,
    wedinBound,
    ...innerAngles,
    ...angleSweep(options.kSweep),
    ...maskOverlap(options),
    ...updateEnergy,
    ...updateRank,
    ...svfFit,
    precisionGate,
    ...weightWatcher,
  ];
}

/** Every measure of two runs from the same reference. */
export const pairMeasures: readonly PairMeasure[] = [updateCosine, ...runOverlap];

/** Every measure of all runs of one role from the same reference. */
export const setMeasures: readonly SetMeasure[] = [everChanged, ...runConsensus];

/** Every measure there is, with the parameters of a study. */
export function measureInfo(options: MeasureOptions = StudyOptions.parse({})): MeasureInfo[] {
  const all = [...variantMeasures(options), ...pairMeasures, ...setMeasures];
  const infos = all.map(({ info }) => info);
  return infos.map((info) =>
    info.parameters['k'] === null ? { ...info, parameters: { ...info.parameters, k: options.k } } : info,
  );
}
