/** Whether the focus is in a field with an undo of its own. */
export function isTyping(): boolean {
  const { activeElement } = document;
  if (activeElement instanceof HTMLTextAreaElement) return true;
  return (
    activeElement instanceof HTMLInputElement && ['text', 'number', 'search'].includes(activeElement.type)
  );
}
