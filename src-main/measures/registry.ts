import type { MeasureInfo } from '../contract/measure.ts';
import { StudyOptions } from '../contract/study.ts';
import { alignmentCompared } from './alignmentCompared.ts';
import type { Measure, PairMeasure, SetMeasure } from './Measure.ts';
import { maxAbsUpdate } from './maxAbsUpdate.ts';
import { oneStep } from './oneStep.ts';
import { principalAngles } from './principalAngles.ts';
import { referenceCosine } from './referenceCosine.ts';
import { relativeNorm } from './relativeNorm.ts';
import { energyShare, kyFanShare } from './spectralShares.ts';
import { shiftOverCeiling, spectralShift } from './spectralShift.ts';
import { subspaceGap, wedinBound } from './subspaceGap.ts';
import { unchangedBf16 } from './unchangedBf16.ts';
import { unchangedNative } from './unchangedNative.ts';
import { unchangedWithin } from './unchangedWithin.ts';
import { updateCosine } from './updateCosine.ts';
import { updateEnergy } from './updateEnergy.ts';
import { updateInvalid } from './updateInvalid.ts';
import { updateNorm } from './updateNorm.ts';
import { updateRank } from './updateRank.ts';

/** The options of a study that decide which measures there are, and with which parameters. */
export type MeasureOptions = Pick<StudyOptions, 'tolerances' | 'k' | 'kSweep' | 'maskShare' | 'maskRank'>;

/** Every measure of one variant, in display order, with the parameters of a study. */
export function variantMeasures({ tolerances }: MeasureOptions): readonly Measure[] {
  return [
    alignmentCompared,
    unchangedBf16,
    unchangedNative,
    ...tolerances.map(unchangedWithin),
    updateInvalid,
    relativeNorm,
    updateNorm,
    maxAbsUpdate,
    referenceCosine,
    oneStep,
    spectralShift,
    shiftOverCeiling,
    kyFanShare,
    energyShare,
    ...principalAngles,
    subspaceGap,
    wedinBound,
    ...updateEnergy,
    ...updateRank,
  ];
}

/** Every measure of two runs from the same reference. */
export const pairMeasures: readonly PairMeasure[] = [updateCosine];

/** Every measure of all runs of one role from the same reference. */
export const setMeasures: readonly SetMeasure[] = [];

/** Every measure there is, with the parameters of a study. */
export function measureInfo(options: MeasureOptions = StudyOptions.parse({})): MeasureInfo[] {
  const all = [...variantMeasures(options), ...pairMeasures, ...setMeasures];
  const infos = all.map(({ info }) => info);
  return infos.map((info) =>
    'k' in info.parameters ? { ...info, parameters: { ...info.parameters, k: options.k } } : info,
  );
}
