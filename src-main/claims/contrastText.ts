import type { Order, RoleContrast } from './roleContrast.ts';
import { runsText, spanText } from './spanText.ts';

const ORDERS: Readonly<Record<Order, string>> = {
  'rl-higher': 'RL is higher',
  'sft-higher': 'SFT is higher',
  overlapping: 'not clearly apart',
};

/** "RL 20.5 to 31.6 % (5 RL runs), SFT 3.3 to 20.8 % (2 SFT runs): they are not apart; in the closest pair (a, b) RL is higher in 20 of 56 tensors." */
export function contrastText({ rl, sft, order, closest }: RoleContrast): string {
  const unit = rl[0]?.unit ?? '';
  const span = (rows: RoleContrast['rl']): string =>
    spanText(
      rows.map(({ value }) => value),
      unit,
    );
  const head = `RL ${span(rl)} (${runsText(rl.length, 'rl')}), SFT ${span(sft)} (${runsText(sft.length, 'sft')}): ${ORDERS[order]}`;
  if (closest.of === 0) return `${head}.`;
  return `${head}; in the closest pair (${closest.rl}, ${closest.sft}) RL is higher in ${closest.above} of ${closest.of} tensors.`;
}
