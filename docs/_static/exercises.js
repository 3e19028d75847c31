// Tells readers whether their answers are right, and keeps which exercises they have solved in
// their own browser and nowhere else. What is right says the docstring of _ext/exercises.py.
"use strict";
{
  const ENOUGH = 3; // significant digits of a decimal that stands for one without end

  const VERDICTS = {
    right: ["✓", "Right."],
    wrong: ["✗", "Not yet. Try once more, or open the solution."],
    short: ["…", `Right so far. Please give at least ${ENOUGH} significant digits, or a fraction.`],
    rounded: ["…", "Close. The digits of this number end: please give all of them, or a fraction."],
    comma: ["?", "Please write a point before the decimals, and no commas."],
    unclear: ["?", "Please write one number, such as 3, −1/2 or 0.75."],
  };

  /** Return the fraction that a text writes, or null; of a decimal also its places and digits. */
  function parse(text) {
    const plain = text.replace(/\s/g, "").replace(/^[−–]/, "-").replace(/…$|\.{3}$/, "");
    const fraction = /^([+-]?\d+)(?:\/(\d+))?$/.exec(plain);
    if (fraction) {
      const bottom = BigInt(fraction[2] ?? 1);
      return bottom ? { top: BigInt(fraction[1].replace("+", "")), bottom } : null;
    }
    const decimal = /^([+-]?)(\d*)\.(\d*)$/.exec(plain);
    const digits = decimal ? decimal[2] + decimal[3] : "";
    if (!digits) return null;
    return {
      top: BigInt(digits) * (decimal[1] === "-" ? -1n : 1n),
      bottom: 10n ** BigInt(decimal[3].length),
      places: decimal[3].length,
      digits: digits.replace(/^0+/, "").length,
    };
  }

  /** Tell whether a decimal is the number, rounded or cut off where the decimal ends. */
  function agrees(decimal, number) {
    if (!decimal.places || !decimal.digits) return false;
    const size = (value) => (value < 0n ? -value : value);
    const given = decimal.top * number.bottom;
    const wanted = number.top * decimal.bottom; // both in units of the last place, times number.bottom
    const off = size(given - wanted);
    const cut = given * wanted > 0n && size(given) < size(wanted) && off < number.bottom;
    return cut || 2n * off <= number.bottom;
  }

  /** Tell whether the digits of a fraction in lowest terms go on for ever. */
  function neverEnds(number) {
    let rest = number.bottom;
    for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime;
    return rest !== 1n;
  }

  function judge(text, answer) {
    const given = parse(text);
    if (!given) return /\d\s*,/.test(text) || /,\s*\d/.test(text) ? "comma" : "unclear";
    const number = parse(answer);
    if (given.top * number.bottom === number.top * given.bottom) return "right";
    if (!agrees(given, number)) return "wrong";
    if (!answer.endsWith("…") && !neverEnds(number)) return "rounded";
    return given.digits < ENOUGH ? "short" : "right";
  }

  // Other books on the same site have other places of their own.
  const { content_root: ROOT = "./" } = document.documentElement.dataset;
  const KEY = `exercises:${new URL(ROOT, location).pathname}`;
  let solved = new Set();
  let kept = true;

  /** Take up what other pages and tabs have kept; where the browser keeps nothing, go on as it is. */
  function recall() {
    if (!kept) return;
    try {
      solved = new Set((localStorage.getItem(KEY) ?? "").split(" "));
    } catch {
      kept = false;
    }
  }

  function change(action) {
    recall();
    action();
    try {
      localStorage.setItem(KEY, [...solved].join(" "));
    } catch {
      kept = false;
    }
    show();
  }

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  const icon = (sign) => {
    const shown = element("span", {}, sign);
    shown.setAttribute("aria-hidden", "true");
    return shown;
  };

  const exercises = [...document.querySelectorAll(".exercise[id]")];
  const counts = [...document.querySelectorAll("[data-exercises]")];
  const countedHere = counts.flatMap((count) => count.dataset.exercises.split(" "));
  const forgetting = [];

  function show() {
    for (const exercise of exercises) {
      const done = solved.has(exercise.id);
      exercise.querySelector(".exercise-tick").hidden = !done;
      const mine = exercise.querySelector(".exercise-mine input");
      if (mine) mine.checked = done;
    }
    for (const count of counts) {
      const names = count.dataset.exercises.split(" ");
      const text = `${names.filter((name) => solved.has(name)).length} of ${names.length} solved`;
      if (count.textContent !== text) count.textContent = text;
    }
    const none = !countedHere.some((name) => solved.has(name));
    for (const button of forgetting) button.hidden = none;
  }

  function clear(form) {
    const verdict = form.querySelector(".exercise-verdict");
    verdict.replaceChildren();
    delete verdict.dataset.verdict;
  }

  function forget() {
    change(() => countedHere.forEach((name) => solved.delete(name)));
    for (const form of document.querySelectorAll(".exercise-answer")) {
      form.reset();
      clear(form);
    }
    counts[0].focus(); // the button under the focus is gone
  }

  function check(event) {
    event.preventDefault();
    const form = event.target;
    const verdict = form.querySelector(".exercise-verdict");
    const found = judge(form.querySelector("input").value, form.dataset.answer);
    const [sign, words] = VERDICTS[found];
    verdict.dataset.verdict = found;
    verdict.replaceChildren(icon(sign), ` ${words}`);
    if (found === "right") change(() => solved.add(form.closest(".exercise").id));
  }

  for (const exercise of exercises) {
    const tick = element("span", { className: "exercise-tick", hidden: true }, icon("✓"), " Solved");
    exercise.querySelector(".admonition-title").append(tick);
    const form = exercise.querySelector(".exercise-answer");
    if (form) {
      form.hidden = false;
      form.addEventListener("submit", check);
      form.addEventListener("input", () => clear(form));
    } else {
      const box = element("input", { type: "checkbox" });
      box.addEventListener("change", () => {
        change(() => (box.checked ? solved.add(exercise.id) : solved.delete(exercise.id)));
      });
      exercise.append(element("label", { className: "exercise-mine" }, box, " I solved it"));
    }
  }

  counts[0].tabIndex = -1;
  for (const place of document.querySelectorAll("p:has(> .exercise-count), .exercise-progress")) {
    if (place.closest("li")) continue;
    const properties = { type: "button", className: "exercise-forget" };
    const button = element("button", properties, "Forget my progress");
    button.addEventListener("click", forget);
    forgetting.push(button);
    if (place.matches("p")) place.append(" ", button);
    else place.after(button);
  }

  // Also when a page comes back from the history, or another tab has changed something.
  addEventListener("pageshow", () => { recall(); show(); });
  addEventListener("storage", () => { recall(); show(); });
}
