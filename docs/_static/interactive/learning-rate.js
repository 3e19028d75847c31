// Gradient descent on the loss of one weight, a step at a time, with any learning rate.
"use strict";
interactive((figure) => {
  const { blue, dot, fraction, muted, number } = interactive;
  const x = [1, 2, 3];
  const y = [2, 4, 6];
  const mean = (numbers) => numbers.reduce((a, b) => a + b) / numbers.length;
  const loss = (w) => mean(x.map((x_i, i) => (w * x_i - y[i]) ** 2));
  const slope = (w) => mean(x.map((x_i, i) => 2 * (w * x_i - y[i]) * x_i));
  const parts = 140; // the rates are whole numbers of parts: those of the chapter are among them
  const most = 20;

  const rate = figure.slider("learning rate η", {
    min: 1,
    max: 40,
    step: 1,
    value: 10,
    show: (n) => fraction(n, parts),
  });
  let steps = 0;
  let chosen = rate.value;
  figure.buttons(
    ["Step", () => (steps = Math.min(steps + 1, most))],
    ["Start again", () => (steps = 0)],
  );

  /** The weights from the start on. */
  function path() {
    const weights = [1];
    for (const w of weights) {
      if (weights.length > steps) break;
      weights.push(w - (rate.value / parts) * slope(w));
    }
    return weights;
  }

  figure.always(() => {
    if (chosen !== rate.value) steps = 0;
    chosen = rate.value;
  });
  const label = "The loss against the weight, a parabola, with the path of the descent on it.";
  figure.board({ label, across: ["w", -0.5, 4.5], up: ["loss", 0, 30] }, ({ board, graph }) => {
    graph(loss, muted);
    const line = board.create("curve", [[], []], { ...blue, strokeWidth: 1.5 });
    line.updateDataArray = function () {
      this.dataX = path();
      this.dataY = this.dataX.map(loss);
    };
    for (let i = 0; i <= most; i++) {
      const at = () => path()[i];
      const look = { ...dot, visible: () => i <= steps };
      board.create("point", [() => at() ?? NaN, () => loss(at() ?? NaN)], look);
    }
  });

  function fate(q) {
    if (q > 0) return "the weight comes closer to 2 from one side";
    if (q === 0) return "a single step arrives at 2";
    if (q > -1) return "the weight jumps from side to side and comes closer to 2";
    if (q === -1) return "the weight jumps to and fro for ever";
    return "every jump ends further from 2 than it began";
  }
  figure.tell(() => {
    const q = 15 - rate.value; // the factor 1 − 28/3 η, in fifteenths
    const w = path()[steps];
    return (
      `Step ${steps}: the weight is ${number(w, 4)} and the loss is ${number(loss(w), 4)}. ` +
      `The factor is q = ${fraction(q, 15)}: ${fate(q / 15)}.`
    );
  });
});
