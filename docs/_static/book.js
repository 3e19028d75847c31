// Runs before the first paint: the theme's own script comes later, and would turn a page dark that
// has been seen light.
const chosen = document.documentElement.dataset;
if (chosen.mode === "auto")
  chosen.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

// What is wider than its box scrolls, so it must be a stop for the keyboard; what fits must be none.
addEventListener("DOMContentLoaded", () => {
  const boxes = document.querySelectorAll(".katex-display, .picture");
  const fit = (box) => { box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1; };
  const observer = new ResizeObserver((changed) => changed.forEach(({ target }) => fit(target)));
  boxes.forEach((box) => observer.observe(box));
  // A font that comes late changes the width of a formula, and not that of its box.
  document.fonts.addEventListener("loadingdone", () => boxes.forEach(fit));
});
