/* global document, location, requestAnimationFrame, InputEvent */
/** What a benchmark does inside the page. Each function is sent there as text: it uses nothing of this file. */

/**
 * Milliseconds from going to a view until a frame with what it shows is painted; NaN when it does not come.
 *
 * @param {readonly [view: string, shows: string, wait: number]} what
 * @returns {Promise<number>}
 */
export async function openedMillis([view, shows, wait]) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const started = performance.now();
  location.hash = location.hash.replace(/(\/study\/[\w-]+).*/, `$1/${view}`);
  const isThere = () => document.querySelector(`main[data-view="${view}"]`) && document.querySelector(shows);
  do {
    await frame();
    if (performance.now() - started > wait) return NaN;
  } while (!isThere());
  await frame();
  return performance.now() - started;
}

/**
 * Times between the frames of a scroll through a list, 4 seconds of it, and how many elements the list has in the document.
 *
 * @param {string} selector
 * @returns {Promise<{ times: number[]; nodes: number }>}
 */
export async function frameTimes(selector) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const reach = (element) => element.scrollHeight - element.clientHeight;
  const lists = [...document.querySelectorAll(`main ${selector}`)].filter((element) => reach(element) > 50);
  const list = lists.sort((a, b) => reach(b) - reach(a))[0];
  if (!list) return { times: [], nodes: 0 };
  list.scrollIntoView({ block: 'nearest' });
  // What else the page draws when it opens is no part of the scroll.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const times = [];
  const started = await frame();
  let last = started;
  while (last - started < 4000) {
    // Three rows at a time, and a jump now and then as a dragged bar makes it.
    list.scrollTop += times.length % 60 === 59 ? reach(list) / 7 : 84;
    if (list.scrollTop >= reach(list) - 1) list.scrollTop = 0;
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  return { times, nodes: list.querySelectorAll('*').length };
}

/**
 * Milliseconds until the engine has answered a question about the study on screen, and the longest that a small one had to wait meanwhile.
 *
 * @param {string} path
 * @returns {Promise<{ total: number; held: number }>}
 */
export async function answerMillis(path) {
  const id = /study\/([\w-]+)/.exec(location.hash)?.[1] ?? '';
  const headers = { authorization: `Bearer ${sessionStorage.getItem('polarimeter.token') ?? ''}` };
  const started = performance.now();
  let isThere = false;
  const answer = fetch(`/api/studies/${id}${path}`, { headers }).then(async (response) => {
    if (!response.ok) throw new Error(await response.text());
    await response.arrayBuffer();
    isThere = true;
    return performance.now() - started;
  });
  let held = 0;
  while (!isThere) {
    const asked = performance.now();
    await Promise.race([
      answer,
      fetch('/api/health', { headers }).then((response) => response.arrayBuffer()),
    ]);
    held = Math.max(held, performance.now() - asked);
  }
  return { total: await answer, held };
}

/**
 * Milliseconds from each typed letter until the frame with what was found is painted.
 *
 * @param {string} typed
 * @returns {Promise<number[]>}
 */
export async function paletteMillis(typed) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const field = document.querySelector('[role="combobox"]');
  if (!field) return [];
  const times = [];
  for (let length = 1; length <= typed.length; length++) {
    await frame();
    const started = performance.now();
    field.value = typed.slice(0, length);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await frame();
    await frame();
    times.push(performance.now() - started);
  }
  return times;
}
