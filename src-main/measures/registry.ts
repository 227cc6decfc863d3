import type { MeasureInfo } from '../contract/measure.ts';
import { StudyOptions } from '../contract/study.ts';
import { alignmentCompared } from './alignmentCompared.ts';
import type { Measure } from './Measure.ts';
import { maxAbsUpdate } from './maxAbsUpdate.ts';
import { oneStep } from './oneStep.ts';
import { principalAngles } from './principalAngles.ts';
import { referenceCosine } from './referenceCosine.ts';
import { relativeNorm } from './relativeNorm.ts';
import { singularValueChange } from './singularValueChange.ts';
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

/** Every measure of one variant, in display order, with the tolerances of a study. */
export function variantMeasures(tolerances: readonly number[]): readonly Measure[] {
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
    singularValueChange,
    kyFanShare,
    energyShare,
    ...principalAngles,
    subspaceGap,
    wedinBound,
    ...updateEnergy,
    ...updateRank,
  ];
}

/** Every measure there is; k and tolerances as in the options of a study. */
export function measureInfo(
  options: Pick<StudyOptions, 'tolerances' | 'k'> = StudyOptions.parse({}),
): MeasureInfo[] {
  const infos: MeasureInfo[] = [
    ...variantMeasures(options.tolerances).map((measure) => measure.info),
    updateCosine.info,
  ];
  return infos.map((info) =>
    'k' in info.parameters ? { ...info, parameters: { ...info.parameters, k: options.k } } : info,
  );
}
