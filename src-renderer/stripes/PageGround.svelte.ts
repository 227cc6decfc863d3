import type { Ground } from '../../src-main/figures/stripePalette.ts';

const now = (): Ground => (document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light');

/** Whether the page is light or dark right now. */
export class PageGround {
  value = $state<Ground>(now());

  /** Follows the page until the returned function is called. */
  follow(): () => void {
    const observer = new MutationObserver(() => (this.value = now()));
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this.value = now();
    return () => observer.disconnect();
  }
}
