import type { Answer } from '../contract/evaluator.ts';
import type { Problem, Verifier } from '../contract/probe.ts';
import { judgeChoice } from './verifiers/judgeChoice.ts';
import { judgeExact } from './verifiers/judgeExact.ts';
import type { Judgement } from './verifiers/Judgement.ts';
import { judgeNumeric } from './verifiers/judgeNumeric.ts';
import { judgePoints } from './verifiers/judgePoints.ts';
import { judgeRegex } from './verifiers/judgeRegex.ts';

/** Whether an answer is right, and in one word what is wrong. One that was cut off is judged as it stands; if not correct, it is `cut-off`. */
export function judge(problem: Problem, answer: Answer): Judgement {
  const judgement = judgeText(problem.verifier, answer.text);
  return answer.ended === 'length' && !judgement.correct ? { correct: false, verdict: 'cut-off' } : judgement;
}

function judgeText(verifier: Verifier, text: string): Judgement {
  switch (verifier.kind) {
    case 'exact':
      return judgeExact(verifier, text);
    case 'numeric':
      return judgeNumeric(verifier, text);
    case 'regex':
      return judgeRegex(verifier, text);
    case 'choice':
      return judgeChoice(verifier, text);
    case 'points':
      return judgePoints(verifier, text);
  }
}
