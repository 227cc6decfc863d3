/** Puts texts on the clipboard and says so; where the clipboard is denied, the text is left to be copied by hand. */
export class Copying {
  /** What happened last, for the page and for screen readers. */
  said = $state('');
  /** A text that the browser would not take. */
  refused = $state<string | null>(null);

  async copy(name: string, text: string): Promise<void> {
    this.refused = null;
    try {
      await navigator.clipboard.writeText(text);
      this.said = `${name} copied`;
    } catch {
      // Denied, or not there on a page without a secure origin: the user's own copy always works.
      this.refused = text;
      this.said = `${name} is selected: the browser does not let the page copy it`;
    }
  }

  reset(): void {
    this.said = '';
    this.refused = null;
  }
}
