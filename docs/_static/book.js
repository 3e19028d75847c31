// Runs before the first paint: the theme's own script comes later, and would turn a page dark that
// has been seen light.
const chosen = document.documentElement.dataset;
if (chosen.mode === "auto")
  chosen.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

// What is wider than its box scrolls, so it must be a stop for the keyboard; what fits must be none.
addEventListener("DOMContentLoaded", () => {
  const scrolling = new ResizeObserver((boxes) => {
    for (const { target } of boxes)
      target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  for (const box of document.querySelectorAll(".katex-display, .picture")) scrolling.observe(box);
});
