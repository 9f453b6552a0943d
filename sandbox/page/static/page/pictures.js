// Pictures in messages. The platforms show copies of their own: here the page's server fetches what the product serves.

import { el } from "./dom.js";

const PRODUCT = /^http:\/\/127\.0\.0\.1:\d+\//;

/** The picture at `url`; by its words where it is served elsewhere. */
export function picture(url, words, kind) {
  if (PRODUCT.test(url)) return el("img", { class: kind, src: `/picture?${new URLSearchParams({ url })}`, alt: words });
  return el("div", { class: `${kind} is-elsewhere`, role: "img", "aria-label": words }, words);
}
