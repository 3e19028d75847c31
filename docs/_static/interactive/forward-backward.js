// The lecture's computational graph, filled step by step: values forward, gradients backward.
"use strict";
interactive((figure) => {
  const { element, fraction } = interactive;
  const third = (x) => fraction(Math.round(3 * x), 3);
  const list = (numbers) => `(${numbers.map(third).join(", ")})`;
  const mean = (numbers) => numbers.reduce((a, b) => a + b) / numbers.length;
  const each = (act) => (numbers) => numbers.map(act);

  const nodes = [
    { name: "x" },
    { name: "a", formula: "a = x + 2", sign: "+ 2", value: each((x) => x + 2), slope: "1", slopes: each(() => 1) },
    { name: "b", formula: "b = a²", sign: "square", value: each((a) => a ** 2), slope: "2a", slopes: each((a) => 2 * a) },
    { name: "c", formula: "c = b + 3", sign: "+ 3", value: each((b) => b + 3), slope: "1", slopes: each(() => 1) },
    { name: "y", formula: "y = mean of c", sign: "mean", value: (c) => [mean(c)], slope: "1/3", slopes: (c) => c.map(() => 1 / c.length) },
  ];
  const last = nodes.length - 1;
  nodes[0].values = [0, 1, 2];
  for (let i = 1; i <= last; i++) nodes[i].values = nodes[i].value(nodes[i - 1].values);
  nodes[last].gradient = [1];
  for (let i = last; i > 0; i--) {
    const slopes = nodes[i].slopes(nodes[i - 1].values);
    const coming = nodes[i].gradient;
    nodes[i - 1].gradient = slopes.map((slope, j) => slope * coming[j % coming.length]);
  }

  const column = (className, numbers) =>
    element("div", { className }, ...numbers.map((x) => element("span", {}, third(x))));
  const parts = nodes.map((node) => ({
    values: column("values", node.values),
    gradient: column("gradient", node.gradient),
    arrow: element("div", { className: "arrow" }, element("span", {}, node.sign), element("span", {}, `× ${node.slope}`)),
  }));
  const boxes = parts.flatMap(({ values, gradient, arrow }, i) => {
    const box = element("div", { className: "node" }, element("b", {}, nodes[i].name), values, gradient);
    return i ? [arrow, box] : [box];
  });
  figure.drawing("graph", "The computational graph, filled as far as the text below tells.", ...boxes);

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
    if (step <= last) return `Forward: ${nodes[step].formula} = ${list(nodes[step].values)}.`;
    if (step === last + 1) return "Backward: the slope of y with respect to itself is (1).";
    const i = end - step;
    const { slope, name } = nodes[i + 1];
    return (
      `Backward: ∂y/∂${nodes[i].name} is ∂y/∂${name} times the local slope ${slope}, ` +
      `which makes ${list(nodes[i].gradient)}${i ? "." : ": the gradient."}`
    );
  });
});
