// The lecture's computational graph, filled step by step: values forward, gradients backward.
"use strict";
interactive((figure) => {
  const { element, fraction } = interactive;
  const third = (x) => fraction(Math.round(3 * x), 3);
  const list = (numbers) => `(${numbers.map(third).join(", ")})`;
  const sum = (numbers) => numbers.reduce((a, b) => a + b);
  const each = (act) => (numbers) => numbers.map(act);

  // Each node after the input: what it computes, and its slope at every number that comes in.
  const nodes = [
    { name: "x", values: [0, 1, 2] },
    { name: "a", term: "x + 2", sign: "+ 2", slope: "1" },
    { name: "b", term: "a²", sign: "square", slope: "2a" },
    { name: "c", term: "b + 3", sign: "+ 3", slope: "1" },
    { name: "y", term: "mean of c", sign: "mean", slope: "1/3" },
  ];
  const values = [each((x) => x + 2), each((a) => a ** 2), each((b) => b + 3), (c) => [sum(c) / 3]];
  const slopes = [() => 1, (a) => 2 * a, () => 1, () => 1 / 3];
  const last = nodes.length - 1;
  for (let i = 0; i < last; i++) nodes[i + 1].values = values[i](nodes[i].values);
  nodes[last].gradient = [1];
  for (let i = last - 1; i >= 0; i--) {
    const coming = nodes[i + 1].gradient;
    const times = (value, j) => slopes[i](value) * coming[j % coming.length]; // y is one for all
    nodes[i].gradient = nodes[i].values.map(times);
  }

  const text = (words) => element("span", {}, words);
  const column = (className, numbers) =>
    element("div", { className }, ...numbers.map((x) => text(third(x))));
  const parts = nodes.map(({ name, values, gradient, sign, slope }) => ({
    name: element("b", {}, name),
    values: column("values", values),
    gradient: column("gradient", gradient),
    arrow: element("div", { className: "arrow" }, text(sign), text(`× ${slope}`)),
  }));
  const boxes = parts.flatMap(({ name, values, gradient, arrow }) => [
    arrow,
    element("div", { className: "node" }, name, values, gradient),
  ]);
  const label = "The computational graph, filled as far as the text below tells.";
  figure.drawing("graph", label, ...boxes.slice(1)); // no arrow leads to the input

  let step = 0; // first the values of the later nodes, then the gradients from the last node on
  const end = 2 * last + 1;
  const go = (to) => () => (step = Math.min(Math.max(to(step), 0), end));
  figure.buttons(
    ["Next", go((step) => step + 1)],
    ["Back", go((step) => step - 1)],
    ["Start again", go(() => 0)],
  );
  figure.always(() =>
    parts.forEach(({ values, gradient }, i) => {
      values.classList.toggle("empty", step < i);
      gradient.classList.toggle("empty", step <= 2 * last - i);
    }),
  );
  figure.tell(() => {
    if (step === 0) return `The input is x = ${list(nodes[0].values)}.`;
    if (step <= last) {
      const { name, term, values } = nodes[step];
      return `Forward: ${name} = ${term} = ${list(values)}.`;
    }
    if (step === last + 1) return "Backward: the slope of y with respect to itself is (1).";
    const i = end - step;
    const { slope, name } = nodes[i + 1];
    return (
      `Backward: ∂y/∂${nodes[i].name} is ∂y/∂${name} times the local slope ${slope}, ` +
      `which makes ${list(nodes[i].gradient)}${i ? "." : ": the gradient."}`
    );
  });
});
