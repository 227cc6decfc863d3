import type { TaskRule } from './seededProblems.ts';

/** `json`: the prompt of the GeneralPoints environment. `compact`: one line, e.g. "7 J 8 A;JQK=10;24=". */
export type PointsFormat = 'json' | 'compact';

/** `Q_GeneralPoint_EQN_L` of prompt_lib/prompts.py in LeslieTrue/SFTvsRL (arXiv 2501.17161): models are trained on it word for word. */
const ENVIRONMENT = `
[Task Description]
You are an expert 24 points card game player. You will receive a set of 4 cards.
Note that {face_card_msg}, and each card must be used once.
Your goal is to output a formula that evaluates to 24 using numbers from the cards and operators such as '+', '-', '*', '/', '(', ')', and '='.

[Input]
Cards: {cards}

[Output]
{
  "cards": [x, y, z, w], where {face_card_msg},
  "number": [a, b, c, d], where a, b, c, and d are the numbers on the cards,
  "formula": 'an equation that equals 24',
}

`;

const FACE_CARDS = {
  id: "'J', 'Q', and 'K' count as '10'",
  ood: "'J', 'Q', and 'K' count as '11', '12', and '13' respectively",
} as const;

const COMPACT = { id: 'JQK=10', ood: 'JQK=11,12,13' } as const;

/** What a model is asked about these cards, e.g. A, 10, J. */
export function pointsPrompt(faces: readonly string[], rule: TaskRule, format: PointsFormat): string {
  if (format === 'compact') return `${faces.join(' ')};${COMPACT[rule]};24=`;
  // A list as Python prints it: so it stands in the prompts of the environment.
  const cards = `[${faces.map((face) => `'${face}'`).join(', ')}]`;
  return ENVIRONMENT.replaceAll('{face_card_msg}', FACE_CARDS[rule]).replace('{cards}', cards);
}
