// Copies a formula as its LaTeX, between dollars, where the page is selected and copied. KaTeX's own
// copy-tex would copy every proof that is folded up beside its formula along with it, and cannot be
// told not to; this leaves out all that the page does not show as text.
const NOT_TEXT = ".proof-mark, .proof, .headerlink";

document.addEventListener("copy", (event) => {
  const selection = window.getSelection();
  if (selection.isCollapsed) return;
  const range = selection.getRangeAt(0).cloneRange();
  const first = formulaAround(range.startContainer);
  const last = formulaAround(range.endContainer);
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);

  const copied = document.createElement("div");
  copied.append(range.cloneContents());
  if (!copied.querySelector(".katex annotation")) return;
  for (const element of copied.querySelectorAll(NOT_TEXT)) element.remove();
  event.clipboardData.setData("text/html", copied.innerHTML);
  for (const formula of copied.querySelectorAll(".katex")) {
    const dollars = formula.closest(".katex-display") ? "$$" : "$";
    formula.replaceWith(dollars + formula.querySelector("annotation").textContent + dollars);
  }
  event.clipboardData.setData("text/plain", copied.textContent);
  event.preventDefault();
});

// A formula is copied whole, wherever in it the selection begins or ends.
function formulaAround(node) {
  const element = node instanceof Element ? node : node.parentElement;
  return element.closest(".katex-display") ?? element.closest(".katex");
}
