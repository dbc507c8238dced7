/** Elements of the page, made and found. Text is only ever set as text. */

export function found<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`the page has no ${id}`);
}

export function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: { readonly text?: string; readonly className?: string; readonly click?: () => void } = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (properties.text !== undefined) element.textContent = properties.text;
  if (properties.className !== undefined) element.className = properties.className;
  if (properties.click) element.addEventListener('click', properties.click);
  element.append(...children);
  return element;
}

/** `5m`, `3h`, `12d`. */
export function age(timestamp: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(timestamp)) / 1000));
  if (Number.isNaN(seconds)) return '';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
