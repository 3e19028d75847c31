// The sigmoid with a steepness, and its tangent at zero.
"use strict";
interactive((figure) => {
  const { blue, muted, number, orange } = interactive;
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const k = figure.slider("steepness k", { min: 0, max: 12, step: 0.25, value: 1 });

  const label = "The sigmoid of k times x, with its tangent at zero, for scores from −6 to 6.";
  figure.board({ label, across: ["x", -6, 6], up: ["σ(kx)", -0.05, 1.1] }, ({ graph }) => {
    graph(sigmoid, muted);
    graph((x) => 1 / 2 + (k.value / 4) * x, orange);
    graph((x) => sigmoid(k.value * x), blue);
  });
  figure.tell(
    () =>
      `For k = ${number(k.value, 2)} the slope at zero is k/4 = ${number(k.value / 4, 4)}. ` +
      `A score of 1 becomes the probability ${number(sigmoid(k.value), 4)}.`,
  );
});
