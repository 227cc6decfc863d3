import type { Order, RoleContrast } from './roleContrast.ts';
import { runsText, spanText } from './spanText.ts';

const ORDERS: Readonly<Record<Order, string>> = {
  'rl-higher': 'RL is higher',
  'sft-higher': 'SFT is higher',
  overlapping: 'not clearly apart',
};

/** "RL 20.5 % to 31.6 %, SFT 3.3 % to 20.8 %: not clearly apart." */
export function contrastBrief({ rl, sft, order }: Pick<RoleContrast, 'rl' | 'sft' | 'order'>): string {
  const unit = rl[0]?.unit ?? '';
  const span = (rows: RoleContrast['rl']): string =>
    spanText(
      rows.map(({ value }) => value),
      unit,
    );
  return `RL ${span(rl)}, SFT ${span(sft)}: ${ORDERS[order]}.`;
}

/** The same with the number of runs, and the pair of runs that comes closest. */
export function contrastText(contrast: RoleContrast): string {
  const { rl, sft, closest } = contrast;
  const runs = `${runsText(rl.length, 'rl')}, ${runsText(sft.length, 'sft')}. ${contrastBrief(contrast)}`;
  if (closest.of === 0) return runs;
  return `${runs} In the closest pair (${closest.rl}, ${closest.sft}) RL is higher in ${closest.above} of ${closest.of} tensors.`;
}
