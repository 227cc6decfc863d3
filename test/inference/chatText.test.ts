import { expect, it } from 'vitest';
import { chatText } from '../../src-main/inference/embedded/chatText.ts';
import { caught } from '../fixtures/caught.ts';

const TOKENS = { bosString: '<s>', eosString: '</s>' };

it('a template gets one user message and the beginning of the answer', () => {
  const template =
    "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]{{ m.content | trim }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
  expect(chatText(template, ' 2+2= ', TOKENS)).toBe('<s>[user]2+2=</s>[assistant]');
});

it('is the same every day', () => {
  const template = "{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% endif %}";
  expect(chatText(template, '', TOKENS)).toBe('26 Jul 2024');
});

it.each([
  ['a damaged one', '{% if %}'],
  ['one that refuses', "{{ raise_exception('roles must alternate') }}"],
])('%s is not supported', (_title, template) => {
  const error = caught(() => chatText(template, 'a', TOKENS));
  expect([error.code, error.message]).toEqual([
    'not-supported',
    expect.stringMatching(/template of the model fails: ./),
  ]);
});
