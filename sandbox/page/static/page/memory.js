// What this browser remembers of the page from one opening to the next.

/** What this browser remembers of the page; nothing where it is told to remember nothing. */
export function kept(name) {
  try {
    return localStorage.getItem(`practice.${name}`) ?? undefined;
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** For the next time that this page is opened. */
export function keep(name, value) {
  try {
    localStorage.setItem(`practice.${name}`, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
