import { tick } from 'svelte';
import type { Place } from './place.ts';

const nameOf = (place: Place): string => (place.page === 'study' ? `${place.id} ${place.view}` : place.page);

/**
 * Brings the keyboard and screen readers along when another view comes on screen: the focus to its heading, its name into the live region.
 * A view that has put the focus somewhere itself keeps it there.
 */
export class PageFocus {
  announced = $state('');
  #shown: string | null = null;

  /** Call it in an effect whenever place or title may have changed. The first view of a visit is left alone: the browser announces it. */
  async follow(place: Place, title: string): Promise<void> {
    const name = nameOf(place);
    if (name === this.#shown) return;
    const isFirst = this.#shown === null;
    this.#shown = name;
    if (isFirst) return;
    this.announced = title;
    await tick();
    if (document.activeElement?.closest('#main') && document.activeElement.id !== 'main') return;
    const heading = document.querySelector<HTMLElement>('#main h1') ?? document.getElementById('main');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: heading.id === 'main' });
  }
}
