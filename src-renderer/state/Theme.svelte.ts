export const THEME_CHOICES = ['auto', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

const KEY = 'polarimeter.theme';

function stored(): ThemeChoice {
  const value = localStorage.getItem(KEY);
  return THEME_CHOICES.find((choice) => choice === value) ?? 'auto';
}

/** Light, dark, or as the system has it. */
export class Theme {
  #choice = $state<ThemeChoice>(stored());
  #systemIsDark = $state(false);

  readonly isDark = $derived(this.#choice === 'auto' ? this.#systemIsDark : this.#choice === 'dark');

  constructor() {
    const system = matchMedia('(prefers-color-scheme: dark)');
    this.#systemIsDark = system.matches;
    system.addEventListener('change', ({ matches }) => {
      this.#systemIsDark = matches;
      this.#show();
    });
    this.#show();
  }

  get choice(): ThemeChoice {
    return this.#choice;
  }

  choose(choice: ThemeChoice): void {
    this.#choice = choice;
    localStorage.setItem(KEY, choice);
    this.#show();
  }

  #show(): void {
    document.documentElement.dataset['theme'] = this.isDark ? 'dark' : 'light';
  }
}
