// The parabola of the lecture, a line through two of its points, and the tangent at the first.
"use strict";
interactive((figure) => {
  const { blue, ink, number, orange } = interactive;
  const f = (x) => 3 * x ** 2 + 15;
  const slope = (x) => 6 * x;
  const x = figure.slider("place x", { min: -3, max: 3, step: 0.1, value: 2 });
  const h = figure.slider("step h", { min: 0.1, max: 2, step: 0.1, value: 2 });
  const quotient = () => (f(x.value + h.value) - f(x.value)) / h.value;

  const label = "A parabola, a line through two of its points, and the tangent at the first.";
  figure.board({ label, across: ["x", -4, 5], up: ["y", 0, 100] }, ({ graph, handle }) => {
    graph(f, blue);
    graph((t) => f(x.value) + quotient() * (t - x.value), orange);
    graph((t) => f(x.value) + slope(x.value) * (t - x.value), ink);
    const second = () => x.value + h.value;
    handle(() => [x.value, f(x.value)], (to) => (x.value = to));
    handle(() => [second(), f(second())], (to) => (h.value = to - x.value));
  });
  figure.tell(() => {
    const ends = [number(x.value, 1), number(x.value + h.value, 1)];
    return (
      `The line from x = ${ends[0]} to x + h = ${ends[1]} has the slope ` +
      `${number(quotient(), 2)}, the tangent at x has the slope 6x = ${number(slope(x.value), 2)}.`
    );
  });
});
